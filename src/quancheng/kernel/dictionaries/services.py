"""Loading the lists that ship, and changing entries by hand; every version of an entry is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import plain
from quancheng.kernel.dictionaries.models import Certainty, CodeAlias, CodeItem, CodeItemVersion, CodeList
from quancheng.kernel.errors import Conflict, Invalid, StaleState
from quancheng.kernel.names import clean

_FILES: list[Path] = [Path(__file__).parent / "data" / name for name in ("slogans.json", "links.json")]


@dataclass(frozen=True)
class ItemSpec:
    """An entry as it shall read; dates are the first and the last day on which it counts."""

    code: str
    label: str
    label_en: str = ""
    meaning: str = ""
    parts: tuple[str, ...] = ()
    mark: str = Certainty.DEFAULT
    valid_from: date | None = None
    valid_to: date | None = None
    aliases: tuple[str, ...] = ()


def register_data(path: Path) -> None:
    """An app brings a list of its own: called from its ``ready``; loaded after migrations."""
    if path not in _FILES:
        _FILES.append(path)


def load_shipped(*, now: datetime) -> int:
    """Bring the lists that ship in step; returns how many entries are new or were worded anew.

    An entry that a person changed stays as he left it; a new release's wording reaches the others only.
    """
    return sum(load_file(path, now=now) for path in _FILES)


def load_file(path: Path, *, now: datetime) -> int:
    """One file: ``{"list": {code, name, name_en, fixed}, "items": [{code, zh, en, meaning, parts, mark}]}``."""
    data = json.loads(path.read_text(encoding="utf-8"))
    head = data["list"]
    changed = 0
    with transaction.atomic():
        code_list, _made = CodeList.objects.update_or_create(
            code=head["code"],
            defaults={"name": head["name"], "name_en": head["name_en"], "is_fixed": head.get("fixed", False)},
        )
        items = {item.code: item for item in CodeItem.objects.select_for_update().filter(code_list=code_list)}
        by_hand = set(
            CodeItemVersion.objects.filter(item__code_list=code_list, changed_by__isnull=False).values_list(
                "item__code", flat=True
            )
        )
        for position, entry in enumerate(data["items"], start=1):
            spec = _shipped(entry)
            if spec.code in by_hand:
                continue
            changed += _write(code_list, items.get(spec.code), spec, now=now, position=position * 10)
    return changed


def add_item(*, actor: Actor, code_list: CodeList, spec: ItemSpec, reason: str, now: datetime) -> CodeItem:
    """Add an entry to a list that is not fixed.

    :raises Invalid: no code, label or reason, or dates out of order. :raises Conflict: the code or an alias is taken.
    """
    actor.require("dictionaries.manage")
    if code_list.is_fixed:
        raise Conflict(_("该字典由系统使用，不能增加条目。"), code="list_fixed")
    spec = _checked(spec, reason)
    with transaction.atomic():
        last = CodeItem.objects.filter(code_list=code_list).order_by("-position").first()
        if CodeItem.objects.filter(code_list=code_list, code=spec.code).exists():
            raise Conflict(fields={"code": _("该代码已存在。")})
        position = (last.position if last else 0) + 10
        _write(code_list, None, spec, now=now, position=position, actor=actor, reason=reason)
        item = CodeItem.objects.get(code_list=code_list, code=spec.code)
        _record(actor, "dictionaries.item.add", item, spec, reason, now)
    return item


def change_item(
    *, actor: Actor, item: CodeItem, spec: ItemSpec, reason: str, seen_version: int, now: datetime
) -> CodeItem:
    """Word an entry anew or end it; its code stays, and how it read before is kept.

    :param seen_version: the version that the person saw; another one meanwhile is not overwritten.
    :raises StaleState: somebody else changed it. :raises Conflict: an alias is taken, or a fixed entry would end.
    """
    actor.require("dictionaries.manage")
    spec = _checked(spec, reason)
    if spec.code != item.code:
        raise Invalid(fields={"code": _("代码不能修改。")})
    with transaction.atomic():
        current = CodeItem.objects.select_for_update().select_related("code_list").get(pk=item.pk)
        if current.version != seen_version:
            raise StaleState
        if current.code_list.is_fixed and spec.valid_to is not None:
            raise Conflict(_("该字典由系统使用，条目不能停用。"), code="list_fixed")
        if _write(current.code_list, current, spec, now=now, position=current.position, actor=actor, reason=reason):
            _record(actor, "dictionaries.item.change", current, spec, reason, now)
    current.refresh_from_db()
    return current


def _shipped(entry: dict[str, Any]) -> ItemSpec:
    return ItemSpec(
        code=entry["code"],
        label=entry["zh"],
        label_en=entry.get("en", ""),
        meaning=entry.get("meaning", ""),
        parts=tuple(entry.get("parts", ())),
        mark=entry["mark"],
        aliases=tuple(entry.get("aliases", ())),
    )


def _checked(spec: ItemSpec, reason: str) -> ItemSpec:
    wrong: dict[str, Any] = {}
    label, code = clean(spec.label), clean(spec.code)
    if not code or len(code) > 60:
        wrong["code"] = _("请填写代码，不超过60个字符。")
    if not label or len(label) > 120:
        wrong["label"] = _("请填写名称，不超过120个字。")
    if spec.mark not in Certainty.values:
        wrong["mark"] = _("请选择确信程度。")
    if spec.valid_from and spec.valid_to and spec.valid_to < spec.valid_from:
        wrong["valid_to"] = _("停用日期不能早于启用日期。")
    if not reason.strip():
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    aliases = tuple(sorted({clean(alias) for alias in spec.aliases if clean(alias)} - {label}))
    parts = tuple(clean(part) for part in spec.parts if clean(part))
    return ItemSpec(**{**asdict(spec), "code": code, "label": label, "aliases": aliases, "parts": parts})


def _write(
    code_list: CodeList,
    item: CodeItem | None,
    spec: ItemSpec,
    *,
    now: datetime,
    position: int,
    actor: Actor | None = None,
    reason: str = "",
) -> bool:
    """Make or change an entry and keep the version; False where it reads like that already."""
    facts = {name: value for name, value in asdict(spec).items() if name not in ("code", "aliases")}
    facts["parts"] = list(spec.parts)
    if item is None:
        item = CodeItem.objects.create(code_list=code_list, code=spec.code, position=position, **facts)
    else:
        held = sorted(item.aliases.values_list("name", flat=True))
        if all(getattr(item, name) == value for name, value in facts.items()) and held == sorted(spec.aliases):
            return False
        for name, value in facts.items():
            setattr(item, name, value)
        item.version += 1
        item.save(update_fields=[*facts, "version"])
    _write_aliases(code_list, item, spec.aliases)
    CodeItemVersion.objects.create(
        item=item,
        version=item.version,
        facts=plain({**facts, "aliases": sorted(spec.aliases)}),
        changed_at=now,
        changed_by_id=actor.user_id if actor else None,
        reason=reason.strip()[:200],
    )
    return True


def _write_aliases(code_list: CodeList, item: CodeItem, names: Sequence[str]) -> None:
    item.aliases.exclude(name__in=names).delete()
    taken = CodeAlias.objects.filter(code_list=code_list, name__in=names).exclude(item=item).first()
    if taken is not None:
        raise Conflict(fields={"aliases": _("别名“%(name)s”已用于其他条目。") % {"name": taken.name}})
    CodeAlias.objects.bulk_create(
        [CodeAlias(item=item, code_list=code_list, name=name) for name in names], ignore_conflicts=True
    )


def _record(actor: Actor, act: str, item: CodeItem, spec: ItemSpec, reason: str, now: datetime) -> None:
    journal.record(
        actor=actor, act=act, subject_type="dictionaries.codeitem", subject_id=item.pk, now=now,
        facts={"list": item.code_list_id, **plain(asdict(spec)), "reason": reason.strip()[:200]},
    )  # fmt: skip
