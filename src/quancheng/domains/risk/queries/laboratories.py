"""Risk lists of laboratories (实验室风险清单): what was identified for each, and which have none."""

from __future__ import annotations

from django.db.models import Count, Min, Q, QuerySet

from quancheng.domains.registry.models import Facility
from quancheng.domains.registry.queries.enterprises import list_facilities
from quancheng.kernel.access.actor import Actor

_UNIT = Q(risk_units__ended_date__isnull=True, risk_units__object__ended_date__isnull=True)
_EVENT = _UNIT & Q(risk_units__events__ended_date__isnull=True)
_MEASURE = _EVENT & Q(risk_units__events__measures__ended_date__isnull=True)


def list_laboratories(*, actor: Actor) -> QuerySet[Facility]:
    """Laboratories in use that the actor may see, with their units, events and measures counted and their gravest
    present level; those of which nothing was identified come first.
    """
    rows = list_facilities(actor=actor).filter(
        kind="laboratory", decommissioned_date__isnull=True, unit__ended_date__isnull=True
    )
    return (
        rows.select_related("unit__file__enterprise", "unit__file__area", "laboratory")
        .annotate(
            unit_count=Count("risk_units", filter=_UNIT, distinct=True),
            event_count=Count("risk_units__events", filter=_EVENT, distinct=True),
            measure_count=Count("risk_units__events__measures", filter=_MEASURE, distinct=True),
            present_level=Min("risk_units__present_level", filter=_UNIT),
        )
        .order_by("measure_count", "event_count", "unit__file__pinyin", "code", "pk")
    )


def has_gaps() -> Q:
    """No risk was identified, or no measure set against one."""
    return Q(event_count=0) | Q(measure_count=0)
