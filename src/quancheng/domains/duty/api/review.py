"""Bringing a plan in: the document, the drafts that were read from it with their doubts, and their issue.

Cutting paragraphs into sentences, splitting and merging are for people with the text before them: the pages have them.
"""

from __future__ import annotations

import uuid
from datetime import date
from enum import Enum
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile

from quancheng.domains.duty.api.plans import PlanOut
from quancheng.domains.duty.api.units import organisations_of
from quancheng.domains.duty.documents.read import read_document, read_pasted
from quancheng.domains.duty.drafts import doubts_of, faults_of, units_from
from quancheng.domains.duty.models import DraftTask, Plan
from quancheng.domains.duty.models.plans import PlanKind
from quancheng.domains.duty.models.tasks import TaskKind
from quancheng.domains.duty.queries import plans as queries
from quancheng.domains.duty.services import linking
from quancheng.domains.duty.services import review as services
from quancheng.domains.duty.services.commit import commit_plan
from quancheng.domains.duty.services.importing import import_document
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Strict, client_id_of
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.matching import Matcher

router = Router(tags=["duty"])
#: Not demanded by the signature, so that who lacks the duty is told that first.
_FILE: Any = File(None)
#: Days that null takes away.
_CLEARABLE = ("document_date", "period_from", "period_to", "due_date", "review_date")


class PlanImportIn(Strict):
    text: str = Field("", max_length=400_000, description="the document as text, where no file is sent")
    kind: PlanKind = PlanKind.KEY_POINTS


class DraftUnitOut(Schema):
    """A unit as the document prints it, and what it stands for; ``sure`` false asks for a look."""

    name: str
    role: str = Field(description="lead or support")
    organisations: list[uuid.UUID]
    reason: str
    sure: bool


class DraftOut(Schema):
    """A task or report duty as it stands in review. ``doubts`` and ``faults`` keep the plan from being issued."""

    id: uuid.UUID
    plan_id: uuid.UUID
    version: int = Field(description="goes along with each change: of two, the second is told (409)")
    is_report: bool
    number: str
    title: str
    text: str
    line: int | None = Field(description="where it begins in the document, from 1")
    level1: str
    level2: str
    kind: str
    start_date: str | None
    due_date: str | None
    review_date: str | None
    deadline_phrase: str
    persons: str
    leading_official: str
    in_chart: bool
    campaign: bool
    units: list[DraftUnitOut]
    doubts: list[str] = Field(description="what a person should look at, in sentences; empty once confirmed")
    faults: dict[str, str] = Field(description="why it cannot become a task, by field")
    is_confirmed: bool
    dropped: bool
    drop_reason: str


class TaskDraftIn(Strict):
    """What is given is corrected, the rest stands; the draft counts as confirmed. Units go by their names."""

    version: int
    title: str | None = Field(None, min_length=1, max_length=200)
    text: str | None = Field(None, min_length=1, max_length=10_000)
    kind: TaskKind | None = None
    start_date: date | None = None
    due_date: date | None = None
    review_date: date | None = None
    leads: list[str] | None = Field(None, max_length=200)
    supports: list[str] | None = Field(None, max_length=200)
    level1: str | None = Field(None, max_length=500)
    level2: str | None = Field(None, max_length=500)
    persons: str | None = Field(None, max_length=300)
    leading_official: str | None = Field(None, max_length=120)
    strive: bool | None = None
    campaign: bool | None = Field(None, description="prepare a campaign when the task is issued")


class MatchIn(Strict):
    """``unit`` is the place in ``units``, from 0. ``learn`` keeps the printed name as an alias of the one named."""

    version: int
    unit: int = Field(ge=0)
    organisations: list[uuid.UUID] = Field(min_length=1, max_length=200)
    learn: bool = False


class TaskDropIn(Strict):
    version: int
    reason: str = Field(min_length=1, max_length=200)


class RestoreIn(Strict):
    version: int


class ConfirmIn(Strict):
    drafts: list[uuid.UUID] | None = Field(None, max_length=2000, description="without it every draft with doubts")


class LeadRestIn(Strict):
    leads: list[str] = Field(min_length=1, max_length=200, description="names of registered units")


class CountOut(Schema):
    count: int


class HeadIn(Strict):
    """The head of the document as it should read; what is left out stands."""

    version: int = Field(description="review_version of the plan")
    title: str | None = Field(None, min_length=1, max_length=200)
    kind: PlanKind | None = None
    issuer: str | None = Field(None, max_length=120)
    number: str | None = Field(None, max_length=60)
    document_date: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    addressees: list[str] | None = Field(None, max_length=500)
    copies: list[str] | None = Field(None, max_length=500)
    openness: str | None = Field(None, max_length=40)


class DiscardIn(Strict):
    reason: str = Field(min_length=1, max_length=400)


