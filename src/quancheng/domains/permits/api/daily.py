"""What is asked each shift and day over REST: hand-overs of shifts are read, permits are revalidated, stop-and-think
cards are told and read."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.permits.loops.shift import SHIFT_HAND_OVER
from quancheng.domains.permits.models import Revalidation, ShiftHandOver, ThinkCard
from quancheng.domains.permits.queries import shifts as queries
from quancheng.domains.permits.queries.permits import get_permit
from quancheng.domains.permits.queries.talks import cards_of
from quancheng.domains.permits.services import thinking
from quancheng.domains.permits.services.revalidating import revalidate
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class ShiftHandOversIn(Paging):
    """Which hand-overs are wanted."""

    enterprise_id: uuid.UUID | None = None
    status: str = one_of(SHIFT_HAND_OVER.codes)


class ShiftHandOverOut(Schema):
    """One hand-over at a change of shift; of the whole site where no unit is named. Both leaders signed once
    ``taken_at`` is told."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    unit_id: uuid.UUID | None
    outgoing_shift: str
    incoming_shift: str
    began_at: datetime
    status: str
    handed_at: datetime | None
    taken_at: datetime | None


class ShiftStandingOut(Schema):
    """One thing that stands; ``at`` empty where it has no time."""

    group: str
    id: uuid.UUID
    number: str
    text: str
    place: str
    at: str


class ShiftHandOverWholeOut(ShiftHandOverOut):
    """With what stands, as it was sealed; before the outgoing leader signed, as it stands now. ``added``: what came
    after his signature."""

    is_sealed: bool
    standing: list[ShiftStandingOut]
    added: list[ShiftStandingOut]


class RevalidationIn(Strict):
    """What whoever signs for the local unit says of the permit in this shift."""

    opinion: str = Field(max_length=500)


class RevalidationOut(Schema):
    """One word of the local unit that a permit holds in a shift, and who gave it."""

    id: uuid.UUID
    permit_id: uuid.UUID
    shift: str
    shift_began_at: datetime
    opinion: str = Field(alias="note")
    signed_by: str = Field(alias="by_name")
    signed_at: datetime


class ThinkCardIn(Strict):
    """Each question by its code: true where work may go on. Any false stops work that runs."""

    answers: dict[str, bool] = Field(max_length=20)
    note: str = Field("", max_length=500)


class ThinkCardOut(Schema):
    """One card; nobody is named."""

    id: uuid.UUID
    answered_at: datetime
    is_clear: bool
    has_stopped: bool
    no: list[str]
    note: str
    settled_at: datetime | None


@router.get("/shift-hand-overs", response={200: Page[ShiftHandOverOut], **REFUSALS},
            operation_id="list_shift_hand_overs", summary="Hand-overs of shifts, the newest change first")  # fmt: skip
def list_shift_hand_overs(request: HttpRequest, given: Query[ShiftHandOversIn]) -> dict[str, Any]:
    rows = queries.list_hand_overs(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status}), given)


@router.get("/shift-hand-overs/{uuid:pk}", response={200: ShiftHandOverWholeOut, **REFUSALS},
            operation_id="get_shift_hand_over", summary="One hand-over of a shift, with what stands")  # fmt: skip
def get_shift_hand_over(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    row: ShiftHandOver = queries.get_hand_over(actor=actor_of(request), row_id=pk)
    told = {name: getattr(row, name) for name in ShiftHandOverOut.model_fields}
    return told | {
        "is_sealed": bool(row.seal), "standing": queries.shown_list(row), "added": queries.shown_added(row),
    }  # fmt: skip


@router.get("/permits/{uuid:pk}/revalidations", response={200: list[RevalidationOut], **REFUSALS},
            operation_id="list_permit_revalidations",
            summary="Revalidations of a permit, the newest first")  # fmt: skip
def list_revalidations(request: HttpRequest, pk: uuid.UUID) -> list[Revalidation]:
    return list(queries.revalidations_of(get_permit(actor=actor_of(request), permit_id=pk)))


@router.post("/permits/{uuid:pk}/revalidations", response={201: RevalidationOut, **REFUSALS},
             operation_id="revalidate_permit",
             summary="Say that a permit holds in the shift that has begun")  # fmt: skip
def revalidate_permit(request: HttpRequest, pk: uuid.UUID, payload: RevalidationIn) -> Status[Revalidation]:
    actor = actor_of(request)
    return Status(201, revalidate(
        actor=actor, permit=get_permit(actor=actor, permit_id=pk), opinion=payload.opinion, now=timezone.now(),
        client_id=client_id_of(request),
    ))  # fmt: skip


@router.get("/permits/{uuid:pk}/think-cards", response={200: list[ThinkCardOut], **REFUSALS},
            operation_id="list_think_cards", summary="Stop-and-think cards of a permit, the newest first")  # fmt: skip
def list_think_cards(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    return [_card(one) for one in cards_of(get_permit(actor=actor_of(request), permit_id=pk))]


@router.post("/permits/{uuid:pk}/think-cards", response={201: ThinkCardOut, **REFUSALS}, operation_id="tell_think_card",
             summary="Answer the stop-and-think card; any no stops the work")  # fmt: skip
def tell_think_card(request: HttpRequest, pk: uuid.UUID, payload: ThinkCardIn) -> Status[dict[str, Any]]:
    actor = actor_of(request)
    made = thinking.answer_card(
        actor=actor, permit=get_permit(actor=actor, permit_id=pk), answers=payload.answers, note_text=payload.note,
        now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, _card(made))


def _card(one: ThinkCard) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ThinkCardOut.model_fields if name != "no"}
    return told | {"no": [each["code"] for each in one.answers if not each["is_yes"]]}
