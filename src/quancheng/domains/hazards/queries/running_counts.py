"""What is counted of a week for the running effect (运行效果评价计数), for all enterprises at once.

Each count is one query over a table, grouped by file: ten thousand enterprises cost as many queries as one.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, fields
from django.db.models.functions import TruncDate

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import (
    CheckDue,
    CheckRecord,
    CheckTask,
    Finding,
    RunningVeto,
    UnitStop,
)
from quancheng.domains.hazards.queries.check_records import confirmed_flags
from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.risk.kinds import Mode
from quancheng.domains.risk.models import Measure, PostPerson, RiskEvent, RiskObject, RiskUnit
from quancheng.kernel.calendar import Calendar
from quancheng.standards.risk.running_effect import vetoes
from quancheng.standards.wording import Text

STANDING = Q(ended_date__isnull=True)
_FOUR_WEEKS, _MONTH = timedelta(days=28), timedelta(days=30)
_ROLES = {1: "missed_main", 2: "missed_technical", 3: "missed_operation"}


@dataclass(slots=True)
class Counts:
    """One enterprise's week: counts by ``models.running.Counted``, vetoes with what shows each, indicators."""

    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    vetoes: list[dict[str, str]] = field(default_factory=list)
    indicators: dict[str, list[int]] = field(default_factory=dict)

    def veto(self, code: str, shown: Text) -> None:
        rule = next(one.text for one in vetoes() if one.code == code)
        self.vetoes.append({"code": code, "zh": f"{rule.zh}：{shown.zh}", "en": f"{rule.en}: {shown.en}"})


def span_of(monday: date) -> tuple[datetime, datetime]:
    """A statistics week as moments: Monday 0:00, and the Monday after, which is no longer in it."""
    calendar = Calendar()
    return calendar.start_of(monday), calendar.start_of(monday + timedelta(days=7))


def evaluated_files(monday: date) -> QuerySet[Enterprise]:
    """Enterprises that are evaluated: in operation or on trial, and with a risk list, check tasks or a major hazard
    before the week ended."""
    _begin, end = span_of(monday)
    mine = STANDING & Q(file=OuterRef("pk"))
    given = (
        Exists(RiskObject.objects.filter(mine, created_at__lt=end))
        | Exists(CheckTask.objects.filter(mine, created_at__lt=end))
        | Exists(Unit.objects.filter(mine, legal_grade__isnull=False, legal_at__lt=end))
    )
    life = (Life.OPERATING, Life.TRIAL)
    return Enterprise.objects.filter(given, life__in=life, merged_into__isnull=True).order_by("pk")


def count_week(monday: date, files: Collection[uuid.UUID]) -> dict[uuid.UUID, Counts]:
    """All counts of a week that is over, for these files."""
    begin, end = span_of(monday)
    found = {pk: Counts() for pk in files}
    of = list(files)
    _count_tasks(found, of, monday)
    _count_dangers(found, of, monday, begin, end)
    _count_hazards(found, of, begin, end)
    _count_vetoes(found, of, monday, begin, end)
    _count_lists(found, of)
    _count_records(found, of, begin, end)
    for one in found.values():
        one.indicators["COMPLETION"] = [one.numbers["done"], one.numbers["planned"]]
    return found


def dues_of_week(monday: date) -> Q:
    """Instances of a week: those whose time runs out in it, so that what may be done all month counts at its end."""
    begin, end = span_of(monday)
    return Q(closes_at__gt=begin, closes_at__lte=end, covered_by__isnull=True)


def dangers_due(monday: date) -> Q:
    """Dangers with a deadline in the week or before that were not accepted before it."""
    begin, _end = span_of(monday)
    late = Q(deadline__lte=monday + timedelta(days=6))
    return late & (Q(closed_at__isnull=True) | Q(closed_at__gte=begin)) & ~Q(status__in=NOT_COUNTED)


def dangers_registered(monday: date) -> Q:
    """Dangers that the enterprise itself registered in the four weeks that end with this one."""
    _begin, end = span_of(monday)
    return Q(found_at__gte=end - _FOUR_WEEKS, found_at__lt=end, channel="enterprise") & ~Q(status__in=NOT_COUNTED)


