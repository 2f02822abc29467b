"""Checks for programs and phones: tasks, what is due with all that one needs out of reach, and their records."""

from __future__ import annotations

import uuid
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.hazards.models import FORMS, CheckDue, CheckRecord, CheckTask
from quancheng.domains.hazards.queries import check_records as record_queries
from quancheng.domains.hazards.queries import checks as queries
from quancheng.domains.hazards.queries.findings import units_of
from quancheng.domains.hazards.services import check_records as services
from quancheng.domains.hazards.services.check_tasks import enter_task
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.queries.posts import posts_of
from quancheng.domains.risk.queries.risks import list_measures
from quancheng.kernel.calendar import Calendar
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
from quancheng.kernel.law import queries as law
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.hidden_dangers.kinds import code_list
from quancheng.standards.risk.check_cycles import DAYS, UNITS

router = Router(tags=["hazards"])


class CheckTaskOut(Schema):
    """A check task: its cycle is ``every`` ``cycle_unit`` from ``starts_at`` on."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    unit_id: uuid.UUID | None
    measure_id: uuid.UUID | None
    checklist: str | None = Field(alias="checklist_id")
    content: str
    every: Decimal
    cycle_unit: str
    starts_at: datetime
    window_start: time | None
    window_end: time | None
    days: str
    post_id: uuid.UUID | None
    form: str
    work_type: int
    task_number: int | None
    period: str
    version: int


class CheckTasksIn(Paging):
    enterprise_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    measure_id: uuid.UUID | None = None
    post_id: uuid.UUID | None = None


class CheckTaskIn(Strict):
    unit_id: uuid.UUID | None = None
    measure_id: uuid.UUID | None = Field(None, description="the control measure that is checked; tells the unit")
    checklist: str = Field("", max_length=40, description="code of a checklist")
    content: str = Field("", max_length=1000, description="the measure's or the checklist's where nothing is told")
    every: Decimal = Field(gt=0, decimal_places=2)
    cycle_unit: str = one_of(UNITS, default=None)
    starts_at: AwareDatetime
    window_start: time | None = Field(None, description="with hours alone")
    window_end: time | None = None
    days: str = one_of(DAYS, default="every")
    post_id: uuid.UUID | None = None
    form: str = one_of(FORMS, default="daily")


class CheckDueOut(Schema):
    """One instance; ``state`` is ``open``, ``done``, ``missed`` or ``covered`` by a stoppage."""

    id: uuid.UUID
    task_id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    content: str = Field(alias="task.content")
    unit_id: uuid.UUID | None = Field(alias="task.unit_id")
    unit: str
    post_id: uuid.UUID | None
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    is_extra: bool
    done_at: datetime | None
    state: str

    @staticmethod
    def resolve_unit(obj: CheckDue) -> str:
        return obj.task.unit.name if obj.task.unit is not None else ""

    @staticmethod
    def resolve_state(obj: CheckDue) -> str:
        return queries.state_of(obj, timezone.now())


class CheckItemOut(Schema):
    """One item of a checklist."""

    place: str
    text: str = Field(alias="summary")
    basis: str
    grade: str
    criteria: list[str] = Field(alias="refers")


class CheckSheetOut(CheckDueOut):
    """An instance with everything that a phone needs out of reach of the net: the items of the edition in force
    (``edition_id`` is sent back with the record), the measure, and where one is expected to stand."""

    measure: str
    accident: str
    checklist: str | None
    edition_id: uuid.UUID | None
    items: list[CheckItemOut]
    lon: Decimal | None
    lat: Decimal | None
    place_of: str = Field(description="whose place that is: unit, file, or empty")


class CheckDuesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    mine: bool = Field(False, description="only what the owner of the token checks today")
    state: str = one_of(("open", "done", "missed", "covered"))
    due_from: AwareDatetime | None = None
    due_before: AwareDatetime | None = None


class RecordedAnswerIn(Strict):
    place: str = Field(max_length=40)
    answer: int = Field(ge=0, le=3, description="0 conforms, 1 fails, 2 not applicable, 3 unchecked")
    note: str = Field("", max_length=300)
    is_major: bool = Field(False, description="may be a major danger")
    photo_ids: list[uuid.UUID] = Field(default_factory=list, max_length=10)


class CheckRecordIn(Strict):
    status: int | None = Field(None, ge=0, le=3, description="0 normal, 1 danger found, 2 not checked, 3 other")
    note: str = Field("", max_length=1000)
    at: AwareDatetime | None = Field(None, description="time on site by the client's clock; now where nothing is told")
    sent_at: AwareDatetime | None = Field(None, description="the client's clock when it sends, to put its times right")
    lon: Decimal | None = Field(None, ge=-180, le=180, decimal_places=6)
    lat: Decimal | None = Field(None, ge=-90, le=90, decimal_places=6)
    accuracy_m: int | None = Field(None, ge=0, le=100_000)
    device: str = Field("", max_length=100, description="identifier of the device; kept sealed")
    edition_id: uuid.UUID | None = Field(None, description="edition of the checklist that was begun with")
    answers: list[RecordedAnswerIn] = Field(default_factory=list, max_length=500)
    photo_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)
    signature_id: uuid.UUID | None = Field(None, description="picture of the name as written by finger on the site")
    name: str = Field("", max_length=300, description="of the danger that was found")
    type: str = one_of([one.code for one in code_list("type").items], default="other")
    is_major: bool = False


class FreeCheckIn(CheckRecordIn):
    checklist: str = Field(max_length=40, description="code of a checklist")
    unit_id: uuid.UUID | None = None
    form: str = one_of(FORMS, default="daily")


class CheckRecordOut(Schema):
    """A record of a check. Where it was made and by which device is told to no program."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    task_id: uuid.UUID | None
    due_id: uuid.UUID | None
    unit_id: uuid.UUID | None
    measure_id: uuid.UUID | None
    edition_id: uuid.UUID | None
    is_edition_old: bool
    content: str
    form: str
    work_type: int
    status: int
    note: str
    person: str = Field(alias="person_name")
    is_own: bool
    at: datetime
    received_at: datetime
    clock_off_s: int
    is_late: bool


class CheckRecordsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    task_id: uuid.UUID | None = None
    status: int | None = Field(None, ge=0, le=3)
    made_from: AwareDatetime | None = None
    made_before: AwareDatetime | None = None


@router.get("/check-tasks", response={200: Page[CheckTaskOut], **REFUSALS}, operation_id="list_check_tasks",
            summary="Check tasks that stand")  # fmt: skip
def list_check_tasks(request: HttpRequest, given: Query[CheckTasksIn]) -> dict[str, Any]:
    asked = {"file": given.enterprise_id, "unit": given.unit_id, "measure": given.measure_id, "post": given.post_id}
    return page_of(narrowed(queries.list_tasks(actor=actor_of(request)), asked), given)


@router.post("/enterprises/{uuid:pk}/check-tasks", response={201: CheckTaskOut, **REFUSALS},
             operation_id="enter_check_task", summary="Arrange a check task")  # fmt: skip
def enter_check_task(request: HttpRequest, pk: uuid.UUID, payload: CheckTaskIn) -> Status[CheckTask]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict()
    measures = list_measures(actor=actor).filter(event__unit__object__file=file)
    measure = among(measures, known.pop("measure_id"), "measure_id")
    unit = among(units_of(file), known.pop("unit_id"), "unit_id")
    known |= {"measure": measure, "post": among(posts_of(file), known.pop("post_id"), "post_id")}
    if unit is not None or measure is None:
        known["unit"] = unit
    code = known.pop("checklist")
    known["checklist"] = among(queries.checklists(), code, "checklist") if code else None
    made = enter_task(actor=actor, file=file, known=known, now=timezone.now(), client_id=client_id_of(request))
    return Status(201, made)


@router.get("/check-dues", response={200: Page[CheckDueOut], **REFUSALS}, operation_id="list_check_dues",
            summary="Instances of check tasks, the newest first; or what the person checks today")  # fmt: skip
def list_check_dues(request: HttpRequest, given: Query[CheckDuesIn]) -> dict[str, Any]:
    actor, now = actor_of(request), timezone.now()
    rows = queries.list_my_dues(actor=actor, now=now) if given.mine else queries.list_dues(actor=actor)
    asked = {"file": given.enterprise_id, "due_at__gte": given.due_from, "due_at__lt": given.due_before}
    if given.state:
        rows = rows.filter(queries.in_state(given.state, now))
    return page_of(narrowed(rows, asked), given)


