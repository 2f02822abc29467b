"""Work items: what waits, and what people do with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, page_of
from quancheng.kernel.once import once
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import Membership, User
from quancheng.kernel.work import queries, services
from quancheng.kernel.work.models import WorkItem

router = Router(tags=["work"])


class ItemOut(Schema):
    """One owed step. Times are UTC; ``due_at`` is a deadline, ``review_at`` a date to look again."""

    id: uuid.UUID
    title: str
    organisation_id: uuid.UUID = Field(alias="owner_org_id")
    subject_type: str
    subject_id: uuid.UUID
    loop: str = Field(alias="loop_code")
    state: str
    duty: str
    person_id: uuid.UUID | None
    entered_at: datetime
    due_at: datetime | None
    review_at: datetime | None
    assumed_years: list[int] = Field(
        description="years whose working days nobody had entered: the dates were counted by the week alone"
    )
    urged_count: int
    done_at: datetime | None
    outcome: str


class ItemsIn(Paging):
    whose: Literal["mine", "organisation", "visible"] = Field(
        "mine", description="what waits for me; what my organisation owes; everything that I may see"
    )
    open: bool = Field(True, description="false: finished ones too")
    overdue: bool = Field(False, description="only those past their deadline")


class NoteIn(Strict):
    note: str = Field("", max_length=300)


class HandOnIn(NoteIn):
    to_user: uuid.UUID


@router.get(
    "/work/items",
    response={200: Page[ItemOut], **REFUSALS},
    operation_id="list_work_items",
    summary="Work items, the most urgent first",
)
def items(request: HttpRequest, given: Query[ItemsIn]) -> dict[str, object]:
    actor = actor_of(request)
    if given.whose == "mine":
        rows = queries.list_my_items(actor=actor)
    else:
        rows = queries.list_items(actor=actor)
        if given.whose == "organisation":
            rows = rows.filter(owner_org=actor.organisation_id)
        if given.open:
            rows = rows.filter(done_at__isnull=True)
    if given.overdue:
        rows = rows.filter(done_at__isnull=True, due_at__lt=timezone.now())
    return page_of(rows, given)


@router.get(
    "/work/items/{uuid:item_id}",
    response={200: ItemOut, **REFUSALS},
    operation_id="get_work_item",
    summary="One work item",
)
def item(request: HttpRequest, item_id: uuid.UUID) -> WorkItem:
    return queries.get_item(actor=actor_of(request), item_id=item_id)


@router.post(
    "/work/items/{uuid:item_id}/take",
    response={200: ItemOut, **REFUSALS},
    operation_id="take_work_item",
    summary="Take an item of one's organisation (领办)",
)
def take(request: HttpRequest, item_id: uuid.UUID) -> WorkItem:
    actor, now = actor_of(request), timezone.now()
    found = queries.get_item(actor=actor, item_id=item_id)

    def act() -> uuid.UUID:
        return services.take_item(actor=actor, item=found, now=now).pk

    return _once(request, actor, found, "take", {}, act, now)


@router.post(
    "/work/items/{uuid:item_id}/hand-on",
    response={200: ItemOut, **REFUSALS},
    operation_id="hand_on_work_item",
    summary="Give an item to a colleague (转办)",
)
def hand_on(request: HttpRequest, item_id: uuid.UUID, payload: HandOnIn) -> WorkItem:
    actor, now = actor_of(request), timezone.now()
    found = queries.get_item(actor=actor, item_id=item_id)
    # Of the item's own organisation only: whether somebody exists elsewhere is not told.
    there = Membership.objects.current().filter(organisation_id=found.owner_org_id, user_id=payload.to_user)
    colleague = User.objects.filter(pk__in=there.values("user_id")).first()
    if colleague is None:
        raise Invalid(fields={"to_user": _("只能转给本单位具有该职责的人员。")})

    def act() -> uuid.UUID:
        return services.hand_on(actor=actor, item=found, to_user=colleague, note=payload.note, now=now).pk

    return _once(request, actor, found, "hand_on", payload.dict(), act, now)


@router.post(
    "/work/items/{uuid:item_id}/give-back",
    response={200: ItemOut, **REFUSALS},
    operation_id="give_back_work_item",
    summary="Lay a taken item back to the organisation (退回)",
)
def give_back(request: HttpRequest, item_id: uuid.UUID, payload: NoteIn) -> WorkItem:
    actor, now = actor_of(request), timezone.now()
    found = queries.get_item(actor=actor, item_id=item_id)

    def act() -> uuid.UUID:
        return services.give_back(actor=actor, item=found, note=payload.note, now=now).pk

    return _once(request, actor, found, "give_back", payload.dict(), act, now)


@router.post(
    "/work/items/{uuid:item_id}/urge",
    response={200: ItemOut, **REFUSALS},
    operation_id="urge_work_item",
    summary="Remind whoever owes an item (催办)",
)
def urge(request: HttpRequest, item_id: uuid.UUID, payload: NoteIn) -> WorkItem:
    actor, now = actor_of(request), timezone.now()
    found = queries.get_item(actor=actor, item_id=item_id)

    def act() -> uuid.UUID:
        return services.urge(actor=actor, item=found, note=payload.note, now=now).pk

    return _once(request, actor, found, "urge", payload.dict(), act, now)


def _once(
    request: HttpRequest,
    actor: Actor,
    found: WorkItem,
    act: str,
    body: dict[str, object],
    make: Callable[[], uuid.UUID],
    now: datetime,
) -> WorkItem:
    """Act unless the client's identifier did before; answer with the item as it stands."""
    pk, _made = once(
        actor=actor,
        client_id=client_id_of(request),
        act=f"work.item.{act}",
        body={"item": found.pk, **body},
        now=now,
        make=make,
    )
    return queries.get_item(actor=actor, item_id=pk)
