"""Reads of key environmental facilities (重点环保设施) and of enterprises that lack something of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import EnvironmentalAssessment, EnvironmentalFacility, RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

LIVE = ~Q(status="ENDED")


def list_facilities(*, actor: Actor) -> QuerySet[EnvironmentalFacility]:
    """Facilities that the actor may see: those without an assessment that counts first, by their term; those that
    were taken out of use last.
    """
    rows: QuerySet[EnvironmentalFacility] = EnvironmentalFacility.objects.visible_to(actor)
    in_list = RiskUnit.objects.filter(facility=OuterRef("facility"), ended_date__isnull=True)
    rows = rows.select_related("file__enterprise", "facility", "area").annotate(is_listed=Exists(in_list))
    ended_last = F("closed_at").desc(nulls_first=True)
    return rows.order_by(ended_last, F("review_date").asc(nulls_first=True), "due_date", "pk")


def get_facility(*, actor: Actor, facility_id: uuid.UUID) -> EnvironmentalFacility:
    """Raise NotFound for absent and for out of scope alike."""
    rows = EnvironmentalFacility.objects.visible_to(actor)
    rows = rows.select_related("file__enterprise", "facility__unit", "supervisor", "owner_org")
    found = rows.filter(pk=facility_id).first()
    if found is None:
        raise NotFound
    return found


def is_missing(on: date, prefix: str = "") -> Q:
    """No assessment counts on a day: none was made, it is due anew, or its time has passed.

    :param prefix: the way to it from other rows, ``environmental_facilities__``.
    """
    waiting = {f"{prefix}status__in": ("OPEN", "DUE")}
    past = {f"{prefix}status": "ASSESSED", f"{prefix}review_date__lt": on}
    return Q(**waiting) | Q(**past)


def is_late(on: date) -> Q:
    """An assessment is owed and its term has passed."""
    return Q(status__in=("OPEN", "DUE"), due_date__lt=on)


def list_enterprises(*, actor: Actor, on: date) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see which have, or by their file should tell, environmental facilities: how many
    stand in the register, how many of them lack an assessment, and how many of the file are not in the register.
    """
    live = Q(environmental_facilities__status__in=("OPEN", "ASSESSED", "DUE"))
    lacking = is_missing(on, "environmental_facilities__")
    told = Q(units__facilities__kind="environmental", units__facilities__decommissioned_date__isnull=True)
    entered = EnvironmentalFacility.objects.filter(LIVE, facility=OuterRef("pk"))
    untold = Facility.objects.filter(~Exists(entered), kind="environmental", decommissioned_date__isnull=True)
    return (
        seen(actor=actor)
        .filter(life__in=("operating", "trial", "stopped"))
        .select_related("enterprise", "area")
        .annotate(
            entered_count=Count("environmental_facilities", filter=live, distinct=True),
            missing_count=Count("environmental_facilities", filter=lacking, distinct=True),
            told_count=Count("units__facilities", filter=told, distinct=True),
            untold_count=Count("units__facilities", filter=Q(units__facilities__in=untold.values("pk")), distinct=True),
        )
        .order_by("-missing_count", "-untold_count", "entered_count", "pinyin", "pk")
    )


def has_gaps() -> Q:
    """Enterprises of which a facility lacks an assessment, whose file tells one that is not in the register, or that
    entered none at all and so have not said.
    """
    return Q(missing_count__gt=0) | Q(untold_count__gt=0) | Q(entered_count=0)


def assessments_of(row: EnvironmentalFacility) -> Sequence[EnvironmentalAssessment]:
    """How a facility was assessed, the newest first."""
    return list(row.assessments.order_by("-assessed_date", "-pk")[:100])


def facilities_of_file(file: Enterprise) -> Sequence[EnvironmentalFacility]:
    """Facilities of a file that the caller got through its own query."""
    return list(EnvironmentalFacility.objects.filter(LIVE, file=file).order_by("title", "pk"))


def units_of(row: EnvironmentalFacility) -> Sequence[RiskUnit]:
    """Units of the risk list that the facility's registered facility is the source of."""
    if row.facility_id is None:
        return []
    rows = RiskUnit.objects.filter(facility=row.facility_id, ended_date__isnull=True, object__ended_date__isnull=True)
    return list(rows.select_related("object").order_by("code", "pk"))


def figures(*, actor: Actor, on: date) -> Mapping[str, int]:
    """Of the facilities that the actor may see: how many there are, how many lack an assessment."""
    rows = EnvironmentalFacility.objects.visible_to(actor).filter(LIVE)
    counted = rows.aggregate(all=Count("pk"), missing=Count("pk", filter=is_missing(on)))
    return {"all": counted["all"], "missing": counted["missing"]}
