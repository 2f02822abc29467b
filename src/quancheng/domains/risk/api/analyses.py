"""Analyses by method, their recommendations, layers of protection, reactions and clearings for programs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.risk.kinds import AnalysisMethod, Method, Occasion
from quancheng.domains.risk.loops.analysis import ANALYSIS, RECOMMENDATION
from quancheng.domains.risk.models import Analysis, AnalysisRow, LopaScenario, Recommendation
from quancheng.domains.risk.queries import analyses as queries
from quancheng.domains.risk.queries.risks import get_unit
from quancheng.domains.risk.queries.taking_over import proposals_of
from quancheng.domains.risk.services import analyses as services
from quancheng.domains.risk.services import lopa, recommendations, taking_over
from quancheng.kernel.errors import Invalid, NotPermitted
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

router = Router(tags=["risk"])
_LEVEL = "1 major (red), 2 larger (orange), 3 general (yellow), 4 low (blue)"
_MOVES = ("submit", "approve", "return", "change", "order", "withdraw", "end")
Value = str | int | bool | None


class AnalysisOut(Schema):
    """A session of analysis of a unit by one method, in one edition."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    unit_id: uuid.UUID
    title: str
    method: str
    rating: str
    occasion: str
    edition: int
    replaces_id: uuid.UUID | None
    head: dict[str, str]
    team: str
    leader: str
    analysed_date: date
    due_date: date
    approved_by: str
    review_date: date | None
    status: str


class AnalysisRowOut(Schema):
    """A row: its values by field, its colours, the risk event that it became."""

    id: uuid.UUID
    analysis_id: uuid.UUID
    values: dict[str, Any]
    score: Decimal
    level: int = Field(description=_LEVEL)
    residual_level: int | None = Field(description=_LEVEL)
    event_id: uuid.UUID | None
    version: int


class AnalysesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    method: str = one_of(AnalysisMethod.values)
    status: str = one_of(ANALYSIS.codes)


class BeginAnalysisIn(Strict):
    """``head``: JHA number, department, post, activity; SCL equipment, medium, design_parameters,
    operating_parameters; HAZOP scope, basis.
    """

    method: str = one_of(AnalysisMethod.values, default=None)
    rating: str = one_of(Method.values, default=None)
    title: str = Field(min_length=1, max_length=200)
    occasion: str = one_of(Occasion.values, default="regular")
    team: str = Field(min_length=1, max_length=300)
    leader: str = Field(min_length=1, max_length=60)
    analysed_date: date
    head: dict[str, str]


class SaveAnalysisRowIn(Strict):
    """A new row; with ``row_id`` and ``version`` as it was read, that row anew."""

    values: dict[str, Value]
    row_id: uuid.UUID | None = None
    version: int | None = None


class AnalysisMoveIn(Strict):
    move: str = one_of(_MOVES, default=None)
    text: str = Field("", max_length=500)


class RenewAnalysisIn(Strict):
    occasion: str = one_of(Occasion.values, default=None)


class ProposalOut(Schema):
    """What a row would bring into the risk list."""

    row_id: uuid.UUID
    kind: str = Field(description="new, changed or same")
    event_id: uuid.UUID | None
    name: str
    differences: list[tuple[str, str, str]] = Field(description="field, what stands, what the row says")
    adds: list[str]
    ends: list[str]


class TakeOverIn(Strict):
    row_ids: list[uuid.UUID] = Field(min_length=1, max_length=2000)


class TakenOut(Schema):
    taken: int


class RecommendationOut(Schema):
    """What an analysis recommends."""

    id: uuid.UUID
    analysis_id: uuid.UUID
    row_id: uuid.UUID
    text: str
    responsible: str
    raised_date: date
    due_date: date
    result: str
    closed_at: datetime | None
    status: str


class RecommendationsIn(Paging):
    analysis_id: uuid.UUID | None = None
    status: str = one_of(RECOMMENDATION.codes)


