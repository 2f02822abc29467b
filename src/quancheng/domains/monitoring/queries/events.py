"""Reads of what limits did (报警事件)."""

from __future__ import annotations

from django.db.models import QuerySet

from quancheng.domains.monitoring.models import LimitEvent, Tag
from quancheng.kernel.access.actor import Actor


def list_events(*, actor: Actor) -> QuerySet[LimitEvent]:
    """Events of the tags that the actor may see, the newest first."""
    rows = LimitEvent.objects.filter(tag__in=Tag.objects.visible_to(actor).values("pk"))
    return rows.select_related("tag__file__enterprise", "tag__area").order_by("-at", "pk")
