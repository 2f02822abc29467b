"""Exams: what is held, who sat with which result, marked papers without their answers; arranged, called off, marked.

Acts are the services of the pages, with the same refusals.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.queries.enterprises import list_enterprises
from quancheng.domains.training.models import Exam, ExamKind, ExamSitting, SittingItem, SittingState
from quancheng.domains.training.models.exams import state_q
from quancheng.domains.training.queries import exams as queries
from quancheng.domains.training.queries.papers import SET_EXAMS, usable_rules
from quancheng.domains.training.queries.persons import list_persons
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.domains.training.services import exam_results, exams
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    named_as,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])
_MOST = exams.MOST_CANDIDATES


class ExamsIn(Paging):
    kind: str = one_of(ExamKind.values)
    programme: str = Field("", pattern="^[a-z0-9-]{0,40}$", description="code of a programme; empty for all")
    enterprise_id: uuid.UUID | None = Field(None, description="of one enterprise's people alone")


class ExamOut(Schema):
    """An exam with how many are listed, came, passed so that it counts, and failed. What opens its door is not told."""

    id: uuid.UUID
    kind: str
    name: str
    programme: str = Field(alias="programme.code")
    holder_id: uuid.UUID = Field(alias="owner_org_id")
    enterprise_id: uuid.UUID | None = Field(alias="file_id")
    rule_id: uuid.UUID | None
    pass_mark: int
    minutes: int
    opens_at: datetime
    closes_at: datetime
    drawn_from: int | None
    occasion: str
    cancelled_at: datetime | None
    listed: int
    came: int
    passed: int
    failed: int


class SittingsIn(Paging):
    exam_id: uuid.UUID | None = None
    enterprise_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    state: str = one_of(SittingState.values)


class SittingOut(Schema):
    """Somebody's exam. One passed counts for nothing where ``not_counted`` says why."""

    id: uuid.UUID
    exam_id: uuid.UUID
    enterprise_id: uuid.UUID | None
    person_id: uuid.UUID | None
    user_id: uuid.UUID | None
    state: str
    is_resit: bool
    started_at: datetime | None
    handed_in_at: datetime | None
    marked_at: datetime | None
    score: Decimal | None
    is_passed: bool | None
    not_counted: str
    certificate_no: str
    left_count: int
    absent_reason: str
    retraining_id: uuid.UUID | None

    @staticmethod
    def resolve_state(row: ExamSitting) -> str:
        return row.state_at(timezone.now())


class PaperPartOut(Schema):
    """A part of a case."""

    kind: str
    stem: str
    options: list[str]


class PaperItemOut(Schema):
    """A question as it was asked, with its marks and those that were got: neither the right answer nor the given."""

    place: int
    kind: str = Field(alias="version.kind")
    stem: str = Field(alias="version.stem")
    options: list[str] = Field(alias="version.options")
    parts: list[PaperPartOut]
    marks: Decimal
    got: Decimal | None
    remark: str

    @staticmethod
    def resolve_parts(row: SittingItem) -> list[Mapping[str, Any]]:
        return [{**one, "options": one.get("options") or []} for one in row.version.parts]


@router.get("/exams", response={200: Page[ExamOut], **REFUSALS}, operation_id="list_exams",
            summary="Exams, the newest first")  # fmt: skip
def list_exams(request: HttpRequest, given: Query[ExamsIn]) -> dict[str, Any]:
    rows = queries.list_exams(actor=actor_of(request))
    if given.enterprise_id is not None:
        rows = rows.filter(queries.of_people_at(given.enterprise_id))
    return page_of(narrowed(rows, {"kind": given.kind, "programme__code": given.programme}), given)


@router.get("/exams/{uuid:pk}", response={200: ExamOut, **REFUSALS}, operation_id="get_exam", summary="One exam")
def get_exam(request: HttpRequest, pk: uuid.UUID) -> Exam:
    return queries.get_exam(actor=actor_of(request), exam_id=pk)


@router.get("/sittings", response={200: Page[SittingOut], **REFUSALS}, operation_id="list_sittings",
            summary="Who sat or sits exams, with results, the newest first")  # fmt: skip
