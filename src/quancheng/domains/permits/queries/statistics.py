"""Permits counted by month (作业统计): each count is a condition that the list of counted rows shows again.

A permit belongs to the month in which its window begins, and is counted once it was asked for (it has a number).
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import (
    Avg,
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import TruncDate

from quancheng.domains.permits.loops.permit import PERMIT
from quancheng.domains.permits.models import Kind, Permit, PermitAudit, ThinkCard, TicketStatus, WorkAlarm
from quancheng.domains.permits.queries.blocks import HEALTH
from quancheng.domains.permits.queries.history import REFUSED
from quancheng.domains.permits.queries.open_pages import BY_ANYBODY
from quancheng.domains.permits.queries.outside import list_outside
from quancheng.domains.permits.queries.permits import list_permits
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.loops.models import MoveRecord
from quancheng.standards.gb30871.endings import STOP_REASONS
from quancheng.standards.gb30871.kinds import levels
from quancheng.standards.gb30871.parameters import STANDARD

#: Months that may be asked for, this one counted in.
MONTHS = 24
#: Lines of a table by enterprise or contractor.
MOST = 50
#: Figures of how well it is managed (F-28), each shown with its share.
KPIS = ("audited", "conform", "no_data", "overrun", "late_acceptance", "stop_work")
#: Somebody told at the place of something graver while work rested.
RAISED = "permits.stop.raise"
_BACK = ("return", "reject", "unfit")
_COUNTED = ~Q(number="")


def months(today: date) -> Sequence[str]:
    """The months that may be asked for as ``2026-12``, the newest first."""
    first = today.year * 12 + today.month - 1
    return [f"{(first - n) // 12}-{(first - n) % 12 + 1:02}" for n in range(MONTHS)]


def span_of(month: str) -> tuple[datetime, datetime]:
    """When a month begins and the next one does, in the district's time."""
    year, number = int(month[:4]), int(month[5:])
    calendar = Calendar()
    following = date(year + number // 12, number % 12 + 1, 1)
    return calendar.start_of(date(year, number, 1)), calendar.start_of(following)


def in_month(month: str) -> Q:
    begin, end = span_of(month)
    return _COUNTED & Q(window_start__gte=begin, window_start__lt=end)


def month_before(month: str) -> str:
    first = date(int(month[:4]), int(month[5:]), 1) - timedelta(days=1)
    return f"{first:%Y-%m}"


def _moved(names: Sequence[str]) -> QuerySet[MoveRecord, Any]:
    return MoveRecord.objects.filter(subject_type=Permit.row_type(), move__in=names).values("subject_id")


def touches_night() -> Q:
    """The window touches the night of the standard's parameters (20:00 to 06:00, [D]), slots not looked at."""
    begin, end = STANDARD.night_from, STANDARD.night_to
    starts = Q(window_start__time__gte=begin) | Q(window_start__time__lt=end)
    return starts | Q(window_end__time__gt=begin) | Q(window_end__date__gt=TruncDate("window_start"))


def on_rest_day(month: str, calendar: Calendar | None = None) -> Q:
    """The window begins on a day of a month on which nobody works, by the calendar; one that reads it once serves
    several months."""
    begin, end = span_of(month)
    calendar = calendar or Calendar()
    day, last = calendar.local_date(begin), calendar.local_date(end)
    found = []
    while day < last:
        if not calendar.is_working_day(day):
            found.append(day)
        day += timedelta(days=1)
    return Q(window_start__date__in=found)


#: Groups of which each code is asked by itself, and those that come of grouping.
_ASKED, _GROUPED = ("total", "kpi"), ("kind", "level", "status")


@cache
def groups() -> Mapping[str, Sequence[str]]:
    """What is counted, by table: codes of :func:`condition`."""
    return {
        "total": ("all", "issued", "first_pass", "worked", "accepted", "cancelled_after_issue", "void", "expired",
                  "upgraded", "contractor", "night", "rest_day", "special", "emergency",
                  "thought", "thought_no", "thought_stopped"),
        "kpi": (*KPIS, *(f"suspended:{code}" for code in STOP_REASONS)),
        "kind": tuple(f"kind:{code}" for code in Kind.values),
        "level": tuple(f"level:{kind}:{code}" for kind in Kind.values for code in levels(kind) if code),
        "status": tuple(f"status:{code}" for code in PERMIT.codes if code != "DRAFT"),
    }  # fmt: skip


def condition(
    code: str, month: str, calendar: Calendar | None = None, plain: Mapping[str, Q] | None = None
) -> Q:  # fmt: skip
    """What a code counts among the permits of a month.

    :param plain: what :func:`_plain` told, for whom asks for many.
    :raises KeyError: there is no such code.
    """
    head, _sign, rest = code.partition(":")
    if head == "kind":
        return Q(kind=rest)
    if head == "status":
        return Q(status=rest)
    if head == "level":
        kind, _sign, level = rest.partition(":")
        return Q(kind=kind) & (Q(effective=level) | Q(effective="", level=level))
    if head == "refused":
        entries = JournalEntry.objects.filter(act=REFUSED, facts__checks__contains=[rest])
        return Q(pk__in=entries.values("subject_id"))
    if head == "contractor" and rest:
        return Q(work__is_contractor=True, work_unit=rest)
    if head == "suspended":
        return Q(pk__in=_moved(("suspend", "stop")).filter(given__stop_reason=rest))
    if code == "rest_day":
        return on_rest_day(month, calendar)
    return (_plain() if plain is None else plain)[code]


def _plain() -> dict[str, Q]:
    """What codes without a part of their own count, in any month."""
    issued, escalated = Q(issued_at__isnull=False), Q(escalated_at__isnull=False)
    is_late = Q(finished_at__isnull=False, finished_at__lte=F("escalated_at"))
    cards = ThinkCard.objects.all()
    return {
        "all": Q(), "issued": issued, "first_pass": issued & ~Q(pk__in=_moved(_BACK)) & ~Q(pk__in=_refused_before()),
        "worked": Q(started_at__isnull=False), "accepted": Q(accepted_at__isnull=False),
        "cancelled_after_issue": issued & Q(status="CANCELLED"), "void": Q(status="VOID"),
        "expired": Q(status="EXPIRED"), "upgraded": Q(is_upgraded=True), "contractor": Q(work__is_contractor=True),
        "thought": Q(pk__in=cards.values("permit")),
        "thought_no": Q(pk__in=cards.filter(is_clear=False).values("permit")),
        "thought_stopped": Q(pk__in=cards.filter(has_stopped=True).values("permit")),
        "emergency": Q(is_emergency=True), "night": touches_night(),
        "audited": issued & Q(pk__in=_newest_audits().values("permit")),
        "conform": issued & Q(pk__in=_newest_audits().filter(failed=[]).values("permit")),
        # Nothing failed, but of some rules nobody knows: conforming as far as is known.
        "no_data": issued & Q(pk__in=_newest_audits().filter(failed=[], no_data_count__gt=0).values("permit")),
        # At work beyond its window (alarm 10, not where a move was refused), or told to the head for resting past it.
        "overrun": Q(pk__in=WorkAlarm.objects.filter(code="10", move="").values("permit")) | (escalated & ~is_late),
        # Told to the head for being finished and not accepted.
        "late_acceptance": escalated & is_late,
        # Somebody stopped work that ran, or gave a graver reason while it rested, and not for a break.
        "stop_work": Q(pk__in=_moved(("suspend",)).exclude(given__stop_reason="BREAK"))
        | Q(pk__in=_moved(("stop",)).filter(given__by=BY_ANYBODY))
        | Q(pk__in=JournalEntry.objects.filter(act=RAISED).values("subject_id")),
        "special": Q(kind="HW") & (Q(effective="S") | Q(effective="", level="S")),
    }  # fmt: skip


def _newest_audits() -> QuerySet[PermitAudit]:
    return PermitAudit.objects.filter(is_newest=True)


def _refused_before() -> QuerySet[JournalEntry, Any]:
    """Permits that a check refused on their way to being issued."""
    entries = JournalEntry.objects.filter(act=REFUSED, facts__move__in=("submit", "present", "sign", "issue"))
    return entries.values("subject_id")


def rows_of(
    *, actor: Actor, month: str, town: str = "", file_id: uuid.UUID | None = None, with_before: bool = False
) -> QuerySet[Permit]:
    """The permits of a month that the actor may see, or of it and the one before."""
    wanted = in_month(month) | in_month(month_before(month)) if with_before else in_month(month)
    rows = list_permits(actor=actor).filter(wanted)
    if town:
        rows = rows.filter(area__path__startswith=town)
    return rows.filter(file=file_id) if file_id is not None else rows


def count(rows: QuerySet[Permit], *months: str) -> dict[str, dict[str, int]]:
    """Every count of every group by month, in two queries.

    :param rows: the permits of these months, as :func:`rows_of` gives them.
    """
    codes, calendar, plain = [code for name in _ASKED for code in groups()[name]], Calendar(), _plain()
    named = {
        f"m{place}c{n}": Count("pk", filter=in_month(month) & condition(code, month, calendar, plain))
        for place, month in enumerate(months) for n, code in enumerate(codes)
    }  # fmt: skip
    all_rows = rows.select_related(None).order_by()
    found, grouped = all_rows.aggregate(**named), _grouped(all_rows, months)
    return {
        month: {
            **{code: found[f"m{place}c{n}"] for n, code in enumerate(codes)},
            **{code: grouped[place, code] for name in _GROUPED for code in groups()[name]},
        }
        for place, month in enumerate(months)
    }  # fmt: skip


def _grouped(rows: QuerySet[Permit], months: Sequence[str]) -> Counter[tuple[int, str]]:
    """Counts of kinds, levels and states, by the place of a month and code: what :func:`condition` says of each. The
    database groups once instead of asking some sixty conditions of every permit."""
    of_month = Case(*(When(in_month(month), then=place) for place, month in enumerate(months)))
    told = rows.annotate(of_month=of_month).values_list("of_month", "kind", "status", "level", "effective")
    counts: Counter[tuple[int, str]] = Counter()
    for place, kind, status, level, effective, number in told.annotate(number=Count("pk")):
        for code in (f"kind:{kind}", f"status:{status}", f"level:{kind}:{effective or level}"):
            counts[place, code] += number
    return counts


def outside_groups() -> Sequence[str]:
    """What is counted of permits of other systems, apart from our own: they tell less of themselves."""
    return (
        "all", "contractor", *(f"kind:{code}" for code in Kind.values),
        *(f"state:{code}" for code in TicketStatus.values),
    )  # fmt: skip


def _of_outside(code: str) -> Q:
    head, _sign, rest = code.partition(":")
    return Q(**{head: rest}) if rest else Q(is_contractor=True) if code == "contractor" else Q()


def count_outside(
    *, actor: Actor, months: Sequence[str], town: str = "", file_id: uuid.UUID | None = None
) -> dict[str, dict[str, int]]:
    """Permits of other systems by month, those that their system took back not counted. One query."""
    rows = list_outside(actor=actor).filter(is_deleted=False)
    if town:
        rows = rows.filter(area__path__startswith=town)
    if file_id is not None:
        rows = rows.filter(file=file_id)
    codes = outside_groups()
    named: dict[str, Count] = {}
    for place, month in enumerate(months):
        begin, end = span_of(month)
        within = Q(window_start__gte=begin, window_start__lt=end)
        named |= {f"m{place}c{n}": Count("pk", filter=within & _of_outside(code)) for n, code in enumerate(codes)}
    found = rows.select_related(None).order_by().aggregate(**named)
    return {
        month: {code: found[f"m{place}c{n}"] for n, code in enumerate(codes)} for place, month in enumerate(months)
    }  # fmt: skip


def approval_times(rows: QuerySet[Permit], *months: str) -> dict[str, timedelta | None]:
    """The mean time from the last request to the issue by month; None where nothing was issued. One query.

    :param rows: the permits of these months, as :func:`rows_of` gives them.
    """
    moves = MoveRecord.objects.filter(subject_type=Permit.row_type(), subject_id=OuterRef("pk"), move="submit")
    asked = Subquery(moves.order_by("-at").values("at")[:1])
    taken = ExpressionWrapper(F("issued_at") - asked, DurationField())
    named = {f"m{place}": Avg(taken, filter=in_month(month)) for place, month in enumerate(months)}
    told = rows.select_related(None).order_by().filter(issued_at__isnull=False).aggregate(**named)
    return {month: told[f"m{place}"] for place, month in enumerate(months)}


def refusals(rows: QuerySet[Permit], *months: str, is_own: bool) -> dict[str, list[tuple[str, int]]]:
    """How many permits each check refused by month, the most first. That of health is told to the enterprise alone.
    One query.

    :param rows: the permits of these months, as :func:`rows_of` gives them.
    """
    plain = rows.select_related(None).order_by()
    entries = JournalEntry.objects.filter(
        act=REFUSED, subject_type=Permit.row_type(), subject_id__in=plain.values("pk")
    )
    starts = Subquery(Permit.objects.filter(pk=OuterRef("subject_id")).values("window_start")[:1])
    permits: dict[str, dict[str, set[Any]]] = {month: {} for month in months}
    spans = {month: span_of(month) for month in months}
    told = entries.annotate(starts_at=starts).values_list("subject_id", "facts", "starts_at")
    for subject, facts, starts_at in told:
        for month, (begin, end) in spans.items():
            if begin <= starts_at < end:
                for code in facts["checks"]:
                    permits[month].setdefault(code, set()).add(subject)
    return {month: _sorted(found, is_own) for month, found in permits.items()}


def _sorted(found: Mapping[str, set[Any]], is_own: bool) -> list[tuple[str, int]]:
    told = Counter({code: len(held) for code, held in found.items() if is_own or code != HEALTH})
    return sorted(told.items(), key=lambda one: (-one[1], one[0]))


def by_contractor(rows: QuerySet[Permit]) -> list[tuple[str, int]]:
    """Permits by contractor as named on them, the most first."""
    plain = rows.select_related(None).order_by().filter(work__is_contractor=True)
    told = plain.values_list("work_unit").annotate(number=Count("pk")).order_by("-number", "work_unit")
    return [(name, number) for name, number in told[:MOST]]


def by_enterprise(rows: QuerySet[Permit]) -> list[dict[str, Any]]:
    """Enterprises with most permits: all, issued, special hot work."""
    issued, special = Q(issued_at__isnull=False), condition("special", "")
    told = rows.select_related(None).order_by().values("file", "enterprise__name").annotate(
        number=Count("pk"), issued=Count("pk", filter=issued), special=Count("pk", filter=special)
    )  # fmt: skip
    return [dict(one) for one in told.order_by("-number", "enterprise__name", "file")[:MOST]]


def by_town(rows: QuerySet[Permit]) -> list[dict[str, Any]]:
    """The same by street and town."""
    issued, special = Q(issued_at__isnull=False), condition("special", "")
    told = rows.select_related(None).order_by().filter(area__isnull=False).values("area__path", "area__name").annotate(
        number=Count("pk"), issued=Count("pk", filter=issued), special=Count("pk", filter=special)
    )  # fmt: skip
    return [dict(one) for one in told.order_by("area__path")]
