"""Key supervised processes for programs (重点监管工艺)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.monitoring.models import AutomationRetrofit, RetrofitState
from quancheng.domains.monitoring.queries import key_processes as queries
from quancheng.domains.monitoring.queries.key_processes import ProcessPlace, place_of
from quancheng.domains.monitoring.services.retrofits import tell_retrofit
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.lists.processes import key_processes

router = Router(tags=["monitoring"])


class RetrofitOut(Schema):
    """What was told of the automation of a process, or, as ``MH``, of a major hazard; ``finish_date`` is when it shall
    be done."""

    id: uuid.UUID
    process: str
    state: str
    paper: str
    paper_date: date | None
    finish_date: date | None
    note: str
    told_at: datetime


class OperatorOut(Schema):
    """Somebody who runs a process in the enterprise. ``person_id`` and ``name`` are empty for whoever may not look at
    people, or at him; ``state``: of his certificate, empty where he holds none; ``is_asked``: one is asked for;
    ``lacks``: one of those is not there; ``is_barred``: an open order takes him off the job; ``bars``: kinds of
    what else of his post he does not meet, as last judged; ``may``: none of these holds; ``needs_schooling``: an
    education is asked for, ``lacks_schooling``: he has it not, which is told and bars nobody."""

    person_id: uuid.UUID | None
    name: str
    state: str
    ends: date | None
    is_asked: bool
    lacks: bool
    is_barred: bool
    bars: list[str]
    may: bool
    needs_schooling: bool
    lacks_schooling: bool


class RunOut(Schema):
    process: str
    operators: list[OperatorOut]
    retrofit: RetrofitOut | None


class KeyProcessOut(Schema):
    """A facility in which key processes run. ``lacking``: kinds of tags with limits that its processes ask for and it
    has not; ``bare``: codes of tags without any limit; ``reasons``: codes of what does not conform."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    code: str
    name: str
    conforms: bool
    reasons: list[str]
    runs: list[RunOut]
    watched: list[str]
    lacking: list[str]
    bare: list[str]
    systems: list[str]


class KeyProcessesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    process: str = one_of(tuple(key_processes()))
    lacking: bool = Field(False, description="only those that do not conform")


class RetrofitIn(Strict):
    state: str = one_of(RetrofitState.values, default=None)
    paper: str = Field("", max_length=200)
    paper_date: date | None = None
    finish_date: date | None = None
    note: str = Field("", max_length=500)


class TellRetrofitIn(RetrofitIn):
    process: str = one_of(tuple(key_processes()), default=None)


def runs_out(place: ProcessPlace) -> list[dict[str, Any]]:
    """Who runs it, and what was told of its automation."""
    return [{"process": run.process.code, "operators": run.operators, "retrofit": run.retrofit} for run in place.runs]


def _out(place: ProcessPlace) -> dict[str, Any]:
    one = place.facility
    return {
        "id": one.pk, "enterprise_id": one.unit.file_id, "code": one.code, "name": one.name,
        "conforms": place.conforms, "reasons": place.reasons, "watched": place.watched, "lacking": place.lacking,
        "bare": [tag.code for tag in place.bare], "systems": place.systems,
        "runs": runs_out(place),
    }  # fmt: skip


@router.get("/key-processes", response={200: Page[KeyProcessOut], **REFUSALS}, operation_id="list_key_processes",
            summary="Facilities with key supervised processes, and what does not conform")  # fmt: skip
def list_key_processes(request: HttpRequest, given: Query[KeyProcessesIn]) -> dict[str, Any]:
    actor, today = actor_of(request), Calendar().local_date(timezone.now())
    rows = narrowed(queries.list_facilities(actor=actor, on=today), {"unit__file": given.enterprise_id})
    if given.process:
        rows = rows.filter(processes__contains=[given.process])
    if given.lacking:
        rows = rows.filter(queries.not_conforming(actor=actor, on=today))
    found = page_of(rows, given)
    return found | {"items": [_out(place_of(one, on=today)) for one in found["items"]]}


@router.get("/key-processes/{uuid:pk}", response={200: KeyProcessOut, **REFUSALS}, operation_id="get_key_process",
            summary="One facility with key supervised processes")  # fmt: skip
def get_key_process(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    today = Calendar().local_date(timezone.now())
    return _out(queries.get_place(actor=actor_of(request), facility_id=pk, on=today))


@router.post("/key-processes/{uuid:pk}/retrofits", response={201: RetrofitOut, **REFUSALS},
             operation_id="tell_retrofit", summary="Tell how far the automation of a process is")  # fmt: skip
def tell(request: HttpRequest, pk: uuid.UUID, payload: TellRetrofitIn) -> Status[AutomationRetrofit]:
    actor, now = actor_of(request), timezone.now()
    place = queries.get_place(actor=actor, facility_id=pk, on=Calendar().local_date(now))
    row = tell_retrofit(
        actor=actor, facility=place.facility, process=payload.process,
        known=payload.dict(exclude={"process"}), now=now, client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, row)
