"""``quancheng dev messages``: strings out of code and templates into the English catalogues, and their check.

Source strings are Chinese; each app keeps ``locale/en/LC_MESSAGES/django.po``. No gettext tools are needed.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from quancheng.runtime.place import ROOT

PACKAGE = ROOT / "src" / "quancheng"
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
#: Function to the positions of message, plural and context among its arguments.
CALLS: dict[str, tuple[int, int | None, int | None]] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "ugettext"), (0, None, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (1, None, 0)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (1, 2, 0)),
}
#: Where Django's rewriting of a template leaves a call.
TEMPLATE_CALL = re.compile(r"(?<![\w.])(?:_|n?p?gettext)\(\s*u?['\"]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


@dataclass(frozen=True, order=True)
class Message:
    """One string that people read: context, source text, plural."""

    context: str
    text: str
    plural: str = ""


@dataclass
class Findings:
    """What an owner (an app, or the kernel, domains or runtime around them) needs translated, and where it stands."""

    owner: Path
    messages: dict[Message, set[str]] = field(default_factory=dict)


def owner_of(path: Path) -> Path:
    """The app that holds a file: the nearest folder with an ``apps.py``, else the first folder of the package."""
    for folder in path.parents:
        if (folder / "apps.py").is_file():
            return folder
        if folder.parent == PACKAGE:
            return folder
    raise ValueError(f"{path} is not in the package")


def in_python(source: str) -> Iterator[Message]:
    """The messages of a module; only literal ones can be translated, so only those are found."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            if name in CALLS and (found := _message(name, node.args)):
                yield found


def in_template(source: str) -> Iterator[Message]:
    """The messages of a Django template, by Django's own reading of it."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    text = templatize(source)
    for start in TEMPLATE_CALL.finditer(text):
        if call := _call_at(text, start.start()):
            name = getattr(call.func, "id", "")
            if name in CALLS and (found := _message(name, call.args)):
                yield found


def _call_at(text: str, start: int) -> ast.Call | None:
    """The shortest piece of text from ``start`` that is a call."""
    at = start
    while (at := text.find(")", at + 1)) != -1 and at - start < 5000:
        try:
            node = ast.parse(text[start : at + 1].strip(), mode="eval").body
        except SyntaxError:
            continue
        return node if isinstance(node, ast.Call) else None
    return None


def _message(name: str, arguments: list[ast.expr]) -> Message | None:
    text, plural, context = CALLS[name]

    def literal(position: int | None) -> str | None:
        if position is None:
            return ""
        value = arguments[position] if position < len(arguments) else None
        return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None

    parts = (literal(context), literal(text), literal(plural))
    if parts[0] is None or not parts[1] or parts[2] is None:
        return None
    return Message(parts[0], parts[1], parts[2])


def collect() -> dict[Path, Findings]:
    """All messages of the package, by owner."""
    found: dict[Path, Findings] = {}
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt", ".svg"} or "migrations" in path.parts or "locale" in path.parts:
            continue
        if path.suffix != ".py" and "templates" not in path.parts:
            continue
        source = path.read_text()
        messages = in_python(source) if path.suffix == ".py" else in_template(source)
        for message in messages:
            owner = owner_of(path)
            one = found.setdefault(owner, Findings(owner))
            one.messages.setdefault(message, set()).add(str(path.relative_to(owner)))
    return found


def catalogues() -> list[Path]:
    """The English catalogues that stand."""
    return sorted(PACKAGE.rglob(str(CATALOGUE)))


def known_translations() -> dict[Message, str]:
    """Message to English, over all catalogues; fuzzy entries do not count."""
    import polib

    known = {}
    for path in catalogues():
        for entry in polib.pofile(str(path)):
            english = entry.msgstr or "".join(entry.msgstr_plural.get(0, ""))
            if english and not entry.fuzzy and not entry.obsolete:
                known[Message(entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")] = english
    return known


def missing() -> list[tuple[str, Message]]:
    """Messages without English, with a place each."""
    known = known_translations()
    return [
        (f"{owner.relative_to(PACKAGE)}/{sorted(places)[0]}", message)
        for owner, findings in sorted(collect().items())
        for message, places in sorted(findings.messages.items())
        if message not in known
    ]


def damaged() -> list[tuple[str, str]]:
    """Translations that lost or invented a placeholder, which would fail only when somebody reads them."""
    return [
        (message.text, english)
        for message, english in sorted(known_translations().items())
        if _placeholders(message.text) | _placeholders(message.plural)
        != _placeholders(english) | (_placeholders(message.plural) if message.plural else set())
    ]


def _placeholders(text: str) -> set[str]:
    return {found.group(0) for found in PLACEHOLDER.finditer(text)}


def update() -> list[Path]:
    """Bring every catalogue to what the code says: new strings empty (or as another has them), old ones out."""
    import polib

    known = known_translations()
    written = []
    for owner, findings in sorted(collect().items()):
        path = owner / CATALOGUE
        before = {
            Message(entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""): entry
            for entry in (polib.pofile(str(path)) if path.exists() else [])
        }
        catalogue = polib.POFile(wrapwidth=120)
        catalogue.metadata = {
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Language": "en",
            "Plural-Forms": "nplurals=2; plural=(n != 1);",
        }
        for message, places in sorted(findings.messages.items()):
            entry = before.get(message) or polib.POEntry(
                msgid=message.text, msgctxt=message.context or None, msgid_plural=message.plural or ""
            )
            entry.occurrences = [(place, "") for place in sorted(places)]
            entry.obsolete = False
            if message.plural and not entry.msgstr_plural:
                entry.msgstr_plural = {0: "", 1: ""}
            elif not message.plural and not entry.msgstr:
                entry.msgstr = known.get(message, "")
            catalogue.append(entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = str(catalogue)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            written.append(path)
    return written


def compile_catalogues(paths: Iterable[Path]) -> int:
    """Write the ``.mo`` beside each ``.po`` that is newer; the number written."""
    count = 0
    for path in paths:
        compiled = path.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= path.stat().st_mtime:
            continue
        import polib

        draft = compiled.with_suffix(".draft")
        polib.pofile(str(path)).save_as_mofile(str(draft))
        draft.replace(compiled)
        count += 1
    return count


def messages_command(arguments: list[str]) -> int:
    """``quancheng dev messages``: update, ``--check`` (status 1 where English is missing) or ``--compile``."""
    parser = argparse.ArgumentParser(prog="quancheng dev messages", description="The English catalogues.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="name what has no English, change nothing")
    what.add_argument("--compile", action="store_true", help="write the .mo files that are older than their .po")
    given = parser.parse_args(arguments)
    if given.compile:
        compile_catalogues(catalogues())
        return 0
    if given.check:
        lost, spoilt = missing(), damaged()
        for place, message in lost:
            print(f"{place}: no English for {message.text!r}")
        for source, english in spoilt:
            print(f"placeholders differ: {source!r} and {english!r}")
        return 1 if lost or spoilt else 0
    for path in update():
        print(path.relative_to(ROOT))
    left = missing()
    print(f"{len(left)} without English", file=sys.stderr)
    return 0
