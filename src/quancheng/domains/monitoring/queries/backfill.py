"""Reads of what was found in readings that came too late (补传报警)."""

from __future__ import annotations

from django.db.models import QuerySet

from quancheng.domains.monitoring.models import PastAlarm, Tag
from quancheng.kernel.access.actor import Actor


def list_past_alarms(*, actor: Actor) -> QuerySet[PastAlarm]:
    """Those of the tags that the actor may see, the newest first."""
    rows = PastAlarm.objects.filter(tag__in=Tag.objects.visible_to(actor).values("pk"))
    return rows.select_related("tag__file__enterprise", "tag__area").order_by("-began_at", "pk")
