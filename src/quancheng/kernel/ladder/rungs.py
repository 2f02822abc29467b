"""Rungs as data: those that ship, and the conditions under which one is proposed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db.models import F, Q

from quancheng.kernel.ladder.models import REMINDER, Escalation, LadderRung
from quancheng.kernel.schedule.queries import former_occurrences
from quancheng.kernel.work.models import WorkItem

_SHIPPED = Path(__file__).parent / "data" / "rungs.json"
#: Reminders of items that climb no ladder.
PLAIN_REMINDERS = (7, 3, 1, 0)


def load_rungs() -> int:
    """Enter the rungs that ship and are not known; what an administrator changed stays. Run after each migration."""
    data = json.loads(_SHIPPED.read_text(encoding="utf-8"))
    known = set(LadderRung.objects.values_list("kind", "step"))
    new = [
        LadderRung(
            kind=kind,
            step=rung["step"],
            name=rung["name"],
            triggers=rung["triggers"],
            issuer=rung["issuer"],
            template=rung.get("template", ""),
            reply_working_days=rung.get("reply_working_days"),
            remind_days=rung.get("remind_days", []),
            mark=data["mark"],
        )
        for kind, rung in _shipped(data)
        if (kind, rung["step"]) not in known
    ]
    LadderRung.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _shipped(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each kind with its rungs: those that kinds share, each with its own days of reminding, and a kind's own."""
    for kind in data["kinds"]:
        for rung in data["rungs"]:
            yield kind, {**rung, "remind_days": rung.get("remind_days", {}).get(kind, [])}
    for kind, rungs in data["own"].items():
        for rung in rungs:
            yield kind, rung


@dataclass(frozen=True, slots=True)
class Late:
    """One late item, as the conditions see it.

    :ivar days_late: local days since the due day, at least 1.
    :ivar signed: signed proposals against the same unit, of any matter.
    """

    item: WorkItem
    days_late: int
    today: date
    signed: list[Escalation] = field(default_factory=list)


#: Whether a condition with its figures holds for a late item.
Holds = Callable[[Late, Mapping[str, Any]], bool]
_conditions: dict[str, Holds] = {}


def declare_trigger(code: str, holds: Holds) -> None:
    """Make a condition known by which rungs may be proposed; called from an app's ``ready``.

    It is asked only of items that are late, once the former rung was signed, answered or left unanswered.
    """
    if _conditions.setdefault(code, holds) is not holds:
        raise ValueError(f"trigger declared twice: {code}")


def trigger_that_holds(rung: LadderRung, late: Late, *, starting: bool = False) -> str:
    """The code of the first active condition that holds; empty where none does.

    :param starting: only conditions by which a climb may begin above its first rung.
    """
    for trigger in rung.triggers:
        if not trigger.get("active") or (starting and not trigger.get("starts")):
            continue
        holds = _conditions.get(trigger["code"])
        if holds is not None and holds(late, trigger):
            return str(trigger["code"])
    return ""


def is_at_once(rung: LadderRung, code: str) -> bool:
    """Whether a condition lets a climb begin at this rung although the one below was never signed."""
    return any(one["code"] == code and one.get("at_once", False) for one in rung.triggers)


def active_rungs() -> dict[str, dict[int, LadderRung]]:
    """Rungs above the reminder by kind and step. One query."""
    found: dict[str, dict[int, LadderRung]] = {}
    for rung in LadderRung.objects.filter(is_active=True, step__gt=REMINDER).order_by("kind", "step"):
        found.setdefault(rung.kind, {})[rung.step] = rung
    return found


def remind_days() -> dict[str, tuple[int, ...]]:
    """Kind of ladder to the days before the due day on which people are reminded, the most first. One query."""
    rungs = LadderRung.objects.filter(step=REMINDER, is_active=True)
    return {rung.kind: tuple(sorted(rung.remind_days, reverse=True)) for rung in rungs if rung.remind_days}


# Conditions that the kernel itself can judge -------------------------------------------------------------------------


def _overdue(late: Late, figures: Mapping[str, Any]) -> bool:
    return late.days_late > int(figures["over_days"])


def _former_unmet(late: Late, figures: Mapping[str, Any]) -> bool:
    """It is only asked once the former rung's time has passed in vain."""
    return True


def _papers_in_months(late: Late, figures: Mapping[str, Any]) -> bool:
    since = late.today - timedelta(days=30 * int(figures["months"]))
    recent = [one for one in late.signed if one.step == figures["step"] and one.proposed_at.date() >= since]
    return len(recent) >= int(figures["times"])


def _missed_in_a_row(late: Late, figures: Mapping[str, Any]) -> bool:
    """This period and those before it, without a gap: each late when it was done, or late and still open."""
    before = former_occurrences(subject_type=late.item.subject_type, subject_id=late.item.subject_id)
    wanted = before[: int(figures["times"]) - 1]
    if len(wanted) < int(figures["times"]) - 1:
        return False
    items = WorkItem.objects.filter(
        subject_id__in=[one.subject_id for one in wanted], owner_org=late.item.owner_org_id, due_at__isnull=False
    )
    missed = items.filter(Q(done_at__gt=F("due_at")) | Q(done_at__isnull=True, due_at__date__lt=late.today))
    return set(missed.values_list("subject_id", flat=True)) >= {one.subject_id for one in wanted}


declare_trigger("overdue", _overdue)
declare_trigger("missed_in_a_row", _missed_in_a_row)
declare_trigger("former_unmet", _former_unmet)
declare_trigger("papers_in_months", _papers_in_months)
