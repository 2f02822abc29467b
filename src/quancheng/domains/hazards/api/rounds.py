"""Inspection rounds for programs: rounds, units' parts with their items, signing, answering, looks on site."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.hazards.loops.round import ROUND, ROUND_CHECK, ROUND_TARGET
from quancheng.domains.hazards.models import (
    InspectionRound,
    ItemResult,
    RoundCheck,
    RoundSection,
    RoundTarget,
    SeenResult,
)
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.queries.sections import mandatory
from quancheng.domains.hazards.services import round_answers as services
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    client_id_of,
    narrowed,
    one_of,
    page_of,
)
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.hidden_dangers.kinds import code_list

router = Router(tags=["hazards"])
_SPEC = {
    "govInspectListType": ("gov_list_type", "kind"), "validType": ("valid_type", "valid_type"),
    "inspectItemType": ("item_type", "item_type"), "inspectFrqType": ("frequency", "frequency"),
    "cycleFrqType": ("cycle", "cycle"), "submitType": ("submit", "submit"),
    "inspectStatus": ("inspect_status", "inspect_status"),
}  # fmt: skip


def _upload(name: str, code: str) -> int | None:
    """The number under which a code goes out; none for an empty one."""
    return next((one.upload for one in code_list(name).items if one.code == code), None)


class RoundOut(Schema):
    """A round. ``official`` holds the codes of the exchange spec; ``summary`` the numbers of a closed one."""

    id: uuid.UUID
    code: str
    title: str
    text: str
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    status: str
    kind: str
    valid_type: str
    start_date: date
    end_date: date | None
    item_type: str
    frequency: str
    cycle: str
    cycle_number: int | None
    submit: str
    agency: str
    asked: dict[str, Any]
    due_date: date
    recheck_percent: int
    issued_at: datetime | None
    closed_at: datetime | None
    target_count: int
    answered_count: int
    abnormal_units: int
    summary: dict[str, Any]
    official: dict[str, Any]

    @staticmethod
    def resolve_official(row: InspectionRound) -> dict[str, Any]:
        """Codes of the exchange spec (1.2.9), with the agency's name and code."""
        codes = {field: _upload(name, getattr(row, attribute)) for field, (name, attribute) in _SPEC.items()}
        return {
            "inspectName": row.title, "inspectCode": row.code,
            "inspectListCat": _upload("inspect_list_cat", "government_special"), "govAgencyName": row.owner_org.name,
            "govAgencyCode": row.owner_org.credit_code, "cycleFrqNumber": row.cycle_number, **codes,
        }  # fmt: skip


class RoundTargetOut(Schema):
    """One unit's part; ``inspect_result`` is empty while it is open."""

    id: uuid.UUID
    round_id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    title: str
    status: str
    receive_by: datetime
    due_date: date
    received_at: datetime | None
    answered_at: datetime | None
    item_count: int
    abnormal_count: int
    inspect_result: str
    text: str
    agency: str
    report_number: str


class RoundItemOut(Schema):
    """One item; its answer where the unit gave one."""

    position: int
    place: str
    text: str
    text_en: str
    basis: str
    grade: str
    asks: str = Field(description="empty, value: the note tells it, or photo")
    section: str = Field(description="code of the mandatory section's checklist; empty of other items")
    mark: str
    result: int | None
    note: str
    finding_id: uuid.UUID | None
    is_known: bool
    seen: int | None
    seen_note: str
    seen_finding_id: uuid.UUID | None


class RoundSectionOut(Schema):
    """A mandatory section; ``because`` says in both languages why the unit is asked."""

    code: str = Field(alias="edition.text_id")
    edition: str = Field(alias="edition.number")
    because: list[dict[str, str]]
    added_at: datetime


class RoundTargetWhole(RoundTargetOut):
    """A unit's part with the round's text, every item, and its mandatory sections."""

    round_text: str
    items: list[RoundItemOut]
    sections: list[RoundSectionOut]

    @staticmethod
    def resolve_sections(row: RoundTarget) -> list[RoundSection]:
        return list(queries.sections_of(row))

    @staticmethod
    def resolve_round_text(row: RoundTarget) -> str:
        return row.round.text

    @staticmethod
    def resolve_items(row: RoundTarget) -> list[dict[str, Any]]:
        """Items in their order with what was answered and seen."""
        answers = {one.item_id: one for one in queries.answers_of(row)}
        found = []
        items = queries.items_of(row)
        texts = {one.edition_id: one.edition.text_id for one in queries.sections_of(row)}
        forced = {one.pk: texts[key] for key, each in mandatory(row, items).items() for one in each}
        for item in items:
            answer = answers.get(item.pk)
            told = {name: getattr(answer, name, None) for name in ("result", "finding_id", "seen", "seen_finding_id")}
            own = {name: getattr(item, name) for name in (
                "position", "place", "text", "text_en", "basis", "grade", "asks", "mark",
            )}  # fmt: skip
            own["section"] = forced.get(item.pk, "")
            found.append({**own, **told, "note": answer.note if answer else "",
                          "is_known": answer is not None and answer.is_known,
                          "seen_note": answer.seen_note if answer else ""})  # fmt: skip
        return found


class RoundCheckOut(Schema):
    """A look on site; the unit sees it once it is done."""

    id: uuid.UUID
    round_id: uuid.UUID
    target_id: uuid.UUID
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    status: str
    due_date: date
    seen_date: date | None
    text: str
    finding_id: uuid.UUID | None


class InspectionRoundsIn(Paging):
    status: str = one_of(ROUND.codes)


