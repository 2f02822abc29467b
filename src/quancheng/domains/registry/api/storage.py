"""What is stored wrongly, and how a facility stands against the rules of storage."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.registry.kinds import Basis
from quancheng.domains.registry.loops.storage import STORAGE
from quancheng.domains.registry.models import StorageFinding
from quancheng.domains.registry.models.storage import StorageKind
from quancheng.domains.registry.queries import enterprises
from quancheng.domains.registry.queries import storage as queries
from quancheng.domains.registry.queries.storage import Fault
from quancheng.domains.registry.services import storage as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.wording import Text

router = Router(tags=["registry"])


class SaidOut(Schema):
    """One sentence in both languages."""

    zh: str
    en: str


class StorageFindingOut(Schema):
    """One thing that is stored wrongly. ``figure`` and ``limit`` are in ``measure``, t or m³; ``basis`` is ``present``
    for what lies there, ``legal`` for what design and licence allow. ``mark`` says how sure the rule is.
    """

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    facility_id: uuid.UUID | None
    unit_id: uuid.UUID | None = Field(description="the workshop whose sum is meant; null of anything else")
    kind: str
    rule: str
    basis: str
    chemicals: list[str]
    figure: Decimal | None
    limit: Decimal | None
    measure: str
    reason: SaidOut
    clause: SaidOut
    mark: str
    status: str
    text: str = Field(description="what the enterprise said of it")
    found_at: datetime
    gone_at: datetime | None


class FaultOut(Schema):
    """The same as a judgement of now; ``way`` is how two goods are to be kept apart."""

    kind: str
    rule: str
    basis: str
    level: str
    chemicals: list[str]
    figure: Decimal | None
    limit: Decimal | None
    measure: str
    reason: SaidOut
    way: SaidOut | None
    clause: SaidOut
    mark: str


class StorageCheckOut(Schema):
    """``faults`` are findings, ``cares`` pairs that need a passage between them, ``doubts`` what was not decided."""

    facility_id: uuid.UUID
    fire_limit_t: Decimal | None
    faults: list[FaultOut]
    cares: list[FaultOut]
    doubts: list[SaidOut]


class StorageFindingsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    facility_id: uuid.UUID | None = None
    kind: str = one_of(StorageKind.values)
    basis: str = one_of(Basis.values)
    status: str = one_of(STORAGE.codes)
    standing: bool = Field(False, description="only those whose cause is not gone and that no office let stand")


class StorageAnswerIn(Strict):
    """``explain`` by the enterprise, ``accept`` or ``reject`` by its supervising office."""

    move: str = one_of(("explain", "accept", "reject"), default=None)
    text: str = Field(min_length=1, max_length=2000)


def _said(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def fault_out(one: Fault) -> dict[str, Any]:
    """A fault as JSON values."""
    return {
        "kind": one.kind, "rule": one.rule, "basis": one.basis, "level": one.level.name.lower(),
        "chemicals": list(one.chemicals), "figure": one.figure, "limit": one.limit, "measure": one.measure,
        "reason": _said(one.reason), "way": None if one.way is None else _said(one.way), "clause": _said(one.clause),
        "mark": one.mark,
    }  # fmt: skip


@router.get(
    "/storage-findings",
    response={200: Page[StorageFindingOut], **REFUSALS},
    operation_id="list_storage_findings",
    summary="What may not lie together or is too much, wherever the actor may see",
)
def list_storage_findings(request: HttpRequest, given: Query[StorageFindingsIn]) -> dict[str, Any]:
    rows = queries.list_findings(actor=actor_of(request))
    if given.standing:
        rows = rows.filter(queries.still_standing())
    asked = {"file": given.enterprise_id, "facility": given.facility_id, "kind": given.kind, "basis": given.basis,
             "status": given.status}  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/storage-findings/{uuid:pk}",
    response={200: StorageFindingOut, **REFUSALS},
    operation_id="get_storage_finding",
    summary="One thing that is stored wrongly",
)
def get_storage_finding(request: HttpRequest, pk: uuid.UUID) -> StorageFinding:
    return queries.get_finding(actor=actor_of(request), finding_id=pk)


@router.post(
    "/storage-findings/{uuid:pk}/moves",
    response={200: StorageFindingOut, **REFUSALS},
    operation_id="answer_storage_finding",
    summary="Explain how the goods lie, or judge the explanation",
)
def answer_storage_finding(request: HttpRequest, pk: uuid.UUID, payload: StorageAnswerIn) -> StorageFinding:
    actor = actor_of(request)
    finding = queries.get_finding(actor=actor, finding_id=pk)
    return services.answer_finding(
        actor=actor, finding=finding, name=payload.move, text=payload.text, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.get(
    "/facilities/{uuid:pk}/storage-check",
    response={200: StorageCheckOut, **REFUSALS},
    operation_id="check_storage",
    summary="How a facility stands against the rules of storage, as it is now",
)
def check_storage(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    facility = enterprises.get_facility(actor=actor_of(request), facility_id=pk)
    stocks = [queries.stock_of(one, facility) for one in queries.held_in(facility)]
    judged = queries.judge(stocks, enterprise_kind=facility.unit.file.kind, set_limits=queries.limits())
    return {
        "facility_id": facility.pk, "fire_limit_t": facility.fire_limit_t,
        "faults": [fault_out(one) for one in judged.faults], "cares": [fault_out(one) for one in judged.cares],
        "doubts": [_said(one) for one in judged.doubts],
    }  # fmt: skip
