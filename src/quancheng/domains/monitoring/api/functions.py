"""The functions of the risk warning system and the passage of data for programs."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.monitoring.models import FunctionArea, FunctionState, ItemResult, UpperLevel
from quancheng.domains.monitoring.queries import functions as queries
from quancheng.domains.monitoring.queries.passage import levels_of_ways, list_ways, passage
from quancheng.domains.monitoring.services import functions as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["monitoring"])


class AcceptanceItemOut(Schema):
    id: uuid.UUID
    text: str
    text_en: str
    result: str
    evidence: str
    checked_date: date | None
    by_name: str


class SystemFunctionOut(Schema):
    """A function, how far it is, and what it must show. ``note`` and ``items`` are empty for whoever neither watches
    enterprises nor keeps this list: evidence may name an enterprise."""

    id: uuid.UUID
    area: str
    name: str
    name_en: str
    state: str
    note: str
    version: int
    changed_at: datetime | None
    items: list[AcceptanceItemOut]


class SystemFunctionsIn(Paging):
    area: str = one_of(FunctionArea.values)
    state: str = one_of(FunctionState.values)


class SystemFunctionIn(Strict):
    area: str = one_of(FunctionArea.values, default=None)
    name: str = Field(min_length=1, max_length=120)
    name_en: str = Field("", max_length=160)
    state: str = one_of([one for one in FunctionState.values if one != FunctionState.ACCEPTED], default=None)
    note: str = Field("", max_length=300)


class FunctionStateIn(Strict):
    version: int = Field(ge=1, description="of what was read")
    state: str = one_of(FunctionState.values, default=None)
    note: str = Field("", max_length=300)


class ItemResultIn(Strict):
    version: int = Field(ge=1, description="of the function as it was read")
    item_id: uuid.UUID
    result: str = one_of((ItemResult.MET, ItemResult.UNMET), default=None)
    evidence: str = Field(min_length=1, max_length=500)
    checked_date: date


class FunctionItemIn(Strict):
    text: str = Field(min_length=1, max_length=300)
    text_en: str = Field("", max_length=400)


class WayOut(Schema):
    """A way up to another platform; ``level``: null where nobody said to which level it leads."""

    id: uuid.UUID
    name: str
    level: str | None


class PlaceWayIn(Strict):
    level: str = one_of(UpperLevel.values, default=None)


class LevelOut(Schema):
    """One of the five levels, from the enterprise up. Delays in seconds, ``share`` in per cent; null where nothing
    tells it, and then ``missing`` says why."""

    code: str
    due: int
    reached: int
    usual_s: float | None
    worst_s: float | None
    passed: int
    whole: int
    share: float | None
    missing: str


def _out(rows: list[Any], actor: Actor) -> list[dict[str, Any]]:
    items = queries.items_of_many(rows, actor=actor)
    names = ("id", "area", "name", "name_en", "state", "version", "changed_at")
    told = queries.sees_acceptance(actor)
    return [
        {name: getattr(one, name) for name in names} | {"note": one.note if told else "", "items": items[one.pk]}
        for one in rows
    ]


@router.get("/functions", response={200: Page[SystemFunctionOut], **REFUSALS}, operation_id="list_system_functions",
            summary="Functions of the risk warning system with their acceptance")  # fmt: skip
def list_system_functions(request: HttpRequest, given: Query[SystemFunctionsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = queries.list_functions(actor=actor)
    found = page_of(narrowed(rows, {"area": given.area, "state": given.state}), given)
    return found | {"items": _out(found["items"], actor)}


@router.post("/functions", response={201: SystemFunctionOut, **REFUSALS}, operation_id="enter_system_function",
             summary="Add a function to the list")  # fmt: skip
def enter_system_function(request: HttpRequest, payload: SystemFunctionIn) -> Status[Any]:
    actor = actor_of(request)
    row = services.enter_function(
        actor=actor, known=payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, _out([row], actor)[0])


@router.post("/functions/{uuid:pk}/state", response={200: SystemFunctionOut, **REFUSALS},
             operation_id="set_function_state", summary="Say how far a function is")  # fmt: skip
def set_function_state(request: HttpRequest, pk: uuid.UUID, payload: FunctionStateIn) -> dict[str, Any]:
    actor = actor_of(request)
    row = queries.get_function(actor=actor, function_id=pk)
    row = services.set_state(actor=actor, row=row, now=timezone.now(), **payload.dict())
    return _out([row], actor)[0]


@router.post("/functions/{uuid:pk}/results", response={200: SystemFunctionOut, **REFUSALS},
             operation_id="judge_function_item", summary="Say what came of an acceptance item")  # fmt: skip
def judge_function_item(request: HttpRequest, pk: uuid.UUID, payload: ItemResultIn) -> dict[str, Any]:
    actor = actor_of(request)
    row = queries.get_function(actor=actor, function_id=pk)
    services.judge_item(actor=actor, row=row, now=timezone.now(), **payload.dict())
    return _out([row], actor)[0]


@router.post("/functions/{uuid:pk}/items", response={201: SystemFunctionOut, **REFUSALS},
             operation_id="add_function_item", summary="Add what a function must show")  # fmt: skip
def add_function_item(request: HttpRequest, pk: uuid.UUID, payload: FunctionItemIn) -> Status[Any]:
    actor = actor_of(request)
    row = queries.get_function(actor=actor, function_id=pk)
    services.add_item(
        actor=actor, row=row, now=timezone.now(), client_id=client_id_of(request), **payload.dict()
    )
    return Status(201, _out([row], actor)[0])


@router.get("/passage/ways", response={200: Page[WayOut], **REFUSALS}, operation_id="list_passage_ways",
            summary="Ways up with the level to which each leads")  # fmt: skip
def list_passage_ways(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    actor = actor_of(request)
    levels = levels_of_ways(actor=actor)
    found = page_of(list_ways(actor=actor), given)
    return found | {"items": [{"id": one.pk, "name": one.name, "level": levels.get(one.pk)} for one in found["items"]]}


@router.put("/passage/ways/{uuid:pk}", response={200: WayOut, **REFUSALS}, operation_id="place_passage_way",
            summary="Say to which level a way up leads")  # fmt: skip
def place_passage_way(request: HttpRequest, pk: uuid.UUID, payload: PlaceWayIn) -> dict[str, Any]:
    actor = actor_of(request)
    actor.require(services.MANAGE)
    way = list_ways(actor=actor).filter(pk=pk).first()
    if way is None:
        raise NotFound
    made = services.place_way(actor=actor, adapter=way, level=payload.level, now=timezone.now())
    return {"id": way.pk, "name": way.name, "level": made.level}


@router.get("/passage", response={200: list[LevelOut], **REFUSALS}, operation_id="get_passage",
            summary="How data pass through the five levels")  # fmt: skip
def get_passage(request: HttpRequest) -> Any:
    return passage(actor=actor_of(request), now=timezone.now())
