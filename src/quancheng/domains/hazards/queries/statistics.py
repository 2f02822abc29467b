"""Hidden dangers counted for a period (隐患统计), in the reader's scope; each count is one that the list can show."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, DateField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import TruncDate

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import CheckRecord, Finding, Listing, Recheck
from quancheng.domains.hazards.queries.sums import (
    Span,
    apart,
    are_whole_months,
    sees_by_sums,
    summed_checks,
    summed_closings,
    summed_dangers,
)
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.standards.hidden_dangers.levels import REPEAT_WEIGHT

Counts = Mapping[str, int | Decimal | None]


def counts(*, actor: Actor, first: date, last: date, town: str = "", today: date) -> Counts:
    """The counts of ``standards.risk.danger_statistics`` for the days from first to last, as far as they are known.

    :param town: path of a street or town to which it is narrowed. :param today: what counts as overdue.
    """
    return counts_of(actor=actor, spans=[(first, last)], town=town, today=today)[0]


def counts_of(*, actor: Actor, spans: Sequence[Span], town: str = "", today: date) -> Sequence[Counts]:
    """The same for several spans, both days included: what stands today is counted once, the rest in one query a table
    where it can be."""
    rows = Finding.objects.visible_to(actor).exclude(status__in=NOT_COUNTED).order_by()
    files = seen(actor=actor).order_by()
    if town:
        rows, files = rows.filter(area__path__startswith=town), files.filter(area__path__startswith=town)
    late = rows.filter(closed_at__isnull=True, deadline__lt=today).aggregate(
        overdue=Count("pk"), days=Sum(Value(today, DateField()) - F("deadline"))
    )
    by_sums = sees_by_sums(actor) and are_whole_months(spans)
    if by_sums:
        units, checked = files.count(), summed_checks(files.values("pk"), spans)
    elif actor.supervises or actor.is_system:
        units, checked = files.count(), [_checked(files.values("pk"), span) for span in spans]
    else:
        # Few files: by their keys an index finds the records of each.
        keys = list(files.values_list("pk", flat=True))
        units, checked = len(keys), [_checked(keys, span) for span in spans]
    told = _added_up(actor, spans, town) if by_sums else _dangers(rows, spans)
    followed = _followed(actor, spans, town)
    return [
        {
            **{name: one[name] for name in _PLAIN}, "overdue": late["overdue"], "overdue_days": _days(late["days"]),
            "units_checked": records["units"], "checks": records["checks"] or 0, "listed": after["listed"],
            "delisted": after["lifted"], "scored": one["found"] + one["repeated"] * (REPEAT_WEIGHT - 1),
            "found_general": one["found"] - one["found_major"], "units": units,
            "units_without": max(0, units - one["units_with"]), "closing_days": _days(one["closing"]),
            "rechecked": after["rechecked"], "recheck_failed": after["failed"],
            "cost_wan_yuan": ((one["cost"] or Decimal(0)) / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP),
        }
        for one, records, after in zip(told, checked, followed, strict=True)
    ]  # fmt: skip


_PLAIN = (
    "found", "found_major", "found_by_enterprise", "found_major_by_enterprise", "repeated", "closed", "closed_major",
    "due", "closed_on_time", "extended", "accepted", "accepted_first", "major_with_five",
)  # fmt: skip


def _added_up(actor: Actor, spans: Sequence[Span], town: str) -> Sequence[dict[str, Any]]:
    """The same as ``_dangers`` of what the actor sees, for spans of whole months: sums, and the few rows apart."""
    rows = apart(actor).exclude(status__in=NOT_COUNTED).order_by()
    if town:
        rows = rows.filter(area__path__startswith=town)
    # Few, so that their keys tell each of what follows from them.
    rows = Finding.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).order_by()
    few = _dangers(rows, spans)
    summed = summed_dangers(actor, spans, town, [_files(rows, span) for span in spans])
    return [
        {**summed[number], **{name: summed[number][name] + one[name] for name in _PLAIN},
         "cost": summed[number]["cost"] + (one["cost"] or 0),
         "closing": summed[number]["closing"] + (one["closing"] or timedelta())}
        for number, one in enumerate(few)
    ]  # fmt: skip


def _files(rows: QuerySet[Finding], span: Span) -> set[uuid.UUID]:
    calendar = Calendar()
    found = rows.filter(found_at__gte=calendar.start_of(span[0]),
                        found_at__lt=calendar.start_of(span[1] + timedelta(days=1)))  # fmt: skip
    return set(found.values_list("file", flat=True))


def _dangers(rows: QuerySet[Finding], spans: Sequence[Span]) -> Sequence[dict[str, Any]]:
    """What was found, due and accepted in each span: only rows of which one of the three holds are read."""
    calendar, asked = Calendar(), []
    closed, own = Q(status="CLOSED"), Q(channel="enterprise")
    for number, (first, last) in enumerate(spans):
        begin, end = calendar.start_of(first), calendar.start_of(last + timedelta(days=1))
        found = Q(found_at__gte=begin, found_at__lt=end)
        due = Q(deadline__gte=first, deadline__lte=last)
        accepted = Q(accepted_at__gte=begin, accepted_at__lt=end)
        days = {"closed_day": TruncDate("closed_at"), "found_day": TruncDate("found_at")}
        dated = rows.filter(found | due | accepted).annotate(span=Value(number), **days).values("span")
        asked.append(dated.annotate(
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
            accepted=Count("pk", filter=accepted),
            accepted_first=Count("pk", filter=accepted & Q(reject_count=0)),
            major_with_five=Count("pk", filter=found & Q(is_major=True, is_planned=True)),
            cost=Sum("cost_yuan", filter=found),
            closing=Sum(F("closed_day") - F("found_day"), filter=found & closed),
            units_with=Count("file", filter=found, distinct=True),
        ))  # fmt: skip
    joined = asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]
    known: dict[int, dict[str, Any]] = {one["span"]: dict(one) for one in joined}
    nothing = {**dict.fromkeys((*_PLAIN, "units_with"), 0), "cost": None, "closing": None}
    return [known.get(number, nothing) for number in range(len(spans))]


def _checked(files: Any, span: Span) -> dict[str, int | None]:
    """How many records were made in a span, and by how many enterprises."""
    calendar = Calendar()
    begin, end = calendar.start_of(span[0]), calendar.start_of(span[1] + timedelta(days=1))
    records = CheckRecord.objects.filter(file__in=files, at__gte=begin, at__lt=end).order_by()
    by_file = records.values("file").annotate(number=Count("pk"))
    return by_file.aggregate(checks=Sum("number"), units=Count("file"))


def _followed(actor: Actor, spans: Sequence[Span], town: str) -> Sequence[dict[str, int]]:
    """Of each span what was listed and taken off, what was looked at again and still stood."""
    calendar = Calendar()
    listings, rechecks = Listing.objects.visible_to(actor).order_by(), Recheck.objects.visible_to(actor).order_by()
    if town:
        listings = listings.filter(area__path__startswith=town)
        rechecks = rechecks.filter(area__path__startswith=town)
    listed: dict[str, Count] = {}
    looked: dict[str, Count] = {}
    any_listed, any_looked = Q(), Q()
    for number, (first, last) in enumerate(spans):
        begin, end = calendar.start_of(first), calendar.start_of(last + timedelta(days=1))
        served, seen_again = Q(served_at__gte=begin, served_at__lt=end), Q(closed_at__gte=begin, closed_at__lt=end)
        any_listed, any_looked = any_listed | served, any_looked | seen_again
        listed |= {f"listed{number}": Count("pk", filter=served),
                   f"lifted{number}": Count("pk", filter=served & Q(status="LIFTED"))}  # fmt: skip
        looked |= {f"rechecked{number}": Count("pk", filter=seen_again),
                   f"failed{number}": Count("pk", filter=seen_again & Q(status="FAILED"))}  # fmt: skip
    told = {**listings.filter(any_listed).aggregate(**listed), **rechecks.filter(any_looked).aggregate(**looked)}
    names = ("listed", "lifted", "rechecked", "failed")
    return [{name: told[f"{name}{number}"] for name in names} for number in range(len(spans))]


def closing_median(*, actor: Actor, first: date, last: date, town: str = "") -> Fraction | None:
    """The median of the days from finding to closing, of those found in the period and closed since."""
    if sees_by_sums(actor) and are_whole_months([(first, last)]):
        return median_of(_closings(apart(actor), (first, last), town) + summed_closings(actor, (first, last), town))
    return median_of(_closings(Finding.objects.visible_to(actor), (first, last), town))


def _closings(rows: QuerySet[Finding], span: Span, town: str) -> Counter[int]:
    calendar = Calendar()
    rows = rows.filter(
        status="CLOSED", closed_at__isnull=False, found_at__gte=calendar.start_of(span[0]),
        found_at__lt=calendar.start_of(span[1] + timedelta(days=1)),
    )  # fmt: skip
    if town:
        rows = rows.filter(area__path__startswith=town)
    taken = rows.order_by().annotate(days=TruncDate("closed_at") - TruncDate("found_at"))
    counted = Counter[int]()
    for days, number in taken.values_list("days").annotate(number=Count("pk")):
        counted[max(0, days.days)] += number
    return counted


def median_of(counted: Mapping[int, int]) -> Fraction | None:
    """The median of values that stand so many times each; the mean of the middle two where their number is even."""
    total = sum(counted.values())
    if not total:
        return None
    wanted, passed, middle = ((total - 1) // 2, total // 2), 0, list[int]()
    for value in sorted(counted):
        passed += counted[value]
        middle += [value for place in wanted[len(middle) :] if place < passed]
    return Fraction(sum(middle), 2)


def _days(span: timedelta | None) -> int:
    return 0 if span is None else span.days
