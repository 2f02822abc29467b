"""Duty lists of units and of their leaders, and what was done against them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.api.bodies import Evidence, evidence
from quancheng.domains.duty.api.units import named_or_none
from quancheng.domains.duty.models import DutyList, DutyRecord
from quancheng.domains.duty.models.governance import ActKind, DutyListKind
from quancheng.domains.duty.queries import governance as queries
from quancheng.domains.duty.services import governance as services
from quancheng.kernel.exchange.rest import REFUSALS, Strict, client_id_of, one_of, only_once
from quancheng.kernel.files.api import HeldOut
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.queries import get_person

router = Router(tags=["duty"])


class DutyListOut(Schema):
    """A list of a unit for a year: its ``duties``, its ``tasks``, or those of one ``leader``, its ``person_id``."""

    id: uuid.UUID
    org_id: uuid.UUID = Field(alias="owner_org_id")
    year: int
    kind: str
    person_id: uuid.UUID | None
    entries: list[str]
    filed_at: datetime


class ListLineOut(Schema):
    """A unit and its two lists; null where one is missing."""

    org_id: uuid.UUID = Field(alias="org.pk")
    duties: DutyListOut | None
    tasks: DutyListOut | None


class LeaderLineOut(Schema):
    """A leader's list and how far it is: ``done`` of its entries have something recorded."""

    duty_list: DutyListOut = Field(alias="row")
    done: int
    percent: int
    records: int
    found: int = Field(description="problems found")
    solved: int
    last_date: date | None


class LeaderListsOut(Schema):
    """Leaders' lists of a year; ``missing``: units of whose leaders none has one."""

    lines: list[LeaderLineOut]
    missing: list[uuid.UUID]


class ActOut(Schema):
    """What was done against an entry, which stands as it read then. ``files`` by ``GET /files/{id}``."""

    id: uuid.UUID
    duty_list_id: uuid.UUID
    entry: str
    kind: str
    done_date: date
    place: str
    text: str
    found_count: int
    solved_count: int
    created_at: datetime
    files: list[HeldOut]


class YearIn(Strict):
    year: int | None = Field(None, ge=2000, le=2100, description="this year, where none is named")


class DutyListIn(Strict):
    """A whole list: it replaces the one that stands. A leader's names the person, of one's own organisation."""

    year: int = Field(ge=2000, le=2100)
    kind: str = one_of(DutyListKind.values, default=None)
    entries: list[str] = Field(min_length=1, max_length=services.MOST_ENTRIES)
    person_id: uuid.UUID | None = None


class ActIn(Strict):
    entry: str = Field(max_length=services.MOST_ENTRY, description="one of the list's entries, as it reads")
    kind: str = one_of(ActKind.values, default=None)
    done_date: date
    text: str = Field(min_length=1, max_length=5000)
    place: str = Field("", max_length=200)
    found_count: int = Field(0, ge=0, le=9999)
    solved_count: int = Field(0, ge=0, le=9999)
    evidence: Evidence = evidence(least=1)


@router.get(
    "/duty-lists",
    response={200: list[ListLineOut], **REFUSALS},
    operation_id="list_duty_lists",
    summary="Departments and towns with their lists of a year, missing ones first",
)
def list_duty_lists(request: HttpRequest, given: Query[YearIn]) -> list[queries.ListLine]:
    return queries.list_duty_lists(actor=actor_of(request), year=_year(given))


@router.get(
    "/leader-lists",
    response={200: LeaderListsOut, **REFUSALS},
    operation_id="list_leader_lists",
    summary="Leaders' duty lists of a year with what was done, those with most left undone first",
)
def list_leader_lists(request: HttpRequest, given: Query[YearIn]) -> dict[str, Any]:
    found = queries.list_leader_lists(actor=actor_of(request), year=_year(given))
    return {"lines": found.lines, "missing": [org.pk for org in found.missing]}


def _year(given: YearIn) -> int:
    return given.year or timezone.localdate().year


@router.get(
    "/duty-lists/{uuid:pk}",
    response={200: DutyListOut, **REFUSALS},
    operation_id="get_duty_list",
    summary="One list of a unit or of a leader",
)
def get_duty_list(request: HttpRequest, pk: uuid.UUID) -> DutyList:
    return queries.get_duty_list(actor=actor_of(request), list_id=pk)


@router.post(
    "/duty-lists",
    response={200: DutyListOut, **REFUSALS},
    operation_id="file_duty_list",
    summary="File a list of one's own organisation or of one of its leaders; filing anew replaces the text",
)
def file_duty_list(request: HttpRequest, payload: DutyListIn) -> DutyList:
    actor = actor_of(request)
    actor.require(services.LISTS)
    person = named_or_none("person_id", payload.person_id, lambda pk: get_person(actor=actor, user_id=pk))
    now, asked = timezone.now(), payload.dict(exclude={"person_id"})

    def make() -> uuid.UUID:
        return services.file_duty_list(actor=actor, **asked, person=person, now=now).pk

    made = only_once(request, actor=actor, act="duty.list.file", body=payload.dict(), make=make)
    return queries.get_duty_list(actor=actor, list_id=made)


@router.get(
    "/duty-lists/{uuid:pk}/acts",
    response={200: list[ActOut], **REFUSALS},
    operation_id="list_duty_acts",
    summary="What was done against a list, the latest first, with its evidence",
)
def list_acts(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    actor = actor_of(request)
    return _with_files(queries.list_acts(actor=actor, duty_list=queries.get_duty_list(actor=actor, list_id=pk)))


@router.post(
    "/duty-lists/{uuid:pk}/acts",
    response={200: ActOut, **REFUSALS},
    operation_id="record_duty_act",
    summary="Record what was done against an entry of one's own organisation's list, with evidence",
)
def record_act(request: HttpRequest, pk: uuid.UUID, payload: ActIn) -> dict[str, Any]:
    actor = actor_of(request)
    row = services.record_act(
        actor=actor,
        duty_list=queries.get_duty_list(actor=actor, list_id=pk),
        **payload.dict(),
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return _with_files([row])[0]


def _with_files(acts: list[DutyRecord]) -> list[dict[str, Any]]:
    files = files_of_many(DutyRecord, [one.pk for one in acts])
    names = [name for name in ActOut.model_fields if name != "files"]
    return [{**{name: getattr(one, name) for name in names}, "files": files.get(one.pk, [])} for one in acts]
