"""Filings, spot checks, violations and what is done about findings, over REST: read with filters and paging, and the
acts of the pages. No person's name is told; people stand as their number on the permit."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.permits.api.audits import PermitFindingOut
from quancheng.domains.permits.loops.filing import FILING
from quancheng.domains.permits.loops.spot import SPOT
from quancheng.domains.permits.models import (
    AuditFinding,
    FilingClassCode,
    Kind,
    PermitViolation,
    Severity,
    SpotCheck,
    SpotMode,
    WorkFiling,
)
from quancheng.domains.permits.queries import audits, filings, permits, spot
from quancheng.domains.permits.services import audit_findings
from quancheng.domains.permits.services import filings as filing_services
from quancheng.domains.permits.services import spot as spot_services
from quancheng.domains.registry.queries.enterprises import required_file
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])

#: Acts of people, with the most letters of their text; the house's own moves are none.
FINDING_ACTS = {"push": 0, "receive": 0, "begin": 2000, "answer": 2000, "close": 500, "return": 500, "drop": 500}
FILING_ACTS = {"accept": 0, "return": 500, "question": 500, "answer": 1000, "withdraw": 500, "close": 0}


class PermitStepIn(Strict):
    """One step: its text where the step asks for one."""

    text: str = Field("", max_length=2000)


class PermitFindingActIn(PermitStepIn):
    act: str = one_of(FINDING_ACTS, default=None)
    file_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20, description="uploaded before; of an answer")


class WorkFilingActIn(PermitStepIn):
    act: str = one_of(FILING_ACTS, default=None)


class PermitViolationIn(Strict):
    """Whose violation a finding is: the person's number on the permit, none where the evidence names nobody."""

    person_number: int | None = Field(None, ge=1, le=10_000)
    note: str = Field("", max_length=300)


class PermitSpotDropIn(Strict):
    reason: str = Field(min_length=1, max_length=500)


class PermitSpotAnswerIn(Strict):
    answer: str = one_of(spot_services.ANSWERS, default=None)
    note: str = Field("", max_length=300)


class PermitSpotRecordIn(Strict):
    """Online: camera, moment, what the video showed, and a problem with its severity where there is one. On the spot:
    every question of the kind by its code; a NO says what is wrong."""

    mode: str = one_of(SpotMode.values, default=None)
    camera: str = Field("", max_length=100)
    seen_at: AwareDatetime | None = None
    seen: str = Field("", max_length=1000)
    problem: str = Field("", max_length=300)
    severity: str = one_of(Severity.values)
    answers: dict[str, PermitSpotAnswerIn] = Field(default_factory=dict, max_length=60)
    note: str = Field("", max_length=1000)
    file_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class FilePermitIn(Strict):
    """What a permit does not tell of itself; of an emergency when it was phoned to whom."""

    cameras: str = Field("", max_length=200)
    phoned_at: AwareDatetime | None = None
    phoned_to: str = Field("", max_length=120)


class WorkFilingIn(Strict):
    """A job filed by hand: a shutdown, an emergency repair, or one whose permit comes later."""

    code: str = one_of(FilingClassCode.values, default=None)
    kind: str = one_of(Kind.values)
    level: str = Field("", max_length=3)
    apply_unit: str = Field(min_length=1, max_length=80)
    work_unit: str = Field(min_length=1, max_length=80)
    is_contractor: bool = False
    place: str = Field(min_length=1, max_length=200)
    content: str = Field(min_length=1, max_length=1000)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    people_count: int | None = Field(None, ge=1, le=5000)
    leader: str = Field(min_length=1, max_length=60)
    cameras: str = Field("", max_length=200)
    phoned_at: AwareDatetime | None = None
    phoned_to: str = Field("", max_length=120, description="whom an emergency repair was phoned to; class F6 needs it")


class WorkFilingsIn(Paging):
    """Which filings are wanted."""

    enterprise_id: uuid.UUID | None = None
    permit_id: uuid.UUID | None = None
    code: str = one_of(FilingClassCode.values)
    kind: str = one_of(Kind.values)
    status: str = one_of(FILING.codes)
    late: bool = Field(False, description="only those told after their time")
    differs: bool = Field(False, description="only those that differ from their permit")


class WorkFilingOut(Schema):
    """One job told to the regulator: information, no approval. ``doubts`` are codes of what differs."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    permit_id: uuid.UUID | None
    code: str
    kind: str
    level: str
    status: str
    apply_unit: str
    work_unit: str
    is_contractor: bool
    place: str
    content: str
    starts_at: datetime
    ends_at: datetime
    people_count: int | None
    phoned_at: datetime | None
    phoned_to: str
    due_at: datetime
    submitted_at: datetime
    is_late: bool
    question: str
    answer: str
    doubts: list[str]
    ended_at: datetime | None


class PermitSpotChecksIn(Paging):
    """Which spot checks are wanted."""

    enterprise_id: uuid.UUID | None = None
    permit_id: uuid.UUID | None = None
    status: str = one_of(SPOT.codes)
    mode: str = one_of(SpotMode.values)
    passed: bool | None = None


class PermitSpotCheckOut(Schema):
    """One permit that an inspector looks at. ``answers``: by code of the question the answer and its note."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    permit_id: uuid.UUID
    draw_id: uuid.UUID | None
    title: str
    status: str
    score: int | None
    due_date: date
    mode: str
    passed: bool | None
    audit_score: int | None
    camera: str
    seen_at: datetime | None
    seen: str
    answers: dict[str, list[str]]
    note: str
    checked_at: datetime | None


