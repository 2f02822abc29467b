"""Reads of the weekly running effect (运行效果), of what follows from it and of objections."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Max, QuerySet

from quancheng.domains.hazards.models import (
    CheckDue,
    CheckRecord,
    Finding,
    RunningAction,
    RunningAppeal,
    RunningGrade,
    RunningRule,
    RunningVeto,
    RunningWeek,
)
from quancheng.domains.hazards.queries.running_counts import dangers_due, dangers_registered, dues_of_week
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import keys_seen
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.risk import running_effect as standard
from quancheng.standards.risk.basis import BadInput

#: Rows of a tab that shows what was counted.
MOST_ROWS = 200
_ROLES = {"missed_main": "main", "missed_technical": "technical", "missed_operation": "operation"}
_PLAIN = ("planned", "done", "due", "accepted", "registered_4w", "hazards")


def list_weeks(*, actor: Actor) -> QuerySet[RunningWeek]:
    """Evaluated weeks of the enterprises that the actor may see, the newest first, the lowest of them first."""
    rows = RunningWeek.objects.filter(file__in=keys_seen(actor=actor))
    return rows.select_related("file__enterprise", "file__area").order_by("-monday", "e", "pk")


def get_week(*, actor: Actor, week_id: uuid.UUID) -> RunningWeek:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_weeks(actor=actor).filter(pk=week_id).first()
    if found is None:
        raise NotFound
    return found


def latest_monday(*, actor: Actor) -> date | None:
    """The newest week that was evaluated of what the actor may see."""
    found: date | None = list_weeks(actor=actor).order_by().aggregate(day=Max("monday"))["day"]
    return found


def weeks_of(file_id: uuid.UUID, *, until: date | None = None, most: int = 26) -> Sequence[RunningWeek]:
    """The newest evaluated weeks of a file that the caller got through its own query, the newest first."""
    rows = RunningWeek.objects.filter(file=file_id)
    if until is not None:
        rows = rows.filter(monday__lte=until)
    return list(rows.order_by("-monday")[:most])


@dataclass(frozen=True, slots=True)
class TownLine:
    """The enterprises of a town in one week: how many of each grade, how many vetoed, their mean E."""

    path: str
    name: str
    grades: Mapping[str, int]
    vetoed: int
    total: int
    mean: float


def by_town(*, actor: Actor, monday: date) -> Sequence[TownLine]:
    """One line a street or town, in the order of their paths; the same rows as the list shows."""
    lines: dict[str, dict[str, Any]] = {}
    rows = list_weeks(actor=actor).filter(monday=monday).order_by()
    towns = [(path, str(name)) for path, name in town_choices(actor)]
    for path, grade, vetoed, e in rows.values_list("file__area__path", "grade", "is_vetoed", "e"):
        key = next((one for one, _name in towns if path and path.startswith(one)), "")
        line = lines.setdefault(key, {"grades": dict.fromkeys(RunningGrade.values, 0), "vetoed": 0, "sum": 0, "of": 0})
        line["grades"][grade] += 1
        line["vetoed"] += vetoed
        line["sum"] += e
        line["of"] += 1
    names = dict(towns)
    return [
        TownLine(key, names.get(key, ""), one["grades"], one["vetoed"], one["of"], float(one["sum"]) / one["of"])
        for key, one in sorted(lines.items(), key=lambda pair: (pair[0] == "", pair[0]))
    ]


def parameters_on(monday: date) -> standard.Parameters:
    """What counts for a week: what ships, or what the district set by then."""
    rule = RunningRule.objects.filter(from_date__lte=monday).order_by("-from_date", "-entered_at").first()
    return standard.Parameters(**rule.figures) if rule else standard.DEFAULT


def past_rules() -> Sequence[RunningRule]:
    """What was set, the newest first."""
    return list(RunningRule.objects.select_related("entered_by").order_by("-from_date", "-entered_at")[:50])


def evaluated(counts: Mapping[str, int], vetoes: Collection[str], figures: Mapping[str, int]) -> standard.RunningResult:
    """The result of counts by the published formula.

    :raises BadInput: counts that cannot be: a negative one, a part beyond its whole.
    """
    missed = {role: counts[name] for name, role in _ROLES.items() if counts.get(name)}
    week = standard.Week(
        **{name: counts.get(name, 0) for name in _PLAIN}, duties_missed=missed, vetoes=tuple(sorted(vetoes))
    )
    return standard.evaluate(week, parameters=standard.Parameters(**figures))


def result_of(row: RunningWeek) -> standard.RunningResult:
    """The result of a week anew from what was kept of it: the same, or somebody wrote past the services."""
    return evaluated(row.settled, [one["code"] for one in row.standing_vetoes], row.figures)


def indicators_of(row: RunningWeek) -> Sequence[standard.Measured]:
    """Coverage and quality beside E, in the order of the table; one that counts nothing says so."""
    found = []
    for code in standard.indicators():
        part, whole = row.indicators.get(code, (0, 0))
        try:
            found.append(standard.indicator(code, part, whole))
        except BadInput:
            continue
    return found


def missed_dues(row: RunningWeek) -> QuerySet[CheckDue]:
    """Instances of the week that nobody did, guarantors' first."""
    rows = CheckDue.objects.filter(dues_of_week(row.monday), file=row.file_id, done_at__isnull=True)
    return rows.select_related("task__unit", "post", "person").order_by("-work_type", "closes_at", "pk")


