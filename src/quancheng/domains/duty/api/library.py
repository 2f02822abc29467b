"""The plan library: what every unit issued for a year, what is in force, whose yearly points are missing."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.api.plans import PlanOut
from quancheng.domains.duty.models.plans import PlanKind
from quancheng.domains.duty.queries import library as queries
from quancheng.domains.duty.queries.library import EXPIRED, IN_FORCE, IN_REVIEW, LEVELS, SUPERSEDED
from quancheng.kernel.exchange.rest import REFUSALS, Strict, one_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])


class ShelvedPlanOut(Schema):
    """A plan and what it is worth today: in_force, superseded, expired or review."""

    plan: PlanOut
    validity: str


class ShelfOut(Schema):
    """A unit and what it issued for the year; ``is_missing``: it owes yearly key points and has none issued."""

    org_id: uuid.UUID
    is_missing: bool
    plans: list[ShelvedPlanOut]


class LibraryIn(Strict):
    year: int | None = Field(None, ge=1990, le=2100, description="this year, where none is named")
    kind: str = one_of(PlanKind.values)
    level: str = one_of(LEVELS)
    validity: str = one_of((IN_FORCE, SUPERSEDED, EXPIRED, IN_REVIEW))


@router.get(
    "/library",
    response={200: list[ShelfOut], **REFUSALS},
    operation_id="list_library",
    summary="Units with the plans that they issued for a year, those whose yearly points are missing first",
)
def list_library(request: HttpRequest, given: Query[LibraryIn]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    shelves = queries.list_shelves(
        actor=actor_of(request),
        year=given.year or today.year,
        kind=given.kind,
        level=given.level,
        validity=given.validity,
        today=today,
    )
    return [
        {
            "org_id": shelf.org.pk,
            "is_missing": shelf.is_missing,
            "plans": [{"plan": plan, "validity": worth} for plan, worth in shelf.plans],
        }
        for shelf in shelves
    ]
