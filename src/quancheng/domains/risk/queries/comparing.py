"""Inherent, residual and present levels side by side (固有、剩余、现状对照), with what makes them differ."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.kinds import ColourOf
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.queries import levels
from quancheng.domains.risk.queries.changes import raised_count
from quancheng.domains.risk.queries.open_items import open_count
from quancheng.kernel.access.actor import Actor

#: Failed measures that are named in one cell.
_MOST_LOST = 5


def _lost(parent: str) -> ArraySubquery:
    """Texts of the measures that have failed below the row outside."""
    rows = Measure.objects.filter(
        levels.stood(None, "event", "event__unit", "event__unit__object"), failed_at__isnull=False
    ).filter(**{parent: OuterRef("pk")})
    return ArraySubquery(rows.order_by("failed_at", "pk").values("text")[:_MOST_LOST])


def _ordered(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by(F("present_level").asc(nulls_last=True), F("inherent").asc(nulls_last=True), "pk")


def compare_objects(*, actor: Actor) -> QuerySet[RiskObject]:
    """Objects that stand, with ``inherent`` beside their own levels and ``lost``: failed measures."""
    rows = RiskObject.objects.visible_to(actor).filter(levels.stood(None)).select_related("file__enterprise")
    return _ordered(
        rows.annotate(inherent=levels.object_level(ColourOf.INHERENT, None), lost=_lost("event__unit__object"))
    )


def compare_units(*, actor: Actor) -> QuerySet[RiskUnit]:
    """Units that stand, in the same way."""
    objects = RiskObject.objects.visible_to(actor).filter(levels.stood(None)).values("pk")
    rows = RiskUnit.objects.filter(ended_date__isnull=True, object__in=objects)
    rows = rows.select_related("object__file__enterprise")
    return _ordered(rows.annotate(inherent=levels.unit_level(ColourOf.INHERENT, None), lost=_lost("event__unit")))


def compare_events(*, actor: Actor) -> QuerySet[RiskEvent]:
    """Events that stand, in the same way."""
    objects = RiskObject.objects.visible_to(actor).filter(levels.stood(None)).values("pk")
    rows = RiskEvent.objects.filter(ended_date__isnull=True, unit__ended_date__isnull=True, unit__object__in=objects)
    rows = rows.select_related("unit__object__file__enterprise")
    return _ordered(rows.annotate(inherent=F("inherent_level"), lost=_lost("event")))


def list_inspected(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises for a list of targeted inspections, with what is open; filters give level and changes."""
    rows = seen(actor=actor).filter(life__in=("operating", "trial")).select_related("enterprise", "area", "supervisor")
    return rows.annotate(
        graded_level=F("graded__present_level"),
        open_majors=open_count(actor=actor, major=True),
        open_dangers=open_count(actor=actor, major=False),
    ).order_by("pinyin", "pk")


def in_period(rows: QuerySet[Any], begin: Any, end: Any) -> QuerySet[Enterprise]:
    """The same with present ``level`` and ``changes`` of the period, the most urgent first."""
    return rows.annotate(
        level=levels.level_of_file(ColourOf.PRESENT, None), changes=raised_count(begin, end)
    ).order_by(F("level").asc(nulls_last=True), "-open_majors", "-changes", "pinyin", "pk")


#: Red or orange, an open major danger, or a change within the period.
IS_PICKED = Q(level__lte=2) | Q(graded_level__lte=2) | Q(open_majors__gt=0) | Q(changes__gt=0)
