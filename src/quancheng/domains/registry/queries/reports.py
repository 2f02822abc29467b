"""Figures over enterprises: the report by class, totals by substance, who has left the trade."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, DecimalField, Exists, F, Func, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from quancheng.domains.registry.kinds import Kind, Life
from quancheng.domains.registry.models import (
    Chemical,
    Enterprise,
    Facility,
    Filing,
    Holding,
    LicenceExit,
    Restriction,
    Unit,
)
from quancheng.domains.registry.queries import enterprises
from quancheng.kernel.access.actor import Actor

_TONNES = DecimalField(max_digits=24, decimal_places=6)
#: States in which an enterprise has left the trade, or is on its way out.
GONE = (Life.EXITING, Life.CLOSED)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """Figures of one class.

    :ivar kind: code of the class; empty for all together. :ivar also: enterprises of other classes that are of this
        one besides. :ivar figures: the others by name; see :data:`FIGURES`.
    """

    kind: str
    also: int
    figures: Counter[str]


#: Figures of an enterprise; those that have closed count as closed and nowhere else.
_OF_FILE: dict[str, Q] = {
    "files": ~Q(life=Life.CLOSED),
    "operating": Q(life=Life.OPERATING),
    "trial": Q(life=Life.TRIAL),
    "stopped": Q(life=Life.STOPPED),
    "exiting": Q(life=Life.EXITING),
    "closed": Q(life=Life.CLOSED),
    "verified": Q(verified_at__isnull=False) & ~Q(life=Life.CLOSED),
    "complete": Q(completeness__score=100) & ~Q(life=Life.CLOSED),
}
_OF_UNIT: dict[str, Q] = {
    "units": Q(),
    "hazards12": Q(legal_grade__in=(1, 2)),
    "hazards34": Q(legal_grade__in=(3, 4)),
}
#: Every figure, in the order in which a report shows them.
FIGURES = (*_OF_FILE, "filed", *_OF_UNIT, "facilities")


def class_report(*, actor: Actor, area: str = "") -> list[ClassRow]:
    """Figures of each class as far as the actor may see, the sum last. Five queries.

    :param area: only below this path.
    """
    seen = enterprises.seen(actor=actor).order_by()
    if area:
        seen = seen.filter(area__path__startswith=area)
    found: dict[str, Counter[str]] = {}

    def add(rows: Any, key: str) -> None:
        for one in rows:
            found.setdefault(one.pop(key), Counter()).update(one)

    add(seen.values("kind").annotate(**{name: _counted(when) for name, when in _OF_FILE.items()}), "kind")
    standing = seen.exclude(life=Life.CLOSED)
    units = Unit.objects.filter(file__in=standing, ended_date__isnull=True).order_by()
    add(units.values("file__kind").annotate(**{name: _counted(when) for name, when in _OF_UNIT.items()}), "file__kind")
    facilities = Facility.objects.filter(
        unit__file__in=standing, unit__ended_date__isnull=True, decommissioned_date__isnull=True
    )
    add(facilities.order_by().values("unit__file__kind").annotate(facilities=Count("pk")), "unit__file__kind")
    received = Exists(Filing.objects.filter(file=OuterRef("pk"), status="RECEIVED"))
    add(standing.filter(received).values("kind").annotate(filed=Count("pk")), "kind")
    besides = standing.annotate(other=Func(F("more_kinds"), function="unnest")).values_list("other")
    also = dict(besides.annotate(number=Count("pk")))
    rows = [
        ClassRow(code, also.get(code, 0), found.get(code, Counter()))
        for code in Kind.values
        if code in found or code in also
    ]
    whole: Counter[str] = Counter()
    for one in rows:
        whole.update(one.figures)
    return [*rows, ClassRow("", sum(also.values()), whole)]


def _counted(when: Q) -> Count:
    return Count("pk", filter=when) if when else Count("pk")


# Totals by substance ---------------------------------------------------------------------------------------------


def list_totals(*, actor: Actor, on: date) -> QuerySet[Chemical]:
    """Chemicals that enterprises hold or held where the actor may see, each with its totals in tonnes: licensed, by
    design, present, and by design of what has left; and the least total that the city's catalogue sets on a day.

    What is left of that total is told to whoever sees the whole district: to others it would be more than there is.
    """
    seen = Holding.objects.filter(chemical=OuterRef("pk"), file__in=Enterprise.objects.visible_to(actor)).order_by()
    gone = Q(file__life=Life.CLOSED) | Q(ended_date__isnull=False) | Q(facility__decommissioned_date__lte=on)
    held = seen.exclude(gone)
    caps = Restriction.objects.filter(
        Q(to_date__isnull=True) | Q(to_date__gte=on), chemical=OuterRef("pk"), from_date__lte=on, cap_t__isnull=False
    ).order_by()
    room: Any = Value(None, output_field=_TONNES)
    if actor.whole_district:
        room = F("cap") - Coalesce(F("design"), Value(0), output_field=_TONNES)
    return (
        Chemical.objects.filter(Exists(seen))
        .annotate(
            files=Coalesce(_sum(held, Count("file", distinct=True)), 0),
            places=Coalesce(_sum(held, Count("pk")), 0),
            licensed=_sum(held, Sum("licensed_t")),
            design=_sum(held, Sum("design_t")),
            present=_sum(held, Sum("present_t")),
            left_t=_sum(seen.filter(gone), Sum("design_t")),
            cap=Subquery(caps.values("chemical").annotate(least=Min("cap_t")).values("least")),
        )
        .annotate(room=room)
        .order_by("pinyin", "pk")
    )


def _sum(rows: QuerySet[Holding], figure: Any) -> Subquery:
    return Subquery(rows.values("chemical").annotate(figure=figure).values("figure"))


# Who has left ----------------------------------------------------------------------------------------------------


def list_exited(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises that are closed or on their way out, as far as the actor may see, the latest first: with the reason
    and the paper's number of the last exit procedure, and what they held by design and hold still, in tonnes.
    """
    exits = LicenceExit.objects.filter(file=OuterRef("pk")).exclude(status__in=("DROPPED", "RESUMED"))
    last = exits.order_by("-created_at", "-pk")
    held = Holding.objects.filter(file=OuterRef("pk")).order_by().values("file")
    return (
        enterprises.seen(actor=actor)
        .filter(life__in=GONE)
        .select_related("enterprise", "area", "supervisor")
        .annotate(
            exit_reason=Subquery(last.values("reason")[:1]),
            exit_code=Subquery(last.values("code")[:1]),
            exit_status=Subquery(last.values("status")[:1]),
            exit_closed_at=Subquery(last.values("closed_at")[:1]),
            design=Subquery(held.annotate(figure=Sum("design_t")).values("figure")),
            present=Subquery(held.annotate(figure=Sum("present_t")).values("figure")),
        )
        .order_by(F("life_date").desc(nulls_last=True), "enterprise__pinyin", "pk")
    )
