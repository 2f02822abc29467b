"""Lessons learnt and accident cases over REST."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.permits.models import Kind, LessonPart, Medium, WorkLesson
from quancheng.domains.permits.queries import advice, cases, lessons
from quancheng.domains.permits.queries.permits import get_permit, get_permit_person
from quancheng.domains.permits.services import lessons as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class WorkLessonsIn(Paging):
    """Which notes are wanted. ``permit_id``: those of one job."""

    enterprise_id: uuid.UUID | None = None
    permit_id: uuid.UUID | None = None
    kind: str = one_of(Kind.values)


class WorkLessonOut(Schema):
    """What the leader, a guardian or the local unit noted of a job that was over."""

    id: uuid.UUID
    permit_id: uuid.UUID
    permit_number: str = Field(alias="permit.number")
    kind: str = Field(alias="permit.kind")
    place: str = Field(alias="permit.place")
    enterprise_id: uuid.UUID
    part: str
    went_well: str
    went_wrong: str
    suggestion: str
    entered_at: datetime


class WorkLessonIn(Strict):
    """One note. ``person_id``: which of several guardians, as the permit lists them."""

    part: str = one_of(LessonPart.values, default=None)
    went_well: str = Field("", max_length=500)
    went_wrong: str = Field("", max_length=500)
    suggestion: str = Field("", max_length=500)
    person_id: uuid.UUID | None = None


class DraftStepOut(Schema):
    """A suggested step and the permits it comes from; an empty measure was told by nobody."""

    step: str
    hazard: str
    measure: str
    sources: list[str]


class AnalysisDraftOut(Schema):
    """A draft of an analysis; nothing of it is stored. ``is_on``: whether the enterprise switched advice on; else it is
    empty."""

    is_on: bool
    steps: list[DraftStepOut]


class MeasureHintOut(Schema):
    """A measure of the form that like jobs needed: by its code, the permits that did, of how many looked at."""

    code: str
    sources: list[str]
    of: int


class MeasureHintsOut(Schema):
    """Hints at measures; they forbid nothing. ``is_on``: whether the enterprise switched advice on; else there is
    none."""

    is_on: bool
    hints: list[MeasureHintOut]


class AccidentCasesIn(Strict):
    """Which cases are wanted."""

    kind: str = one_of(Kind.values)
    medium: str = one_of(Medium.values)


class AccidentCaseOut(Schema):
    """An accident case in both languages; a number that is not sure is null. ``own``: kept by one enterprise for
    itself."""

    code: str
    own: bool
    kinds: list[str]
    media: list[str]
    year: int | None
    deaths: int | None
    injured: int | None
    title_zh: str
    title_en: str
    equipment_zh: str
    equipment_en: str
    cause_zh: str
    cause_en: str
    lesson_zh: str
    lesson_en: str
    hazard_zh: str
    hazard_en: str
    measure_zh: str
    measure_en: str
    source_zh: str
    source_en: str
    mark: str


@router.get("/lessons", response={200: Page[WorkLessonOut], **REFUSALS}, operation_id="list_work_lessons",
            summary="Lessons learnt, the newest first")  # fmt: skip
def list_work_lessons(request: HttpRequest, given: Query[WorkLessonsIn]) -> dict[str, Any]:
    rows = lessons.list_lessons(actor=actor_of(request))
    asked = {"enterprise": given.enterprise_id, "permit": given.permit_id, "permit__kind": given.kind}
    return page_of(narrowed(rows, asked), given)


@router.post("/permits/{uuid:pk}/lessons", response={201: WorkLessonOut, **REFUSALS}, operation_id="note_work_lesson",
             summary="Note what went well or wrong at a job that is over")  # fmt: skip
def note_work_lesson(request: HttpRequest, pk: uuid.UUID, payload: WorkLessonIn) -> Status[WorkLesson]:
    actor = actor_of(request)
    permit = get_permit(actor=actor, permit_id=pk)
    person = get_permit_person(permit=permit, row_id=payload.person_id) if payload.person_id else None
    told = services.Lesson(**payload.dict(exclude={"person_id"}))
    return Status(201, services.note_lesson(
        actor=actor, permit=permit, told=told, person=person, now=timezone.now(), client_id=client_id_of(request)
    ))  # fmt: skip


@router.get("/accident-cases", response={200: list[AccidentCaseOut], **REFUSALS}, operation_id="list_accident_cases",
            summary="The library of accident cases, by code")  # fmt: skip
def list_accident_cases(request: HttpRequest, given: Query[AccidentCasesIn]) -> list[dict[str, Any]]:
    found = cases.list_cases(actor=actor_of(request), kind=given.kind or "", medium=given.medium or "")
    texts = ("title", "equipment", "cause", "lesson", "hazard", "measure", "source")
    plain = ("code", "kinds", "media", "year", "deaths", "injured", "mark")
    return [
        {name: getattr(one, name) for name in plain} | {"own": bool(one.own)}
        | {f"{name}_{tongue}": getattr(getattr(one, name), tongue) for name in texts for tongue in ("zh", "en")}
        for one in found
    ]  # fmt: skip


@router.get("/permits/{uuid:pk}/analysis-draft", response={200: AnalysisDraftOut, **REFUSALS},
            operation_id="get_analysis_draft", summary="A draft of the analysis out of like jobs")  # fmt: skip
def get_analysis_draft(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    permit = get_permit(actor=actor_of(request), permit_id=pk)
    is_on = advice.is_on(permit, timezone.now())
    return {"is_on": is_on, "steps": advice.draft_for(permit) if is_on else []}


@router.get("/permits/{uuid:pk}/measure-hints", response={200: MeasureHintsOut, **REFUSALS},
            operation_id="get_measure_hints", summary="Measures of the form that like jobs mostly needed")  # fmt: skip
def get_measure_hints(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    permit = get_permit(actor=actor_of(request), permit_id=pk)
    is_on = advice.is_on(permit, timezone.now())
    found = advice.hinted_measures(permit) if is_on else {}
    return {"is_on": is_on, "hints": [{"code": code, **asdict(one)} for code, one in found.items()]}