@router.get("/check-dues/{uuid:pk}", response={200: CheckSheetOut, **REFUSALS}, operation_id="get_check_due",
            summary="One instance with everything that a phone needs out of reach of the net")  # fmt: skip
def get_check_due(request: HttpRequest, pk: uuid.UUID) -> CheckDue:
    row: Any = queries.get_due(actor=actor_of(request), due_id=pk)
    task = row.task
    row.measure = task.measure.text if task.measure is not None else ""
    row.accident = task.measure.event.name if task.measure is not None else ""
    row.checklist = task.checklist_id
    on = Calendar().local_date(timezone.now())
    edition = law.in_force(task.checklist_id, on=on) if task.checklist_id else None
    row.edition_id = edition.pk if edition else None
    row.items = list(law.list_clauses(edition)) if edition else []
    row.lon, row.lat, row.place_of = services.place_of(task.unit, row.file) or (None, None, "")
    found: CheckDue = row
    return found


@router.post("/check-dues/{uuid:pk}/records", response={201: CheckRecordOut, **REFUSALS},
             operation_id="record_check", summary="Record the check of an instance")  # fmt: skip
def record_check(request: HttpRequest, pk: uuid.UUID, payload: CheckRecordIn) -> Status[CheckRecord]:
    actor = actor_of(request)
    due = queries.get_due(actor=actor, due_id=pk)
    made = services.record_check(
        actor=actor, due=due, spec=_spec(payload), now=timezone.now(), client_id=client_id_of(request)
    )  # fmt: skip
    return Status(201, made)


@router.post("/check-tasks/{uuid:pk}/records", response={201: CheckRecordOut, **REFUSALS},
             operation_id="record_check_out_of_turn", summary="Record a check of a task out of turn")  # fmt: skip
def record_out_of_turn(request: HttpRequest, pk: uuid.UUID, payload: CheckRecordIn) -> Status[CheckRecord]:
    actor = actor_of(request)
    task = queries.get_task(actor=actor, task_id=pk)
    made = services.record_check(
        actor=actor, task=task, spec=_spec(payload), now=timezone.now(), client_id=client_id_of(request)
    )  # fmt: skip
    return Status(201, made)


@router.post("/enterprises/{uuid:pk}/check-records", response={201: CheckRecordOut, **REFUSALS},
             operation_id="record_free_check", summary="Record a check by a checklist without any task")  # fmt: skip
def record_free_check(request: HttpRequest, pk: uuid.UUID, payload: FreeCheckIn) -> Status[CheckRecord]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    made = services.record_check(
        actor=actor, file=file, checklist=among(queries.checklists(), payload.checklist, "checklist"),  # type: ignore[arg-type]
        unit=among(units_of(file), payload.unit_id, "unit_id"), spec=_spec(payload), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.get("/check-records", response={200: Page[CheckRecordOut], **REFUSALS}, operation_id="list_check_records",
            summary="Records of checks, the newest first")  # fmt: skip
def list_check_records(request: HttpRequest, given: Query[CheckRecordsIn]) -> dict[str, Any]:
    asked = {
        "file": given.enterprise_id, "task": given.task_id, "status": given.status, "at__gte": given.made_from,
        "at__lt": given.made_before,
    }  # fmt: skip
    return page_of(narrowed(record_queries.list_records(actor=actor_of(request)), asked), given)


@router.get("/check-records/{uuid:pk}", response={200: CheckRecordOut, **REFUSALS}, operation_id="get_check_record",
            summary="One record of a check")  # fmt: skip
def get_check_record(request: HttpRequest, pk: uuid.UUID) -> CheckRecord:
    return record_queries.get_record(actor=actor_of(request), record_id=pk)


def _spec(payload: CheckRecordIn) -> services.CheckSpec:
    known = payload.dict()
    answers = tuple(
        services.Answer(
            place=one["place"], answer=one["answer"], note=one["note"], is_major=one["is_major"],
            photos=tuple(one["photo_ids"]),
        )
        for one in known.pop("answers")
    )  # fmt: skip
    for name in ("checklist", "unit_id"):
        known.pop(name, None)
    photos, edition = tuple(known.pop("photo_ids")), known.pop("edition_id")
    signature = known.pop("signature_id")
    return services.CheckSpec(answers=answers, photos=photos, edition=edition, signature=signature, **known)
