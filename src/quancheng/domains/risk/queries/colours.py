"""Colours rolled up (风险分级汇总): district, towns, enterprises."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, Min, Q, QuerySet

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.queries.gradings import GRADED_KINDS
from quancheng.domains.risk.queries.towns import Towns, by_name
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area


@dataclass(slots=True)
class AreaColours:
    """One town: how many of its enterprises stand at each level, and how many have no assessed risk list."""

    area: Area | None
    by_level: Counter[int] = field(default_factory=Counter)
    raised: int = 0
    without: int = 0
    #: Enterprises of graded classes by the colour of their grading; None: not graded.
    graded: Counter[int | None] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.by_level.values()) + self.without


def list_files(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see with the level of their worst object, the gravest first."""
    live = Q(risk_objects__ended_date__isnull=True)
    return (
        seen(actor=actor)
        .select_related("enterprise", "area")
        .annotate(
            graded_present=F("graded__present_level"),
            present_level=Min("risk_objects__present_level", filter=live),
            static_level=Min("risk_objects__static_level", filter=live),
            object_count=Count("risk_objects", filter=live),
        )
        .order_by(F("present_level").asc(nulls_last=True), "pinyin", "pk")
    )


def by_town(*, actor: Actor) -> Sequence[AreaColours]:
    """The enterprises that the actor may see, by street or town in the order of their names; colours counted."""
    objects = RiskObject.objects.visible_to(actor).filter(ended_date__isnull=True).order_by().values("file")
    worst = {
        one["file"]: (one["present"], one["static"])
        for one in objects.annotate(present=Min("present_level"), static=Min("static_level"))
    }
    places = Towns()
    towns: dict[uuid.UUID | None, AreaColours] = {}
    rows = seen(actor=actor).values_list("pk", "area_id", "kind", "graded__present_level")
    for pk, area_id, kind, graded in rows:
        town = places.of(area_id)
        line = towns.setdefault(town.pk if town else None, AreaColours(town))
        if kind in GRADED_KINDS:
            line.graded[graded] += 1
        present, static = worst.get(pk, (None, None))
        if present is None:
            line.without += 1
            continue
        line.by_level[present] += 1
        line.raised += static is not None and present < static
    return by_name(towns.values())


@dataclass(frozen=True, slots=True)
class Coverage:
    """How complete the risk list of a file is (双重预防清单完整情况): numerators over denominators."""

    hazards: int
    hazards_with_object: int
    events: int
    events_four_classes: int
    events_assessed: int
    units: int
    units_with_post: int


def coverage_of(file: Enterprise) -> Coverage:
    """Counts over a file that the caller got through its own query."""
    live = Q(ended_date__isnull=True)
    standing = {"unit__object__file": file, "unit__object__ended_date__isnull": True, "unit__ended_date__isnull": True}
    classes = (
        Measure.objects.filter(live, event__ended_date__isnull=True, event__unit__object__file=file)
        .order_by().values("event").annotate(number=Count("category", distinct=True))
    )  # fmt: skip
    events = RiskEvent.objects.filter(live, **standing).aggregate(
        total=Count("pk"), assessed=Count("pk", filter=Q(static_level__isnull=False)),
        four=Count("pk", filter=Q(pk__in=classes.filter(number=4).values("event"))),
    )  # fmt: skip
    units = RiskUnit.objects.filter(live, object__file=file, object__ended_date__isnull=True).aggregate(
        total=Count("pk"), owned=Count("pk", filter=Q(post__isnull=False))
    )
    hazards = file.units.filter(ended_date__isnull=True, legal_grade__isnull=False).aggregate(
        total=Count("pk", distinct=True),
        covered=Count("pk", distinct=True, filter=Q(risk_objects__isnull=False, risk_objects__ended_date__isnull=True)),
    )
    return Coverage(
        hazards["total"], hazards["covered"], events["total"], events["four"], events["assessed"], units["total"],
        units["owned"],
    )  # fmt: skip
