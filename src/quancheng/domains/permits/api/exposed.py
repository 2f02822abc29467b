"""Cases of special work that are published, for programs; read only."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from quancheng.domains.permits.loops.case import CASE
from quancheng.domains.permits.models import ExposedCase, Kind
from quancheng.domains.permits.queries import exposed as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class ExposedCaseOut(Schema):
    """A case. ``enterprise`` is its name where that is published, else empty."""

    id: uuid.UUID
    code: str
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    status: str
    kind: str
    title: str
    what: str
    rule: str
    outcome: str
    enterprise: str = Field(alias="shown_name")
    published_at: datetime | None


class ExposedCasesIn(Paging):
    status: str = one_of(CASE.codes)
    kind: str = one_of(Kind.values)


@router.get("/exposed-cases", response={200: Page[ExposedCaseOut], **REFUSALS}, operation_id="list_exposed_cases",
            summary="Cases of special work that are published, and one's own office's others")  # fmt: skip
def list_exposed_cases(request: HttpRequest, given: Query[ExposedCasesIn]) -> dict[str, Any]:
    rows = narrowed(queries.list_cases(actor=actor_of(request)), {"status": given.status, "kind": given.kind})
    return page_of(rows, given)


@router.get("/exposed-cases/{uuid:pk}", response={200: ExposedCaseOut, **REFUSALS}, operation_id="get_exposed_case",
            summary="One case")  # fmt: skip
def get_exposed_case(request: HttpRequest, pk: uuid.UUID) -> ExposedCase:
    return queries.get_case(actor=actor_of(request), case_id=pk)