def _count_tasks(found: dict[uuid.UUID, Counts], of: list[uuid.UUID], monday: date) -> None:
    rows = CheckDue.objects.filter(dues_of_week(monday), file__in=of)
    done = Q(done_at__isnull=False)
    for file, planned, number in _grouped(rows, Count("pk"), Count("pk", filter=done)):
        found[file].numbers.update(planned=planned, done=number)
    missed = rows.filter(done_at__isnull=True, work_type__in=_ROLES)
    for file, work_type, number in _by(missed, ("file", "work_type"), Count("task", distinct=True)):
        found[file].numbers[_ROLES[work_type]] = number


def _count_dangers(
    found: dict[uuid.UUID, Counts], of: list[uuid.UUID], monday: date, begin: datetime, end: datetime
) -> None:
    rows = Finding.objects.filter(file__in=of).exclude(status__in=NOT_COUNTED)
    accepted = Q(status="CLOSED", closed_at__lt=end)
    for file, due, number in _grouped(rows.filter(dangers_due(monday)), Count("pk"), Count("pk", filter=accepted)):
        found[file].numbers.update(due=due, accepted=number)
    for file, number in _grouped(rows.filter(dangers_registered(monday)), Count("pk")):
        found[file].numbers["registered_4w"] = number
    for file, all_of, number in _grouped(rows.filter(found_at__lt=end), Count("pk"), Count("pk", filter=accepted)):
        found[file].indicators["RECTIFIED"] = [number, all_of]
    in_week = rows.filter(deadline__gte=monday, deadline__lte=monday + timedelta(days=6))
    dated = in_week.annotate(closed_day=TruncDate("closed_at"))
    on_time = accepted & Q(closed_day__lte=F("deadline"))
    major = Q(is_major=True)
    counted = _grouped(
        dated, Count("pk"), Count("pk", filter=on_time), Count("pk", filter=major), Count("pk", filter=on_time & major)
    )
    for file, due, kept, majors, majors_kept in counted:
        found[file].indicators.update(ON_TIME=[kept, due], MAJOR_ON_TIME=[majors_kept, majors])


def _count_hazards(found: dict[uuid.UUID, Counts], of: list[uuid.UUID], begin: datetime, end: datetime) -> None:
    """Major hazards, and V1: one that ran all the week without a task at the end of its chain."""
    units = Unit.objects.filter(STANDING, file__in=of, legal_grade__isnull=False)
    rows = list(units.order_by("pk").values_list("pk", "file", "name", "legal_at"))
    objects = dict(
        RiskObject.objects.filter(STANDING, place__in=[pk for pk, *_rest in rows]).values_list("place", "pk")
    )
    event = "measure__event"
    chained = set(
        CheckTask.objects.filter(
            STANDING, measure__ended_date__isnull=True,
            **{f"{event}__{name}__isnull": True for name in (
                "ended_date", "unit__ended_date", "unit__object__ended_date",
            )},
            **{f"{event}__unit__object__in": list(objects.values())},
        ).values_list(f"{event}__unit__object", flat=True)
    )  # fmt: skip
    stopped = _stopped(set(objects.values()) - chained, begin, end)
    for pk, file, name, legal_at in rows:
        one = found[file]
        one.numbers["hazards"] += 1
        known = one.indicators.setdefault("OBJECTS", [0, 0])
        known[1] += 1
        known[0] += pk in objects
        is_new = legal_at is not None and legal_at >= begin
        if objects.get(pk) not in chained and objects.get(pk) not in stopped and not is_new:
            one.veto("V1", Text(name, name))


def _stopped(objects: Collection[uuid.UUID], begin: datetime, end: datetime) -> set[uuid.UUID]:
    """Objects all of whose units were stopped the whole week."""
    over = Q(ends_at__isnull=True) | Q(ends_at__gte=end)
    stop = UnitStop.objects.filter(over, unit=OuterRef("pk"), begins_at__lte=begin)
    rows = RiskUnit.objects.filter(STANDING, object__in=list(objects)).annotate(is_stopped=Exists(stop))
    state: dict[uuid.UUID, bool] = {}
    for parent, is_stopped in rows.values_list("object", "is_stopped"):
        state[parent] = state.get(parent, True) and is_stopped
    return {parent for parent, is_stopped in state.items() if is_stopped}