def list_sittings(request: HttpRequest, given: Query[SittingsIn]) -> dict[str, Any]:
    rows = queries.list_sittings(actor=actor_of(request))
    if given.state:
        rows = rows.filter(state_q(given.state, timezone.now()))
    asked = {"exam": given.exam_id, "person__file": given.enterprise_id, "person": given.person_id}
    return page_of(narrowed(rows, asked), given)


@router.get("/sittings/{uuid:pk}", response={200: SittingOut, **REFUSALS}, operation_id="get_sitting",
            summary="One person's exam")  # fmt: skip
def get_sitting(request: HttpRequest, pk: uuid.UUID) -> ExamSitting:
    return queries.get_sitting(actor=actor_of(request), sitting_id=pk)


@router.get("/sittings/{uuid:pk}/paper", response={200: list[PaperItemOut], **REFUSALS}, operation_id="get_exam_paper",
            summary="A marked paper without its answers, once its exam is over")  # fmt: skip
def get_paper(request: HttpRequest, pk: uuid.UUID) -> Any:
    return queries.get_paper(actor=actor_of(request), sitting_id=pk, now=timezone.now())


# Acts ----------------------------------------------------------------------------------------------------------------

class ExamIn(Strict):
    """An exam. An enterprise names ``persons`` of its own; an office the ``enterprises`` whose people sit it, of these
    the holders of ``roles`` where some are named, and ``users`` of offices."""

    name: str = Field(min_length=1, max_length=120)
    programme_id: uuid.UUID
    rule_id: uuid.UUID
    opens_at: datetime
    closes_at: datetime
    persons: list[uuid.UUID] = Field(default_factory=list, max_length=_MOST)
    enterprises: list[uuid.UUID] = Field(default_factory=list, max_length=_MOST)
    roles: list[str] = Field(default_factory=list, max_length=50)
    users: list[uuid.UUID] = Field(default_factory=list, max_length=_MOST)


class ExamReasonIn(Strict):
    reason: str = Field(min_length=1, max_length=200)


class MarkIn(Strict):
    """``place`` is the question's on the paper."""

    place: int = Field(ge=1, le=1000)
    got: Decimal = Field(ge=0, le=100, max_digits=4, decimal_places=1)
    remark: str = Field(default="", max_length=500)


class MarksIn(Strict):
    marks: list[MarkIn] = Field(min_length=1, max_length=1000)


class OpenItemOut(Schema):
    """A question that an examiner must see, with what was answered. ``closed`` is what the closed parts of a case
    got already: the mark that is given holds it."""

    place: int
    kind: str = Field(alias="version.kind")
    stem: str = Field(alias="version.stem")
    parts: list[PaperPartOut]
    right: str = Field(alias="version.answer")
    given: dict[str, str] = Field(alias="answer")
    marks: Decimal
    closed: Decimal | None = Field(description="of a case: what its closed parts got; empty of other questions")

    @staticmethod
    def resolve_parts(row: SittingItem) -> list[dict[str, object]]:
        return [{**one, "options": one.get("options") or []} for one in row.version.parts]

    @staticmethod
    def resolve_closed(row: SittingItem) -> Decimal | None:
        if row.version.kind != "case":
            return None
        return exam_results.parts_marks(row, is_partial=row.sitting.exam.paper["is_partial"])


@router.post("/exams", response={201: ExamOut, **REFUSALS}, operation_id="arrange_exam",
             summary="Arrange an exam")  # fmt: skip
