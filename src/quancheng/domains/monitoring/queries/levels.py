"""Limits that stand passed now (在报限值), and the warning colour that follows for each enterprise (实时等级).

They are read from how conditions stand by the last event of each, whether an alarm is told of it or kept silent. A tag
that is away or ended counts no more.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When

from quancheng.domains.monitoring.models import AlarmCondition, Source, Tag, TagStatus
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.standards.signals.responses import Operation, operational_colour

#: Limits from the gravest down.
GRAVEST = ("HH", "LL", "H", "L")


@dataclass(frozen=True, slots=True)
class Standing:
    """A limit of a tag that stands passed, since when."""

    tag: uuid.UUID
    number: int
    file: uuid.UUID
    limit: str
    since: datetime
    kind: str
    unit: str
    is_critical: bool


def standing(tags: QuerySet[Tag]) -> list[Standing]:
    """Every limit that stands passed of tags that a query gave. One query."""
    rows = AlarmCondition.objects.filter(
        is_active=True, type__in=GRAVEST, tag__in=tags.filter(status=TagStatus.LIVE).order_by().values("pk")
    )
    return [
        Standing(*row)
        for row in rows.values_list(
            "tag_id", "tag__number", "tag__file_id", "type", "at", "tag__kind", "tag__unit", "tag__is_critical"
        )
    ]


def gravest(found: Iterable[Standing]) -> dict[int, Standing]:
    """Of each tag, by its number, the gravest limit that stands."""
    worst: dict[int, Standing] = {}
    for one in found:
        known = worst.get(one.number)
        if known is None or GRAVEST.index(one.limit) < GRAVEST.index(known.limit):
            worst[one.number] = one
    return worst


def worst_levels(*, actor: Actor, now: datetime) -> dict[uuid.UUID, int]:
    """The warning colour of each enterprise that the actor may see, 1 (red) to 4 (blue), by its file; none where no
    limit stands. One query.

    Source: the operational colours of ``standards.signals.responses`` [D], of what signals alone tell.
    """
    by_file: dict[uuid.UUID, list[Standing]] = defaultdict(list)
    for one in gravest(standing(Tag.objects.visible_to(actor))).values():
        by_file[one.file].append(one)
    found = {file: level_of(mine, now=now) for file, mine in by_file.items()}
    return {file: level for file, level in found.items() if level is not None}


def with_levels(rows: QuerySet[Enterprise], *, actor: Actor, now: datetime) -> QuerySet[Any]:
    """Enterprises of a query with their ``level`` (None: none), and ``is_silent``: they have open sources, and none of
    these is online."""
    by_level: dict[int, list[uuid.UUID]] = defaultdict(list)
    for file, level in worst_levels(actor=actor, now=now).items():
        by_level[level].append(file)
    whens = [When(pk__in=files, then=Value(level)) for level, files in sorted(by_level.items())]
    sources = Source.objects.filter(file=OuterRef("pk"), blocked_at__isnull=True).exclude(digest=b"")
    return rows.annotate(
        level=Case(*whens, default=None, output_field=IntegerField()),
        is_silent=Exists(sources) & ~Exists(sources.filter(state__is_online=True)),
    )


def level_of(found: Iterable[Standing], *, now: datetime) -> int | None:
    """The colour of one enterprise by the limits that stand there, the gravest of each tag; None without any."""
    second = [one for one in found if one.limit in ("HH", "LL")]
    first = [one for one in found if one.limit in ("H", "L")]
    toxic = [one for one in second if one.kind == "toxic" and one.limit == "HH"]
    # At a point detector the second stage is 50 %LEL or tighter; a path detector tells another unit.
    lel = [one for one in second if one.kind == "flammable" and one.limit == "HH"]
    facts = Operation(
        toxic_hh=len(toxic), toxic_hh_longest_s=_longest_s(toxic, now), lel_50=len(lel), second_stage=len(second),
        critical_first_stage_longest_s=_longest_s([one for one in first if one.is_critical], now),
        first_stage=len(first), standing_longest_s=_longest_s([*first, *second], now),
    )  # fmt: skip
    colour = operational_colour(facts).colour
    return None if colour is None else int(colour)


def _longest_s(found: Iterable[Standing], now: datetime) -> float:
    return max(((now - one.since).total_seconds() for one in found), default=0.0)
