"""Clues of grid patrols for programs, and dangers that grid officers look at again."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.hazards.loops.patrol import PATROL_CLUE, PATROL_RECHECK
from quancheng.domains.hazards.models import ClueKind, PatrolClue, PatrolRecheck, Seen
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.domains.hazards.services import patrol_clues as services
from quancheng.domains.hazards.services import patrol_rechecks as rechecks
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
from quancheng.kernel.phone.api import DeviceIn
from quancheng.standards.hidden_dangers.kinds import code_list

router = Router(tags=["hazards"])


class PatrolClueOut(Schema):
    """A clue: ``handler_id`` has it now, ``finding_id`` is the danger that it became."""

    id: uuid.UUID
    code: str
    title: str
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    place_id: uuid.UUID
    visit_id: uuid.UUID | None
    kind: str
    text: str
    status: str
    found_at: datetime
    town_id: uuid.UUID
    handler_id: uuid.UUID
    take_by: datetime
    answer_by: datetime
    transfer_reason: str
    answer: str
    finding_id: uuid.UUID | None
    created_at: datetime
    closed_at: datetime | None


class PatrolCluesIn(Paging):
    status: str = one_of(PATROL_CLUE.codes)
    kind: str = one_of(ClueKind.values)
    place_id: uuid.UUID | None = None
    handler_id: uuid.UUID | None = None


class PatrolClueIn(Strict):
    kind: str = one_of(ClueKind.values, default=None)
    text: str = Field(min_length=1, max_length=1000)
    found_at: AwareDatetime | None = Field(None, description="now where nothing is told")
    photo_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class PatrolClueActIn(Strict):
    """``take`` needs nothing more; ``transfer`` a receiver and the reason; ``return`` and ``nothing`` the reason;
    ``answer`` what was done; ``find`` the name and type of the danger."""

    act: str = one_of(("take", "transfer", "return", "answer", "nothing", "find"), default=None)
    text: str = Field("", max_length=2000, description="the reason, what was done, or the danger's name")
    receiver_id: uuid.UUID | None = None
    type: str = one_of([one.code for one in code_list("type").items], default="other")
    is_major: bool = False


class PatrolRecheckOut(Schema):
    """A grid officer sent to a danger, and what he saw; it closes nothing."""

    id: uuid.UUID
    finding_id: uuid.UUID
    title: str
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    org_id: uuid.UUID
    officer_id: uuid.UUID
    ask: str
    status: str
    due_date: date
    seen: str
    text: str
    seen_at: datetime | None


class PatrolRechecksIn(Paging):
    status: str = one_of(PATROL_RECHECK.codes)
    finding_id: uuid.UUID | None = None
    mine: bool = Field(False, description="only what the owner of the token was sent to look at")


class PatrolRecheckIn(Strict):
    officer_id: uuid.UUID = Field(description="a grid officer of a village or town in whose area the danger lies")
    due_date: date
    ask: str = Field("", max_length=500)


class SeenDangerIn(Strict):
    seen: str = one_of(Seen.values, default=None)
    text: str = Field("", max_length=1000)
    photo_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)
    device: DeviceIn | None = None


class RecalledIn(Strict):
    reason: str = Field(min_length=1, max_length=1000)


@router.get("/patrol-clues", response={200: Page[PatrolClueOut], **REFUSALS}, operation_id="list_patrol_clues",
            summary="Clues that grid officers found, open ones first")  # fmt: skip
def list_patrol_clues(request: HttpRequest, given: Query[PatrolCluesIn]) -> dict[str, Any]:
    asked = {"status": given.status, "kind": given.kind, "place": given.place_id, "handler": given.handler_id}
    return page_of(narrowed(queries.list_clues(actor=actor_of(request)), asked), given)


@router.get("/patrol-clues/{uuid:pk}", response={200: PatrolClueOut, **REFUSALS}, operation_id="get_patrol_clue",
            summary="One clue")  # fmt: skip
def get_patrol_clue(request: HttpRequest, pk: uuid.UUID) -> PatrolClue:
    return queries.get_clue(actor=actor_of(request), clue_id=pk)


@router.post("/patrol-places/{uuid:pk}/clues", response={201: PatrolClueOut, **REFUSALS},
             operation_id="raise_patrol_clue", summary="Tell the town what was found at a place")  # fmt: skip
def raise_patrol_clue(request: HttpRequest, pk: uuid.UUID, payload: PatrolClueIn) -> Status[PatrolClue]:
    actor = actor_of(request)
    place = queries.get_place(actor=actor, place_id=pk)
    spec = services.ClueSpec(
        kind=payload.kind, text=payload.text, photos=tuple(payload.photo_ids), found_at=payload.found_at
    )
    made = services.raise_clue(
        actor=actor, place=place, spec=spec, now=timezone.now(), client_id=client_id_of(request)
    )  # fmt: skip
    return Status(201, made)


@router.post("/patrol-clues/{uuid:pk}/acts", response={200: PatrolClueOut, **REFUSALS},
             operation_id="act_on_patrol_clue", summary="Take, hand on, return or answer a clue")  # fmt: skip
def act_on_patrol_clue(request: HttpRequest, pk: uuid.UUID, payload: PatrolClueActIn) -> PatrolClue:
    actor = actor_of(request)
    row = queries.get_clue(actor=actor, clue_id=pk)
    common: dict[str, Any] = {"actor": actor, "row": row, "now": timezone.now(), "client_id": client_id_of(request)}
    if payload.act == "take":
        return services.take_clue(**common)
    if payload.act == "transfer":
        receiver = among(queries.receivers_for(row, actor=actor), payload.receiver_id, "receiver_id")
        return services.transfer_clue(**common, receiver=receiver, reason=payload.text)
    if payload.act == "return":
        return services.return_clue(**common, reason=payload.text)
    if payload.act == "find":
        return services.find_danger(**common, name=payload.text, type=payload.type, is_major=payload.is_major)
    return services.answer_clue(**common, text=payload.text, is_nothing=payload.act == "nothing")


@router.get("/patrol-rechecks", response={200: Page[PatrolRecheckOut], **REFUSALS},
            operation_id="list_patrol_rechecks",
            summary="Dangers that grid officers are sent to look at, open ones first")  # fmt: skip
def list_patrol_rechecks(request: HttpRequest, given: Query[PatrolRechecksIn]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = queries.rechecks_for(actor=actor) if given.mine else queries.list_rechecks(actor=actor)
    return page_of(narrowed(rows, {"status": given.status, "finding": given.finding_id}), given)


@router.post("/findings/{uuid:pk}/patrol-rechecks", response={201: PatrolRecheckOut, **REFUSALS},
             operation_id="assign_patrol_recheck",
             summary="Send a grid officer to a danger that is said to be put right")  # fmt: skip
def assign_patrol_recheck(request: HttpRequest, pk: uuid.UUID, payload: PatrolRecheckIn) -> Status[PatrolRecheck]:
    actor = actor_of(request)
    finding = get_finding(actor=actor, finding_id=pk)
    made = rechecks.assign_recheck(
        actor=actor, finding=finding, officer=payload.officer_id, due_date=payload.due_date, ask=payload.ask,
        now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.post("/patrol-rechecks/{uuid:pk}/answer", response={200: PatrolRecheckOut, **REFUSALS},
             operation_id="answer_patrol_recheck", summary="Say what was seen of a danger on the spot")  # fmt: skip
def answer_patrol_recheck(request: HttpRequest, pk: uuid.UUID, payload: SeenDangerIn) -> PatrolRecheck:
    actor, now = actor_of(request), timezone.now()
    row = queries.get_recheck(actor=actor, recheck_id=pk)
    device = payload.device.time(now) if payload.device else None
    return rechecks.answer_recheck(
        actor=actor, row=row, seen=payload.seen, text=payload.text, photos=tuple(payload.photo_ids), now=now,
        device=device, client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/patrol-rechecks/{uuid:pk}/recall", response={200: PatrolRecheckOut, **REFUSALS},
             operation_id="recall_patrol_recheck", summary="Call an officer back before he answered")  # fmt: skip
def recall_patrol_recheck(request: HttpRequest, pk: uuid.UUID, payload: RecalledIn) -> PatrolRecheck:
    actor = actor_of(request)
    row = queries.get_recheck(actor=actor, recheck_id=pk)
    return rechecks.recall_recheck(
        actor=actor, row=row, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )
