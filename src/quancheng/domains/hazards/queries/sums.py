"""What statistics of whole months add up from sums instead of from millions of rows (按月汇总).

An office sees nearly all rows by their place and links, as the sums are kept; the few it sees otherwise (its own, and
those shared with it) are counted as rows and added.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, Value

from quancheng.domains.hazards.models import CheckSum, ClosingSum, DangerFileSum, DangerSum, Finding
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import apart_q, summed_q

Span = tuple[date, date]
NAMES = tuple(
    field.name for field in DangerSum._meta.get_fields() if field.name not in ("id", "month", "area", "links", "reach")
)


def are_whole_months(spans: Sequence[Span]) -> bool:
    """Whether each span begins and ends with a month."""
    return all(first.day == 1 and (last + timedelta(days=1)).day == 1 for first, last in spans)


def sees_by_sums(actor: Actor) -> bool:
    """Whether sums tell what the actor sees, but for rows that stand apart."""
    return summed_q(actor) is not None


def apart(actor: Actor) -> QuerySet[Finding]:
    """Dangers that the actor sees and no sum of his holds."""
    return Finding.objects.filter(apart_q(actor, Finding.row_type())).exclude(_scope(actor, ""))


def summed_dangers(
    actor: Actor, spans: Sequence[Span], town: str, also: Sequence[set[uuid.UUID]]
) -> list[dict[str, Any]]:
    """The counts of dangers of each span by sums. :param also: enterprises that have a danger apart, by span."""
    scope, asked = _scope(actor, town), []
    for number, span in enumerate(spans):
        rows = DangerSum.objects.filter(scope, month__range=span).annotate(span=Value(number)).order_by().values("span")
        asked.append(rows.annotate(**{name: Sum(name, default=0) for name in NAMES}))
    joined = asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]
    known: dict[int, dict[str, Any]] = {one["span"]: dict(one) for one in joined}
    nothing = dict.fromkeys(NAMES, 0)
    found = []
    for number, span in enumerate(spans):
        told = {**nothing, **known.get(number, {}), "units_with": _units(scope, span, also[number])}
        found.append({**told, "closing": timedelta(days=int(told["closing"]))})
    return found


def _units(scope: Q, span: Span, also: set[uuid.UUID]) -> int:
    rows = DangerFileSum.objects.filter(scope, month__range=span)
    if also:
        rows = rows.exclude(file__in=also)
    found = rows.order_by().values("file").annotate(number=Sum("found")).filter(number__gt=0)
    return found.aggregate(units=Count("file"))["units"] + len(also)


def summed_checks(files: Any, span: Span) -> dict[str, int | None]:
    """How many records were made in a span by these enterprises, and by how many of them."""
    rows = CheckSum.objects.filter(file__in=files, month__range=span).order_by().values("file")
    by_file = rows.annotate(number=Sum("checks")).filter(number__gt=0)
    return by_file.aggregate(checks=Sum("number"), units=Count("file"))


def summed_closings(actor: Actor, span: Span, town: str) -> Counter[int]:
    """How many of those found in a span were closed after how many days."""
    rows = ClosingSum.objects.filter(_scope(actor, town), month__range=span).order_by().values_list("days")
    return Counter({days: number for days, number in rows.annotate(number=Sum("closed")) if number})


def _scope(actor: Actor, town: str) -> Q:
    seen = summed_q(actor)
    if seen is None:
        raise ValueError("sums do not tell what this actor sees")
    return seen & Q(area__path__startswith=town) if town else seen
