"""What regulators learned, for programs: read."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.models import StudyWay
from quancheng.domains.training.queries import study as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class RegulatorStudiesIn(Paging):
    user_id: uuid.UUID | None = None
    way: str = one_of(StudyWay.values)
    since: date | None = None


class RegulatorStudyOut(Schema):
    """Hours that somebody of an office learned. Struck out ones count nowhere."""

    id: uuid.UUID
    user_id: uuid.UUID
    office_id: uuid.UUID = Field(alias="owner_org_id")
    programme: str = Field(alias="programme.code")
    way: str
    title: str
    given_by: str
    held_date: date
    hours: Decimal
    score: int | None
    proof_number: str
    struck_reason: str


@router.get("/regulator-studies", response={200: Page[RegulatorStudyOut], **REFUSALS},
            operation_id="list_regulator_studies", summary="What regulators learned, the newest first")  # fmt: skip
def list_regulator_studies(request: HttpRequest, given: Query[RegulatorStudiesIn]) -> dict[str, Any]:
    asked = {"user": given.user_id, "way": given.way, "held_date__gte": given.since}
    return page_of(narrowed(queries.list_studies(actor=actor_of(request)), asked), given)
