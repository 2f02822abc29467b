"""Class labels of enterprises and their progress, for programs."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.api.analyses import told_at_text
from quancheng.domains.risk.kinds import EnterpriseClass
from quancheng.domains.risk.loops.classing import CLASSING
from quancheng.domains.risk.models import Classing
from quancheng.domains.risk.queries import classings as queries
from quancheng.domains.risk.services import classings as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["risk"])


class ClassingOut(Schema):
    """A class label of an enterprise with its progress in percent."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    kind: str
    grounds: str
    demands: str
    due_date: date | None
    percent: int
    progress: str
    progress_at: datetime | None
    accepted: str
    status: str


class ClassingsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(EnterpriseClass.values)
    status: str = one_of(CLASSING.codes)


class ClassIn(Strict):
    kind: str = one_of(EnterpriseClass.values, default=None)
    grounds: str = Field(min_length=1, max_length=1000)
    demands: str = Field("", max_length=2000)
    due: date | None = None


class ClassingMoveIn(Strict):
    move: str = one_of(("progress", "report", "accept", "return", "replace"), default=None)
    text: str = Field(min_length=1, max_length=1000)
    percent: int = Field(0, ge=0, le=100, description="of progress")
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


@router.get("/classings", response={200: Page[ClassingOut], **REFUSALS}, operation_id="list_classings",
            summary="Class labels of enterprises with their progress")  # fmt: skip
def list_classings(request: HttpRequest, given: Query[ClassingsIn]) -> dict[str, Any]:
    rows = queries.list_classings(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "kind": given.kind, "status": given.status}), given)


@router.post("/enterprises/{uuid:pk}/classings", response={201: ClassingOut, **REFUSALS},
             operation_id="class_enterprise", summary="Label an enterprise")  # fmt: skip
def class_enterprise(request: HttpRequest, pk: uuid.UUID, payload: ClassIn) -> Status[Classing]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    made = services.class_enterprise(
        actor=actor, file=file, now=timezone.now(), client_id=client_id_of(request), **payload.dict()
    )
    return Status(201, made)


@router.get("/classings/{uuid:pk}", response={200: ClassingOut, **REFUSALS}, operation_id="get_classing",
            summary="One class label")  # fmt: skip
def get_classing(request: HttpRequest, pk: uuid.UUID) -> Classing:
    return queries.get_classing(actor=actor_of(request), classing_id=pk)


@router.post("/classings/{uuid:pk}/moves", response={200: ClassingOut, **REFUSALS}, operation_id="move_classing",
             summary="Tell progress, report, accept, return or replace")  # fmt: skip
def move_classing(request: HttpRequest, pk: uuid.UUID, payload: ClassingMoveIn) -> Classing:
    actor = actor_of(request)
    row = queries.get_classing(actor=actor, classing_id=pk)
    common: dict[str, Any] = {
        "actor": actor, "row": row, "now": timezone.now(), "client_id": client_id_of(request), "name": payload.move,
        "text": payload.text,
    }  # fmt: skip
    if payload.move in ("progress", "report"):
        return services.tell_progress(**common, percent=payload.percent, evidence=payload.evidence)
    return told_at_text(lambda: services.judge_classing(**common))
