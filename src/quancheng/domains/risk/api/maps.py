"""Colours on the map, rolled up by town, plans of sites with what is drawn on them, for programs."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.registry.queries.enterprises import get_enterprise, seen
from quancheng.domains.risk.kinds import ColourOf, Level
from quancheng.domains.risk.models import PlanMark
from quancheng.domains.risk.queries import levels
from quancheng.domains.risk.queries import maps as queries
from quancheng.domains.risk.queries import plans as plan_queries
from quancheng.domains.risk.services import plans as services
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["risk"])
_OF = "present (default), residual, inherent, or graded: the colour of the enterprise itself"
_DAY = "colours as they stood at the end of this day; without it as they stand"


class RiskPointOut(Schema):
    """An enterprise on the risk map. ``level``: 1 red to 4 blue, null without one; degrees CGCS2000."""

    enterprise_id: uuid.UUID = Field(alias="pk")
    name: str
    lon: Decimal | None
    lat: Decimal | None
    area_code: str
    level: int | None
    major_hazard_grade: int | None = Field(alias="legal_grade")

    @staticmethod
    def resolve_name(row: Any) -> str:
        return str(row.enterprise.name)

    @staticmethod
    def resolve_area_code(row: Any) -> str:
        return row.area.code if row.area is not None else ""


class RiskTownOut(Schema):
    """One town: enterprises by level, shares in per cent of those that have one, identifiers of the worst."""

    area_code: str
    name: str
    numbers: dict[str, int]
    shares: dict[str, str]
    without: int
    total: int
    worst: list[uuid.UUID]


class SitePlanOut(Schema):
    """An edition of a plan of a site; lengths in pixels of its picture."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    name: str
    edition_date: date
    width_px: int
    height_px: int
    scale_points: list[list[int]] | None
    scale_m: Decimal | None


class PlanMarkOut(Schema):
    """A drawing: an object or a unit, its corners, its present level."""

    id: uuid.UUID
    object_id: uuid.UUID | None
    unit_id: uuid.UUID | None
    shape: str
    points: list[list[int]]


class AtIn(Strict):
    of: str = one_of(ColourOf.values, default=ColourOf.PRESENT)
    day: date | None = Field(None, description=_DAY)


class RiskPointsIn(Paging):
    of: str = one_of(ColourOf.values, default=ColourOf.PRESENT)
    day: date | None = Field(None, description=_DAY)
    level: int | None = Field(None, ge=1, le=4)


class PlanMarkIn(Strict):
    """Corners in order, or one point."""

    points: list[tuple[int, int]] = Field(min_length=1, max_length=200)


def _day(day: date | None) -> date | None:
    if day is not None and not date(1900, 1, 1) <= day <= Calendar().local_date(timezone.now()):
        raise Invalid(fields={"day": "not a day past"})
    return day


@router.get("/map", response={200: Page[RiskPointOut], **REFUSALS}, operation_id="list_risk_points",
            summary="Enterprises with their colour, now or at the end of a day")  # fmt: skip
def list_risk_points(request: HttpRequest, given: Query[RiskPointsIn]) -> dict[str, Any]:
    rows = seen(actor=actor_of(request)).select_related("enterprise", "area")
    rows = levels.with_levels(rows, ColourOf(given.of or ColourOf.PRESENT), _day(given.day))
    return page_of(narrowed(rows, {"level": given.level}), given)


@router.get("/towns", response={200: list[RiskTownOut], **REFUSALS}, operation_id="list_risk_towns",
            summary="Colours rolled up by town, now or at the end of a day")  # fmt: skip
def list_risk_towns(request: HttpRequest, given: Query[AtIn]) -> list[dict[str, Any]]:
    of = ColourOf(given.of or ColourOf.PRESENT)
    towns, _names = queries.rolled_up(actor=actor_of(request), of=of, day=_day(given.day))
    return [
        {
            "area_code": one.area.code if one.area else "", "name": one.area.name if one.area else "",
            "numbers": {str(level): one.by_level[level] for level in Level.values},
            "shares": {str(level): one.share(level) for level in Level.values},
            "without": one.without, "total": one.total, "worst": [pk for pk, _level in one.worst],
        }
        for one in towns
    ]  # fmt: skip


@router.get("/enterprises/{uuid:pk}/plans", response={200: list[SitePlanOut], **REFUSALS},
            operation_id="list_site_plans", summary="Editions of the plans of a site")  # fmt: skip
def list_site_plans(request: HttpRequest, pk: uuid.UUID) -> list[Any]:
    return list(plan_queries.plans_of(get_enterprise(actor=actor_of(request), file_id=pk)))


@router.get("/plans/{uuid:pk}/marks", response={200: list[PlanMarkOut], **REFUSALS}, operation_id="list_plan_marks",
            summary="What is drawn on a plan")  # fmt: skip
def list_plan_marks(request: HttpRequest, pk: uuid.UUID) -> list[PlanMark]:
    plan = plan_queries.get_plan(actor=actor_of(request), plan_id=pk)
    return list(plan.marks.order_by("pk"))


@router.put("/plans/{uuid:pk}/marks/{uuid:subject}", response={200: PlanMarkOut, **REFUSALS},
            operation_id="draw_plan_mark", summary="Draw an object or a unit on a plan")  # fmt: skip
def draw_plan_mark(request: HttpRequest, pk: uuid.UUID, subject: uuid.UUID, payload: PlanMarkIn) -> PlanMark:
    actor = actor_of(request)
    plan = plan_queries.get_plan(actor=actor, plan_id=pk)
    return services.draw_mark(
        actor=actor, plan=plan, subject_id=subject, points=payload.points, now=timezone.now()
    )