class ReviewOut(PlanOut):
    """A plan in review; ``doubts`` are those about its head."""

    review_version: int
    doubts: list[str]
    drafts: list[DraftOut]

    @staticmethod
    def resolve_doubts(row: Plan) -> list[str]:
        return [doubt["text"] for doubt in row.parsed.get("meta", {}).get("doubts", ())]

    @staticmethod
    def resolve_drafts(row: Plan) -> list[dict[str, Any]]:
        return [_shown(one) for one in row.drafts.order_by("order", "pk")]


def _given(payload: Strict, without: set[str]) -> dict[str, Any]:
    """What was sent, as plain values; null clears a day and leaves anything else as it stands."""
    sent = payload.dict(exclude_unset=True, exclude=without)
    plain = {name: value.value if isinstance(value, Enum) else value for name, value in sent.items()}
    return {name: value for name, value in plain.items() if value is not None or name in _CLEARABLE}


def _shown(draft: DraftTask) -> dict[str, Any]:
    content = draft.content
    words = ("number", "title", "text", "level1", "level2", "kind", "deadline_phrase", "persons", "leading_official")
    days = ("line", "start_date", "due_date", "review_date")
    return {
        **{name: content.get(name) or "" for name in words},
        **{name: content.get(name) or None for name in days},
        "id": draft.pk,
        "plan_id": draft.plan_id,
        "version": draft.version,
        "is_report": draft.is_report,
        "in_chart": bool(content.get("row")),
        "campaign": bool(content.get("campaign")),
        "units": draft.units,
        "doubts": [] if draft.dropped else doubts_of(draft),
        "faults": {} if draft.dropped else faults_of(content, draft.units, is_report=draft.is_report),
        "is_confirmed": draft.confirmed_at is not None,
        "dropped": draft.dropped,
        "drop_reason": draft.drop_reason,
    }


