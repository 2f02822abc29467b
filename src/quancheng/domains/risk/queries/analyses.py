"""Reads of analyses (风险分析), their rows and recommendations, of layers of protection."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Prefetch, Q, QuerySet

from quancheng.domains.registry.models import Facility, Holding
from quancheng.domains.registry.queries.derived import KEY_CHEMICALS, two_key_one_major
from quancheng.domains.risk.kinds import AnalysisMethod
from quancheng.domains.risk.models import (
    Analysis,
    AnalysisRow,
    LopaScenario,
    LopaTypical,
    Recommendation,
    RiskUnit,
)
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.standards.risk import hazop, lopa
from quancheng.standards.risk.basis import months_later
from quancheng.standards.wording import Text

OPEN = ("DRAFT", "REVIEW")
#: Editions that count: what is due again counts until a newer one is in force.
COUNTING = ("IN_FORCE", "DUE")


def list_analyses(*, actor: Actor) -> QuerySet[Analysis]:
    """Analyses that the actor may see, the newest first; rows and open recommendations counted."""
    waiting = Q(recommendations__status__in=("OPEN", "DONE"))
    rows = Analysis.objects.visible_to(actor).select_related("file__enterprise", "unit", "area")
    return rows.annotate(
        row_count=Count("rows", distinct=True), open_count=Count("recommendations", filter=waiting, distinct=True)
    ).order_by("-created_at", "-pk")


def get_analysis(*, actor: Actor, analysis_id: uuid.UUID) -> Analysis:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Analysis.objects.visible_to(actor).select_related(
        "file__enterprise", "supervisor", "owner_org", "unit__object__file__enterprise", "unit__object__place",
        "unit__facility", "replaces",
    )  # fmt: skip
    found = rows.filter(pk=analysis_id).first()
    if found is None:
        raise NotFound
    return found


def rows_of(row: Analysis) -> Sequence[AnalysisRow]:
    """The rows of an analysis that the caller got through its own query, in their order; those of a HAZOP with their
    ``scenarios`` of layers of protection.
    """
    rows = row.rows.select_related("event").order_by("order", "pk")
    if row.method == AnalysisMethod.HAZOP:
        standing = LopaScenario.objects.filter(ended_date__isnull=True).order_by("name", "pk")
        rows = rows.prefetch_related(Prefetch("lopa_scenarios", standing, to_attr="scenarios"))
    return list(rows)


def list_rows(*, actor: Actor, method: str) -> QuerySet[AnalysisRow]:
    """Rows of analyses by one method that the actor may see and that count, by analysis and order."""
    seen = Analysis.objects.visible_to(actor).filter(method=method, status__in=(*OPEN, *COUNTING))
    rows = AnalysisRow.objects.filter(analysis__in=seen.values("pk"))
    return rows.select_related("analysis__file__enterprise", "analysis__unit").order_by(
        "-analysis__created_at", "analysis", "order", "pk"
    )


def get_row(*, actor: Actor, row_id: uuid.UUID) -> AnalysisRow:
    """Raise NotFound for absent and for out of scope alike."""
    seen = Analysis.objects.visible_to(actor).values("pk")
    rows = AnalysisRow.objects.filter(analysis__in=seen).select_related(
        "analysis__file__enterprise", "analysis__unit__object__file"
    )
    found = rows.filter(pk=row_id).first()
    if found is None:
        raise NotFound
    return found


def analyses_of(unit: RiskUnit) -> Sequence[Analysis]:
    """Analyses of a unit that the caller got through its own query, the newest first."""
    return list(Analysis.objects.filter(unit=unit).order_by("-created_at", "-pk")[:100])


def drafts_of(*, actor: Actor, method: str) -> QuerySet[Analysis]:
    """Drafts of one's own enterprise into which rows may be written."""
    rows = Analysis.objects.visible_to(actor).filter(owner_org=actor.organisation_id, status="DRAFT", method=method)
    return rows.order_by("-created_at", "pk")


def interval_of(unit: RiskUnit) -> hazop.Interval:
    """How often a unit is analysed and whether by HAZOP, from what the registry tells of its facility.

    A unit without a registered facility has what its object's registered unit has, else what the enterprise has.
    """
    parent = unit.object
    place = unit.facility.unit if unit.facility is not None else parent.place
    major = parent.place is not None and parent.place.legal_grade is not None
    if place is None:
        marks = two_key_one_major(parent.file)
        # A file in which nobody entered a unit yet tells nothing: what it does not show is not known, not absent.
        absent = False if parent.file.units.exists() else None
        return hazop.interval(
            key_process=bool(marks.processes) or absent, key_chemical=bool(marks.chemicals) or absent,
            major_hazard=bool(marks.hazards) or absent,
        )  # fmt: skip
    facilities = Facility.objects.filter(decommissioned_date__isnull=True)
    facilities = facilities.filter(pk=unit.facility_id) if unit.facility_id else facilities.filter(unit=place)
    processes = {code for codes in facilities.values_list("processes", flat=True) for code in codes}
    held = Holding.objects.filter(facility__in=facilities, ended_date__isnull=True)
    return hazop.interval(
        key_process=bool(processes - {"none"}) if processes else None,
        key_chemical=held.filter(chemical__lists__contains=[KEY_CHEMICALS]).exists(),
        major_hazard=major or place.legal_grade is not None,
    )


