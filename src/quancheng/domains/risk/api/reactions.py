"""Reactions and the four clearings for programs."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.api.analyses import told_at_text
from quancheng.domains.risk.kinds import ClearingKind
from quancheng.domains.risk.loops.analysis import CLEARING, REACTION
from quancheng.domains.risk.models import Clearing, Reaction
from quancheng.domains.risk.queries import reactions as queries
from quancheng.domains.risk.queries.risks import facilities_of
from quancheng.domains.risk.services import reactions as services
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    narrowed,
    one_of,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["risk"])


class ReactionOut(Schema):
    """A reaction; temperatures in °C, grade 1 (mildest) to 5, what the grade demands with its state."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    title: str
    facility_id: uuid.UUID | None
    process: str
    tp: Decimal | None
    mtsr: Decimal | None
    mtt: Decimal | None
    td24: Decimal | None
    grade: int | None
    is_settled: bool
    result: dict[str, Any] | None
    controls: list[dict[str, Any]]
    missing: int
    assessed_by: str
    assessed_date: date | None
    report_no: str
    review_date: date | None
    status: str


class ReactionsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(REACTION.codes)
    grade: int | None = Field(None, ge=1, le=5)
    lacking: bool = Field(False, description="only those of which something is missing")


class EnterReactionIn(Strict):
    title: str = Field(min_length=1, max_length=200)
    facility_id: uuid.UUID | None = None
    process: str = Field("", max_length=4)
    tp: Decimal | None = Field(None, max_digits=6, decimal_places=1)
    mtsr: Decimal | None = Field(None, max_digits=6, decimal_places=1)
    mtt: Decimal | None = Field(None, max_digits=6, decimal_places=1)
    td24: Decimal | None = Field(None, max_digits=6, decimal_places=1)
    assessed_by: str = Field("", max_length=200)
    assessed_date: date | None = None
    report_no: str = Field("", max_length=80)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class ReactionControlIn(Strict):
    place: int = Field(ge=0, le=20, description="place in controls, from 0")
    is_done: bool
    text: str = Field(min_length=1, max_length=500)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class ClearingOut(Schema):
    """One of the four clearings of a fine-chemical enterprise."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    kind: str
    title: str
    due_date: date
    evidence_text: str
    verified_date: date | None
    verified_text: str
    status: str


class ClearingsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(ClearingKind.values)
    status: str = one_of(CLEARING.codes)


class ClearingMoveIn(Strict):
    move: str = one_of(("report", "verify", "return", "exempt"), default=None)
    text: str = Field("", max_length=2000)
    day: date | None = Field(None, description="of the verification on site")
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


@router.get("/reactions", response={200: Page[ReactionOut], **REFUSALS}, operation_id="list_reactions",
            summary="Safety risk assessments of reactions")  # fmt: skip
def list_reactions(request: HttpRequest, given: Query[ReactionsIn]) -> dict[str, Any]:
    rows = queries.list_reactions(actor=actor_of(request))
    if given.lacking:
        rows = rows.filter(queries.is_lacking())
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status, "grade": given.grade}), given)


@router.post("/enterprises/{uuid:pk}/reactions", response={201: ReactionOut, **REFUSALS},
             operation_id="enter_reaction", summary="Enter a reaction; its grade follows")  # fmt: skip
def enter_reaction(request: HttpRequest, pk: uuid.UUID, payload: EnterReactionIn) -> Status[Reaction]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict()
    evidence = known.pop("evidence")
    known["facility"] = among(facilities_of(file), known.pop("facility_id"), "facility_id")
    made = services.enter_reaction(
        actor=actor, file=file, known=known, evidence=evidence, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get("/reactions/{uuid:pk}", response={200: ReactionOut, **REFUSALS}, operation_id="get_reaction",
            summary="One reaction")  # fmt: skip
def get_reaction(request: HttpRequest, pk: uuid.UUID) -> Reaction:
    return queries.get_reaction(actor=actor_of(request), reaction_id=pk)


@router.post("/reactions/{uuid:pk}/controls", response={200: ReactionOut, **REFUSALS},
             operation_id="set_reaction_control", summary="Say whether a demanded control is carried out")  # fmt: skip
def set_reaction_control(request: HttpRequest, pk: uuid.UUID, payload: ReactionControlIn) -> Reaction:
    actor = actor_of(request)
    row = queries.get_reaction(actor=actor, reaction_id=pk)
    return services.set_control(
        actor=actor, row=row, now=timezone.now(), client_id=client_id_of(request), **payload.dict()
    )


@router.get("/clearings", response={200: Page[ClearingOut], **REFUSALS}, operation_id="list_clearings",
            summary="The four clearings of fine-chemical enterprises")  # fmt: skip
def list_clearings(request: HttpRequest, given: Query[ClearingsIn]) -> dict[str, Any]:
    rows = queries.list_clearings(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "kind": given.kind, "status": given.status}), given)


@router.post("/clearings/{uuid:pk}/moves", response={200: ClearingOut, **REFUSALS}, operation_id="move_clearing",
             summary="Report a clearing, verify it on site, return it or exempt from it")  # fmt: skip
def move_clearing(request: HttpRequest, pk: uuid.UUID, payload: ClearingMoveIn) -> Clearing:
    actor, now = actor_of(request), timezone.now()
    row = queries.get_clearing(actor=actor, clearing_id=pk)
    common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id_of(request)}
    if payload.move == "report":
        return services.report_clearing(**common, text=payload.text, evidence=payload.evidence)
    if payload.move == "verify":
        day = payload.day or timezone.localdate(now)
        return services.verify_clearing(**common, day=day, text=payload.text, evidence=payload.evidence)
    return told_at_text(lambda: services.answer_clearing(**common, name=payload.move, reason=payload.text))
