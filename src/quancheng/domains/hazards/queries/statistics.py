"""Hidden dangers counted for a period (隐患统计), in the reader's scope; each count is one that the list can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, DateField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import ExtractDay, TruncDate

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
        overdue=Count("pk"), days=ExtractDay(Sum(Value(today, DateField()) - F("deadline")))
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
            **{name: one[name] for name in _PLAIN}, "overdue": late["overdue"], "overdue_days": late["days"] or 0,
            "units_checked": records["units"], "checks": records["checks"] or 0, "listed": after["listed"],
            "delisted": after["delisted"], "scored": one["found"] + one["repeated"] * (REPEAT_WEIGHT - 1),
            "found_general": one["found"] - one["found_major"], "units": units,
            "units_without": max(0, units - one["units_with"]), "closing_days": one["closing"] or 0,
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
    few = list(rows.values_list("pk", "file", "found_at"))
    bounds = [_bounds(span) for span in spans]
    also = [{file for _pk, file, at in few if begin <= at < end} for begin, end in bounds]
    rows = Finding.objects.filter(pk__in=[pk for pk, _file, _at in few]).order_by()
    return summed_dangers(actor, spans, town, apart=_asked(rows, spans), also=also)


def _bounds(span: Span) -> tuple[datetime, datetime]:
    """When the first day of a span begins, and the day after its last."""
    calendar = Calendar()
    return calendar.start_of(span[0]), calendar.start_of(span[1] + timedelta(days=1))


def _dangers(rows: QuerySet[Finding], spans: Sequence[Span]) -> Sequence[dict[str, Any]]:
    """What was found, due and accepted in each span."""
    asked = _asked(rows, spans)
    joined = asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]
    known: dict[int, dict[str, Any]] = {one["span"]: dict(one) for one in joined}
    nothing = {**dict.fromkeys((*_PLAIN, "units_with"), 0), "cost": None, "closing": None}
    return [known.get(number, nothing) for number in range(len(spans))]


def _asked(rows: QuerySet[Finding], spans: Sequence[Span]) -> list[QuerySet[Finding, Any]]:
    """The same as one query a span, to be joined: only rows are read that were found, due or accepted in it."""
    asked: list[QuerySet[Finding, Any]] = []
    closed, own = Q(status="CLOSED"), Q(channel="enterprise")
    for number, (first, last) in enumerate(spans):
        begin, end = _bounds((first, last))
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
            closing=ExtractDay(Sum(F("closed_day") - F("found_day"), filter=found & closed)),
            units_with=Count("file", filter=found, distinct=True),
        ))  # fmt: skip
    return asked


def _checked(files: Any, span: Span) -> dict[str, int | None]:
    """How many records were made in a span, and by how many enterprises."""
    begin, end = _bounds(span)
    records = CheckRecord.objects.filter(file__in=files, at__gte=begin, at__lt=end).order_by()
    by_file = records.values("file").annotate(number=Count("pk"))
    return by_file.aggregate(checks=Sum("number"), units=Count("file"))


def _followed(actor: Actor, spans: Sequence[Span], town: str) -> Sequence[dict[str, int]]:
    """Of each span what was listed and taken off, what was looked at again and still stood."""
    listings = _counted(Listing.objects.visible_to(actor), "served_at", "LIFTED", spans, town)
    rechecks = _counted(Recheck.objects.visible_to(actor), "closed_at", "FAILED", spans, town)
    told = {one["asked"]: one for one in listings.union(rechecks, all=True)}
    nothing = dict[str, int]()
    listed, looked = told.get("served_at", nothing), told.get("closed_at", nothing)
    return [
        {
            "listed": listed.get(f"all{number}", 0), "delisted": listed.get(f"some{number}", 0),
            "rechecked": looked.get(f"all{number}", 0), "failed": looked.get(f"some{number}", 0),
        }
        for number in range(len(spans))
    ]  # fmt: skip


def _counted(rows: QuerySet[Any, Any], day: str, status: str, spans: Sequence[Span], town: str) -> QuerySet[Any, Any]:
    """One row, to be joined with another: how many there were in each span, and how many of them in this state."""
    if town:
        rows = rows.filter(area__path__startswith=town)
    numbers: dict[str, Count] = {}
    held = Q()
    for number, span in enumerate(spans):
        begin, end = _bounds(span)
        within = Q(**{f"{day}__gte": begin, f"{day}__lt": end})
        held |= within
        numbers[f"all{number}"] = Count("pk", filter=within)
        numbers[f"some{number}"] = Count("pk", filter=within & Q(status=status))
    return rows.filter(held).order_by().annotate(asked=Value(day)).values("asked").annotate(**numbers)


def closing_median(*, actor: Actor, first: date, last: date, town: str = "") -> Fraction | None:
    """The median of the days from finding to closing, of those found in the period and closed since."""
    span = (first, last)
    if sees_by_sums(actor) and are_whole_months([span]):
        asked = _closings(apart(actor), span, town).union(summed_closings(actor, span, town), all=True)
    else:
        asked = _closings(Finding.objects.visible_to(actor), span, town)
    counted = Counter[int]()
    for one in asked:
        counted[max(0, one["days"])] += one["number"]
    return median_of(counted)


def _closings(rows: QuerySet[Finding], span: Span, town: str) -> QuerySet[Finding, Any]:
    begin, end = _bounds(span)
    rows = rows.filter(status="CLOSED", closed_at__isnull=False, found_at__gte=begin, found_at__lt=end)
    if town:
        rows = rows.filter(area__path__startswith=town)
    days = ExtractDay(TruncDate("closed_at") - TruncDate("found_at"))
    return rows.order_by().annotate(days=days).values("days").annotate(number=Count("pk"))


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