def done_dues(row: RunningWeek) -> QuerySet[CheckDue]:
    """Instances of the week that were done."""
    rows = CheckDue.objects.filter(dues_of_week(row.monday), file=row.file_id, done_at__isnull=False)
    return rows.select_related("task__unit", "post", "person").order_by("closes_at", "pk")


def due_findings(row: RunningWeek) -> QuerySet[Finding]:
    """Dangers that were due and not accepted before the week."""
    rows = Finding.objects.filter(dangers_due(row.monday), file=row.file_id)
    return rows.order_by("-is_major", "deadline", "pk")


def registered_findings(row: RunningWeek) -> QuerySet[Finding]:
    """Dangers that the enterprise registered in the four weeks."""
    rows = Finding.objects.filter(dangers_registered(row.monday), file=row.file_id)
    return rows.order_by("-found_at", "pk")


def list_vetoes(*, actor: Actor) -> QuerySet[RunningVeto]:
    """Facts that regulators entered, cancelled ones too, the newest week first.

    The enterprise reads what stands of them in its week.
    """
    if not actor.supervises:
        return RunningVeto.objects.none()
    rows = RunningVeto.objects.filter(file__in=keys_seen(actor=actor))
    return rows.select_related("file__enterprise", "file__area", "entered_by").order_by("-monday", "-entered_at", "pk")


def get_veto(*, actor: Actor, veto_id: uuid.UUID) -> RunningVeto:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_vetoes(actor=actor).filter(pk=veto_id).first()
    if found is None:
        raise NotFound
    return found


def veto_to_cancel(row: RunningWeek) -> RunningVeto | None:
    """The fact that makes a week nought and may still be taken back: the week is not frozen."""
    if row.frozen_at is not None or all(one["code"] != "V4" for one in row.vetoes):
        return None
    return RunningVeto.objects.filter(file=row.file_id, monday=row.monday, cancelled_at__isnull=True).first()


def is_frozen(file_id: uuid.UUID, monday: date) -> bool:
    """Whether the result of an enterprise's week is sealed."""
    return RunningWeek.objects.filter(file=file_id, monday=monday, frozen_at__isnull=False).exists()


def actions_after(row: RunningWeek) -> Sequence[standard.Action]:
    """What follows for a regulator from this week and those before it."""
    return standard.regulator_actions([as_graded(one) for one in weeks_of(row.file_id, until=row.monday, most=14)])


def as_graded(row: RunningWeek) -> standard.WeekGrade:
    """A week as the standard looks at it."""
    forged = any(one["code"] == "V3" for one in row.standing_vetoes)
    return standard.WeekGrade(monday=row.monday, grade=row.grade, is_vetoed=row.is_vetoed, is_forged=forged)


def list_actions(*, actor: Actor) -> QuerySet[RunningAction]:
    """What is owed after a week, open ones first. The enterprise sees what was closed, not what is to come."""
    rows = RunningAction.objects.visible_to(actor).select_related("week__file__enterprise", "week__file__area")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "pk")


def get_action(*, actor: Actor, action_id: uuid.UUID) -> RunningAction:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_actions(actor=actor).filter(pk=action_id).first()
    if found is None:
        raise NotFound
    return found


def sample_of(row: RunningAction) -> Sequence[CheckRecord]:
    """The records that were drawn to be looked at."""
    rows = CheckRecord.objects.filter(file=row.week.file_id, pk__in=row.sample).select_related("unit", "post")
    return list(rows.order_by("at", "pk"))


def list_appeals(*, actor: Actor) -> QuerySet[RunningAppeal]:
    """Objections that the actor may see, open ones first."""
    rows = RunningAppeal.objects.visible_to(actor).select_related("week__file__enterprise", "week__file__area")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "pk")


def get_appeal(*, actor: Actor, appeal_id: uuid.UUID) -> RunningAppeal:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_appeals(actor=actor).filter(pk=appeal_id).first()
    if found is None:
        raise NotFound
    return found


def earliest_to_catch_up(today: date) -> date:
    """How far back weeks are still evaluated after an outage: four of them. [D]"""
    return today - timedelta(days=today.weekday() + 28)
