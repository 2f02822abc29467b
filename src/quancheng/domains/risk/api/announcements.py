"""Daily announcements for programs: the proposal of today, the study below, publishing, doubts, samples, months."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.loops.announcement import ANNOUNCEMENT, DOUBT, SPOT_CHECK, STUDY
from quancheng.domains.risk.models import Announcement, Doubt, GateScreen, SpotCheck, SpotDraw, Study
from quancheng.domains.risk.queries import announcements as queries
from quancheng.domains.risk.queries.announced_facts import Fact
from quancheng.domains.risk.queries.announcement_figures import by_month
from quancheng.domains.risk.services import announcing, doubting, gate_screens, spot_checks
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk import commitment

router = Router(tags=["risk"])



class AnnouncementOut(Schema):
    """One enterprise on one day. ``level``: 1 major to 4 low; ``values`` by code of a number, empty before it is
    published."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    title: str
    day: date
    status: str
    due_at: datetime
    published_at: datetime | None
    is_late: bool | None
    edition_no: int
    level: int | None
    is_controlled: bool | None
    committer: str
    special_count: int | None
    doubt_count: int
    values: dict[str, int]


class AnnouncementEditionOut(Schema):
    """One edition; each line has ``value``, ``proposed``, ``source`` in both languages, ``rows``, ``reason``."""

    number: int
    lines: dict[str, Any]
    is_controlled: bool
    uncontrolled: str
    commitment: str
    committer: str
    authorisation: str
    skipped: list[str]
    skip_reason: str
    reason: str
    published_at: datetime


class StudyOut(Schema):
    """What a team or workshop says of its part. ``answers`` by topic: ``ok``, ``not`` or ``none``."""

    id: uuid.UUID
    announcement_id: uuid.UUID
    parent_id: uuid.UUID | None
    day: date
    layer: str
    name: str
    status: str
    answers: dict[str, str]
    is_controlled: bool | None
    text: str
    answered_name: str
    answered_at: datetime | None


class DoubtOut(Schema):
    """Why an announcement is doubted; ``said`` holds announced value, fact and source in both languages."""

    id: uuid.UUID
    announcement_id: uuid.UUID
    day: date
    title: str
    reason: str
    said: list[dict[str, str]]
    status: str
    text: str
    decision: str
    finding_code: str


class AnnouncementDetailOut(AnnouncementOut):
    """An announcement with editions, study and doubts; ``national`` has the names of the national interface."""

    national: dict[str, int]
    editions: list[AnnouncementEditionOut]
    studies: list[StudyOut]
    doubts: list[DoubtOut]


class ProposedOut(Schema):
    """What the system knows of a number. ``binds``: announcing otherwise is a contradiction."""

    value: int
    source: str
    rows: list[str]
    binds: bool


class TodayOut(Schema):
    """Today's announcement, where one is owed, with the proposal and the parts that have not answered."""

    announcement: AnnouncementOut | None
    proposal: dict[str, ProposedOut]
    waiting: list[StudyOut]


class AnnouncementsIn(Paging):
    day: date | None = None
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(ANNOUNCEMENT.codes)
    doubted: bool = False


class AnnounceIn(Strict):
    """Numbers by code; those left out are as proposed, or 0. ``reasons`` why one differs from the proposal."""

    day: date
    values: dict[str, int]
    reasons: dict[str, str] = Field(default_factory=dict)
    is_controlled: bool
    uncontrolled: str = Field("", max_length=1000)
    commitment: str = Field("", max_length=1000)
    authorisation: str = Field("", max_length=200)
    skip_reason: str = Field("", max_length=300)


class CorrectAnnouncementIn(AnnounceIn):
    reason: str = Field(max_length=300)
    seen: int = Field(ge=1, description="number of the edition that is corrected")


class ExcuseIn(Strict):
    reason: str = Field(max_length=300)