def _count_vetoes(
    found: dict[uuid.UUID, Counts], of: list[uuid.UUID], monday: date, begin: datetime, end: datetime
) -> None:
    heard = set(
        CheckRecord.objects.filter(file__in=of, received_at__gte=begin, received_at__lt=end).values_list(
            "file", flat=True
        )
    )
    heard |= set(
        Finding.objects.filter(
            file__in=of, created_at__gte=begin, created_at__lt=end, is_by_regulator=False
        ).values_list("file", flat=True)
    )
    for file, one in found.items():
        if one.numbers["planned"] and file not in heard:
            count = one.numbers["planned"]
            one.veto("V2", Text(f"应完成{count}项，没有一条记录", f"{count} tasks were due and there is no record"))
    for row in confirmed_flags(of, first=begin, until=end):
        count = row["number"]
        found[row["file"]].veto("V3", Text(f"核实{count}项", f"{count} confirmed"))
    told = RunningVeto.objects.filter(file__in=of, monday=monday, cancelled_at__isnull=True)
    for file, code, reason in told.order_by("entered_at", "pk").values_list("file", "code", "reason"):
        found[file].veto(code, Text(reason, reason))


def _count_lists(found: dict[uuid.UUID, Counts], of: list[uuid.UUID]) -> None:
    events = RiskEvent.objects.filter(
        STANDING, unit__ended_date__isnull=True, unit__object__ended_date__isnull=True, unit__object__file__in=of
    )
    standing = Count("measures__category", distinct=True, filter=Q(measures__ended_date__isnull=True))
    for file, number in events.order_by().annotate(kinds=standing).values_list("unit__object__file", "kinds"):
        share = found[file].indicators.setdefault("FOUR_MEASURES", [0, 0])
        share[0] += number == 4
        share[1] += 1
    task = CheckTask.objects.filter(STANDING, measure=OuterRef("pk"))
    measures = Measure.objects.filter(STANDING, mode=Mode.INSPECTION, event__in=events.values("pk"))
    tasked = measures.annotate(has_task=Exists(task))
    path = "event__unit__object__file"
    for file, all_of, number in _by(tasked, (path,), Count("pk"), Count("pk", filter=Q(has_task=True))):
        found[file].indicators["TASKS"] = [number, all_of]


def _count_records(found: dict[uuid.UUID, Counts], of: list[uuid.UUID], begin: datetime, end: datetime) -> None:
    rows = CheckRecord.objects.filter(file__in=of, at__gte=begin, at__lt=end)
    gap = ExpressionWrapper(F("received_at") - F("at"), output_field=fields.DurationField())
    timed = rows.annotate(gap=gap)
    timely, mobile = Q(gap__lte=timedelta(hours=24)), ~Q(device_index="")
    counted = _grouped(timed, Count("pk"), Count("pk", filter=timely), Count("pk", filter=mobile))
    for file, all_of, in_time, by_phone in counted:
        found[file].indicators.update(TIMELY=[in_time, all_of], MOBILE=[by_phone, all_of])
    posts = CheckTask.objects.filter(STANDING, file__in=of, person__isnull=True).values("post")
    held = PostPerson.objects.filter(until_date__isnull=True, post__in=posts, post__file__in=of)
    assigned = set(held.values_list("post__file", "user"))
    named = CheckTask.objects.filter(STANDING, file__in=of, person__isnull=False)
    assigned |= set(named.values_list("file", "person"))
    recent = CheckRecord.objects.filter(file__in=of, at__gte=end - _MONTH, at__lt=end)
    active = set(recent.order_by().values_list("file", "person").distinct())
    for file, person in assigned:
        share = found[file].indicators.setdefault("PARTICIPATION", [0, 0])
        share[0] += (file, person) in active
        share[1] += 1


def _grouped(rows: QuerySet[Any], *counts: Count) -> Iterator[tuple[Any, ...]]:
    return _by(rows, ("file",), *counts)


def _by(rows: QuerySet[Any], keys: Sequence[str], *counts: Count) -> Iterator[tuple[Any, ...]]:
    names = {f"number_{place}": count for place, count in enumerate(counts)}
    told: Iterable[tuple[Any, ...]] = rows.order_by().values(*keys).annotate(**names).values_list(*keys, *names)
    yield from told
