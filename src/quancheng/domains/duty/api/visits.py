"""Supervision visits."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from quancheng.domains.duty.loops.visit import VISIT
from quancheng.domains.duty.models import Visit
from quancheng.domains.duty.queries import visits as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])


class VisitsIn(Paging):
    status: str = one_of(VISIT.codes)


class FindingOut(Schema):
    """What a visit found; ``outcome`` is empty until somebody decides: task, warning, talk or settled."""

    order: int
    text: str
    outcome: str
    task_id: uuid.UUID | None


class VisitOut(Schema):
    """A supervision visit; ``kind`` is open or secret."""

    id: uuid.UUID
    code: str
    kind: str
    org_id: uuid.UUID
    subject: str
    planned_date: date
    visited_date: date | None
    inspectors: str
    text: str
    status: str
    findings: list[FindingOut]

    @staticmethod
    def resolve_findings(row: Visit) -> list[Any]:
        return sorted(row.findings.all(), key=lambda finding: finding.order)


@router.get(
    "/visits",
    response={200: Page[VisitOut], **REFUSALS},
    operation_id="list_visits",
    summary="Supervision visits that the actor may see, the latest first",
)
def list_visits(request: HttpRequest, given: Query[VisitsIn]) -> dict[str, Any]:
    rows = queries.list_visits(actor=actor_of(request)).prefetch_related("findings")
    return page_of(narrowed(rows, {"status": given.status}), given)


@router.get(
    "/visits/{uuid:pk}",
    response={200: VisitOut, **REFUSALS},
    operation_id="get_visit",
    summary="One supervision visit with its findings",
)
def get_visit(request: HttpRequest, pk: uuid.UUID) -> Visit:
    return queries.get_visit(actor=actor_of(request), visit_id=pk)
