"""The risk map of the district (安全风险分布图): enterprises with a colour, sums by town, outlines."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.domains.registry.geometry import read_ring
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.models.enterprises import IN_DEGREE
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.registry.queries.map import Window, drawing
from quancheng.domains.risk.kinds import ColourOf
from quancheng.domains.risk.models import SitePlan, TownOutline
from quancheng.domains.risk.queries.levels import with_levels
from quancheng.domains.risk.queries.towns import Towns, by_name
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area

#: Enterprises of a town that are named as its worst.
MOST_WORST = 3


def list_mapped(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises for the list below the map, without a level: the filter of the page gives it."""
    # Counted for the rows of a page alone: what is summed over all enterprises asks for no plan.
    plans = SitePlan.objects.filter(file=OuterRef("pk"), ended_date__isnull=True).order_by().values("file")
    counted = Coalesce(Subquery(plans.annotate(number=Count("pk")).values("number")), 0)
    rows = seen(actor=actor).select_related("enterprise", "area").annotate(plan_count=counted)
    return rows.order_by("pinyin", "pk")


def draw_map(*, actor: Actor, rows: QuerySet[Enterprise], window: Window | None) -> dict[str, Any]:
    """What the map draws of ``rows`` (with ``level``): points as the registry's map has them, and towns as areas.

    ``areas`` has for each town with an outline: its gravest level (0: none), its path, x and y by turns.
    """
    drawn = drawing(actor=actor, rows=rows, window=window, grade="level")
    drawn["areas"] = _areas(rows)
    return drawn


def _areas(rows: QuerySet[Enterprise]) -> list[list[Any]]:
    outlines = list(TownOutline.objects.select_related("area").order_by("pk"))
    if not outlines:
        return []
    worst = {one.area.pk: min(one.by_level, default=0) for one in by_town(rows) if one.area is not None}
    found = []
    for one in outlines:
        ring = read_ring(one.ring)
        if ring is not None and one.area_id in worst:
            flat = [round(each * IN_DEGREE) for corner in ring for each in corner]
            found.append([worst[one.area_id], one.area.path, flat])
    return found


@dataclass(slots=True)
class TownLevels:
    """One town: its enterprises by level, those without one, and the worst by name."""

    area: Area | None
    by_level: Counter[int] = field(default_factory=Counter)
    without: int = 0
    #: Identifier and level.
    worst: list[tuple[uuid.UUID, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.by_level.values()) + self.without

    def share(self, level: int) -> str:
        """Share of a level among the enterprises that have one, in per cent with one decimal; empty without any."""
        known = sum(self.by_level.values())
        return f"{100 * self.by_level[level] / known:.1f}" if known else ""


def by_town(rows: QuerySet[Any], *, worst: bool = False) -> Sequence[TownLevels]:
    """Rows with ``level`` counted by street or town, in the order of names, those without a town last.

    :param worst: name the gravest of each besides, red and orange only.
    """
    places = Towns()
    towns: dict[uuid.UUID | None, TownLevels] = {}

    def line(area_id: uuid.UUID | None) -> TownLevels:
        town = places.of(area_id)
        return towns.setdefault(town.pk if town else None, TownLevels(town))

    plain: Any = rows.order_by()
    if not worst:
        counted = plain.values_list("area_id", "level").annotate(number=Count("pk"))
        for area_id, level, number in counted:
            one = line(area_id)
            if level is None:
                one.without += number
            else:
                one.by_level[level] += number
    else:
        ordered = plain.order_by(F("level").asc(nulls_last=True), "pinyin", "pk")
        for pk, area_id, level in ordered.values_list("pk", "area_id", "level"):
            one = line(area_id)
            if level is None:
                one.without += 1
                continue
            one.by_level[level] += 1
            if level <= 2 and len(one.worst) < MOST_WORST:
                one.worst.append((pk, level))
    return by_name(towns.values())


def total_of(towns: Sequence[TownLevels]) -> TownLevels:
    """The sum over towns."""
    total = TownLevels(None)
    for one in towns:
        total.by_level.update(one.by_level)
        total.without += one.without
    return total


def rolled_up(*, actor: Actor, of: ColourOf, day: date | None) -> tuple[Sequence[TownLevels], dict[uuid.UUID, str]]:
    """Every town with shares and its worst, and the names of those."""
    towns = by_town(with_levels(seen(actor=actor), of, day), worst=True)
    ids = [pk for one in towns for pk, _level in one.worst]
    names = dict(Enterprise.objects.filter(pk__in=ids).values_list("pk", "enterprise__name"))
    return towns, names


def list_outlines() -> QuerySet[TownOutline]:
    """Outlines of towns: no secret of anybody."""
    return TownOutline.objects.select_related("area", "entered_by").order_by("area__path")
