"""Reads of live values (实时值): who may see them, where they come from, what stands now. In no scope of their own:
the hub asks for all browsers at once and holds each against its scope."""

from __future__ import annotations

import math
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from quancheng.domains.monitoring.models import Tag, TagStatus
from quancheng.domains.monitoring.queries import readings
from quancheng.domains.monitoring.queries.levels import gravest, standing
from quancheng.kernel.access.scope import Scope, scopes_of
from quancheng.stream.live import LEVELS

#: When, value, quality, and 0 or 1 + place in ``LEVELS`` of the gravest limit that stands passed.
Content = tuple[int, float | None, int, int]


def scopes(keys: Collection[str]) -> Mapping[str, Scope]:
    """Scopes of tags that have not ended, by their numbers as text. Two queries."""
    rows = {row.pk: row for row in _tags(keys)}
    return {str(rows[pk].number): scope for pk, scope in scopes_of(rows.values()).items()}


def enterprises(keys: Collection[str]) -> set[uuid.UUID]:
    """The enterprises whose tags these are. One query."""
    return {row.file_id for row in _tags(keys)}


def latest(keys: Collection[str]) -> dict[str, Content]:
    """What stands now, by the numbers of tags as text. :raises StoreAway: the store does not answer."""
    rows = _tags(keys)
    last = readings.last_of(rows)
    worst = gravest(standing(Tag.objects.filter(number__in=last)))
    return {
        str(number): content(int(one.at.timestamp() * 1000), one.value, one.quality, _level(worst.get(number)))
        for number, one in last.items()
    }


def content(at_ms: int, value: float, quality: int, level: int) -> Content:
    """A value as browsers get it: no more digits than an instrument has; None where a bad reading has no number."""
    return at_ms, float(f"{value:.9g}") if math.isfinite(value) else None, quality, level


def _level(one: Any) -> int:
    return 0 if one is None else LEVELS.index(one.limit) + 1


def _tags(keys: Collection[str]) -> list[Tag]:
    numbers = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 10]
    return list(Tag.objects.filter(number__in=numbers).exclude(status=TagStatus.ENDED).select_related("area"))
