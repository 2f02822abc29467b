"""Censuses with their rounds, and clues of places without licence."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import files_named, organisations_of
from quancheng.domains.registry.kinds import ClueSource, Kind, VisitResult
from quancheng.domains.registry.loops.census import CENSUS, CENSUS_AREA
from quancheng.domains.registry.loops.clue import CLUE
from quancheng.domains.registry.models import Census, CensusArea, CensusVisit, Clue
from quancheng.domains.registry.queries import census as queries
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.services import census as services
from quancheng.domains.registry.services import clues
from quancheng.domains.registry.services.census import CensusSpec, FoundSpec
from quancheng.domains.registry.services.clues import ClueSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.areas.queries import standing_area
from quancheng.kernel.errors import DomainError, Invalid, NotFound
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

router = Router(tags=["registry"])


class CensusOut(Schema):
    """A census. ``figures`` is its coverage as frozen with the closing report; empty while it runs."""

    id: uuid.UUID
    code: str
    title: str
    basis: str
    kinds: list[str]
    questions: list[str]
    owner_org_id: uuid.UUID
    period_from: date
    period_to: date
    status: str
    report: str
    gaps: str
    figures: dict[str, Any]


class CoverageOut(Schema):
    """Seen against known, as far as the reader sees the areas; ``outside`` lies in no area, told to its office."""

    seen: int
    unseen: int
    known: int
    percent: int
    met: int
    changed: int
    gone: int
    found: int
    outside: int
    areas: list[dict[str, Any]]
    kinds: dict[str, dict[str, int]]


class CensusAreaOut(Schema):
    id: uuid.UUID
    census_id: uuid.UUID
    area_id: uuid.UUID
    org_id: uuid.UUID
    status: str
    due_date: date
    text: str
    gap_reason: str
    submitted_at: datetime | None


class UnseenOut(Schema):
    """Whom a round has still to meet: name, class and place, no more."""

    id: uuid.UUID
    name: str = Field(alias="enterprise.name")
    kind: str
    address: str
    area_id: uuid.UUID


class CensusVisitOut(Schema):
    id: uuid.UUID
    census_id: uuid.UUID
    census_area_id: uuid.UUID = Field(alias="place_id")
    enterprise_id: uuid.UUID = Field(alias="file_id")
    result: str
    note: str
    by_name: str
    at: datetime


class ClueOut(Schema):
    id: uuid.UUID
    code: str
    title: str
    source: str
    area_id: uuid.UUID | None
    address: str
    lon: Decimal | None
    lat: Decimal | None
    text: str
    enterprise_id: uuid.UUID | None = Field(alias="file_id")
    owner_org_id: uuid.UUID
    finder_id: uuid.UUID
    found_at: datetime
    status: str
    verdict: str
    decision: str
    due_date: date | None
    handed_to_id: uuid.UUID | None


class CensusesIn(Paging):
    status: str = one_of(CENSUS.codes)


class CensusAreasIn(Paging):
    census_id: uuid.UUID | None = None
    status: str = one_of(CENSUS_AREA.codes)


class CluesIn(Paging):
    status: str = one_of(CLUE.codes)
    source: str = one_of(ClueSource.values)


class CensusVisitIn(Strict):
    """``evidence`` names photographs that the same person uploaded before."""

    enterprise_id: uuid.UUID
    result: str = one_of([VisitResult.MET, VisitResult.CHANGED, VisitResult.GONE], default=None)
    note: str = Field("", max_length=500)
    unlisted: str = Field("", max_length=2000, description="a store of it that stands in no licence: gives a clue")
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class FoundIn(Strict):
    name: str = Field(min_length=1, max_length=120)
    kind: str = one_of(Kind.values, default=None)
    address: str = Field(min_length=1, max_length=200)
    area_id: uuid.UUID | None = Field(None, description="within the area of the round; empty for that area itself")
    credit_code: str = Field("", max_length=24)
    is_licensed: bool = False
    text: str = Field("", max_length=500)
    lon: Decimal | None = Field(None, ge=-180, le=180)
    lat: Decimal | None = Field(None, ge=-90, le=90)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class SubmitIn(Strict):
    text: str = Field(min_length=1, max_length=5000)
    gap_reason: str = Field("", max_length=500)


class CensusIn(Strict):
    """``kinds`` empty for every class; each of ``questions`` is answered by each enterprise itself."""

    title: str = Field(min_length=1, max_length=200)
    basis: str = Field(min_length=1, max_length=300)
    period_from: date
    period_to: date
    kinds: list[str] = Field(default_factory=list, max_length=30)
    questions: list[Annotated[str, Field(min_length=1, max_length=300)]] = Field(default_factory=list, max_length=60)


class CensusAssignIn(Strict):
    org_ids: list[uuid.UUID] = Field(min_length=1, max_length=500, description="towns and villages")
    due_date: date


class CensusStepIn(Strict):
    """``reason`` with cancel; ``report`` with close, and ``gaps`` where somebody was not seen or an area left out."""

    reason: str = Field("", max_length=2000)
    report: str = Field("", max_length=5000)
    gaps: str = Field("", max_length=5000)


class CensusJudgeIn(Strict):
    reason: str = Field("", max_length=500)


class ClueStepIn(Strict):
    """``text`` is the finding, the decision or the reason; only ``take_on`` needs none."""

    text: str = Field("", max_length=2000)
    due_date: date | None = Field(None, description="with legalize: until when it must hold its licences")
    to_org_id: uuid.UUID | None = Field(None, description="with hand_over: a department or a town")
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class ClueFileIn(Strict):
    name: str = Field(min_length=1, max_length=120)
    credit_code: str = Field("", max_length=24)
    kind: str = one_of(Kind.values, default=None)


class ClueIn(Strict):
    title: str = Field(min_length=1, max_length=120)
    source: str = one_of([ClueSource.PATROL, ClueSource.REPORT], default=None)
    area_id: uuid.UUID
    address: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=2000)
    enterprise_id: uuid.UUID | None = Field(None, description="whose unlisted store it is, where it is somebody's")
    lon: Decimal | None = Field(None, ge=-180, le=180)
    lat: Decimal | None = Field(None, ge=-90, le=90)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


@router.get(
    "/censuses",
    response={200: Page[CensusOut], **REFUSALS},
    operation_id="list_censuses",
    summary="Censuses that the actor opened or takes part in",
)
def list_censuses(request: HttpRequest, given: Query[CensusesIn]) -> dict[str, Any]:
    rows = queries.list_censuses(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status}), given)


@router.get(
    "/censuses/{uuid:pk}", response={200: CensusOut, **REFUSALS}, operation_id="get_census", summary="One census"
)
def get_census(request: HttpRequest, pk: uuid.UUID) -> Census:
    return queries.get_census(actor=actor_of(request), census_id=pk)


@router.get(
    "/censuses/{uuid:pk}/coverage",
    response={200: CoverageOut, **REFUSALS},
    operation_id="get_census_coverage",
    summary="Who was met against who is known, by area and class",
)
def get_coverage(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    actor = actor_of(request)
    census = queries.get_census(actor=actor, census_id=pk)
    return queries.coverage_of(actor=actor, census=census).plain()


@router.get(
    "/census-areas",
    response={200: Page[CensusAreaOut], **REFUSALS},
    operation_id="list_census_areas",
    summary="Areas that the actor goes round or answers for",
)
def list_areas(request: HttpRequest, given: Query[CensusAreasIn]) -> dict[str, Any]:
    rows = queries.list_areas(actor=actor_of(request))
    return page_of(narrowed(rows, {"census": given.census_id, "status": given.status}), given)


def _place(request: HttpRequest, pk: uuid.UUID) -> CensusArea:
    return queries.get_area(actor=actor_of(request), place_id=pk)


@router.get(
    "/census-areas/{uuid:pk}",
    response={200: CensusAreaOut, **REFUSALS},
    operation_id="get_census_area",
    summary="One area of a census",
)
def get_area(request: HttpRequest, pk: uuid.UUID) -> CensusArea:
    return _place(request, pk)


@router.get(
    "/census-areas/{uuid:pk}/unseen",
    response={200: Page[UnseenOut], **REFUSALS},
    operation_id="list_census_unseen",
    summary="Whom the round has still to meet",
)
def list_unseen(request: HttpRequest, pk: uuid.UUID, given: Query[Paging]) -> dict[str, Any]:
    return page_of(queries.unseen_of(_place(request, pk)), given)


@router.get(
    "/census-areas/{uuid:pk}/visits",
    response={200: Page[CensusVisitOut], **REFUSALS},
    operation_id="list_census_visits",
    summary="Who was met on the round",
)
def list_visits(request: HttpRequest, pk: uuid.UUID, given: Query[Paging]) -> dict[str, Any]:
    return page_of(queries.visits_of(_place(request, pk)), given)


@router.post(
    "/census-areas/{uuid:pk}/visits",
    response={201: CensusVisitOut, **REFUSALS},
    operation_id="record_census_visit",
    summary="Tick an enterprise as met and right, changed or gone",
)
def record_visit(request: HttpRequest, pk: uuid.UUID, payload: CensusVisitIn) -> Status[CensusVisit]:
    place = _place(request, pk)
    try:
        file = queries.get_unseen(place=place, file_id=payload.enterprise_id)
        made = services.record_visit(
            actor=actor_of(request), place=place, file=file, result=payload.result, note=payload.note,
            evidence=payload.evidence, now=timezone.now(), unlisted=payload.unlisted, client_id=client_id_of(request),
        )  # fmt: skip
    except NotFound as absent:
        # The address was found; what is absent is something that the body names.
        raise Invalid(fields={"enterprise_id": absent.message}) from absent
    return Status(201, made)


@router.post(
    "/census-areas/{uuid:pk}/found",
    response={201: CensusVisitOut, **REFUSALS},
    operation_id="record_census_found",
    summary="Add a place that nobody knew; a clue follows where it showed no licence",
)
def record_found(request: HttpRequest, pk: uuid.UUID, payload: FoundIn) -> Status[CensusVisit]:
    given = payload.dict(exclude={"area_id", "evidence", "lon", "lat"})
    area = _area(payload.area_id) if payload.area_id else None
    spec = FoundSpec(**given, area=area, known={"lon": payload.lon, "lat": payload.lat})
    made = services.record_found(
        actor=actor_of(request), place=_place(request, pk), spec=spec, evidence=payload.evidence, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.post(
    "/census-areas/{uuid:pk}/submit",
    response={200: CensusAreaOut, **REFUSALS},
    operation_id="submit_census_area",
    summary="Hand in a round; who was not seen is named with the reason",
)
def submit_area(request: HttpRequest, pk: uuid.UUID, payload: SubmitIn) -> CensusArea:
    return services.submit_area(
        actor=actor_of(request), place=_place(request, pk), text=payload.text, gap_reason=payload.gap_reason,
        now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip


@router.post(
    "/censuses",
    response={201: CensusOut, **REFUSALS},
    operation_id="open_census",
    summary="Open a census; areas are assigned before it starts",
)
def open_census(request: HttpRequest, payload: CensusIn) -> Status[Census]:
    made = services.open_census(
        actor=actor_of(request), spec=CensusSpec(**payload.dict()), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.post(
    "/censuses/{uuid:pk}/areas",
    response={201: list[CensusAreaOut], **REFUSALS},
    operation_id="assign_census_areas",
    summary="Give towns and villages their own areas to go round",
)
def assign_areas(request: HttpRequest, pk: uuid.UUID, payload: CensusAssignIn) -> Status[list[CensusArea]]:
    actor = actor_of(request)
    census = queries.get_census(actor=actor, census_id=pk)
    orgs = organisations_of(actor, payload.org_ids, field="org_ids", kinds=("town", "village"))

    def make() -> uuid.UUID:
        with _renamed(orgs="org_ids"):
            services.assign_areas(
                actor=actor, census=census, orgs=orgs, due_date=payload.due_date, now=timezone.now()
            )  # fmt: skip
        return pk

    body = {"census": str(pk), **payload.model_dump(mode="json")}
    only_once(request, actor=actor, act="registry.census.assign", body=body, make=make)
    return Status(201, list(queries.list_areas(actor=actor).filter(census=pk, org__in=orgs)))


@router.post(
    "/censuses/{uuid:pk}/{act}",
    response={200: CensusOut, **REFUSALS},
    operation_id="move_census",
    summary="Start a census, cancel it before it starts, or close it with its report",
)
def move_census(
    request: HttpRequest, pk: uuid.UUID, act: Literal["start", "cancel", "close"], payload: CensusStepIn
) -> Census:
    actor = actor_of(request)
    census = queries.get_census(actor=actor, census_id=pk)
    common: dict[str, Any] = {
        "actor": actor, "census": census, "now": timezone.now(), "client_id": client_id_of(request),
    }  # fmt: skip
    if act == "start":
        return services.start_census(**common)
    if act == "cancel":
        return services.cancel_census(**common, reason=payload.reason)
    return services.close_census(**common, report=payload.report, gaps=payload.gaps)


@router.post(
    "/census-areas/{uuid:pk}/{act}",
    response={200: CensusAreaOut, **REFUSALS},
    operation_id="judge_census_area",
    summary="Accept a round, return it, or release the area; the last two with a reason",
)
def judge_area(
    request: HttpRequest, pk: uuid.UUID, act: Literal["accept", "return", "release"], payload: CensusJudgeIn
) -> CensusArea:
    return services.judge_area(
        actor=actor_of(request), place=_place(request, pk), name=act, reason=payload.reason, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.get(
    "/clues",
    response={200: Page[ClueOut], **REFUSALS},
    operation_id="list_clues",
    summary="Clues of places without licence that the actor may see",
)
def list_clues(request: HttpRequest, given: Query[CluesIn]) -> dict[str, Any]:
    rows = queries.list_clues(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "source": given.source}), given)


@router.get("/clues/{uuid:pk}", response={200: ClueOut, **REFUSALS}, operation_id="get_clue", summary="One clue")
def get_clue(request: HttpRequest, pk: uuid.UUID) -> Clue:
    return queries.get_clue(actor=actor_of(request), clue_id=pk)


@router.post(
    "/clues",
    response={201: ClueOut, **REFUSALS},
    operation_id="report_clue",
    summary="Report a place that stores or trades and stands in no register",
)
def report_clue(request: HttpRequest, payload: ClueIn) -> Status[Clue]:
    actor = actor_of(request)
    actor.require(clues.REPORT)
    given = payload.dict(exclude={"area_id", "enterprise_id", "evidence"})
    spec = ClueSpec(**given, area=_area(payload.area_id), file=_file(actor, payload.enterprise_id))
    made = clues.report_clue(
        actor=actor, spec=spec, evidence=payload.evidence, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.post(
    "/clues/{uuid:pk}/file",
    response={200: ClueOut, **REFUSALS},
    operation_id="file_clue_place",
    summary="Open a file for the place of a clue, or take the one that stands under its code",
)
def file_place(request: HttpRequest, pk: uuid.UUID, payload: ClueFileIn) -> Clue:
    actor = actor_of(request)
    clue = queries.get_clue(actor=actor, clue_id=pk)

    def make() -> uuid.UUID:
        return clues.file_place(actor=actor, clue=clue, now=timezone.now(), **payload.dict()).pk

    body = {"clue": str(pk), **payload.model_dump(mode="json")}
    only_once(request, actor=actor, act="registry.clue.file", body=body, make=make)
    return queries.get_clue(actor=actor, clue_id=pk)


@router.post(
    "/clues/{uuid:pk}/{act}",
    response={200: ClueOut, **REFUSALS},
    operation_id="judge_clue",
    summary="Move a clue on: verify, dismiss, legalize until a day, settle, strike, hand over; take it on or return it",
)
def judge_clue(
    request: HttpRequest,
    pk: uuid.UUID,
    act: Literal["verify", "dismiss", "legalize", "settle", "strike", "hand_over", "take_on", "return"],
    payload: ClueStepIn,
) -> Clue:
    actor = actor_of(request)
    clue = queries.get_clue(actor=actor, clue_id=pk)
    wanted = [payload.to_org_id] if payload.to_org_id else []
    orgs = organisations_of(actor, wanted, field="to_org_id", kinds=("department", "town"))
    with files_named(), _renamed(to_org="to_org_id", reason="text"):
        clues.judge_clue(
            actor=actor, clue=clue, name=act, text=payload.text, evidence=payload.evidence, due_date=payload.due_date,
            to_org=orgs[0] if orgs else None, now=timezone.now(), client_id=client_id_of(request),
        )  # fmt: skip
    return queries.get_clue(actor=actor, clue_id=pk)


@contextmanager
def _renamed(**names: str) -> Iterator[None]:
    """Refusals speak of the fields of the body: service's name to ours."""
    try:
        yield
    except DomainError as refused:
        refused.fields = {names.get(key, key): said for key, said in refused.fields.items()}
        raise


def _area(pk: uuid.UUID) -> Area:
    found = standing_area(pk)
    if found is None:
        raise Invalid(fields={"area_id": NotFound().message})
    return found


def _file(actor: Actor, pk: uuid.UUID | None) -> Any:
    if pk is None:
        return None
    try:
        return get_enterprise(actor=actor, file_id=pk)
    except NotFound as absent:
        raise Invalid(fields={"enterprise_id": absent.message}) from absent
