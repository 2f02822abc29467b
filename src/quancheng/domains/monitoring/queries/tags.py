"""Reads of tags (监测点位)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.monitoring.models import Tag, TagStatus
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_tags(*, actor: Actor) -> QuerySet[Tag]:
    """Tags that the actor may see, by enterprise and code."""
    rows: QuerySet[Tag] = Tag.objects.visible_to(actor)
    return rows.select_related("file__enterprise", "unit_place", "facility", "source", "area").order_by(
        "file__pinyin", "code", "pk"
    )


def get_tag(*, actor: Actor, tag_id: uuid.UUID) -> Tag:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_tags(actor=actor).filter(pk=tag_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class KnownTag:
    """A tag as processors know it."""

    number: int
    enterprise: uuid.UUID
    source: int
    code: str
    key: str
    status: str
    scale: float
    shift: float
    range_lo: float | None
    range_hi: float | None
    limits: tuple[float | None, float | None, float | None, float | None]
    deadband: float
    on_delay_s: float
    off_delay_s: float
    stale_after_s: int
    is_calibrated: bool


_COLUMNS = (
    "number", "file_id", "source__number", "code", "key", "status", "scale", "shift", "range_lo", "range_hi",
    "ll", "l", "h", "hh", "deadband", "on_delay_s", "off_delay_s", "stale_after_s", "calibrated_until",
)  # fmt: skip


def known_tags(*, today: date) -> Sequence[KnownTag]:
    """Every tag that a source tells and that has not ended. In no scope: for processors.

    :param today: a day; a calibration that ended before it is over.
    """
    rows = Tag.objects.filter(source__isnull=False).exclude(status=TagStatus.ENDED).values_list(*_COLUMNS)
    return [_known(row, today) for row in rows.iterator(chunk_size=10_000)]


def _known(row: Sequence[Any], today: date) -> KnownTag:
    number, enterprise, source, code, key, status, scale, shift, range_lo, range_hi = row[:10]
    ll, low, high, hh, deadband, on_s, off_s, stale_s, until = row[10:]
    return KnownTag(
        number, enterprise, source, code, key, status, scale, shift, range_lo, range_hi, (ll, low, high, hh), deadband,
        on_s, off_s, stale_s, until is None or until >= today,
    )  # fmt: skip