class RecommendationMoveIn(Strict):
    move: str = one_of(("finish", "close", "return", "reject"), default=None)
    text: str = Field("", max_length=2000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class LopaOut(Schema):
    """A scenario with what it comes to; ``sil_missing`` is null beyond SIL 3."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    unit_id: uuid.UUID
    event_id: uuid.UUID | None
    name: str
    initiating: str
    frequency: Decimal
    conditions: list[dict[str, str]]
    layers: list[dict[str, Any]]
    tolerable: Decimal
    result: dict[str, Any]
    level: int = Field(description=_LEVEL)
    sil_missing: int | None
    day: date
    version: int


class LopasIn(Paging):
    enterprise_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None


class LopaLayerIn(Strict):
    name: str = Field(min_length=1, max_length=100)
    kind: str = Field("", max_length=20)
    pfd: Decimal | None = Field(None, description="above 0 and at most 1; the gravest typical value without it")
    parts: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=20)


class LopaConditionIn(Strict):
    name: str = Field(min_length=1, max_length=100)
    probability: Decimal


class LopaIn(Strict):
    name: str = Field(min_length=1, max_length=500)
    initiating: str = Field("", max_length=20)
    initiating_text: str = Field("", max_length=200)
    initiating_parts: str = Field("", max_length=200)
    frequency: Decimal | None = Field(None, gt=0, le=1000, max_digits=16, decimal_places=10)
    conditions: list[LopaConditionIn] = Field(default_factory=list, max_length=12)
    layers: list[LopaLayerIn] = Field(default_factory=list, max_length=12)
    tolerable: Decimal = Field(gt=0, le=1, max_digits=16, decimal_places=10)
    tolerable_basis: str = Field(min_length=1, max_length=200)
    day: date
    assessed_by: str = Field(min_length=1, max_length=200)


@router.get("/analyses", response={200: Page[AnalysisOut], **REFUSALS}, operation_id="list_analyses",
            summary="Analyses that the actor may see")  # fmt: skip
def list_analyses(request: HttpRequest, given: Query[AnalysesIn]) -> dict[str, Any]:
    rows = queries.list_analyses(actor=actor_of(request))
    wanted = {"file": given.enterprise_id, "unit": given.unit_id, "method": given.method, "status": given.status}
    return page_of(narrowed(rows, wanted), given)


@router.post("/units/{uuid:pk}/analyses", response={201: AnalysisOut, **REFUSALS}, operation_id="begin_analysis",
             summary="Begin an analysis of a unit")  # fmt: skip
def begin_analysis(request: HttpRequest, pk: uuid.UUID, payload: BeginAnalysisIn) -> Status[Analysis]:
    actor = actor_of(request)
    known = payload.dict()
    made = services.begin_analysis(
        actor=actor, unit=get_unit(actor=actor, unit_id=pk), method=known.pop("method"), rating=known.pop("rating"),
        head=known.pop("head"), known=known, now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.get("/analyses/{uuid:pk}", response={200: AnalysisOut, **REFUSALS}, operation_id="get_analysis",
            summary="One analysis")  # fmt: skip
def get_analysis(request: HttpRequest, pk: uuid.UUID) -> Analysis:
    return queries.get_analysis(actor=actor_of(request), analysis_id=pk)


@router.get("/analyses/{uuid:pk}/rows", response={200: list[AnalysisRowOut], **REFUSALS},
            operation_id="list_analysis_rows", summary="The rows of an analysis, in order")  # fmt: skip
def list_analysis_rows(request: HttpRequest, pk: uuid.UUID) -> list[AnalysisRow]:
    return list(queries.rows_of(queries.get_analysis(actor=actor_of(request), analysis_id=pk)))


@router.post("/analyses/{uuid:pk}/rows", response={201: AnalysisRowOut, **REFUSALS}, operation_id="save_analysis_row",
             summary="Write a row of a draft; its colour follows")  # fmt: skip
def save_analysis_row(request: HttpRequest, pk: uuid.UUID, payload: SaveAnalysisRowIn) -> Status[AnalysisRow]:
    actor = actor_of(request)
    analysis = queries.get_analysis(actor=actor, analysis_id=pk)
    row = None
    if payload.row_id is not None:
        row = queries.get_row(actor=actor, row_id=payload.row_id)
        if row.analysis_id != analysis.pk:
            raise Invalid(fields={"row_id": "not a row of this analysis"})
    made = services.save_row(
        actor=actor, analysis=analysis, values=payload.values, row=row, version=payload.version, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.post("/analyses/{uuid:pk}/moves", response={200: AnalysisOut, **REFUSALS}, operation_id="move_analysis",
             summary="Submit, approve, return, call for anew, withdraw or end an analysis")  # fmt: skip
def move_analysis(request: HttpRequest, pk: uuid.UUID, payload: AnalysisMoveIn) -> Analysis:
    actor = actor_of(request)
    row = queries.get_analysis(actor=actor, analysis_id=pk)
    common: dict[str, Any] = {"actor": actor, "row": row, "now": timezone.now(), "client_id": client_id_of(request)}
    if payload.move == "submit":
        return services.submit_analysis(**common)
    if payload.move == "approve":
        return services.approve_analysis(**common, text=payload.text)
    return told_at_text(lambda: services.answer_analysis(**common, name=payload.move, reason=payload.text))


@router.post("/analyses/{uuid:pk}/renew", response={201: AnalysisOut, **REFUSALS}, operation_id="renew_analysis",
             summary="Begin the next edition of an analysis")  # fmt: skip
def renew_analysis(request: HttpRequest, pk: uuid.UUID, payload: RenewAnalysisIn) -> Status[Analysis]:
    actor = actor_of(request)
    row = queries.get_analysis(actor=actor, analysis_id=pk)
    made = services.renew_analysis(
        actor=actor, row=row, occasion=payload.occasion, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get("/analyses/{uuid:pk}/proposals", response={200: list[ProposalOut], **REFUSALS},
            operation_id="list_take_over_proposals",
            summary="What the rows of an analysis would bring into the risk list")  # fmt: skip
def list_take_over_proposals(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    actor = actor_of(request)
    row = queries.get_analysis(actor=actor, analysis_id=pk)
    if not services.may_analyse(actor, row.file_id):
        raise NotPermitted
    return [
        {
            "row_id": one.row.pk, "kind": one.kind, "event_id": one.event.pk if one.event else None,
            "name": one.wanted["name"], "differences": [tuple(map(str, each)) for each in one.differences],
            "adds": [text for _code, text in one.adds], "ends": [each.text for each in one.ends],
        }
        for one in proposals_of(row)
    ]  # fmt: skip


@router.post("/analyses/{uuid:pk}/take-over", response={200: TakenOut, **REFUSALS}, operation_id="take_over_analysis",
             summary="Bring rows into the risk list; the same row twice does nothing")  # fmt: skip
def take_over_analysis(request: HttpRequest, pk: uuid.UUID, payload: TakeOverIn) -> dict[str, int]:
    actor = actor_of(request)
    row = queries.get_analysis(actor=actor, analysis_id=pk)
    found = {"taken": 0}

    def make() -> uuid.UUID:
        found["taken"] = taking_over.take_over(actor=actor, analysis=row, rows=payload.row_ids, now=timezone.now())
        return row.pk

    body = {"analysis": pk, "rows": payload.row_ids}
    only_once(request, actor=actor, act="risk.analysis.take_over", body=body, make=make)
    return found


@router.get("/recommendations", response={200: Page[RecommendationOut], **REFUSALS},
            operation_id="list_recommendations", summary="What analyses recommend")  # fmt: skip
def list_recommendations(request: HttpRequest, given: Query[RecommendationsIn]) -> dict[str, Any]:
    rows = queries.list_recommendations(actor=actor_of(request))
    return page_of(narrowed(rows, {"analysis": given.analysis_id, "status": given.status}), given)


@router.post("/recommendations/{uuid:pk}/moves", response={200: RecommendationOut, **REFUSALS},
             operation_id="move_recommendation", summary="Finish, close, return or reject one")  # fmt: skip
def move_recommendation(request: HttpRequest, pk: uuid.UUID, payload: RecommendationMoveIn) -> Recommendation:
    actor = actor_of(request)
    row = queries.get_recommendation(actor=actor, recommendation_id=pk)
    common: dict[str, Any] = {"actor": actor, "row": row, "now": timezone.now(), "client_id": client_id_of(request)}
    if payload.move == "finish":
        return told_at_text(
            lambda: recommendations.finish_recommendation(**common, text=payload.text, evidence=payload.evidence)
        )
    return told_at_text(
        lambda: recommendations.answer_recommendation(**common, name=payload.move, reason=payload.text)
    )


@router.get("/lopa", response={200: Page[LopaOut], **REFUSALS}, operation_id="list_lopa",
            summary="Scenarios with their layers of protection, the gravest first")  # fmt: skip
def list_lopa(request: HttpRequest, given: Query[LopasIn]) -> dict[str, Any]:
    rows = queries.list_lopa(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "unit": given.unit_id}), given)


@router.post("/units/{uuid:pk}/lopa", response={201: LopaOut, **REFUSALS}, operation_id="enter_lopa",
             summary="Enter a scenario of a unit; it is worked out at once")  # fmt: skip
def enter_lopa(request: HttpRequest, pk: uuid.UUID, payload: LopaIn) -> Status[LopaScenario]:
    actor = actor_of(request)
    known = payload.dict()
    known["conditions"] = [(one.name, one.probability) for one in payload.conditions]
    known["layers"] = [(one.name, one.kind, one.pfd, tuple(one.parts)) for one in payload.layers]
    made = lopa.enter_lopa(
        actor=actor, unit=get_unit(actor=actor, unit_id=pk), known=known, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


def told_at_text(act: Callable[[], Any]) -> Any:
    """A refusal about what a page calls reason or evidence, at the field that programs send."""
    try:
        return act()
    except Invalid as refused:
        if not refused.fields:
            raise
        raise Invalid(fields={"text": next(iter(refused.fields.values()))}) from refused
