"""Reads of the risk list: objects, units, events, measures, and how their colours came about."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.domains.risk.models import Measure, RiskAssessment, RiskColour, RiskEvent, RiskObject, RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

Row = TypeVar("Row")
_LIVE = Q(ended_date__isnull=True)


def list_objects(*, actor: Actor) -> QuerySet[RiskObject]:
    """Objects that stand, of the enterprises that the actor may see, the gravest first; units counted."""
    return (
        RiskObject.objects.visible_to(actor)
        .filter(_LIVE)
        .select_related("file__enterprise", "file__area")
        .annotate(unit_count=Count("units", filter=Q(units__ended_date__isnull=True)))
        .order_by(F("present_level").asc(nulls_last=True), "pk")
    )


def list_events(*, actor: Actor) -> QuerySet[RiskEvent]:
    """The risk list itself (风险分级管控清单): events that stand, the gravest first; measures counted."""
    seen = RiskObject.objects.visible_to(actor).filter(_LIVE)
    return (
        RiskEvent.objects.filter(_LIVE, unit__ended_date__isnull=True, unit__object__in=seen.values("pk"))
        .select_related("unit__object__file__enterprise", "unit__post")
        # Counted for the rows of a page alone: with a join all events would be counted before the first is shown.
        .annotate(measure_count=_measures(_LIVE), failed_count=_measures(_LIVE & Q(failed_at__isnull=False)))
        .order_by(F("present_level").asc(nulls_last=True), "pk")
    )


def _measures(which: Q) -> Coalesce:
    counted = Measure.objects.filter(which, event=OuterRef("pk")).order_by().values("event")
    return Coalesce(Subquery(counted.annotate(number=Count("pk")).values("number")), 0)


def list_measures(*, actor: Actor) -> QuerySet[Measure]:
    """Measures that stand, in the order of their objects, units and events."""
    seen = RiskObject.objects.visible_to(actor).filter(_LIVE)
    return (
        Measure.objects.filter(
            _LIVE, event__ended_date__isnull=True, event__unit__ended_date__isnull=True,
            event__unit__object__in=seen.values("pk"),
        )
        .select_related("event__unit__object__file__enterprise")
        .order_by("event__unit__object", "event__unit", "event", "pk")
    )  # fmt: skip


def get_object(*, actor: Actor, object_id: uuid.UUID) -> RiskObject:
    """Raise NotFound for absent and for out of scope alike; ended ones are read too."""
    rows = RiskObject.objects.visible_to(actor).select_related("file__enterprise", "place")
    return _found(rows.filter(pk=object_id).first())


def get_unit(*, actor: Actor, unit_id: uuid.UUID) -> RiskUnit:
    """Raise NotFound for absent and for out of scope alike."""
    seen = RiskObject.objects.visible_to(actor).values("pk")
    rows = RiskUnit.objects.filter(object__in=seen).select_related(
        "object__file__enterprise", "object__place", "facility__unit", "post"
    )
    return _found(rows.filter(pk=unit_id).first())


def get_event(*, actor: Actor, event_id: uuid.UUID) -> RiskEvent:
    """Raise NotFound for absent and for out of scope alike."""
    seen = RiskObject.objects.visible_to(actor).values("pk")
    rows = RiskEvent.objects.filter(unit__object__in=seen).select_related(
        "unit__object__file__enterprise", "unit__post"
    )
    return _found(rows.filter(pk=event_id).first())


def get_measure(*, actor: Actor, measure_id: uuid.UUID) -> Measure:
    """Raise NotFound for absent and for out of scope alike."""
    seen = RiskObject.objects.visible_to(actor).values("pk")
    rows = Measure.objects.filter(event__unit__object__in=seen).select_related("event__unit__object__file__enterprise")
    return _found(rows.filter(pk=measure_id).first())


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def objects_of(file: Enterprise) -> Sequence[RiskObject]:
    """Objects of a file that the caller got through its own query, with units counted, by code."""
    counted = Count("units", filter=Q(units__ended_date__isnull=True))
    return list(RiskObject.objects.filter(_LIVE, file=file).annotate(unit_count=counted).order_by("code", "pk"))


def units_of(row: RiskObject) -> Sequence[RiskUnit]:
    """Units of an object with their events and measures, in the order of their codes."""
    measures = Prefetch("measures", Measure.objects.filter(_LIVE).order_by("category", "subcategory", "pk"))
    events = Prefetch("events", RiskEvent.objects.filter(_LIVE).order_by("pk").prefetch_related(measures))
    units = row.units.filter(_LIVE).select_related("post", "facility").prefetch_related(events)
    return list(units.order_by("code", "pk"))


def events_of(unit: RiskUnit) -> Sequence[RiskEvent]:
    """Events of a unit that stand, with their measures counted."""
    live = Q(measures__ended_date__isnull=True)
    return list(
        unit.events.filter(_LIVE)
        .annotate(
            measure_count=Count("measures", filter=live),
            failed_count=Count("measures", filter=live & Q(measures__failed_at__isnull=False)),
        )
        .order_by("pk")
    )


def measures_of(event: RiskEvent) -> Sequence[Measure]:
    """Measures of an event that stand, by class."""
    return list(event.measures.filter(_LIVE).order_by("category", "subcategory", "pk"))


def assessments_of(event: RiskEvent, *, limit: int = 100) -> Sequence[RiskAssessment]:
    """How an event was assessed, the newest first."""
    return list(event.assessments.order_by("-at", "-pk")[:limit])


def colours_of(subject_id: uuid.UUID, *, limit: int = 200) -> Sequence[RiskColour]:
    """How a subject that the caller got through its own query changed colour, the newest first."""
    return list(RiskColour.objects.filter(subject_id=subject_id).order_by("-at", "-pk")[:limit])


def colours_in(row: RiskObject, *, at: datetime | None = None) -> QuerySet[RiskColour]:
    """Every change of colour of an object, its units and its events, the newest first; or the one of each that stood
    at a time."""
    events = RiskEvent.objects.filter(unit__object=row).values("pk")
    units = RiskUnit.objects.filter(object=row).values("pk")
    rows = RiskColour.objects.filter(
        Q(subject_id=row.pk) | Q(subject_id__in=units) | Q(subject_id__in=events), file=row.file_id
    )
    if at is None:
        return rows.order_by("-at", "-pk")
    return rows.filter(at__lte=at).order_by("subject_id", "-at", "-pk").distinct("subject_id")


def places_of(file: Enterprise) -> QuerySet[Unit]:
    """Registered units of a file that can be an object."""
    return Unit.objects.filter(file=file, ended_date__isnull=True).order_by("code", "pk")


def facilities_of(file: Enterprise) -> QuerySet[Facility]:
    """Registered facilities of a file that can be a unit."""
    found = Facility.objects.filter(unit__file=file, decommissioned_date__isnull=True)
    return found.select_related("unit").order_by("code", "pk")
