"""``quancheng dev new-domain``: a domain in the house's shape, which loads and is tested from the first minute."""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path

from quancheng.runtime.place import ROOT

FILES = {
    "__init__.py": "",
    "apps.py": """\
from django.apps import AppConfig


class {title}Config(AppConfig):
    name = "quancheng.domains.{name}"
    label = "{name}"
    verbose_name = "{label}"
""",
    "models.py": '"""Tables of {label}: what is stored, and what must always be true of it."""\n',
    "loops.py": '"""Closed loops of {label}: states, moves, who owes them and by when."""\n',
    "queries.py": '"""Reads of {label}: scoped, ordered, ready for their pages."""\n',
    "services.py": '"""Writes of {label}: each a verb, in one transaction, for an actor."""\n',
    "forms.py": '"""What people type into the pages of {label}."""\n',
    "tables.py": '"""Columns of the lists of {label}."""\n',
    "filters.py": '"""Filters of the lists of {label}."""\n',
    "views.py": '"""Pages of {label}."""\n',
    "urls.py": '''\
"""Addresses of {label}."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "{name}"
prefix = "{name}/"

urlpatterns: list[URLPattern] = []
''',
    "api.py": '''\
"""REST resources of {label}, over the same services and queries as the pages."""

from __future__ import annotations

from ninja import Router

router = Router()
''',
    "jobs.py": '"""Periodic and queued work of {label}."""\n',
    "migrations/__init__.py": "",
    "README.md": "# {label}\n\nWhat it is for, its loops, and the clauses it covers.\n",
}


def write_domain(name: str, label: str, *, root: Path = ROOT) -> list[Path]:
    """Make the files; nothing that exists is touched.

    :raises ValueError: the name is not a plain lower-case word, or the domain exists.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]{1,30}", name) or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is not a plain lower-case word")
    folder = root / "src" / "quancheng" / "domains" / name
    if folder.exists():
        raise ValueError(f"{folder} exists already")
    written = []
    for path, text in FILES.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.format(name=name, title=name.capitalize(), label=label))
        written.append(target)
    for extra in (f"templates/{name}", f"static/{name}"):
        (folder / extra).mkdir(parents=True)
    tests = root / "tests" / "domains" / name
    tests.mkdir(parents=True, exist_ok=True)
    (tests / "factories.py").write_text(f'"""The smallest valid rows of {label}."""\n')
    return [*written, tests / "factories.py"]


def new_domain(arguments: list[str]) -> int:
    """``quancheng dev new-domain NAME``: and says which two lists to put it into."""
    parser = argparse.ArgumentParser(prog="quancheng dev new-domain", description="Make a domain in the house's shape.")
    parser.add_argument("name", help="a plain lower-case word, such as hazards")
    parser.add_argument("--label", default="", help="its Chinese name")
    given = parser.parse_args(arguments)
    try:
        written = write_domain(given.name, given.label or given.name)
    except ValueError as trouble:
        parser.error(str(trouble))
    for path in written:
        print(path.relative_to(ROOT))
    print(
        f"\nNow put {given.name} in its place in DOMAIN_APPS (runtime/settings.py), and add its layers to the import "
        "contracts (pyproject.toml)."
    )
    return 0
