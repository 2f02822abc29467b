"""Colours follow what is entered, in the same transaction: events, then units, then objects, worst first.

An event's static level is its residual risk, or its inherent one where nobody assessed the residual. Each measure that
failed raises its present level, by one where the district set nothing else [D], until the measure is verified again.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Min

from quancheng.domains.risk.models import Measure, RiskColour, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.queries.settings import rules_on
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.events.services import publish

#: Events that are published when the colour of an object changed, and of a unit (about its object).
CHANGED, UNIT_CHANGED = "risk.object.recoloured", "risk.unit.recoloured"
#: Failed measures that a reason names.
MOST_LOST = 10


def recolour_events(*, actor: Actor, ids: Collection[uuid.UUID], because: str, now: datetime) -> None:
    """Set the levels of these events, of their units and objects anew, with a record of each change and why."""
    _lock(RiskObject.objects.filter(units__events__in=ids))
    events = list(RiskEvent.objects.filter(pk__in=ids).select_related("unit__object").order_by("pk"))
    failed = _failures([one.pk for one in events])
    per_failure = rules_on(Calendar().local_date(now)).raise_per_failure
    for event in events:
        static = event.residual_level or event.inherent_level
        lost = failed.get(event.pk, [])
        present = None if static is None else max(1, static - per_failure * len(lost))
        _set(event, "event", event.unit.object.file_id, (static, present), because, _reasons_of(event, lost), now)
    recolour_units(actor=actor, ids={one.unit_id for one in events}, because=because, now=now)


def recolour_units(*, actor: Actor, ids: Collection[uuid.UUID], because: str, now: datetime) -> None:
    """Set the levels of units and of their objects: that of the worst event that stands."""
    _lock(RiskObject.objects.filter(units__in=ids))
    units = list(RiskUnit.objects.filter(pk__in=ids).select_related("object").order_by("pk"))
    worst = _worst(RiskEvent.objects.filter(unit__in=ids), "unit")
    for unit in units:
        levels = worst.get(unit.pk, (None, None))
        if (unit.static_level, unit.present_level) != levels:
            events = RiskEvent.objects.filter(unit=unit)
            _set(unit, "unit", unit.object.file_id, levels, because, _reasons_below(events, levels[1]), now)
            facts = {"unit": str(unit.pk), "static": unit.static_level, "present": unit.present_level}
            publish(UNIT_CHANGED, unit.object, actor=actor, now=now, facts=facts)
    recolour_objects(actor=actor, ids={one.object_id for one in units}, because=because, now=now)


def recolour_objects(*, actor: Actor, ids: Collection[uuid.UUID], because: str, now: datetime) -> None:
    """Set the levels of objects: that of the worst unit that stands; tell who listens."""
    _lock(RiskObject.objects.filter(pk__in=ids))
    worst = _worst(RiskUnit.objects.filter(object__in=ids), "object")
    for one in RiskObject.objects.filter(pk__in=ids).order_by("pk"):
        levels = worst.get(one.pk, (None, None))
        if (one.static_level, one.present_level) != levels:
            events = RiskEvent.objects.filter(unit__object=one, unit__ended_date__isnull=True)
            _set(one, "object", one.file_id, levels, because, _reasons_below(events, levels[1]), now)
            facts = {"static": one.static_level, "present": one.present_level}
            publish(CHANGED, one, actor=actor, now=now, facts=facts)


def hold(*objects: uuid.UUID) -> None:
    """Lock objects before anything below them is written, in the one order in which all acts do."""
    _lock(RiskObject.objects.filter(pk__in=objects))


def _lock(objects: Any) -> None:
    """One act at a time colours an object: of two at once the second sees what the first wrote. Locked in one order."""
    found = sorted(set(objects.values_list("pk", flat=True)))
    list(RiskObject.objects.filter(pk__in=found).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _worst(rows: Any, parent: str) -> dict[uuid.UUID, tuple[int | None, int | None]]:
    found = (
        rows.filter(ended_date__isnull=True)
        .order_by()
        .values(parent)
        .annotate(static=Min("static_level"), present=Min("present_level"))
    )
    return {one[parent]: (one["static"], one["present"]) for one in found}


def _failures(events: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[Measure]]:
    found: dict[uuid.UUID, list[Measure]] = {}
    lost = Measure.objects.filter(event__in=events, failed_at__isnull=False, ended_date__isnull=True)
    for one in lost.order_by("failed_at", "pk"):
        found.setdefault(one.event_id, []).append(one)
    return found


def _reasons_of(event: RiskEvent, lost: Sequence[Measure]) -> list[dict[str, str]]:
    stage = ("剩余风险", "residual risk") if event.residual_level else ("固有风险", "inherent risk")
    reasons = [] if event.static_level is None and event.inherent_level is None else [
        {"zh": f"{stage[0]}评估结果", "en": f"assessed {stage[1]}"}
    ]  # fmt: skip
    for one in lost:
        text = one.text[:80]
        reasons.append({"zh": f"管控措施失效：{text}", "en": f"control measure failed: {text}"})
    return reasons


def _reasons_below(events: Any, level: int | None) -> list[dict[str, str]]:
    """Why a unit or an object has its level: one of its gravest events, and the measures that failed against those."""
    if level is None:
        return []
    gravest = events.filter(ended_date__isnull=True, present_level=level).order_by("static_level", "pk")
    first = gravest.first()
    reasons = [] if first is None else [
        {"zh": f"风险最高的事件：{first.name[:80]}", "en": f"gravest event: {first.name[:80]}"}
    ]  # fmt: skip
    lost = Measure.objects.filter(event__in=gravest.order_by().values("pk"), failed_at__isnull=False)
    for one in lost.filter(ended_date__isnull=True).order_by("failed_at", "pk")[:MOST_LOST]:
        text = one.text[:80]
        reasons.append({"zh": f"管控措施失效：{text}", "en": f"control measure failed: {text}"})
    return reasons


def _set(
    row: Any, subject: str, file_id: uuid.UUID, levels: tuple[int | None, int | None], because: str,
    reasons: Sequence[Mapping[str, str]], now: datetime,
) -> bool:  # fmt: skip
    """Write both levels where they differ, with the record of it. Returns whether they did."""
    if (row.static_level, row.present_level) == levels:
        return False
    row.static_level, row.present_level = levels
    type(row)._default_manager.filter(pk=row.pk).update(static_level=levels[0], present_level=levels[1])
    RiskColour.objects.create(
        file_id=file_id, subject=subject, subject_id=row.pk, static_level=levels[0], present_level=levels[1],
        because=because, reasons=list(reasons), at=now,
    )  # fmt: skip
    return True
