"""Reads of construction projects, and how a project changes what the district holds."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum

from quancheng.domains.registry.models import Chemical, Enterprise, Holding, Project, TrialVisit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_projects(*, actor: Actor) -> QuerySet[Project]:
    """Projects that the actor may see, open ones first."""
    return (
        Project.objects.visible_to(actor)
        .select_related("enterprise", "area", "supervisor", "owner_org")
        .order_by(F("closed_at").desc(nulls_first=True), "-created_at", "pk")
    )


def get_project(*, actor: Actor, project_id: uuid.UUID) -> Project:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_projects(actor=actor).filter(pk=project_id).first()
    if found is None:
        raise NotFound
    return found


def visits_of(project: Project) -> list[TrialVisit]:
    """Looks at its trial production, the newest first."""
    return list(project.visits.order_by("-day", "-pk"))


@dataclass(frozen=True, slots=True)
class Increase:
    """What a project adds of a chemical to what the district's facilities are designed for, in tonnes."""

    chemical: Chemical
    design_t: Decimal
    standing_t: Decimal

    @property
    def percent(self) -> Decimal | None:
        """The net increase in percent; None where nothing stands yet."""
        return None if not self.standing_t else (self.design_t * 100 / self.standing_t).quantize(Decimal("0.1"))


def increases_of(project: Project) -> Sequence[Increase]:
    """What it adds, chemical by chemical, against the design maximum of facilities in service in the whole district.

    A total names no enterprise, so that both sides may see it.
    """
    rows = list(project.chemicals.select_related("chemical").order_by("chemical__pinyin", "pk"))
    standing = dict(
        Holding.objects.filter(
            chemical__in=[one.chemical_id for one in rows], ended_date__isnull=True,
            facility__decommissioned_date__isnull=True,
        ).values_list("chemical").annotate(total=Sum("design_t")).order_by()
    )  # fmt: skip
    return [Increase(one.chemical, one.design_t, standing.get(one.chemical_id) or Decimal(0)) for one in rows]


@dataclass(frozen=True, slots=True)
class Totals:
    """How many units the district has that do not stand closed, and how many of them are major hazards."""

    enterprises: int
    closed: int
    hazards: int


def totals(*, actor: Actor) -> Totals:
    """Total numbers as far as the actor sees (减量化)."""
    told = Enterprise.objects.visible_to(actor).aggregate(
        standing=Count("pk", filter=~Q(life="closed"), distinct=True),
        closed=Count("pk", filter=Q(life="closed"), distinct=True),
        hazards=Count(
            "units", filter=Q(units__legal_grade__isnull=False, units__ended_date__isnull=True), distinct=True
        ),
    )
    return Totals(told["standing"], told["closed"], told["hazards"])
