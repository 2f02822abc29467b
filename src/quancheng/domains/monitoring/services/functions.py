"""The functions of the risk warning system are kept: how far each is, what it must show, and what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import ExchangeAdapter
from quancheng.domains.monitoring.models import (
    AcceptanceItem,
    FunctionArea,
    FunctionState,
    ItemResult,
    PassageLink,
    SystemFunction,
    UpperLevel,
)
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotFound, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

MANAGE = "monitoring.functions"
_LENGTHS = {"name": 120, "name_en": 160, "note": 300, "text": 300, "text_en": 400, "evidence": 500}


def enter_function(
    *, actor: Actor, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> SystemFunction:
    """Add a function to the list.

    :param known: ``area``, ``name``, ``name_en``, ``state``, ``note``. A new one is never accepted yet.
    :raises Invalid: by field; there is one of this name in the area.
    """
    actor.require(MANAGE)
    given = {name: clean(known.get(name) or "") for name in ("name", "name_en", "note")}
    given |= {"area": known.get("area") or "", "state": known.get("state") or ""}
    wrong = _too_long(given)
    if given["area"] not in FunctionArea.values:
        wrong["area"] = _("请选择功能方面。")
    if not given["name"]:
        wrong["name"] = _("请填写此项。")
    if given["state"] not in FunctionState.values or given["state"] == FunctionState.ACCEPTED:
        wrong["state"] = _("新增的功能须先列出验收项，逐项通过后才能记为已验收。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        try:
            with transaction.atomic():
                row = SystemFunction.objects.create(**given, changed_at=now, changed_by=actor.name[:130])
        except IntegrityError as twice:
            raise Invalid(fields={"name": _("该方面已有同名功能。")}) from twice
        _note(actor, "monitoring.function.enter", row, now, given)
        return row.pk

    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="monitoring.function.enter", body=given, now=now,
                         make=make)  # fmt: skip
    return SystemFunction.objects.get(pk=pk)


def set_state(
    *, actor: Actor, row: SystemFunction, version: int, state: str, note: str, now: datetime
) -> SystemFunction:  # fmt: skip
    """Say how far a function is. :raises Conflict: it is said to be accepted and an item is not met, or there is none.

    :param version: of what was read. :raises Invalid: by field. :raises StaleState: somebody changed it since.
    """
    actor.require(MANAGE)
    said = clean(note)
    wrong = _too_long({"note": said})
    if state not in FunctionState.values:
        wrong["state"] = _("请选择功能状态。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        _touch(actor, row, now, version=version, state=state, note=said)
        if state == FunctionState.ACCEPTED:
            results = set(AcceptanceItem.objects.filter(function=row).values_list("result", flat=True))
            if results != {ItemResult.MET.value}:
                raise Conflict(_("验收项没有全部通过，不能记为已验收。"))
        _note(actor, "monitoring.function.state", row, now, {"state": state, "note": said})
    row.refresh_from_db()
    return row


def add_item(
    *, actor: Actor, row: SystemFunction, text: str, text_en: str = "", now: datetime,
    client_id: uuid.UUID | None = None,
) -> AcceptanceItem:  # fmt: skip
    """Add what a function must show; one that was accepted is so no longer. :raises Invalid: by field."""
    actor.require(MANAGE)
    given = {"text": clean(text), "text_en": clean(text_en)}
    wrong = _too_long(given)
    if not given["text"]:
        wrong["text"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        _touch(actor, row, now, version=row.version, **_no_longer_accepted(row, met=False))
        try:
            with transaction.atomic():
                made = AcceptanceItem.objects.create(function=row, **given)
        except IntegrityError as twice:
            raise Invalid(fields={"text": _("已有相同的验收项。")}) from twice
        _note(actor, "monitoring.function.item", row, now, given)
        return made.pk

    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="monitoring.function.item", body={"function": row.pk, **given},
            now=now, make=make,
        )  # fmt: skip
    row.refresh_from_db()
    return AcceptanceItem.objects.get(pk=pk)


def judge_item(
    *, actor: Actor, row: SystemFunction, version: int, item_id: uuid.UUID, result: str, evidence: str,
    checked_date: date | None, now: datetime,
) -> AcceptanceItem:  # fmt: skip
    """Say what came of an acceptance item, with what was seen; an item not met takes the acceptance back.

    :param version: of the function as it was read. :raises StaleState: somebody changed it, or an item, since.
    :raises Invalid: by field; no evidence, a day to come, or no item of this function.
    """
    actor.require(MANAGE)
    seen = clean(evidence)
    wrong: dict[str, Text] = {}
    if result not in (ItemResult.MET, ItemResult.UNMET):
        wrong["result"] = _("请选择验收结果。")
    if not seen:
        wrong["evidence"] = _("请写明看到的页面、记录或报告。")
    wrong |= _too_long({"evidence": seen})
    if checked_date is None or checked_date > Calendar().local_date(now):
        wrong["checked_date"] = _("请填写验收日期，不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        _touch(actor, row, now, version=version, **_no_longer_accepted(row, met=result == ItemResult.MET))
        found = AcceptanceItem.objects.filter(function=row, pk=item_id)
        before = found.values("result", "evidence", "checked_date", "by_name").first()
        if not found.update(result=result, evidence=seen, checked_date=checked_date, by_name=actor.name[:130]):
            raise Invalid(fields={"item_id": NotFound().message})
        facts = {"item": item_id, "result": result, "evidence": seen, "checked_date": checked_date, "before": before}
        _note(actor, "monitoring.function.judge", row, now, facts)
    row.refresh_from_db()
    return found.get()


def place_way(*, actor: Actor, adapter: ExchangeAdapter, level: str, now: datetime) -> PassageLink:
    """Say to which level a way up leads. :param adapter: one that a query gave to the actor."""
    actor.require(MANAGE)
    if level not in UpperLevel.values:
        raise Invalid(fields={"level": _("请选择层级。")})
    with transaction.atomic():
        row, _new = PassageLink.objects.update_or_create(
            adapter=adapter, defaults={"level": level, "by_name": actor.name[:130], "set_at": now}
        )
        journal.record(
            actor=actor, act="monitoring.passage.place", subject_type=subject_type_of(row), subject_id=adapter.pk,
            org_id=actor.organisation_id, facts={"name": adapter.name, "level": level}, now=now,
        )  # fmt: skip
    return row


def _no_longer_accepted(row: SystemFunction, *, met: bool) -> dict[str, str]:
    is_back = row.state == FunctionState.ACCEPTED and not met
    return {"state": FunctionState.BUILT} if is_back else {}


def _touch(actor: Actor, row: SystemFunction, now: datetime, *, version: int, **changes: Any) -> None:
    mine = SystemFunction.objects.filter(pk=row.pk, version=version)
    if not mine.update(**changes, version=F("version") + 1, changed_at=now, changed_by=actor.name[:130]):
        raise StaleState


def _too_long(given: Mapping[str, str]) -> dict[str, Text]:
    return {
        name: _("最多%(count)s个字。") % {"count": _LENGTHS[name]}
        for name, value in given.items() if name in _LENGTHS and len(value) > _LENGTHS[name]
    }  # fmt: skip


def _note(actor: Actor, act: str, row: SystemFunction, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=subject_type_of(row), subject_id=row.pk, org_id=actor.organisation_id,
        facts={"name": row.name, **facts}, now=now,
    )  # fmt: skip
