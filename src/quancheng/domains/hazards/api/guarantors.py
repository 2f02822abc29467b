"""Guarantors of major hazards for programs: who stands, naming one, making tasks, what is owed in a period."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.hazards.loops.guarantor import GUARANTOR_ROUND
from quancheng.domains.hazards.models import Guarantor, GuarantorRole, GuarantorRound
from quancheng.domains.hazards.queries import guarantors as queries
from quancheng.domains.hazards.services import guarantors as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["hazards"])


class GuarantorOut(Schema):
    """Who answers for a major hazard; ``until_date`` is empty while he stands. No telephone number is told."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    hazard_id: uuid.UUID
    role: str
    person_id: uuid.UUID
    name: str
    job: str
    since_date: date
    until_date: date | None


class GuarantorsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    hazard_id: uuid.UUID | None = None
    standing: bool = Field(False, description="only those who stand")


class GuarantorIn(Strict):
    role: str = one_of(GuarantorRole.values, default=None)
    person_id: uuid.UUID
    job: str = Field(min_length=1, max_length=60)
    phone: str = Field(min_length=1, max_length=40)
    since: date
    file_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class GuarantorTasksIn(Strict):
    first: date = Field(description="from when the tasks count; weekly ones fall on its weekday")


class GuarantorTasksOut(Schema):
    made: int


class GuarantorRoundOut(Schema):
    """What the guarantors of one role of an enterprise owe in a period; the numbers stand once it is closed."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    role: str
    title: str
    first_date: date
    last_date: date
    status: str
    planned: int | None
    done: int | None
    reason: str
    closed_at: datetime | None


class RoundsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    role: str = one_of(GuarantorRole.values)
    status: str = one_of(GUARANTOR_ROUND.codes)


class ExplainIn(Strict):
    reason: str = Field(min_length=1, max_length=1000)


@router.get("/guarantors", response={200: Page[GuarantorOut], **REFUSALS}, operation_id="list_guarantors",
            summary="Guarantors of major hazards")  # fmt: skip
def list_guarantors(request: HttpRequest, given: Query[GuarantorsIn]) -> dict[str, Any]:
    rows = queries.list_guarantors(actor=actor_of(request))
    if given.standing:
        rows = rows.filter(queries.STANDING)
    return page_of(narrowed(rows, {"file": given.enterprise_id, "hazard": given.hazard_id}), given)


@router.post("/major-hazards/{uuid:pk}/guarantors", response={201: GuarantorOut, **REFUSALS},
             operation_id="name_guarantor", summary="Name who answers for a major hazard in a role")  # fmt: skip
def name_guarantor(request: HttpRequest, pk: uuid.UUID, payload: GuarantorIn) -> Status[Guarantor]:
    actor = actor_of(request)
    hazard = queries.get_hazard(actor=actor, unit_id=pk)
    made = services.name_guarantor(
        actor=actor, hazard=hazard, role=payload.role, person_id=payload.person_id, job=payload.job,
        phone=payload.phone, since=payload.since, files=payload.file_ids, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.post("/major-hazards/{uuid:pk}/guarantor-tasks", response={200: GuarantorTasksOut, **REFUSALS},
             operation_id="make_guarantor_tasks", summary="Make the check tasks of the official lists")  # fmt: skip
def make_guarantor_tasks(request: HttpRequest, pk: uuid.UUID, payload: GuarantorTasksIn) -> dict[str, int]:
    actor = actor_of(request)
    hazard = queries.get_hazard(actor=actor, unit_id=pk)
    return {"made": services.build_tasks(actor=actor, hazard=hazard, first=payload.first, now=timezone.now())}


@router.get("/guarantor-rounds", response={200: Page[GuarantorRoundOut], **REFUSALS},
            operation_id="list_guarantor_rounds", summary="What guarantors owe or owed, open ones first")  # fmt: skip
def list_guarantor_rounds(request: HttpRequest, given: Query[RoundsIn]) -> dict[str, Any]:
    asked = {"file": given.enterprise_id, "role": given.role, "status": given.status}
    return page_of(narrowed(queries.list_rounds(actor=actor_of(request)), asked), given)


@router.post("/guarantor-rounds/{uuid:pk}/explain", response={200: GuarantorRoundOut, **REFUSALS},
             operation_id="explain_guarantor_round", summary="Say why not all was done in a period")  # fmt: skip
def explain_guarantor_round(request: HttpRequest, pk: uuid.UUID, payload: ExplainIn) -> GuarantorRound:
    actor = actor_of(request)
    row = queries.get_round(actor=actor, round_id=pk)
    return services.explain_round(actor=actor, row=row, reason=payload.reason, now=timezone.now(),
                                  client_id=client_id_of(request))  # fmt: skip
