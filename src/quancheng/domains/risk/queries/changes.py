"""What changed between two days (两日之间的变色): who went up, who went down, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import RiskColour, RiskEvent, RiskObject, RiskUnit
from quancheng.kernel.access.actor import Actor


def list_changes(*, actor: Actor) -> QuerySet[RiskColour]:
    """Changes of colour of all that the actor may see, the newest first, with the ``name`` of what changed."""
    seen = Enterprise.objects.visible_to(actor).filter(merged_into__isnull=True)

    def name(model: Any) -> Subquery:
        return Subquery(model._default_manager.filter(pk=OuterRef("subject_id")).values("name")[:1])

    return (
        RiskColour.objects.filter(file__in=seen)
        .select_related("file__enterprise", "file__area")
        .annotate(name=Coalesce(name(RiskObject), name(RiskUnit), name(RiskEvent), F("file__enterprise__name")))
        .order_by("-at", "-pk")
    )


def between(rows: QuerySet[RiskColour], begin: datetime, end: datetime) -> QuerySet[RiskColour]:
    """Of each subject the last change before ``end``, where it left another level than stood before ``begin``.

    ``before`` is the level that stood then, None where there was none.
    """
    same = RiskColour.objects.filter(subject_id=OuterRef("subject_id"))
    later = same.filter(at__gte=OuterRef("at"), at__lt=end).filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
    )
    stood = same.filter(at__lt=begin).order_by("-at", "-pk").values("present_level")[:1]
    return (
        rows.filter(at__gte=begin, at__lt=end)
        .filter(~Exists(later))
        .annotate(before=Subquery(stood))
        .exclude(before__isnull=True, present_level__isnull=True)
        .filter(Q(before__isnull=True) | Q(present_level__isnull=True) | ~Q(before=F("present_level")))
    )


#: Graver, milder, first assessed, no longer assessed.
WAYS: dict[str, Q] = {
    "up": Q(present_level__lt=F("before")),
    "down": Q(present_level__gt=F("before")),
    "new": Q(before__isnull=True),
    "gone": Q(present_level__isnull=True),
}


def way_of(row: Any) -> str:
    """Which of :data:`WAYS` a row of :func:`between` went."""
    if row.before is None:
        return "new"
    if row.present_level is None:
        return "gone"
    return "up" if row.present_level < row.before else "down"


def raised_count(begin: datetime, end: datetime) -> Any:
    """How many changes of objects, or of the enterprise itself, a file outside had from a time to a time."""
    rows = RiskColour.objects.filter(file=OuterRef("pk"), subject__in=("object", "file"), at__gte=begin, at__lt=end)
    counted = rows.order_by().values("file").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