@router.post(
    "/plans/import",
    response={201: ReviewOut, **REFUSALS},
    operation_id="import_plan",
    summary="Bring a plan in as a document or as text; answers the drafts that were read, with their doubts",
)
def import_plan(request: HttpRequest, body: Form[PlanImportIn], file: UploadedFile | None = _FILE) -> Status[Plan]:
    actor = actor_of(request)
    actor.require("duty.plans.import")
    if (file is None) == (not body.text):
        sentence = _("请选择文件，或粘贴文字。") if file is None else _("文件和文字只能选一种。")
        raise Invalid(fields={"file": sentence})
    data = body.text.encode() if file is None else file.read()
    name = f"{_('粘贴的文字')}.txt" if file is None else file.name or ""
    plan = import_document(
        actor=actor,
        document=read_pasted(body.text) if file is None else read_document(name=name, data=data),
        name=name,
        data=data,
        kind=body.kind.value,
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return Status(201, plan)


@router.get(
    "/plans/{uuid:pk}/review",
    response={200: ReviewOut, **REFUSALS},
    operation_id="get_plan_review",
    summary="A plan in review: its head, its drafts and their doubts",
)
def get_plan_review(request: HttpRequest, pk: uuid.UUID) -> Plan:
    return queries.get_review(actor=actor_of(request), plan_id=pk)


@router.post(
    "/plans/{uuid:pk}/head",
    response={200: ReviewOut, **REFUSALS},
    operation_id="correct_plan_head",
    summary="Correct what was read from the head of the document",
)
def correct_plan_head(request: HttpRequest, pk: uuid.UUID, payload: HeadIn) -> Plan:
    actor = actor_of(request)
    plan = queries.get_review(actor=actor, plan_id=pk)
    fields = _given(payload, {"version"})
    return services.correct_plan(actor=actor, plan=plan, fields=fields, version=payload.version, now=timezone.now())


@router.post(
    "/plans/{uuid:pk}/confirm-drafts",
    response={200: CountOut, **REFUSALS},
    operation_id="confirm_drafts",
    summary="Confirm drafts as they stand",
)
def confirm_drafts(request: HttpRequest, pk: uuid.UUID, payload: ConfirmIn) -> dict[str, int]:
    actor = actor_of(request)
    kept = [one for one in _drafts_of(actor, pk) if not one.dropped]
    if payload.drafts is None:
        wanted = [one for one in kept if doubts_of(one)]
    else:
        wanted = [one for one in kept if one.pk in set(payload.drafts)]
        if len(wanted) < len(set(payload.drafts)):
            raise NotFound
    return {"count": linking.confirm_many(actor=actor, drafts=wanted, now=timezone.now())}


def _drafts_of(actor: Actor, plan_id: uuid.UUID) -> list[DraftTask]:
    return queries.list_drafts(actor=actor, plan=queries.get_review(actor=actor, plan_id=plan_id))


@router.post(
    "/plans/{uuid:pk}/lead-rest",
    response={200: CountOut, **REFUSALS},
    operation_id="lead_rest",
    summary="Give the units named to every task that names none",
)
def lead_rest(request: HttpRequest, pk: uuid.UUID, payload: LeadRestIn) -> dict[str, int]:
    actor = actor_of(request)
    plan = queries.get_review(actor=actor, plan_id=pk)
    names = "、".join(payload.leads)
    return {"count": linking.lead_rest(actor=actor, plan=plan, names=names, now=timezone.now())}


@router.post(
    "/plans/{uuid:pk}/commit",
    response={200: PlanOut, **REFUSALS},
    operation_id="commit_plan",
    summary="Issue a reviewed plan: all its tasks, reports and receipts, or none",
)
def commit(request: HttpRequest, pk: uuid.UUID) -> Plan:
    actor = actor_of(request)
    plan = queries.get_review(actor=actor, plan_id=pk)
    commit_plan(actor=actor, plan=plan, now=timezone.now(), client_id=client_id_of(request))
    return queries.get_plan(actor=actor, plan_id=pk)


@router.post(
    "/plans/{uuid:pk}/discard",
    response={200: PlanOut, **REFUSALS},
    operation_id="discard_plan",
    summary="Throw a review away, with the reason",
)
def discard(request: HttpRequest, pk: uuid.UUID, payload: DiscardIn) -> Plan:
    actor = actor_of(request)
    plan = queries.get_review(actor=actor, plan_id=pk)
    return services.discard_plan(actor=actor, plan=plan, reason=payload.reason, now=timezone.now())


# One draft -------------------------------------------------------------------------------------------------------


def _draft(actor: Actor, pk: uuid.UUID) -> DraftTask:
    draft = queries.get_draft(actor=actor, draft_id=pk)
    queries.get_review(actor=actor, plan_id=draft.plan_id)
    return draft


@router.get(
    "/drafts/{uuid:pk}",
    response={200: DraftOut, **REFUSALS},
    operation_id="get_draft",
    summary="One draft",
)
def get_draft(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    return _shown(_draft(actor_of(request), pk))


@router.post(
    "/drafts/{uuid:pk}/correct",
    response={200: DraftOut, **REFUSALS},
    operation_id="correct_draft",
    summary="Correct a draft and confirm it",
)
def correct_draft(request: HttpRequest, pk: uuid.UUID, payload: TaskDraftIn) -> dict[str, Any]:
    actor = actor_of(request)
    draft = _draft(actor, pk)
    fields = _given(payload, {"version", "leads", "supports"})
    fields = {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}
    if payload.leads is not None or payload.supports is not None:
        fields["units"] = _units(draft, {"lead": payload.leads, "support": payload.supports})
    services.correct_draft(actor=actor, draft=draft, fields=fields, version=payload.version, now=timezone.now())
    return _shown(draft)


def _units(draft: DraftTask, names: dict[str, list[str] | None]) -> list[dict[str, Any]]:
    matcher = Matcher.load(speaker=draft.plan.owner_org)
    found: list[dict[str, Any]] = []
    for role, given in names.items():
        mine = [unit for unit in draft.units if unit["role"] == role]
        found += mine if given is None else units_from(given, role, mine, matcher)
    return found


@router.post(
    "/drafts/{uuid:pk}/match",
    response={200: DraftOut, **REFUSALS},
    operation_id="match_draft_unit",
    summary="Say which organisations a printed name stands for",
)
def match_draft_unit(request: HttpRequest, pk: uuid.UUID, payload: MatchIn) -> dict[str, Any]:
    actor = actor_of(request)
    draft = _draft(actor, pk)
    services.match_unit(
        actor=actor,
        draft=draft,
        index=payload.unit,
        organisations=organisations_of(actor=actor, wanted=payload.organisations, field="organisations"),
        learn=payload.learn,
        version=payload.version,
        now=timezone.now(),
    )
    return _shown(draft)


@router.post(
    "/drafts/{uuid:pk}/drop",
    response={200: DraftOut, **REFUSALS},
    operation_id="drop_draft",
    summary="Take a draft out of the issue, with the reason",
)
def drop_draft(request: HttpRequest, pk: uuid.UUID, payload: TaskDropIn) -> dict[str, Any]:
    actor = actor_of(request)
    draft = _draft(actor, pk)
    services.drop_draft(actor=actor, draft=draft, reason=payload.reason, version=payload.version, now=timezone.now())
    return _shown(draft)


@router.post(
    "/drafts/{uuid:pk}/restore",
    response={200: DraftOut, **REFUSALS},
    operation_id="restore_draft",
    summary="Put a dropped draft back",
)
def restore_draft(request: HttpRequest, pk: uuid.UUID, payload: RestoreIn) -> dict[str, Any]:
    actor = actor_of(request)
    draft = _draft(actor, pk)
    services.restore_draft(actor=actor, draft=draft, version=payload.version, now=timezone.now())
    return _shown(draft)
