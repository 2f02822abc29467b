"""The database of major hidden dangers (重大事故隐患数据库): its ledger, its counts, dynamic clearing (动态清零)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import ExtractYear

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import Finding, Listing, Lookback, MajorMark, MajorReport, Recheck
from quancheng.domains.hazards.models.findings import ReportKind
from quancheng.domains.hazards.models.listings import LISTED
from quancheng.domains.hazards.models.majors import GROUP_OF, GROUPS, Part
from quancheng.domains.hazards.queries.findings import list_findings
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.people.models import LINKS
from quancheng.standards.hidden_dangers import clearing as standard
from quancheng.standards.hidden_dangers.kinds import code_list

#: Years whose major dangers should all be gone: those found until the end of this one (S2-1c).
OLD_YEAR = 2023


def list_majors(*, actor: Actor) -> QuerySet[Finding]:
    """The ledger: open ones first, then the newest, each with what its columns tell as far as the actor may see it.

    The enterprise hears of a listing from its service on, of a look back where it is blamed and that was approved, of a
    recheck once it was done; what the mechanism lacks (``marked``) is told only to who supervises.
    """
    rows: Any = list_findings(actor=actor).filter(is_major=True).exclude(status__in=NOT_COUNTED)
    listing = Listing.objects.visible_to(actor).filter(finding=OuterRef("pk")).exclude(number_text="")
    listing = listing.order_by("-created_at", "-pk")
    lookback = Lookback.objects.visible_to(actor).filter(finding=OuterRef("pk"), status="APPROVED")
    lookback = lookback.order_by("-closed_at", "-pk")
    recheck = Recheck.objects.visible_to(actor).filter(finding=OuterRef("pk"), status="PASSED")
    sent = MajorReport.objects.visible_to(actor).filter(finding=OuterRef("pk"), status="SENT").order_by("sent_at", "pk")
    mark = MajorMark.objects.filter(finding=OuterRef("pk")) if actor.supervises else MajorMark.objects.none()
    rows = rows.select_related("accepted_by").annotate(
        listed_number=Subquery(listing.values("number_text")[:1]), progress=Subquery(listing.values("progress")[:1]),
        is_listed=Exists(listing.filter(status__in=LISTED)),
        is_published=Exists(listing.filter(published_at__isnull=False)),
        lookback_code=Subquery(lookback.values("code")[:1]),
        report_regulator_at=Subquery(sent.exclude(kind=ReportKind.WORKERS).values("sent_at")[:1]),
        notify_workers_at=Subquery(sent.filter(kind=ReportKind.WORKERS).values("sent_at")[:1]),
        is_rechecked=Exists(recheck), marked=ArraySubquery(mark.values("part").order_by("part")),
        is_for_regulator=Value(actor.supervises),
    )  # fmt: skip
    found: QuerySet[Finding] = rows.order_by(F("closed_at").desc(nulls_first=True), "-found_at", "pk")
    return found


def done_parts(row: Any) -> set[str]:
    """Parts of the mechanism that are done or not needed, for a row of :func:`list_majors`."""
    found = set(row.marked)
    if row.status == "CLOSED" and row.is_rechecked:
        found.add(Part.LOOP)
    if row.is_published:
        found |= {Part.DANGER, Part.UNIT}
    if row.lookback_code:
        found.add(Part.TRACE)
    return found


def missing_parts(row: Any) -> dict[str, list[Part]]:
    """Parts that are missing, by group, for a row of :func:`list_majors`; groups that lack nothing are left out.

    Nothing for who does not supervise: what the authorities have still to do is none of the enterprise's.
    """
    if not row.is_for_regulator:
        return {}
    done = done_parts(row)
    found: dict[str, list[Part]] = {group: [] for group in GROUPS}
    for part in Part:
        if part not in done:
            found[GROUP_OF[part]].append(part)
    return {group: parts for group, parts in found.items() if parts}


def marks_of(row: Finding) -> Sequence[MajorMark]:
    """Parts as people marked them."""
    return list(row.marks.order_by("at", "pk"))


def is_alarming(today: date) -> Q:
    """Open for more than 90 days and not listed."""
    limit = Calendar().start_of(today - timedelta(days=standard.ALARM_DAYS))
    return Q(closed_at__isnull=True, found_at__lt=limit) & ~Q(listings__status__in=LISTED)


def is_unprotected() -> Q:
    """Open without interim measures or without a plan."""
    return Q(closed_at__isnull=True) & (Q(is_planned=False) | ~Q(plan__has_key="interim") | Q(plan__interim=[]))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a code with its words, how many there are and how many are open."""

    code: str
    label: Any
    total: int
    open: int


@dataclass(frozen=True, slots=True)
class Board:
    """The database in numbers."""

    clearing: standard.Clearing
    quarter: date
    channels: list[Line]
    years: list[Line]
    links: list[Line]
    open_old: int


def board(*, actor: Actor, today: date) -> Board:
    """The numbers of a day, in the reader's scope. Four queries."""
    calendar = Calendar()
    rows = Finding.objects.visible_to(actor).filter(is_major=True).order_by()
    rows = rows.exclude(status__in=NOT_COUNTED)
    open_ = Q(closed_at__isnull=True)
    listed = Exists(Listing.objects.filter(finding=OuterRef("pk"), status__in=LISTED))
    quarter = standard.quarter_start(today)
    begin = calendar.start_of(quarter)
    told = rows.filter(open_ | Q(closed_at__gte=begin) | Q(found_at__gte=begin))
    majors = [
        standard.Major(
            calendar.local_date(found), deadline, bool((plan or {}).get("interim")), planned, is_listed=is_listed,
            closed=calendar.local_date(closed) if closed else None,
        )
        for found, deadline, plan, planned, is_listed, closed in told.annotate(listed=listed).values_list(
            "found_at", "deadline", "plan", "is_planned", "listed", "closed_at"
        )
    ]  # fmt: skip
    by_channel = {
        channel: (total, still)
        for channel, total, still in rows.values_list("channel").annotate(
            total=Count("pk"), open=Count("pk", filter=open_)
        )
    }
    by_year = rows.annotate(year=ExtractYear("found_at")).values("year").annotate(
        total=Count("pk"), open=Count("pk", filter=open_)
    ).order_by("year")  # fmt: skip
    by_link = rows.aggregate(
        **{f"{code}_total": Count("pk", filter=Q(links__contains=[code])) for code, _label in LINKS},
        **{f"{code}_open": Count("pk", filter=open_ & Q(links__contains=[code])) for code, _label in LINKS},
    )  # fmt: skip
    years = [Line(str(one["year"]), str(one["year"]), one["total"], one["open"]) for one in by_year]
    return Board(
        clearing=standard.clearing(majors, on=today), quarter=quarter,
        channels=[
            Line(one.code, one.name, *by_channel.get(one.code, (0, 0)))
            for one in code_list("channel").items
        ],
        years=years,
        links=[Line(code, label, by_link[f"{code}_total"], by_link[f"{code}_open"]) for code, label in LINKS],
        open_old=sum(one.open for one in years if int(one.code) <= OLD_YEAR),
    )  # fmt: skip
