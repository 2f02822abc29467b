"""Reads of warnings (风险预警), and the facts from which their colours follow."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from quancheng.domains.monitoring.loops.alarm import SILENT, UNACKNOWLEDGED
from quancheng.domains.monitoring.models import Action, Alarm, RiskWarning, WarningCheck
from quancheng.domains.monitoring.queries.dangers import INSTRUMENT_TYPES, repeats_today
from quancheng.domains.monitoring.queries.escalation import Steps
from quancheng.domains.monitoring.queries.offline import silences, silent_files
from quancheng.domains.monitoring.queries.tags import unit_of
from quancheng.domains.monitoring.queries.warning_terms import WarningTerms
from quancheng.domains.registry.models import Unit
from quancheng.domains.risk.models import Announcement
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.standards.signals.responses import Handling

#: The same alarm so often a day speaks for a colour (the five rules).
REPEATS_DAY = 5
#: An enterprise and, where it concerns one, its major hazard.
Place = tuple[uuid.UUID, uuid.UUID | None]


def list_warnings(*, actor: Actor) -> QuerySet[RiskWarning]:
    """Warnings that the actor may see, the newest first."""
    rows: QuerySet[RiskWarning] = RiskWarning.objects.visible_to(actor)
    related = ("file__enterprise", "hazard", "area", "supervisor", "owner_org")
    return rows.select_related(*related).order_by("-raised_at", "pk")


def get_warning(*, actor: Actor, warning_id: uuid.UUID) -> RiskWarning:
    """Raise NotFound for absent and for out of scope alike."""
    rows = list_warnings(actor=actor).select_related("responded_by", "reported_by")
    found = rows.filter(pk=warning_id).first()
    if found is None:
        raise NotFound
    return found


def get_check(*, actor: Actor, check_id: uuid.UUID) -> WarningCheck:
    """Raise NotFound for absent and for out of scope alike."""
    rows: QuerySet[WarningCheck] = WarningCheck.objects.visible_to(actor)
    found = rows.select_related("warning__file__enterprise", "owner_org", "done_by").filter(pk=check_id).first()
    if found is None:
        raise NotFound
    return found


def checks_of(*, actor: Actor, row: RiskWarning) -> Sequence[WarningCheck]:
    """What the authority did about a warning that a query gave, as far as the actor may see it."""
    rows: QuerySet[WarningCheck] = WarningCheck.objects.visible_to(actor)
    return list(rows.filter(warning=row).select_related("done_by", "owner_org").order_by("-due_at", "pk"))


def alarms_of(row: RiskWarning) -> Sequence[Alarm]:
    """Open alarms of the place of a warning that a query gave, the gravest first."""
    at = _unit_q(row.hazard_id) if row.hazard_id else Q()
    rows = Alarm.objects.filter(at, file=row.file_id).exclude(status="CLOSED").select_related("tag")
    return list(rows.order_by("priority", "-raised_at", "pk")[:100])


def _unit_q(unit_id: uuid.UUID) -> Q:
    return Q(tag__unit_place=unit_id) | Q(tag__unit_place__isnull=True, tag__facility__unit=unit_id)


# Facts ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Seen:
    """What was seen at one place."""

    grade: int | None = None
    second: set[object] = field(default_factory=set)
    first: set[object] = field(default_factory=set)
    unhandled_s: float = 0
    is_past_escalation: bool = False
    is_leak: bool = False
    is_faulty: bool = False
    repeats: int = 0
    is_uncommitted: bool = False
    #: Of its source that is silent longest without notice.
    offline_s: float = 0

    def facts(self) -> Handling:
        return Handling(
            hazard_grade=self.grade, second_stage_tags=len(self.second), first_stage_tags=len(self.first),
            first_stage_unhandled_s=self.unhandled_s, unhandled_after_escalation=self.is_past_escalation,
            leak_confirmed=self.is_leak, data_quality_event=self.is_faulty, repeats_day=self.repeats,
            commitment_missing=self.is_uncommitted, offline_s=self.offline_s,
        )  # fmt: skip


def facts_of(
    files: Collection[uuid.UUID], *, terms: WarningTerms, steps: Steps, now: datetime
) -> Mapping[Place, Handling]:
    """Facts for the colours of some enterprises, by place; a place of which nothing is to be said stands not there.

    A silent source is a fact of the enterprise: what it measured may be anywhere.
    """
    seen: dict[Place, _Seen] = defaultdict(_Seen)
    rows = Alarm.objects.filter(file__in=list(files)).exclude(status="CLOSED").exclude(status__in=SILENT)
    for alarm in rows.select_related("tag__facility"):
        place = place_of(alarm)
        one = seen[place]
        if place[1] is not None and alarm.hazard_grade is not None:
            one.grade = min(one.grade or 4, alarm.hazard_grade)
        _add(one, alarm, terms=terms, steps=steps, now=now)
    for alarm, times in repeats_today(REPEATS_DAY, files=files, now=now):
        one = seen[place_of(alarm)]
        one.repeats = max(one.repeats, times)
    for file_id in without_commitment(files, now=now):
        seen[(file_id, None)].is_uncommitted = True
    for file_id, (longest, *_others) in silences(files, now=now).items():
        seen[(file_id, None)].offline_s = longest.lasts.total_seconds()
    return {place: one.facts() for place, one in seen.items()}


def place_of(alarm: Alarm) -> Place:
    """The major hazard at which an alarm was raised, else its enterprise."""
    tag = alarm.tag
    unit = unit_of(tag)
    return alarm.file_id, unit if alarm.hazard_grade is not None else None


def _add(one: _Seen, alarm: Alarm, *, terms: WarningTerms, steps: Steps, now: datetime) -> None:
    waited = now - alarm.last_raised_at
    is_unhandled = alarm.status in UNACKNOWLEDGED or (alarm.status == "ACKED" and alarm.action == Action.NONE)
    if alarm.reason == "R02":
        one.is_leak = True
    if alarm.type in INSTRUMENT_TYPES:
        one.is_faulty |= alarm.is_active and now - alarm.raised_at >= terms.quality
        return
    # Of the lowest priority, which nobody above the operators hears of, no escalation ends.
    if is_unhandled and steps.last(alarm.priority) > 0:
        one.is_past_escalation |= waited > timedelta(seconds=steps.end_s(alarm.priority))
    if alarm.is_grave:
        if alarm.is_active:
            one.second.add(alarm.tag_id)
        return
    if alarm.is_active:
        one.first.add(alarm.tag_id)
    if is_unhandled:
        one.unhandled_s = max(one.unhandled_s, waited.total_seconds())


def without_commitment(files: Collection[uuid.UUID], *, now: datetime) -> Sequence[uuid.UUID]:
    """Enterprises whose announcement of today (安全承诺公告) is overdue or was missed."""
    return list(_overdue(now).filter(file__in=list(files)).values_list("file_id", flat=True))


def files_to_judge(*, now: datetime) -> set[uuid.UUID]:
    """Enterprises of which something may be to be said: open alarms or warnings, alarms of a day, no announcement,
    a silent source.
    """
    alarms = Alarm.objects.filter(~Q(status="CLOSED") | Q(last_raised_at__gt=now - timedelta(days=1)))
    warned = RiskWarning.objects.exclude(status="CLOSED").values_list("file_id", flat=True)
    missing = _overdue(now).values_list("file_id", flat=True)
    return {*alarms.order_by().values_list("file_id", flat=True).distinct(), *warned, *missing, *silent_files()}


def _overdue(now: datetime) -> QuerySet[Announcement]:
    rows: QuerySet[Announcement] = Announcement.objects.filter(day=Calendar().local_date(now))
    return rows.filter(Q(status="MISSED") | Q(status="OPEN", late_after__lt=now))


def files_just_changed(*, now: datetime) -> set[uuid.UUID]:
    """Enterprises with an open alarm about which something was done in the last seconds. One query."""
    rows = Alarm.objects.exclude(status="CLOSED").filter(updated_at__gt=now - timedelta(seconds=3))
    return set(rows.order_by().values_list("file_id", flat=True))


def lapsed(*, now: datetime) -> Sequence[RiskWarning]:
    """Warnings that nobody answered in time, the oldest first."""
    rows = RiskWarning.objects.filter(status="RAISED", respond_by__lt=now, is_unanswered=False)
    return list(rows.select_related("file__enterprise", "hazard").order_by("respond_by", "pk")[:100])


def hazard_of(unit_id: uuid.UUID | None) -> Unit | None:
    return None if unit_id is None else Unit.objects.filter(pk=unit_id).first()