class RoundTargetsIn(Paging):
    status: str = one_of(ROUND_TARGET.codes)
    round_id: uuid.UUID | None = None


class RoundChecksIn(Paging):
    status: str = one_of(ROUND_CHECK.codes)
    round_id: uuid.UUID | None = None


class RoundItemIn(Strict):
    position: int = Field(ge=1, le=10_000)
    result: int = Field(ge=0, le=max(ItemResult.values), description="0 normal, 1 abnormal, 2 not applicable")
    note: str = Field(default="", max_length=500)
    known_finding_id: uuid.UUID | None = Field(default=None, description="an open danger that covers it")
    is_major: bool = False
    photos: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class RoundAnswerIn(Strict):
    items: list[RoundItemIn] = Field(min_length=1, max_length=1000)
    text: str = Field(default="", max_length=4000)
    agency: str = Field(default="", max_length=120)
    report_number: str = Field(default="", max_length=80)
    reports: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class SeenItemIn(Strict):
    position: int = Field(ge=1, le=10_000)
    seen: int = Field(ge=0, le=max(SeenResult.values), description="0 matches, 1 differs, 2 not looked at")
    note: str = Field(default="", max_length=500)


class LookIn(Strict):
    text: str = Field(min_length=1, max_length=4000)
    seen_date: date
    items: list[SeenItemIn] = Field(
        default_factory=list, max_length=1000,
        description="every item; of a round that judges units as a whole those of mandatory sections",
    )  # fmt: skip
    matches: bool | None = Field(default=None, description="of a round that judges units as a whole")
    photos: list[uuid.UUID] = Field(default_factory=list, max_length=20)


@router.get("/rounds", response={200: Page[RoundOut], **REFUSALS}, operation_id="list_rounds",
            summary="Government special inspection rounds that the actor may see, the newest first")  # fmt: skip
def list_rounds(request: HttpRequest, given: Query[InspectionRoundsIn]) -> dict[str, Any]:
    return page_of(narrowed(queries.list_rounds(actor=actor_of(request)), {"status": given.status}), given)


@router.get("/rounds/{uuid:pk}", response={200: RoundOut, **REFUSALS}, operation_id="get_round",
            summary="One round")  # fmt: skip
def get_round(request: HttpRequest, pk: uuid.UUID) -> InspectionRound:
    return queries.get_round(actor=actor_of(request), round_id=pk)


@router.get("/round-targets", response={200: Page[RoundTargetOut], **REFUSALS}, operation_id="list_round_targets",
            summary="Units' parts of rounds, what is owed first; an enterprise reads its own")  # fmt: skip
def list_round_targets(request: HttpRequest, given: Query[RoundTargetsIn]) -> dict[str, Any]:
    rows = queries.list_targets(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "round": given.round_id}), given)


@router.get("/round-targets/{uuid:pk}", response={200: RoundTargetWhole, **REFUSALS}, operation_id="get_round_target",
            summary="One unit's part with its items and answers")  # fmt: skip
def get_round_target(request: HttpRequest, pk: uuid.UUID) -> RoundTarget:
    return queries.get_target(actor=actor_of(request), target_id=pk)


@router.post("/round-targets/{uuid:pk}/receive", response={200: RoundTargetOut, **REFUSALS},
             operation_id="receive_round_target", summary="Sign for a round")  # fmt: skip
def receive_round_target(request: HttpRequest, pk: uuid.UUID) -> RoundTarget:
    actor = actor_of(request)
    row = queries.get_target(actor=actor, target_id=pk)
    return services.receive_target(actor=actor, row=row, now=timezone.now(), client_id=client_id_of(request))


@router.post("/round-targets/{uuid:pk}/answer", response={200: RoundTargetOut, **REFUSALS},
             operation_id="answer_round_target", summary="Answer every item for one's own enterprise")  # fmt: skip
def answer_round_target(request: HttpRequest, pk: uuid.UUID, payload: RoundAnswerIn) -> RoundTarget:
    actor = actor_of(request)
    row = queries.get_target(actor=actor, target_id=pk)
    items = [
        services.ItemAnswer(one.position, one.result, one.note, one.known_finding_id, one.is_major, tuple(one.photos))
        for one in payload.items
    ]
    spec = services.AnswerSpec(items=items, text=payload.text, agency=payload.agency,
                               report_number=payload.report_number, reports=tuple(payload.reports))  # fmt: skip
    return services.answer_target(actor=actor, row=row, spec=spec, now=timezone.now(), client_id=client_id_of(request))


@router.get("/round-checks", response={200: Page[RoundCheckOut], **REFUSALS}, operation_id="list_round_checks",
            summary="Looks on site at units that were drawn, open ones first")  # fmt: skip
def list_round_checks(request: HttpRequest, given: Query[RoundChecksIn]) -> dict[str, Any]:
    rows = queries.list_checks(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "round": given.round_id}), given)


@router.post("/round-checks/{uuid:pk}/record", response={200: RoundCheckOut, **REFUSALS},
             operation_id="record_round_check", summary="Say what was seen on site")  # fmt: skip
def record_round_check(request: HttpRequest, pk: uuid.UUID, payload: LookIn) -> RoundCheck:
    actor = actor_of(request)
    row = queries.get_check(actor=actor, check_id=pk)
    seen = tuple(services.SeenItem(one.position, one.seen, one.note) for one in payload.items)
    spec = services.LookSpec(text=payload.text, seen_date=payload.seen_date, items=seen, matches=payload.matches,
                             photos=tuple(payload.photos))  # fmt: skip
    return services.record_look(actor=actor, row=row, spec=spec, now=timezone.now(), client_id=client_id_of(request))