class StudiesIn(Paging):
    day: date | None = None
    announcement_id: uuid.UUID | None = None
    status: str = one_of(STUDY.codes)


class StudyAnswerIn(Strict):
    answers: dict[str, str] = Field(description="A1 to A4: ok, not or none")
    text: str = Field("", max_length=1000)
    skip_reason: str = Field("", max_length=300)


class DoubtsIn(Paging):
    day: date | None = None
    reason: str = one_of(commitment.REASONS)
    status: str = one_of(DOUBT.codes)


class DoubtMoveIn(Strict):
    move: str = one_of(("explain", "accept", "find"), default=None)
    text: str = Field(max_length=1000)


class SpotCheckOut(Schema):
    """An announcement drawn for a look on the spot."""

    id: uuid.UUID
    draw_id: uuid.UUID
    announcement_id: uuid.UUID
    day: date
    title: str
    due_date: date
    status: str
    text: str


class SpotDrawOut(Schema):
    """A draw: with pool and seed anybody can draw again (SHA-256 of ``seed|id``, the smallest first)."""

    id: uuid.UUID
    day: date
    seed: str
    pool: list[str]
    pool_digest: str
    chosen: list[str]
    drawn_at: datetime


class SpotChecksIn(Paging):
    day: date | None = None
    status: str = one_of(SPOT_CHECK.codes)


class SpotDrawIn(Strict):
    day: date
    size: int
    special_only: bool = False


class SpotResultIn(Strict):
    matched: bool
    text: str = Field(max_length=1000)


class MonthOut(Schema):
    """A month: owed, announced, in time, late or missed, still open, doubted; ``rate`` in percent of those settled."""

    month: date
    owed: int
    announced: int
    on_time: int
    late: int
    open: int
    doubted: int
    rate: float | None


class GateScreenIn(Strict):
    name: str = Field(max_length=60)


class GateScreenOut(Schema):
    """An address for a screen; its JSON stands under ``/g/<token>/data``."""

    id: uuid.UUID
    name: str
    token: str
    made_at: datetime
    revoked_at: datetime | None


def _detail(row: Announcement) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in AnnouncementOut.model_fields if name != "enterprise_id"}
    return plain | {
        "file_id": row.file_id, "national": commitment.as_national(row.values) if row.values else {},
        "editions": queries.editions_of(row), "studies": queries.studies_of(row), "doubts": queries.doubts_of(row),
    }  # fmt: skip


def _given(row: Announcement, payload: AnnounceIn) -> dict[str, Any]:
    if payload.day != row.day:
        raise Invalid(fields={"day": _("该公告的日期是%(day)s。") % {"day": row.day}})
    return {
        "values": payload.values, "reasons": payload.reasons, "is_controlled": payload.is_controlled,
        "uncontrolled": payload.uncontrolled, "commitment_text": payload.commitment,
        "authorisation": payload.authorisation, "skip_reason": payload.skip_reason,
    }  # fmt: skip


@router.get("/announcements", response={200: Page[AnnouncementOut], **REFUSALS}, operation_id="list_announcements",
            summary="Announcements that the actor may see")  # fmt: skip
def list_announcements(request: HttpRequest, given: Query[AnnouncementsIn]) -> dict[str, Any]:
    rows = queries.list_announcements(actor=actor_of(request))
    if given.doubted:
        rows = rows.filter(queries.DOUBTED)
    wanted = {"day": given.day, "file": given.enterprise_id, "status": given.status}
    return page_of(narrowed(rows, wanted), given)


@router.get("/announcements/{uuid:pk}", response={200: AnnouncementDetailOut, **REFUSALS},
            operation_id="get_announcement", summary="An announcement with editions, study and doubts")  # fmt: skip
