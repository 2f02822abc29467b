"""Programmes of education for programs."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.models import Programme, ProgrammeKind, UnifiedWay
from quancheng.domains.training.queries import programmes as queries
from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class ProgrammesIn(Paging):
    kind: str = one_of(ProgrammeKind.values)


class UnifiedWayOut(Schema):
    """One material, one paper and one certifying office, with the days on which they were the ones."""

    course_id: uuid.UUID
    rule_id: uuid.UUID
    office_id: uuid.UUID
    from_date: date
    to_date: date | None


class ProgrammeOut(Schema):
    """A programme; hours are lessons, an empty list is no condition.

    From ``unified_from`` to ``unified_to``, or without end, only hours by the one course and exams by the one paper
    count (四个统一).
    """

    id: uuid.UUID
    code: str
    kind: str
    name: str
    name_en: str
    roles: list[str]
    except_roles: list[str]
    employments: list[str]
    kinds: list[str]
    first_hours: int
    plant_hours: int
    workshop_hours: int
    team_hours: int
    yearly_hours: int
    interval_months: int
    interval_hours: int
    within_days: int
    pass_mark: int | None
    needs_practice: bool
    is_owed: bool
    unified_from: date | None
    unified_to: date | None
    unified_course_id: uuid.UUID | None
    unified_rule_id: uuid.UUID | None
    unified_by_id: uuid.UUID | None
    ways: list[UnifiedWayOut] = Field(description="the present one way and former ones, the newest first")
    syllabus: str
    basis: str
    mark: str
    valid_from: date | None
    valid_to: date | None
    version: int

    @staticmethod
    def resolve_ways(row: Programme) -> list[UnifiedWay]:
        return sorted(row.ways.all(), key=lambda one: (one.from_date, one.pk), reverse=True)


@router.get("/programmes", response={200: Page[ProgrammeOut], **REFUSALS}, operation_id="list_programmes",
            summary="Programmes of education")  # fmt: skip
def list_programmes(request: HttpRequest, given: Query[ProgrammesIn]) -> dict[str, Any]:
    actor_of(request).require(VIEW)
    return page_of(narrowed(queries.list_programmes().prefetch_related("ways"), {"kind": given.kind}), given)


@router.get("/programmes/{uuid:pk}", response={200: ProgrammeOut, **REFUSALS}, operation_id="get_programme",
            summary="One programme of education")  # fmt: skip
def get_programme(request: HttpRequest, pk: uuid.UUID) -> Programme:
    actor_of(request).require(VIEW)
    return queries.get_programme(programme_id=pk)