# Recommendations -------------------------------------------------------------------------------------------------


def list_recommendations(*, actor: Actor) -> QuerySet[Recommendation]:
    """What analyses recommend, as far as the actor may see it: open ones first, by their term."""
    rows = Recommendation.objects.visible_to(actor).select_related("analysis__file__enterprise", "analysis__unit")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_date", "pk")


def get_recommendation(*, actor: Actor, recommendation_id: uuid.UUID) -> Recommendation:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Recommendation.objects.visible_to(actor).select_related(
        "analysis__file__enterprise", "analysis__unit", "row", "owner_org"
    )
    found = rows.filter(pk=recommendation_id).first()
    if found is None:
        raise NotFound
    return found


def recommendations_of(row: Analysis) -> Sequence[Recommendation]:
    """Recommendations of an analysis that the caller got through its own query, by term."""
    return list(row.recommendations.order_by("due_date", "pk"))


def is_stale(on: date) -> Q:
    """Open for more than twelve months: to be treated as hidden dangers [D]."""
    return Q(status__in=("OPEN", "DONE"), raised_date__lt=months_later(on, -hazop.STALE_MONTHS))


def is_old(row: Recommendation, on: date) -> bool:
    """The same of one."""
    return row.status in ("OPEN", "DONE") and row.raised_date < months_later(on, -hazop.STALE_MONTHS)


def closing_of(rows: Sequence[Recommendation], on: date) -> hazop.Closing:
    """The closing rate of these recommendations on a day."""
    calendar = Calendar()
    states = {"CLOSED": "closed", "REJECTED": "rejected"}
    return hazop.closing(
        [
            hazop.Recommendation(
                code=one.title, status=states.get(one.status, "open"), raised_on=one.raised_date,
                closed_on=max(calendar.local_date(one.closed_at), one.raised_date)
                if one.status == "CLOSED" and one.closed_at
                else None,
                reason="—" if one.status == "REJECTED" else "",
            )
            for one in rows
        ],
        on=on,
    )  # fmt: skip


def closing_figures(*, actor: Actor) -> tuple[int, int]:
    """How many recommendations that the actor may see are closed, and how many were accepted."""
    rows = Recommendation.objects.visible_to(actor).exclude(status="REJECTED")
    found = rows.aggregate(closed=Count("pk", filter=Q(status="CLOSED")), accepted=Count("pk"))
    return found["closed"], found["accepted"]


# Layers of protection --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Value:
    """A typical value in force, with where it comes from; ``own`` is the district's row."""

    typical: lopa.Typical
    source: str
    own: LopaTypical | None


def typical_values(on: date) -> Mapping[str, Mapping[str, Value]]:
    """Typical values in force on a day, by kind (``event``, ``layer``) and code: the district's, else those shipped."""
    shipped = {"event": lopa.initiating_events(), "layer": lopa.layers_known()}
    found: dict[str, dict[str, Value]] = {
        kind: {code: Value(one, "", None) for code, one in rows.items()} for kind, rows in shipped.items()
    }
    for own in LopaTypical.objects.filter(from_date__lte=on).order_by("from_date", "entered_at", "pk"):
        before = shipped[own.kind].get(own.code)
        name = before.name if before is not None else Text(own.name, own.name)
        typical = lopa.Typical(own.code, name, own.low, own.high, own.mark)
        found[own.kind][own.code] = Value(typical, own.source, own)
    return found


def past_values() -> Sequence[LopaTypical]:
    """What the district set, the newest first."""
    return list(LopaTypical.objects.select_related("entered_by").order_by("-from_date", "-entered_at")[:100])


def list_lopa(*, actor: Actor) -> QuerySet[LopaScenario]:
    """Scenarios that the actor may see and that stand, the gravest first."""
    rows = LopaScenario.objects.visible_to(actor).filter(ended_date__isnull=True)
    return rows.select_related("file__enterprise", "unit", "area").order_by("level", "-created_at", "pk")


def get_lopa(*, actor: Actor, scenario_id: uuid.UUID) -> LopaScenario:
    """Raise NotFound for absent and for out of scope alike."""
    rows = LopaScenario.objects.visible_to(actor).select_related("file__enterprise", "unit", "event", "row__analysis")
    found = rows.filter(pk=scenario_id).first()
    if found is None:
        raise NotFound
    return found


def lopa_of(unit: RiskUnit) -> Sequence[LopaScenario]:
    """Scenarios of a unit that the caller got through its own query."""
    return list(LopaScenario.objects.filter(unit=unit, ended_date__isnull=True).order_by("level", "pk"))


def tolerables() -> list[tuple[str, Text, Decimal]]:
    """Tolerable frequencies to choose from: limits of individual risk of existing units, by kind of target."""
    return [(code, one.name, one.existing) for code, one in lopa.risk_limits().items()]