class PermitFindingWholeOut(PermitFindingOut):
    """One finding with what shows it and what was said of it; ``evidence`` tells fact, value and limit."""

    permit_number: str = Field(alias="permit.number")
    evidence: dict[str, Any]
    note: str
    answer: str
    comment: str


class PermitViolationsIn(Paging):
    """Which violations are wanted."""

    enterprise_id: uuid.UUID | None = None
    permit_id: uuid.UUID | None = None
    severity: str = one_of(Severity.values)
    contractor: str = Field("", max_length=80)
    found_from: AwareDatetime | None = None
    found_to: AwareDatetime | None = Field(None, description="the moment before which they were found")


class PermitViolationOut(Schema):
    """A rule broken, with how often its person, contractor and rule came up in the year before; no name."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    permit_id: uuid.UUID
    finding_id: uuid.UUID | None
    rule: str
    text: str
    severity: str
    has_person: bool
    by_person: int
    contractor: str
    by_contractor: int
    by_rule: int
    note: str
    at: datetime

    @staticmethod
    def resolve_has_person(row: PermitViolation) -> bool:
        return row.person_id is not None


def _text(payload: PermitStepIn, most: int) -> str:
    """:raises Invalid: longer than the step's text may be, or told where the step keeps none."""
    if payload.text and not most:
        raise Invalid(fields={"text": _("此步骤不填写文字。")})
    if len(payload.text) > most:
        raise Invalid(fields={"text": _("最多%(most)s个字。") % {"most": most}})
    return payload.text


# Findings and violations ---------------------------------------------------------------------------------------------


@router.get("/findings/{uuid:pk}", response={200: PermitFindingWholeOut, **REFUSALS}, operation_id="get_permit_finding",
            summary="One thing that is wrong with one permit")  # fmt: skip
def get_permit_finding(request: HttpRequest, pk: uuid.UUID) -> AuditFinding:
    return audits.get_finding(actor=actor_of(request), finding_id=pk)


@router.post("/findings/{uuid:pk}/act", response={200: PermitFindingWholeOut, **REFUSALS},
             operation_id="act_on_permit_finding",
             summary="One step of a finding: sent, received, answered, looked at again")  # fmt: skip
def act_on_permit_finding(request: HttpRequest, pk: uuid.UUID, payload: PermitFindingActIn) -> AuditFinding:
    actor = actor_of(request)
    row = audits.get_finding(actor=actor, finding_id=pk)
    return audit_findings.act_on_finding(
        actor=actor, row=row, name=payload.act, text=_text(payload, FINDING_ACTS[payload.act]),
        files=payload.file_ids, now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/findings/{uuid:pk}/violation", response={200: PermitFindingWholeOut, **REFUSALS},
             operation_id="record_permit_violation", summary="Say whose violation a finding is")  # fmt: skip