def get_announcement(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    return _detail(queries.get_announcement(actor=actor_of(request), announcement_id=pk))


@router.get("/enterprises/{uuid:pk}/announcements/today", response={200: TodayOut, **REFUSALS},
            operation_id="get_todays_announcement", summary="Today's announcement and what is proposed")  # fmt: skip
def get_todays_announcement(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    actor, now = actor_of(request), timezone.now()
    file = get_enterprise(actor=actor, file_id=pk)
    row = queries.announcement_of(actor=actor, file_id=file.pk, day=Calendar().local_date(now))
    facts = {} if row is None else announcing.proposal_for(row, now=now)

    def shown(fact: Fact) -> dict[str, Any]:
        return {"value": fact.value, "source": told(fact.source), "rows": list(fact.rows), "binds": fact.binds}

    waiting = [] if row is None else announcing.waiting_below(row)
    return {"announcement": row, "proposal": {code: shown(one) for code, one in facts.items()}, "waiting": waiting}


@router.post("/announcements/{uuid:pk}/publish", response={200: AnnouncementDetailOut, **REFUSALS},
             operation_id="publish_announcement", summary="Commit and publish")  # fmt: skip
def publish_announcement(request: HttpRequest, pk: uuid.UUID, payload: AnnounceIn) -> dict[str, Any]:
    actor = actor_of(request)
    row = queries.get_announcement(actor=actor, announcement_id=pk)
    announcing.publish_announcement(
        actor=actor, row=row, **_given(row, payload), now=timezone.now(), client_id=client_id_of(request)
    )
    return _detail(row)


@router.post("/announcements/{uuid:pk}/corrections", response={200: AnnouncementDetailOut, **REFUSALS},
             operation_id="correct_announcement", summary="Publish a corrected edition")  # fmt: skip
def correct_announcement(request: HttpRequest, pk: uuid.UUID, payload: CorrectAnnouncementIn) -> dict[str, Any]:
    actor = actor_of(request)
    row = queries.get_announcement(actor=actor, announcement_id=pk)
    announcing.correct_announcement(
        actor=actor, row=row, **_given(row, payload), reason=payload.reason, seen=payload.seen, now=timezone.now()
    )
    return _detail(row)


@router.post("/announcements/{uuid:pk}/excuse", response={200: AnnouncementOut, **REFUSALS},
             operation_id="excuse_announcement", summary="None is owed that day, for a reason")  # fmt: skip
def excuse_announcement(request: HttpRequest, pk: uuid.UUID, payload: ExcuseIn) -> Announcement:
    actor = actor_of(request)
    row = queries.get_announcement(actor=actor, announcement_id=pk)
    return announcing.excuse_announcement(
        actor=actor, row=row, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )


@router.get("/studies", response={200: Page[StudyOut], **REFUSALS}, operation_id="list_studies",
            summary="What teams and workshops studied")  # fmt: skip
def list_studies(request: HttpRequest, given: Query[StudiesIn]) -> dict[str, Any]:
    rows = queries.list_studies(actor=actor_of(request))
    wanted = {"day": given.day, "announcement": given.announcement_id, "status": given.status}
    return page_of(narrowed(rows, wanted), given)


@router.post("/studies/{uuid:pk}/answer", response={200: StudyOut, **REFUSALS}, operation_id="answer_study",
             summary="A team or workshop says how its risks are controlled")  # fmt: skip
def answer_study(request: HttpRequest, pk: uuid.UUID, payload: StudyAnswerIn) -> Study:
    actor = actor_of(request)
    row = queries.get_study(actor=actor, study_id=pk)
    return announcing.answer_study(
        actor=actor, row=row, **payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    )


@router.get("/doubts", response={200: Page[DoubtOut], **REFUSALS}, operation_id="list_doubts",
            summary="Announcements that are late or contradict facts")  # fmt: skip
def list_doubts(request: HttpRequest, given: Query[DoubtsIn]) -> dict[str, Any]:
    rows = queries.list_doubts(actor=actor_of(request))
    return page_of(narrowed(rows, {"day": given.day, "reason": given.reason, "status": given.status}), given)


@router.post("/doubts/{uuid:pk}/moves", response={200: DoubtOut, **REFUSALS}, operation_id="move_doubt",
             summary="Explain a doubt, accept the explanation, or have a danger registered")  # fmt: skip
def move_doubt(request: HttpRequest, pk: uuid.UUID, payload: DoubtMoveIn) -> Doubt:
    actor = actor_of(request)
    row = queries.get_doubt(actor=actor, doubt_id=pk)
    common: dict[str, Any] = {"actor": actor, "row": row, "now": timezone.now(), "client_id": client_id_of(request)}
    if payload.move == "explain":
        return doubting.explain_doubt(**common, text=payload.text)
    try:
        return doubting.judge_doubt(**common, name=payload.move, reason=payload.text)
    except Invalid as refused:
        raise Invalid(fields={"text": refused.fields.get("reason", refused.message)}) from refused


@router.get("/spot-checks", response={200: Page[SpotCheckOut], **REFUSALS}, operation_id="list_spot_checks",
            summary="Announcements drawn for a look on the spot")  # fmt: skip
def list_spot_checks(request: HttpRequest, given: Query[SpotChecksIn]) -> dict[str, Any]:
    rows = queries.list_spot_checks(actor=actor_of(request))
    return page_of(narrowed(rows, {"day": given.day, "status": given.status}), given)


@router.post("/spot-draws", response={201: SpotDrawOut, **REFUSALS}, operation_id="draw_spot_checks",
             summary="Draw a sample of a day's announcements")  # fmt: skip
def draw_spot_checks(request: HttpRequest, payload: SpotDrawIn) -> Status[SpotDraw]:
    made = spot_checks.draw_spot_checks(
        actor=actor_of(request), now=timezone.now(), client_id=client_id_of(request), **payload.dict()
    )
    return Status(201, made)


@router.post("/spot-checks/{uuid:pk}/result", response={200: SpotCheckOut, **REFUSALS},
             operation_id="record_spot_check", summary="Say what was seen on the spot")  # fmt: skip
def record_spot_check(request: HttpRequest, pk: uuid.UUID, payload: SpotResultIn) -> SpotCheck:
    actor = actor_of(request)
    row = queries.get_spot_check(actor=actor, check_id=pk)
    return spot_checks.record_spot_check(
        actor=actor, row=row, **payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    )


@router.get("/announcement-months", response={200: list[MonthOut], **REFUSALS}, operation_id="announcement_months",
            summary="How punctual the last months were")  # fmt: skip
def announcement_months(request: HttpRequest) -> list[dict[str, Any]]:
    lines = by_month(actor=actor_of(request), town="", now=timezone.now())
    return [{"month": one.month, **one.counts, "rate": one.rate} for one in lines]


@router.post("/enterprises/{uuid:pk}/gate-screens", response={201: GateScreenOut, **REFUSALS},
             operation_id="make_gate_screen", summary="Make an address for a screen at the gate")  # fmt: skip
def make_gate_screen(request: HttpRequest, pk: uuid.UUID, payload: GateScreenIn) -> Status[GateScreen]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    return Status(201, gate_screens.make_screen(actor=actor, file=file, name=payload.name, now=timezone.now()))


@router.post("/enterprises/{uuid:pk}/gate-screens/{uuid:screen}/revoke", response={200: GateScreenOut, **REFUSALS},
             operation_id="revoke_gate_screen", summary="Let an address show nothing any more")  # fmt: skip
def revoke_gate_screen(request: HttpRequest, pk: uuid.UUID, screen: uuid.UUID) -> GateScreen:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    if not gate_screens.may_keep_screens(actor, file):
        actor.require("risk.announcements.publish")
    row = queries.get_screen(file=file, screen_id=screen)
    gate_screens.revoke_screen(actor=actor, file=file, screen=row, now=timezone.now())
    row.refresh_from_db()
    return row
