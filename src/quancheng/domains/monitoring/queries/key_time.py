"""Whom to look at in a key time (重点时段检查名单), with reasons; and where risk lies (风险分布)."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, F, Func, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Least

from quancheng.domains.monitoring.models import Alarm, LimitEvent, Source
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.kinds import ColourOf
from quancheng.domains.risk.models import IndexWarning
from quancheng.domains.risk.queries.levels import level_of_file
from quancheng.domains.risk.queries.open_items import open_count
from quancheng.domains.risk.queries.towns import Towns, by_name
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.standards.risk.dynamic_index import district_index

#: What an enterprise is looked at for, and what each weighs where nobody says otherwise [D]. An alarm, an alarm that
#: comes often, a danger count once each, up to :data:`MOST`; a colour counts 3 for red, 2 for orange, 1 for yellow.
WEIGHTS: Mapping[str, int] = {
    "urgent": 10, "warnings": 15, "frequent": 5, "offline": 10, "colour": 10, "majors": 20,
}  # fmt: skip
MOST = 5
#: Raised so often in the period, an alarm comes often [D].
OFTEN = 10


def scored(*, actor: Actor, begin: datetime, end: datetime, weights: Mapping[str, int]) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see with what is known of each and the points that it makes, most first.

    :param begin: with ``end``, the period of which alarms that come often are counted; all else is as it is now.
    """
    grave = Alarm.objects.filter(file=OuterRef("pk"), priority__lte=2).exclude(status="CLOSED")
    warned = IndexWarning.objects.visible_to(actor).filter(file=OuterRef("pk"), closed_at__isnull=True)
    often = (
        LimitEvent.objects.filter(tag__file=OuterRef("pk"), is_raised=True, at__gte=begin, at__lt=end)
        .order_by().values("tag", "limit").annotate(times=Count("pk")).filter(times__gte=OFTEN)
    )  # fmt: skip
    silent = Source.objects.filter(file=OuterRef("pk"), blocked_at__isnull=True, state__is_online=False)
    rows = seen(actor=actor).filter(life="operating").select_related("enterprise", "area")
    known = rows.annotate(
        level=level_of_file(ColourOf.PRESENT, None), urgent=_counted(grave), warnings=_counted(warned),
        frequent=Func(ArraySubquery(often.values("tag")), function="CARDINALITY", output_field=IntegerField()),
        offline=_counted(silent.exclude(digest=b"")), majors=open_count(actor=actor, major=True),
    ).annotate(
        colour=Case(*(When(level=one, then=Value(4 - one)) for one in (1, 2, 3)), default=Value(0),
                    output_field=IntegerField()),
    )  # fmt: skip
    points: Any = Value(0)
    for name in WEIGHTS:
        points = points + Least(F(name), Value(MOST)) * Value(weights.get(name, WEIGHTS[name]))
    return known.annotate(points=points).order_by(F("points").desc(), "pinyin", "pk")


def _counted(rows: QuerySet[Any]) -> Any:
    counted = rows.order_by().values("file").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


@dataclass(slots=True)
class TownRisk:
    """A street or town: its enterprises by present colour (None: not assessed), what is open there, its index."""

    area: Area | None
    by_level: Counter[int | None]
    urgent: int = 0
    warnings: int = 0
    offline: int = 0
    majors: int = 0
    index: float | None = None

    @property
    def sites(self) -> int:
        return sum(self.by_level.values())


def distribution(rows: QuerySet[Enterprise]) -> list[TownRisk]:
    """Where risk lies, town by town, of rows of :func:`scored`. Two queries."""
    places = Towns()
    found: dict[uuid.UUID | None, TownRisk] = {}
    indices: dict[uuid.UUID | None, list[float]] = defaultdict(list)
    columns = ("area_id", "level", "urgent", "warnings", "offline", "majors", "index__r")
    for area_id, level, urgent, warnings, offline, majors, r in rows.order_by().values_list(*columns):
        area = places.of(area_id)
        key = area.pk if area else None
        line = found.setdefault(key, TownRisk(area, Counter()))
        line.by_level[level] += 1
        line.urgent += urgent
        line.warnings += warnings
        line.offline += offline
        line.majors += majors
        if r is not None:
            indices[key].append(float(r))
    for key, line in found.items():
        line.index = district_index(indices[key])
    return by_name(found.values())