def record_permit_violation(request: HttpRequest, pk: uuid.UUID, payload: PermitViolationIn) -> AuditFinding:
    actor = actor_of(request)
    row = audits.get_finding(actor=actor, finding_id=pk)
    person = None
    if payload.person_number is not None:
        person = audits.people_to_name(row.permit).filter(number=payload.person_number).first()
        if person is None:
            raise Invalid(fields={"person_number": _("该人员不在这张作业票上。")})
    return audit_findings.record_violation(
        actor=actor, row=row, person=person, note=payload.note, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.get("/violations", response={200: Page[PermitViolationOut], **REFUSALS}, operation_id="list_permit_violations",
            summary="Violations on permits, the newest first")  # fmt: skip
def list_permit_violations(request: HttpRequest, given: Query[PermitViolationsIn]) -> dict[str, Any]:
    rows = audits.list_violations(actor=actor_of(request))
    asked = {
        "enterprise": given.enterprise_id, "permit": given.permit_id, "severity": given.severity,
        "contractor": given.contractor, "at__gte": given.found_from, "at__lt": given.found_to,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


# Filings -------------------------------------------------------------------------------------------------------------


@router.get("/filings", response={200: Page[WorkFilingOut], **REFUSALS}, operation_id="list_work_filings",
            summary="Jobs told to the regulator, open ones first")  # fmt: skip
def list_work_filings(request: HttpRequest, given: Query[WorkFilingsIn]) -> dict[str, Any]:
    rows = filings.list_filings(actor=actor_of(request))
    if given.late:
        rows = rows.filter(filings.is_late())
    if given.differs:
        rows = rows.filter(filings.differs())
    asked = {
        "file": given.enterprise_id, "permit": given.permit_id, "code": given.code, "kind": given.kind,
        "status": given.status,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get("/filings/{uuid:pk}", response={200: WorkFilingOut, **REFUSALS}, operation_id="get_work_filing",
            summary="One job told to the regulator")  # fmt: skip
def get_work_filing(request: HttpRequest, pk: uuid.UUID) -> WorkFiling:
    return filings.get_filing(actor=actor_of(request), filing_id=pk)


@router.post("/filings", response={201: WorkFilingOut, **REFUSALS}, operation_id="file_work",
             summary="File a job by hand")  # fmt: skip
def file_work(request: HttpRequest, payload: WorkFilingIn) -> Status[WorkFiling]:
    actor = actor_of(request)
    actor.require(permits.REQUEST)
    return Status(201, filing_services.file_by_hand(
        actor=actor, file=required_file(actor=actor), told=filing_services.Told(**payload.dict()),
        now=timezone.now(), client_id=client_id_of(request),
    ))  # fmt: skip


@router.post("/permits/{uuid:pk}/filing", response={201: WorkFilingOut, **REFUSALS}, operation_id="file_permit",
             summary="File a permit as it stands")  # fmt: skip
def file_permit(request: HttpRequest, pk: uuid.UUID, payload: FilePermitIn) -> Status[WorkFiling]:
    actor = actor_of(request)
    return Status(201, filing_services.file_permit(
        actor=actor, permit=permits.get_permit(actor=actor, permit_id=pk), now=timezone.now(),
        client_id=client_id_of(request), **payload.dict(),
    ))  # fmt: skip


@router.post("/filings/{uuid:pk}/act", response={200: WorkFilingOut, **REFUSALS}, operation_id="act_on_work_filing",
             summary="One step of a filing: read, returned, questioned, answered, withdrawn, closed")  # fmt: skip
def act_on_work_filing(request: HttpRequest, pk: uuid.UUID, payload: WorkFilingActIn) -> WorkFiling:
    actor = actor_of(request)
    row = filings.get_filing(actor=actor, filing_id=pk)
    return filing_services.act_on_filing(
        actor=actor, row=row, name=payload.act, text=_text(payload, FILING_ACTS[payload.act]), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


# Spot checks ---------------------------------------------------------------------------------------------------------


@router.get("/spot-checks", response={200: Page[PermitSpotCheckOut], **REFUSALS},
            operation_id="list_permit_spot_checks",
            summary="Permits looked at by inspectors, open ones first")  # fmt: skip
def list_permit_spot_checks(request: HttpRequest, given: Query[PermitSpotChecksIn]) -> dict[str, Any]:
    rows = spot.list_checks(actor=actor_of(request))
    if given.passed is not None:
        rows = rows.filter(passed=given.passed)
    asked = {
        "enterprise": given.enterprise_id, "permit": given.permit_id, "status": given.status, "mode": given.mode,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get("/spot-checks/{uuid:pk}", response={200: PermitSpotCheckOut, **REFUSALS},
            operation_id="get_permit_spot_check", summary="One spot check")  # fmt: skip
def get_permit_spot_check(request: HttpRequest, pk: uuid.UUID) -> SpotCheck:
    return spot.get_check(actor=actor_of(request), check_id=pk)


@router.post("/spot-checks/{uuid:pk}/record", response={200: PermitSpotCheckOut, **REFUSALS},
             operation_id="record_permit_spot_check",
             summary="Write down what was seen; what is wrong goes to the enterprise at once")  # fmt: skip
def record_permit_spot_check(request: HttpRequest, pk: uuid.UUID, payload: PermitSpotRecordIn) -> SpotCheck:
    actor = actor_of(request)
    answers = {code: (one.answer, one.note) for code, one in payload.answers.items()}
    seen = spot_services.Seen(
        mode=payload.mode, camera=payload.camera, seen_at=payload.seen_at, seen=payload.seen, problem=payload.problem,
        severity=payload.severity, answers=answers, note=payload.note, files=tuple(payload.file_ids),
    )  # fmt: skip
    return spot_services.record_check(
        actor=actor, row=spot.get_check(actor=actor, check_id=pk), seen=seen, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/spot-checks/{uuid:pk}/drop", response={200: PermitSpotCheckOut, **REFUSALS},
             operation_id="drop_permit_spot_check", summary="Say why a permit was not looked at")  # fmt: skip
def drop_permit_spot_check(request: HttpRequest, pk: uuid.UUID, payload: PermitSpotDropIn) -> SpotCheck:
    actor = actor_of(request)
    return spot_services.drop_check(
        actor=actor, row=spot.get_check(actor=actor, check_id=pk), reason=payload.reason, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
