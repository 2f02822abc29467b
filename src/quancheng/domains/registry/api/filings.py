"""Filings of enterprise files, and the moves that lead them to the office."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.loops.filing import FILING
from quancheng.domains.registry.models import Filing
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import filings as queries
from quancheng.domains.registry.services import filings as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class FilingOut(Schema):
    """A filing. ``rule`` is what called for it, empty where the enterprise filed of its own accord; ``changed`` the
    facts whose change did; ``digest`` that of what was certified; ``number`` the receipt's.
    """

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID
    supervisor_id: uuid.UUID
    status: str
    rule: str
    reason: str
    changed: list[str]
    due_date: date
    digest: str
    score: int | None
    prepared_at: datetime | None
    certified_at: datetime | None
    number: str
    received_at: datetime | None


class FilingsIn(Paging):
    status: str = one_of(FILING.codes)
    rule: str = one_of(queries.shipped_rules())
    enterprise_id: uuid.UUID | None = None


class FilingBeginIn(Strict):
    reason: str = Field(min_length=1, max_length=500)


class FilingCertifyIn(Strict):
    """``agreed`` certifies that what was prepared is true and complete."""

    agreed: bool


class FilingReceiveIn(Strict):
    text: str = Field("", max_length=500)


class FilingReasonIn(Strict):
    reason: str = Field(min_length=1, max_length=500)


@router.get(
    "/filings",
    response={200: Page[FilingOut], **REFUSALS},
    operation_id="list_filings",
    summary="Filings that the actor may see, open ones first",
)
def list_filings(request: HttpRequest, given: Query[FilingsIn]) -> dict[str, Any]:
    asked = {"status": given.status, "rule": given.rule, "enterprise": given.enterprise_id}
    return page_of(narrowed(queries.list_filings(actor=actor_of(request)), asked), given)


@router.get(
    "/filings/{uuid:pk}",
    response={200: FilingOut, **REFUSALS},
    operation_id="get_filing",
    summary="One filing",
)
def get_filing(request: HttpRequest, pk: uuid.UUID) -> Filing:
    return _filing(request, pk)


def _filing(request: HttpRequest, pk: uuid.UUID) -> Filing:
    return queries.get_filing(actor=actor_of(request), filing_id=pk)


@router.post(
    "/enterprises/{uuid:pk}/filings",
    response={201: FilingOut, **REFUSALS},
    operation_id="begin_filing",
    summary="Begin a filing of one's own file that no rule called for",
)
def begin(request: HttpRequest, pk: uuid.UUID, payload: FilingBeginIn) -> Status[Filing]:
    actor = actor_of(request)
    file = files.get_enterprise(actor=actor, file_id=pk)
    made = services.begin_filing(
        actor=actor, file=file, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.post(
    "/filings/{uuid:pk}/prepare",
    response={200: FilingOut, **REFUSALS},
    operation_id="prepare_filing",
    summary="Freeze what the file says, for another person to certify",
)
def prepare(request: HttpRequest, pk: uuid.UUID) -> Filing:
    return services.prepare_filing(
        actor=actor_of(request), filing=_filing(request, pk), now=timezone.now(), client_id=client_id_of(request)
    )


@router.post(
    "/filings/{uuid:pk}/certify",
    response={200: FilingOut, **REFUSALS},
    operation_id="certify_filing",
    summary="Certify that it is true, and hand it in; it gets its receipt number",
)
def certify(request: HttpRequest, pk: uuid.UUID, payload: FilingCertifyIn) -> Filing:
    return services.certify_filing(
        actor=actor_of(request), filing=_filing(request, pk), agreed=payload.agreed, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.post(
    "/filings/{uuid:pk}/receive",
    response={200: FilingOut, **REFUSALS},
    operation_id="receive_filing",
    summary="Receive a filing; a file that still says the same is verified with it",
)
def receive(request: HttpRequest, pk: uuid.UUID, payload: FilingReceiveIn) -> Filing:
    return services.receive_filing(
        actor=actor_of(request), filing=_filing(request, pk), text=payload.text, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


def _answer(request: HttpRequest, pk: uuid.UUID, name: str, reason: str) -> Filing:
    return services.answer_filing(
        actor=actor_of(request), filing=_filing(request, pk), name=name, reason=reason, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.post(
    "/filings/{uuid:pk}/return",
    response={200: FilingOut, **REFUSALS},
    operation_id="return_filing",
    summary="Return a filing to the enterprise to be mended",
)
def return_filing(request: HttpRequest, pk: uuid.UUID, payload: FilingReasonIn) -> Filing:
    return _answer(request, pk, "return", payload.reason)


@router.post(
    "/filings/{uuid:pk}/send-back",
    response={200: FilingOut, **REFUSALS},
    operation_id="send_back_filing",
    summary="Send what was prepared back to who prepared it",
)
def send_back(request: HttpRequest, pk: uuid.UUID, payload: FilingReasonIn) -> Filing:
    return _answer(request, pk, "send_back", payload.reason)


@router.post(
    "/filings/{uuid:pk}/withdraw",
    response={200: FilingOut, **REFUSALS},
    operation_id="withdraw_filing",
    summary="Withdraw a filing that no rule called for",
)
def withdraw(request: HttpRequest, pk: uuid.UUID, payload: FilingReasonIn) -> Filing:
    return _answer(request, pk, "withdraw", payload.reason)
