"""Files of major hazards, and the moves that lead them from their finding to their removal."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.registry.api.bodies import TextIn, files_named
from quancheng.domains.registry.loops.major_hazard import MAJOR_HAZARD
from quancheng.domains.registry.models import MajorHazard
from quancheng.domains.registry.queries import hazards as queries
from quancheng.domains.registry.services import hazards as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class HazardOut(Schema):
    """The file of a major hazard. ``grade`` as last calculated, ``filed_grade`` as filed: 1 is the gravest."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID
    unit_id: uuid.UUID
    supervisor_id: uuid.UUID
    status: str
    grade: int
    r: Decimal
    found_date: date
    due_date: date
    report_date: date | None
    report_by: str
    number: str
    filed_grade: int | None
    reassess_date: date | None


class HazardsIn(Paging):
    status: str = one_of(MAJOR_HAZARD.codes)
    enterprise_id: uuid.UUID | None = None
    grade: int | None = Field(None, ge=1, le=4)


class FilingIn(Strict):
    """``evidence`` names files that the same person uploaded before: the safety assessment report."""

    report_date: date
    report_by: str = Field(min_length=1, max_length=120)
    evidence: list[uuid.UUID] = Field(min_length=1, max_length=50)


class HazardReasonIn(Strict):
    reason: str = Field(min_length=1, max_length=2000)


@router.get(
    "/hazards",
    response={200: Page[HazardOut], **REFUSALS},
    operation_id="list_major_hazards",
    summary="Files of major hazards that the actor may see, the gravest first",
)
def list_hazards(request: HttpRequest, given: Query[HazardsIn]) -> dict[str, Any]:
    asked = {"status": given.status, "enterprise": given.enterprise_id, "grade": given.grade}
    return page_of(narrowed(queries.list_hazards(actor=actor_of(request)), asked), given)


@router.get(
    "/hazards/{uuid:pk}",
    response={200: HazardOut, **REFUSALS},
    operation_id="get_major_hazard",
    summary="The file of one major hazard",
)
def get_hazard(request: HttpRequest, pk: uuid.UUID) -> MajorHazard:
    return _hazard(request, pk)


def _hazard(request: HttpRequest, pk: uuid.UUID) -> MajorHazard:
    return queries.get_hazard(actor=actor_of(request), hazard_id=pk)


@router.post(
    "/hazards/{uuid:pk}/file",
    response={200: HazardOut, **REFUSALS},
    operation_id="file_major_hazard",
    summary="File a major hazard with its safety assessment report",
)
def file_hazard(request: HttpRequest, pk: uuid.UUID, payload: FilingIn) -> MajorHazard:
    hazard = _hazard(request, pk)
    with files_named():
        services.file_hazard(
            actor=actor_of(request), hazard=hazard, now=timezone.now(), client_id=client_id_of(request),
            **payload.dict(),
        )  # fmt: skip
    return _hazard(request, pk)


@router.post(
    "/hazards/{uuid:pk}/accept",
    response={200: HazardOut, **REFUSALS},
    operation_id="accept_major_hazard",
    summary="Accept a filing and give it its number",
)
def accept_hazard(request: HttpRequest, pk: uuid.UUID, payload: TextIn) -> MajorHazard:
    services.accept_hazard(
        actor=actor_of(request), hazard=_hazard(request, pk), text=payload.text, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return _hazard(request, pk)


@router.post(
    "/hazards/{uuid:pk}/agree",
    response={200: HazardOut, **REFUSALS},
    operation_id="agree_to_delist_major_hazard",
    summary="Agree that it is a major hazard no more",
)
def agree(request: HttpRequest, pk: uuid.UUID, payload: TextIn) -> MajorHazard:
    services.delist_hazard(
        actor=actor_of(request), hazard=_hazard(request, pk), text=payload.text, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return _hazard(request, pk)


def _answer(request: HttpRequest, pk: uuid.UUID, name: str, reason: str) -> MajorHazard:
    services.answer_hazard(
        actor=actor_of(request), hazard=_hazard(request, pk), name=name, reason=reason, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return _hazard(request, pk)


@router.post(
    "/hazards/{uuid:pk}/return",
    response={200: HazardOut, **REFUSALS},
    operation_id="return_major_hazard",
    summary="Send a filing back to be mended",
)
def return_hazard(request: HttpRequest, pk: uuid.UUID, payload: HazardReasonIn) -> MajorHazard:
    return _answer(request, pk, "return", payload.reason)


@router.post(
    "/hazards/{uuid:pk}/reassess",
    response={200: HazardOut, **REFUSALS},
    operation_id="reassess_major_hazard",
    summary="Assess a filed major hazard anew",
)
def reassess(request: HttpRequest, pk: uuid.UUID, payload: HazardReasonIn) -> MajorHazard:
    return _answer(request, pk, "reassess", payload.reason)


@router.post(
    "/hazards/{uuid:pk}/delist",
    response={200: HazardOut, **REFUSALS},
    operation_id="delist_major_hazard",
    summary="Ask that it be removed",
)
def delist(request: HttpRequest, pk: uuid.UUID, payload: HazardReasonIn) -> MajorHazard:
    return _answer(request, pk, "delist", payload.reason)


@router.post(
    "/hazards/{uuid:pk}/refuse",
    response={200: HazardOut, **REFUSALS},
    operation_id="refuse_to_delist_major_hazard",
    summary="Refuse to remove it",
)
def refuse(request: HttpRequest, pk: uuid.UUID, payload: HazardReasonIn) -> MajorHazard:
    return _answer(request, pk, "refuse", payload.reason)
