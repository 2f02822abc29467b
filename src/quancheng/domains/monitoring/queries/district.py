"""Enterprises that are monitored, by how they stand now (辖区实时状态): for the map and the list below it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from quancheng.domains.monitoring.models import Source, Tag, TagStatus
from quancheng.domains.monitoring.queries.levels import with_levels
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.registry.queries.map import Window, drawing
from quancheng.kernel.access.actor import Actor

#: What the map draws of an enterprise without a level of which nothing is heard; 0 stands for neither.
SILENT = 5


def list_monitored(*, actor: Actor, now: datetime) -> QuerySet[Enterprise]:
    """Enterprises with tags that the actor may see, with ``level``, ``is_silent``, ``tag_count``, ``last_at``."""
    tags = Tag.objects.filter(file=OuterRef("pk"), status__in=(TagStatus.LIVE, TagStatus.SERVICE)).order_by()
    newest = Source.objects.filter(file=OuterRef("pk"), state__last_at__isnull=False).order_by("-state__last_at")
    rows = _monitored(actor, now).select_related("enterprise", "area")
    return rows.annotate(
        tag_count=Coalesce(Subquery(tags.values("file").annotate(number=Count("pk")).values("number")), 0),
        last_at=Subquery(newest.values("state__last_at")[:1]),
    ).order_by(F("level").asc(nulls_last=True), "-is_silent", "pinyin", "pk")


def list_drawn(*, actor: Actor, now: datetime) -> QuerySet[Enterprise]:
    """The same enterprises with what the map needs of them: ``mark`` is their level, or :data:`SILENT`, or 0."""
    silent = Case(When(is_silent=True, then=Value(SILENT)), default=Value(0))
    return _monitored(actor, now).annotate(mark=Coalesce(F("level"), silent, output_field=IntegerField()))


def draw_map(*, actor: Actor, rows: QuerySet[Enterprise], window: Window | None) -> dict[str, Any]:
    """What the map draws of ``rows`` of :func:`list_drawn`."""
    return drawing(actor=actor, rows=rows, window=window, grade="mark")


def _monitored(actor: Actor, now: datetime) -> QuerySet[Any]:
    tags = Tag.objects.filter(file=OuterRef("pk"), status__in=(TagStatus.LIVE, TagStatus.SERVICE))
    return with_levels(seen(actor=actor).filter(Exists(tags)), actor=actor, now=now)
