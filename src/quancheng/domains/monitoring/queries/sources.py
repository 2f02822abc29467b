"""Reads of sources (接入源)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, QuerySet

from quancheng.domains.monitoring.models import AsideMessage, Source, SourceScore, UnknownKey
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_sources(*, actor: Actor) -> QuerySet[Source]:
    """Sources that the actor may see, by enterprise and code, with their newest score (``newest_scores``)."""
    rows: QuerySet[Source] = Source.objects.visible_to(actor)
    newest = Prefetch("scores", SourceScore.objects.filter(is_newest=True), to_attr="newest_scores")
    rows = rows.select_related("file__enterprise", "state", "area").prefetch_related(newest)
    return rows.order_by("file__pinyin", "code", "pk")


def get_source(*, actor: Actor, source_id: uuid.UUID) -> Source:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_sources(actor=actor).filter(pk=source_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A source that may sign in, as gateways know it."""

    number: int
    code: str
    enterprise: uuid.UUID
    digest: bytes
    forms: Sequence[str]
    mn: str
    points_per_s: int
    burst_points: int
    points_per_day: int
    most_bytes: int


def open_sources() -> list[OpenSource]:
    """All that may sign in now. In no scope: for gateways."""
    columns = ("number", "code", "file_id", "digest", "forms", "mn", "points_per_s", "burst_points", "points_per_day",
               "most_bytes")  # fmt: skip
    rows = Source.objects.filter(blocked_at__isnull=True).exclude(digest=b"").values_list(*columns)
    return [OpenSource(row[0], row[1], row[2], bytes(row[3]), *row[4:]) for row in rows.iterator()]


def unknown_keys(source: Source) -> QuerySet[UnknownKey]:
    """Names that a source, which a query gave, tells and no tag has; those told last first."""
    return UnknownKey.objects.filter(source=source).order_by("-last_at", "pk")


def get_unknown_key(source: Source, key_id: int) -> UnknownKey:
    """Raise NotFound where the source, which a query gave, tells no such name any more."""
    found = unknown_keys(source).filter(pk=key_id).first()
    if found is None:
        raise NotFound
    return found


def sources_of(file: Enterprise) -> QuerySet[Source]:
    """Sources of a file that a query gave, those in use first."""
    return Source.objects.filter(file=file).order_by(F("blocked_at").asc(nulls_first=True), "code", "pk")


def list_old_asides(before: datetime) -> QuerySet[AsideMessage]:
    """Messages put aside before a moment: for retention."""
    return AsideMessage.objects.filter(at__lt=before)
