"""How far cards have come by street and town (岗位卡覆盖情况): sums of what ``list_coverage`` tells of enterprises."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from quancheng.domains.risk.queries.cards import list_coverage
from quancheng.domains.risk.queries.towns import Towns, by_name
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area


@dataclass(slots=True)
class TownCoverage:
    """One town: enterprises with posts, posts, cards in force, who must read, read, passed."""

    area: Area | None
    enterprises: int = 0
    posts: int = 0
    carded: int = 0
    outdated: int = 0
    asked: int = 0
    read: int = 0
    passed: int = 0


def by_town(*, actor: Actor) -> Sequence[TownCoverage]:
    """The enterprises that the actor may see, by street or town in the order of their names."""
    places = Towns()
    towns: dict[uuid.UUID | None, TownCoverage] = {}
    names = ("post_count", "carded_count", "outdated_count", "asked_count", "read_count", "passed_count")
    for area_id, *counts in list_coverage(actor=actor).values_list("area_id", *names):
        area = places.of(area_id)
        line = towns.setdefault(area.pk if area else None, TownCoverage(area))
        line.enterprises += 1
        for name, count in zip(("posts", "carded", "outdated", "asked", "read", "passed"), counts, strict=True):
            setattr(line, name, getattr(line, name) + count)
    return by_name(towns.values())
