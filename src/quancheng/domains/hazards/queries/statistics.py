"""Hidden dangers counted for a period (隐患统计), in the reader's scope; each count is one that the list can show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.db.models import Count, DateField, F, Q, Sum, Value
from django.db.models.functions import TruncDate

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import CheckRecord, Finding, Listing, Recheck
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.standards.hidden_dangers.levels import REPEAT_WEIGHT
from quancheng.standards.risk import danger_statistics as standard


def counts(*, actor: Actor, first: date, last: date, town: str = "", today: date) -> Mapping[str, int | Decimal | None]:
    """The counts of ``standards.risk.danger_statistics`` for the days from first to last, as far as they are known.

    :param town: path of a street or town to which it is narrowed. :param today: what counts as overdue.
    """
    calendar = Calendar()
    begin, end = calendar.start_of(first), calendar.start_of(last + timedelta(days=1))
    rows = Finding.objects.visible_to(actor).exclude(status__in=NOT_COUNTED)
    files = seen(actor=actor)
    rechecks = Recheck.objects.visible_to(actor).filter(closed_at__gte=begin, closed_at__lt=end)
    if town:
        rows, files = rows.filter(area__path__startswith=town), files.filter(area__path__startswith=town)
        rechecks = rechecks.filter(area__path__startswith=town)
    found = Q(found_at__gte=begin, found_at__lt=end)
    closed = Q(status="CLOSED")
    due = Q(deadline__gte=first, deadline__lte=last)
    late = Q(closed_at__isnull=True, deadline__lt=today)
    accepted = Q(accepted_at__gte=begin, accepted_at__lt=end)
    own = Q(channel="enterprise")
    dated = rows.order_by().annotate(
        closed_day=TruncDate("closed_at"), found_day=TruncDate("found_at"), this_day=Value(today, DateField())
    )
    told = dated.aggregate(
        found=Count("pk", filter=found),
        found_major=Count("pk", filter=found & Q(is_major=True)),
        found_by_enterprise=Count("pk", filter=found & own),
        found_major_by_enterprise=Count("pk", filter=found & own & Q(is_major=True)),
        repeated=Count("pk", filter=found & Q(is_repeat=True)),
        closed=Count("pk", filter=found & closed),
        closed_major=Count("pk", filter=found & closed & Q(is_major=True)),
        due=Count("pk", filter=due),
        closed_on_time=Count("pk", filter=due & closed & Q(closed_day__lte=F("deadline"))),
        extended=Count("pk", filter=due & Q(extension_count__gt=0)),
        overdue=Count("pk", filter=late),
        accepted=Count("pk", filter=accepted),
        accepted_first=Count("pk", filter=accepted & Q(reject_count=0)),
        major_with_five=Count("pk", filter=found & Q(is_major=True, is_planned=True)),
        cost=Sum("cost_yuan", filter=found),
        closing=Sum(F("closed_day") - F("found_day"), filter=found & closed),
        late_days=Sum(F("this_day") - F("deadline"), filter=late),
        units_with=Count("file", filter=found, distinct=True),
    )
    checks = CheckRecord.objects.filter(file__in=files.order_by().values("pk"), at__gte=begin, at__lt=end)
    checked = checks.order_by().aggregate(checks=Count("pk"), units=Count("file", distinct=True))
    listings = Listing.objects.visible_to(actor).filter(served_at__gte=begin, served_at__lt=end)
    if town:
        listings = listings.filter(area__path__startswith=town)
    listed = listings.order_by().aggregate(listed=Count("pk"), lifted=Count("pk", filter=Q(status="LIFTED")))
    looked = rechecks.order_by().aggregate(rechecked=Count("pk"), failed=Count("pk", filter=Q(status="FAILED")))
    units = files.count()
    cost = (told["cost"] or Decimal(0)) / 10_000
    return {
        **{name: told[name] for name in (
            "found", "found_major", "found_by_enterprise", "found_major_by_enterprise", "repeated", "closed",
            "closed_major", "due", "closed_on_time", "extended", "overdue", "accepted", "accepted_first",
            "major_with_five",
        )},
        "units_checked": checked["units"], "checks": checked["checks"], "listed": listed["listed"],
        "delisted": listed["lifted"], "scored": told["found"] + told["repeated"] * (REPEAT_WEIGHT - 1),
        "found_general": told["found"] - told["found_major"], "units": units,
        "units_without": max(0, units - told["units_with"]), "closing_days": _days(told["closing"]),
        "overdue_days": _days(told["late_days"]), "rechecked": looked["rechecked"], "recheck_failed": looked["failed"],
        "cost_wan_yuan": cost.quantize(Decimal("0.01"), ROUND_HALF_UP),
    }  # fmt: skip


def closing_median(*, actor: Actor, first: date, last: date, town: str = "") -> Fraction | None:
    """The median of the days from finding to closing, of those found in the period and closed since."""
    calendar = Calendar()
    rows = Finding.objects.visible_to(actor).filter(
        status="CLOSED", found_at__gte=calendar.start_of(first),
        found_at__lt=calendar.start_of(last + timedelta(days=1)),
    )  # fmt: skip
    if town:
        rows = rows.filter(area__path__startswith=town)
    days = [(calendar.local_date(closed) - calendar.local_date(found)).days
            for found, closed in rows.order_by().values_list("found_at", "closed_at") if closed]  # fmt: skip
    return standard.closing_days([max(0, one) for one in days]).median


def _days(span: timedelta | None) -> int:
    return 0 if span is None else span.days
