"""Campaigns: prepared, started, answered unit by unit and round by round, reported, ended."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.api.bodies import Evidence, ReasonIn, evidence
from quancheng.domains.duty.api.tasks import TaskOut
from quancheng.domains.duty.api.units import organisations_of
from quancheng.domains.duty.loops.campaign import CAMPAIGN, CAMPAIGN_UNIT
from quancheng.domains.duty.models import Campaign, CampaignUnit, Task
from quancheng.domains.duty.models.campaigns import Answer
from quancheng.domains.duty.queries import campaigns as queries
from quancheng.domains.duty.queries.tasks import get_task
from quancheng.domains.duty.services import campaigns as services
from quancheng.domains.duty.services.campaigns import MANAGE, CampaignSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    client_id_of,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])


class CampaignOut(Schema):
    """A campaign; ``round_open`` is the round that runs, 0 before the start, ``unit_count`` and ``reached_count`` count
    over all its rounds."""

    id: uuid.UUID
    code: str
    title: str
    leader: str
    target: str
    text: str
    period_from: date
    period_to: date
    rounds: int
    round_open: int
    answers_itself: bool = Field(description="whether each unit answers; else the campaign's office does")
    owner_org_id: uuid.UUID
    plan_id: uuid.UUID | None
    task_id: uuid.UUID | None = Field(description="the task of the plan that orders it")
    status: str
    unit_count: int
    reached_count: int
    closed_at: datetime | None


class CampaignItemOut(Schema):
    """A question of the checklist."""

    id: uuid.UUID
    order: int
    text: str


class CampaignWholeOut(CampaignOut):
    """A campaign with its checklist; ``figures`` as they stand, or stood when the report was handed in."""

    items: list[CampaignItemOut]
    figures: dict[str, Any]
    report: str
    version: int = Field(description="goes along with a revision: of two, the second is told (409)")
    org_ids: list[uuid.UUID] = Field(description="whom it shall cover, before it starts; then its units say it")

    @staticmethod
    def resolve_items(row: Campaign) -> list[Any]:
        return list(row.items.order_by("order"))

    @staticmethod
    def resolve_figures(row: Campaign) -> dict[str, Any]:
        return row.figures or queries.figures_of(row)

    @staticmethod
    def resolve_org_ids(row: Campaign) -> list[uuid.UUID]:
        return list(row.orgs.order_by("pinyin").values_list("pk", flat=True)) if row.status == "PLANNED" else []


class CampaignUnitOut(Schema):
    """A unit in a round of a campaign; ``checker_id`` is who answers."""

    id: uuid.UUID
    campaign_id: uuid.UUID
    org_id: uuid.UUID
    checker_id: uuid.UUID
    round: int
    due_date: date
    status: str
    submitted_at: datetime | None
    closed_at: datetime | None


class AnswerOut(Schema):
    """``answer`` is yes, no (it found something) or none (does not apply)."""

    item_id: uuid.UUID
    answer: str
    text: str


class CampaignUnitWholeOut(CampaignUnitOut):
    answers: list[AnswerOut]

    @staticmethod
    def resolve_answers(row: CampaignUnit) -> list[Any]:
        return list(row.answers.all())


class CampaignsIn(Paging):
    status: str = one_of(CAMPAIGN.codes)
    owner_org_id: uuid.UUID | None = Field(None, description="whose campaigns")
    plan_id: uuid.UUID | None = None


class CampaignUnitsIn(Paging):
    status: str = one_of(CAMPAIGN_UNIT.codes)
    org_id: uuid.UUID | None = None
    round: int | None = Field(None, ge=1, le=services.MOST_ROUNDS)


class CampaignIn(Strict):
    """A whole campaign."""

    title: str = Field(min_length=1, max_length=200)
    leader: str = Field(min_length=1, max_length=60)
    target: str = Field(min_length=1, max_length=300)
    text: str = Field("", max_length=20_000)
    period_from: date
    period_to: date
    org_ids: list[uuid.UUID] = Field(min_length=1, max_length=2000, description="whom it covers")
    items: list[str] = Field(min_length=1, max_length=services.MOST_ITEMS, description="the questions, in order")
    answers_itself: bool = True
    rounds: int = Field(1, ge=1, le=services.MOST_ROUNDS)

    def spec(self, actor: Actor) -> CampaignSpec:
        orgs = organisations_of(actor=actor, wanted=self.org_ids, field="org_ids")
        return CampaignSpec(orgs=orgs, **self.dict(exclude={"org_ids", "version"}))


class CampaignRevisionIn(CampaignIn):
    """A whole campaign, which replaces what stands; ``version`` is the one that was read."""

    version: int


class CampaignReportIn(Strict):
    report: str = Field(min_length=1, max_length=20_000)


class CampaignTaskIn(Strict):
    text: str = Field(min_length=1, max_length=5000)
    org_ids: list[uuid.UUID] = Field(min_length=1, max_length=500, description="who carries it out")
    due_date: date


class CampaignAnswerIn(Strict):
    item_id: uuid.UUID
    answer: str = one_of(Answer.values, default=None)
    text: str = Field("", max_length=500, description="what is wrong; must be said where the answer is no")


class AnswersIn(Strict):
    """An answer for every question; earlier ones are replaced."""

    answers: list[CampaignAnswerIn] = Field(min_length=1, max_length=services.MOST_ITEMS)
    evidence: Evidence = evidence(least=1)


@router.get(
    "/campaigns",
    response={200: Page[CampaignOut], **REFUSALS},
    operation_id="list_campaigns",
    summary="Campaigns that the actor may see, the latest first",
)
def list_campaigns(request: HttpRequest, given: Query[CampaignsIn]) -> dict[str, Any]:
    rows = queries.list_campaigns(actor=actor_of(request))
    asked = {"status": given.status, "owner_org": given.owner_org_id, "plan": given.plan_id}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/campaigns/{uuid:pk}",
    response={200: CampaignWholeOut, **REFUSALS},
    operation_id="get_campaign",
    summary="One campaign with its checklist and coverage",
)
def get_campaign(request: HttpRequest, pk: uuid.UUID) -> Campaign:
    return queries.get_campaign(actor=actor_of(request), campaign_id=pk)


@router.post(
    "/campaigns",
    response={200: CampaignWholeOut, **REFUSALS},
    operation_id="prepare_campaign",
    summary="Prepare a campaign; it begins when it is started",
)
def prepare(request: HttpRequest, payload: CampaignIn) -> Campaign:
    actor = actor_of(request)
    actor.require(MANAGE)
    made = services.prepare_campaign(
        actor=actor, spec=payload.spec(actor), now=timezone.now(), client_id=client_id_of(request)
    )
    return get_campaign(request, made.pk)


@router.post(
    "/campaigns/{uuid:pk}/revise",
    response={200: CampaignWholeOut, **REFUSALS},
    operation_id="revise_campaign",
    summary="Complete or change a campaign before it starts",
)
def revise(request: HttpRequest, pk: uuid.UUID, payload: CampaignRevisionIn) -> Campaign:
    actor, now = actor_of(request), timezone.now()
    campaign = queries.get_campaign(actor=actor, campaign_id=pk)
    actor.require(MANAGE)

    def make() -> uuid.UUID:
        spec, version = payload.spec(actor), payload.version
        return services.revise_campaign(actor=actor, campaign=campaign, spec=spec, version=version, now=now).pk

    only_once(request, actor=actor, act="duty.campaign.revise", body={"campaign": pk, **payload.dict()}, make=make)
    return get_campaign(request, pk)


@router.post(
    "/campaigns/{uuid:pk}/rounds",
    response={200: CampaignWholeOut, **REFUSALS},
    operation_id="open_campaign_round",
    summary="Open the next round: every covered unit owes its answers once more",
)
def open_round(request: HttpRequest, pk: uuid.UUID) -> Campaign:
    actor, now = actor_of(request), timezone.now()
    campaign = queries.get_campaign(actor=actor, campaign_id=pk)

    def make() -> uuid.UUID:
        return services.open_round(actor=actor, campaign=campaign, now=now).pk

    only_once(request, actor=actor, act="duty.campaign.round", body={"campaign": pk}, make=make)
    return get_campaign(request, pk)


@router.post(
    "/campaigns/{uuid:pk}/report",
    response={200: CampaignWholeOut, **REFUSALS},
    operation_id="report_campaign",
    summary="Hand in the closing report; coverage and findings stand from then on",
)
def report(request: HttpRequest, pk: uuid.UUID, payload: CampaignReportIn) -> Campaign:
    services.report_campaign(**_given(request, pk), report=payload.report)
    return get_campaign(request, pk)


@router.post(
    "/campaigns/{uuid:pk}/tasks",
    response={200: TaskOut, **REFUSALS},
    operation_id="issue_campaign_task",
    summary="Issue a task under a campaign",
)
def issue_task(request: HttpRequest, pk: uuid.UUID, payload: CampaignTaskIn) -> Task:
    actor, now = actor_of(request), timezone.now()
    campaign = queries.get_campaign(actor=actor, campaign_id=pk)
    actor.require("duty.tasks.assign")
    leads = organisations_of(actor=actor, wanted=payload.org_ids, field="org_ids")

    def make() -> uuid.UUID:
        return services.issue_campaign_task(
            actor=actor, campaign=campaign, text=payload.text, leads=leads, due_date=payload.due_date, now=now
        ).pk

    body = {"campaign": pk, **payload.dict()}
    made = only_once(request, actor=actor, act="duty.campaign.task", body=body, make=make)
    return get_task(actor=actor, task_id=made)


@router.get(
    "/campaigns/{uuid:pk}/units",
    response={200: Page[CampaignUnitOut], **REFUSALS},
    operation_id="list_campaign_units",
    summary="Units of a campaign that the actor may see, round by round",
)
def list_units(request: HttpRequest, pk: uuid.UUID, given: Query[CampaignUnitsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = queries.list_units(actor=actor, campaign=queries.get_campaign(actor=actor, campaign_id=pk))
    asked = {"status": given.status, "org": given.org_id, "round": given.round}
    return page_of(narrowed(rows, asked), given)


@router.post(
    "/campaigns/{uuid:pk}/{act}",
    response={200: CampaignWholeOut, **REFUSALS},
    operation_id="move_campaign",
    summary="Move a campaign on: start, resume, close, cancel",
)
def move(
    request: HttpRequest, pk: uuid.UUID, act: Literal["start", "resume", "close", "cancel"], payload: ReasonIn
) -> Campaign:
    given = _given(request, pk)
    if act == "start":
        services.start_campaign(**given)
    else:
        services.end_campaign(**given, name=act, reason=payload.reason)
    return get_campaign(request, pk)


@router.get(
    "/campaign-units/{uuid:pk}",
    response={200: CampaignUnitWholeOut, **REFUSALS},
    operation_id="get_campaign_unit",
    summary="One covered unit with its answers",
)
def get_unit(request: HttpRequest, pk: uuid.UUID) -> CampaignUnit:
    return queries.get_unit(actor=actor_of(request), unit_id=pk)


@router.post(
    "/campaign-units/{uuid:pk}/answer",
    response={200: CampaignUnitWholeOut, **REFUSALS},
    operation_id="answer_campaign",
    summary="Hand in a unit's answers to the checklist, with evidence",
)
def answer(request: HttpRequest, pk: uuid.UUID, payload: AnswersIn) -> CampaignUnit:
    actor = actor_of(request)
    services.answer_checklist(
        actor=actor,
        unit=queries.get_unit(actor=actor, unit_id=pk),
        answers={one.item_id: (one.answer, one.text) for one in payload.answers},
        evidence=payload.evidence,
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return get_unit(request, pk)


@router.post(
    "/campaign-units/{uuid:pk}/{act}",
    response={200: CampaignUnitWholeOut, **REFUSALS},
    operation_id="judge_campaign_unit",
    summary="Judge a unit's answers: accept, return, or release the unit from the campaign",
)
def judge(
    request: HttpRequest, pk: uuid.UUID, act: Literal["accept", "return", "release"], payload: ReasonIn
) -> CampaignUnit:
    actor = actor_of(request)
    services.judge_unit(
        actor=actor,
        unit=queries.get_unit(actor=actor, unit_id=pk),
        name=act,
        reason=payload.reason,
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return get_unit(request, pk)


def _given(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    """What most acts on a campaign take."""
    actor = actor_of(request)
    return {
        "actor": actor,
        "campaign": queries.get_campaign(actor=actor, campaign_id=pk),
        "now": timezone.now(),
        "client_id": client_id_of(request),
    }