def arrange_exam(request: HttpRequest, payload: ExamIn) -> Status[Exam]:
    actor = actor_of(request)
    actor.require(SET_EXAMS)
    now, wrong = timezone.now(), {}
    programme = among(list_programmes().on(timezone.localdate(now)), payload.programme_id, "programme_id")
    rule = among(usable_rules(actor=actor), payload.rule_id, "rule_id")
    asked: dict[str, tuple[list[uuid.UUID], bool]] = {
        "persons": (payload.persons, actor.supervises), "enterprises": (payload.enterprises, not actor.supervises),
        "users": (payload.users, not actor.supervises),
    }  # fmt: skip
    for name, (given, is_others) in asked.items():
        if given and is_others:
            wrong[name] = _("企业按人员安排考试，监管部门按企业、岗位角色和监管人员安排。")
    if wrong:
        raise Invalid(fields=wrong)
    if actor.supervises:
        files = list(list_enterprises(actor=actor).filter(pk__in=payload.enterprises))
        chosen = queries.persons_at(actor=actor, files=files, roles=payload.roles)
        _all_there(len(files), payload.enterprises, "enterprises")
    else:
        chosen = list_persons(actor=actor).at_work().filter(pk__in=payload.persons)
        _all_there(chosen.count(), payload.persons, "persons")
    users = list(queries.regulators(actor=actor).filter(pk__in=payload.users))
    _all_there(len(users), payload.users, "users")
    who = "enterprises" if actor.supervises else "persons"
    with named_as(rule="rule_id", programme="programme_id", persons=who):
        made = exams.arrange_exam(
            actor=actor, name=payload.name, rule=rule, programme=programme, opens_at=payload.opens_at,
            closes_at=payload.closes_at, persons=list(chosen.select_related("file")), users=users, now=now,
            client_id=client_id_of(request),
        )  # fmt: skip
    return Status(201, queries.get_exam(actor=actor, exam_id=made.pk))


def _all_there(found: int, wanted: list[uuid.UUID], field: str) -> None:
    if found != len(set(wanted)):
        raise Invalid(fields={field: NotFound().message})


@router.post("/exams/{uuid:pk}/cancel", response={200: ExamOut, **REFUSALS}, operation_id="cancel_exam",
             summary="Call an exam off that nobody began")  # fmt: skip
def cancel_exam(request: HttpRequest, pk: uuid.UUID, payload: ExamReasonIn) -> Exam:
    actor = actor_of(request)
    exam = queries.get_exam(actor=actor, exam_id=pk)

    def make() -> uuid.UUID:
        exams.cancel_exam(actor=actor, exam=exam, reason=payload.reason, now=timezone.now())
        return pk

    body = {"exam": str(pk), "reason": payload.reason}
    only_once(request, actor=actor, act="training.exam.cancel", body=body, make=make)
    return queries.get_exam(actor=actor, exam_id=pk)


@router.get("/sittings/{uuid:pk}/to-mark", response={200: list[OpenItemOut], **REFUSALS}, operation_id="list_to_mark",
            summary="What an examiner must see of a paper that was handed in, for who runs the exam")  # fmt: skip
def list_to_mark(request: HttpRequest, pk: uuid.UUID) -> list[SittingItem]:
    actor = actor_of(request)
    row = queries.get_sitting(actor=actor, sitting_id=pk)
    actor.require(SET_EXAMS)
    if not queries.runs(actor, row.exam) or queries.is_own_paper(actor, row) or row.handed_in_at is None:
        raise NotPermitted
    items = [one for one in queries.items_of(row) if one.got is None]
    for one in items:
        one.sitting = row
    return items


@router.post("/sittings/{uuid:pk}/marks", response={200: SittingOut, **REFUSALS}, operation_id="mark_sitting",
             summary="Give marks for what an examiner must see; once all is marked the result stands")  # fmt: skip
def mark_sitting(request: HttpRequest, pk: uuid.UUID, payload: MarksIn) -> ExamSitting:
    actor = actor_of(request)
    row = queries.get_sitting(actor=actor, sitting_id=pk)
    given = {one.place: one for one in payload.marks}

    def make() -> uuid.UUID:
        exam_results.mark_by_hand(
            actor=actor, sitting=row, given={place: one.got for place, one in given.items()},
            remarks={place: one.remark for place, one in given.items()}, now=timezone.now(),
        )  # fmt: skip
        return pk

    body = {"sitting": str(pk), "marks": [[one.place, str(one.got), one.remark] for one in payload.marks]}
    only_once(request, actor=actor, act="training.exam.mark", body=body, make=make)
    return queries.get_sitting(actor=actor, sitting_id=pk)
