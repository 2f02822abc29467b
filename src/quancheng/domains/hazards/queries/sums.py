"""What statistics of whole months add up from sums instead of from millions of rows (按月汇总).

An office sees nearly all rows by their place and links, as the sums are kept; the few it sees otherwise (its own, and
those shared with it) are counted as rows and added.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, Value

from quancheng.domains.hazards.models import CheckSum, ClosingSum, DangerFileSum, DangerSum, Finding
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import apart_q, summed_q

Span = tuple[date, date]
_CELL = ("id", "month", "area", "links", "reach", "is_folded")
NAMES = tuple(field.name for field in DangerSum._meta.get_fields() if field.name not in _CELL)


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
    actor: Actor,
    spans: Sequence[Span],
    town: str,
    *,
    apart: Sequence[QuerySet[Any, Any]],
    also: Sequence[set[uuid.UUID]],
) -> list[dict[str, Any]]:
    """The counts of dangers of each span by sums.

    :param apart: the same counts, by ``NAMES`` and ``span``, of dangers that no sum holds; added in the same query.
    :param also: enterprises that have such a danger, by span.
    """
    scope = _scope(actor, town)
    asked = [rows.values("span", *NAMES) for rows in apart]
    for number, span in enumerate(spans):
        rows = DangerSum.objects.filter(scope, month__range=span).annotate(span=Value(number)).order_by().values("span")
        asked.append(rows.annotate(**{name: Sum(name, default=0) for name in NAMES}).values("span", *NAMES))
    units = _units(scope, spans, also)
    found = [{**dict.fromkeys(NAMES, 0), "units_with": units[number]} for number in range(len(spans))]
    for one in asked[0].union(*asked[1:], all=True):
        for name in NAMES:
            found[one["span"]][name] += one[name] or 0
    return found


def _units(scope: Q, spans: Sequence[Span], also: Sequence[set[uuid.UUID]]) -> list[int]:
    by_file = _by_file(DangerFileSum.objects.filter(scope), "found", spans)
    told = by_file.aggregate(
        **{f"units{number}": Count("file", filter=Q(**{f"sum{number}__gt": 0}) & ~Q(file__in=also[number]))
           for number in range(len(spans))}
    )  # fmt: skip
    return [told[f"units{number}"] + len(also[number]) for number in range(len(spans))]


def summed_checks(files: Any, spans: Sequence[Span]) -> list[dict[str, int | None]]:
    """How many records were made in each span by these enterprises, and by how many of them."""
    by_file = _by_file(CheckSum.objects.filter(file__in=files), "checks", spans)
    asked: dict[str, Any] = {}
    for number in range(len(spans)):
        asked[f"checks{number}"] = Sum(f"sum{number}")
        asked[f"units{number}"] = Count("file", filter=Q(**{f"sum{number}__gt": 0}))
    told = by_file.aggregate(**asked)
    return [{"checks": told[f"checks{number}"], "units": told[f"units{number}"]} for number in range(len(spans))]


def _by_file(rows: QuerySet[Any], name: str, spans: Sequence[Span]) -> QuerySet[Any, Any]:
    """The sum of each enterprise in each span, in one query: ``sum0`` and so on."""
    held = Q(month__range=spans[0])
    for span in spans[1:]:
        held |= Q(month__range=span)
    sums = {f"sum{number}": Sum(name, filter=Q(month__range=span)) for number, span in enumerate(spans)}
    return rows.filter(held).order_by().values("file").annotate(**sums)


def summed_closings(actor: Actor, span: Span, town: str) -> QuerySet[ClosingSum, Any]:
    """``days`` and ``number``: how many of those found in a span were closed after how many days."""
    rows = ClosingSum.objects.filter(_scope(actor, town), month__range=span).order_by().values("days")
    return rows.annotate(number=Sum("closed"))


def _scope(actor: Actor, town: str) -> Q:
    seen = summed_q(actor)
    if seen is None:
        raise ValueError("sums do not tell what this actor sees")
    return seen & Q(area__path__startswith=town) if town else seen
