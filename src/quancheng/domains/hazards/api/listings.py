"""Listed supervision for programs: listings and visits, and each act that the pages have."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.hazards.loops.listing import LISTING, LISTING_VISIT
from quancheng.domains.hazards.models import Listing, ListingVisit
from quancheng.domains.hazards.models.listings import LEVELS, PROGRESS
from quancheng.domains.hazards.queries import listings as queries
from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.domains.hazards.services import listings as services
from quancheng.kernel.calendar import Calendar
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

router = Router(tags=["hazards"])

#: Acts that take a sentence or nothing.
_PLAIN = ("agree", "sign", "serve", "lift")
_NOTED = ("drop", "withdraw", "return", "record", "upgrade")


class ListingOut(Schema):
    """A major danger under listed supervision. ``progress`` is 0, 25, 50, 75 or 100."""

    id: uuid.UUID
    code: str
    title: str
    finding_id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    department_id: uuid.UUID = Field(alias="owner_org_id")
    status: str
    level: str
    number_text: str
    requirement: str
    inspector: str
    term_date: date
    is_sensitive: bool
    served_at: datetime | None
    published_at: datetime | None
    recorded_at: datetime | None
    progress: int
    failed_terms: int
    wanted_date: date | None
    applied_at: datetime | None
    review: str
    closed_at: datetime | None


class ListingsIn(Paging):
    status: str = one_of(LISTING.codes)
    level: str = one_of(code for code, _label in LEVELS)
    enterprise_id: uuid.UUID | None = None
    finding_id: uuid.UUID | None = None


class ListingCandidateOut(Schema):
    """An open major danger that a rule makes a candidate, with the rules in both languages."""

    id: uuid.UUID
    code: str
    name: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    deadline: date | None
    because: list[dict[str, str]]

    @staticmethod
    def resolve_because(obj: Any) -> list[dict[str, str]]:
        today = Calendar().local_date(timezone.now())
        return [{"zh": one.zh, "en": one.en} for one in queries.reasons_of(obj, today)]


class ListingIn(Strict):
    reason: str = Field(min_length=1, max_length=500)
    requirement: str = Field(min_length=1, max_length=2000)
    inspector: str = Field(min_length=1, max_length=60)
    term_date: date = Field(description="a year away at most")
    copy_to: str = Field("", max_length=300)
    is_sensitive: bool = False


class ListingActIn(Strict):
    act: str = one_of((*_PLAIN, *_NOTED), default=None)
    text: str = Field("", max_length=500, description="the reason, or with record the date and number of filing")


class LongerIn(Strict):
    until: date
    reason: str = Field(min_length=1, max_length=1000)


class LongerJudgedIn(Strict):
    granted: bool
    until: date | None = Field(None, description="with granted")
    reason: str = Field("", max_length=1000, description="needed where it is not granted")


class ApplyIn(Strict):
    text: str = Field(min_length=1, max_length=1000)
    file_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class ReviewIn(Strict):
    result: str = one_of(("pass", "fail", "miss"), default=None, description="miss: the term ended unapplied for")
    text: str = Field(min_length=1, max_length=1000)
    until: date | None = Field(None, description="the new term, with fail and miss")
    stop: str = one_of(("part", "all"), description="what stops meanwhile, with fail and miss; empty for nothing")


class ListingVisitOut(Schema):
    """A visit on a listed danger, every fifteen days."""

    id: uuid.UUID
    listing_id: uuid.UUID
    title: str
    status: str
    due_date: date
    progress: int | None
    text: str
    closed_at: datetime | None


class ListingVisitsIn(Paging):
    status: str = one_of(LISTING_VISIT.codes)
    listing_id: uuid.UUID | None = None


class ListingVisitIn(Strict):
    progress: int = Field(description=", ".join(str(share) for share, _label in PROGRESS))
    text: str = Field(min_length=1, max_length=4000)
    file_ids: list[uuid.UUID] = Field(max_length=20, description="one at least")


@router.get("/listings", response={200: Page[ListingOut], **REFUSALS}, operation_id="list_listings",
            summary="Listings that the actor may see, open ones first")  # fmt: skip
def list_listings(request: HttpRequest, given: Query[ListingsIn]) -> dict[str, Any]:
    asked = {"status": given.status, "level": given.level, "file": given.enterprise_id, "finding": given.finding_id}
    return page_of(narrowed(queries.list_listings(actor=actor_of(request)), asked), given)


@router.get("/listings/candidates", response={200: Page[ListingCandidateOut], **REFUSALS},
            operation_id="list_listing_candidates", summary="Major dangers that a rule makes candidates")  # fmt: skip
def list_listing_candidates(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    actor = actor_of(request)
    actor.require(services.PROPOSE)
    return page_of(queries.list_candidates(actor=actor, today=Calendar().local_date(timezone.now())), given)


@router.get("/listings/{uuid:pk}", response={200: ListingOut, **REFUSALS}, operation_id="get_listing",
            summary="One listing")  # fmt: skip
def get_listing(request: HttpRequest, pk: uuid.UUID) -> Listing:
    return queries.get_listing(actor=actor_of(request), listing_id=pk)


@router.post("/findings/{uuid:pk}/listing", response={201: ListingOut, **REFUSALS}, operation_id="propose_listing",
             summary="Propose that a major danger is listed")  # fmt: skip
def propose_listing(request: HttpRequest, pk: uuid.UUID, payload: ListingIn) -> Status[Listing]:
    actor = actor_of(request)
    finding = get_finding(actor=actor, finding_id=pk)

    def make() -> uuid.UUID:
        spec = services.ListingSpec(**payload.dict())
        return services.propose_listing(actor=actor, finding=finding, spec=spec, now=timezone.now()).pk

    body = {"finding": pk, **payload.dict()}
    made = only_once(request, actor=actor, act="hazards.listing.propose", body=body, make=make)
    return Status(201, queries.get_listing(actor=actor, listing_id=made))


@router.post("/listings/{uuid:pk}/acts", response={200: ListingOut, **REFUSALS}, operation_id="act_on_listing",
             summary="Agree to, sign, serve, lift, drop, withdraw, return, file or upgrade a listing")  # fmt: skip
def act_on_listing(request: HttpRequest, pk: uuid.UUID, payload: ListingActIn) -> Listing:
    common = _common(request, pk)
    acts = {"agree": services.review_listing, "sign": services.sign_listing, "serve": services.serve_listing,
            "lift": services.lift_listing}  # fmt: skip
    if payload.act in acts:
        return acts[payload.act](**common)
    return services.note_listing(**common, name=payload.act, text=payload.text)


@router.post("/listings/{uuid:pk}/longer", response={200: ListingOut, **REFUSALS}, operation_id="ask_longer_listing",
             summary="Ask for a longer term, twenty working days before its end")  # fmt: skip
def ask_longer_listing(request: HttpRequest, pk: uuid.UUID, payload: LongerIn) -> Listing:
    return services.ask_longer(**_common(request, pk), until=payload.until, reason=payload.reason)


@router.post("/listings/{uuid:pk}/judge-longer", response={200: ListingOut, **REFUSALS},
             operation_id="judge_longer_listing", summary="Grant or deny a longer term")  # fmt: skip
def judge_longer_listing(request: HttpRequest, pk: uuid.UUID, payload: LongerJudgedIn) -> Listing:
    return services.judge_longer(
        **_common(request, pk), granted=payload.granted, until=payload.until, reason=payload.reason
    )


@router.post("/listings/{uuid:pk}/apply", response={200: ListingOut, **REFUSALS}, operation_id="apply_lifting",
             summary="Apply to be taken off the list")  # fmt: skip
def apply_lifting(request: HttpRequest, pk: uuid.UUID, payload: ApplyIn) -> Listing:
    return services.apply_lifting(**_common(request, pk), text=payload.text, evidence=payload.file_ids)


@router.post("/listings/{uuid:pk}/review", response={200: ListingOut, **REFUSALS}, operation_id="review_lifting",
             summary="Say what the review on site found: passed, failed, or the term missed")  # fmt: skip
def review_lifting(request: HttpRequest, pk: uuid.UUID, payload: ReviewIn) -> Listing:
    return services.review_lifting(
        **_common(request, pk), name=payload.result, text=payload.text, until=payload.until, stop=payload.stop
    )


@router.get("/listing-visits", response={200: Page[ListingVisitOut], **REFUSALS}, operation_id="list_listing_visits",
            summary="Visits on listed dangers, those owed first")  # fmt: skip
def list_listing_visits(request: HttpRequest, given: Query[ListingVisitsIn]) -> dict[str, Any]:
    rows = queries.list_visits(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "listing": given.listing_id}), given)


@router.post("/listing-visits/{uuid:pk}/record", response={200: ListingVisitOut, **REFUSALS},
             operation_id="record_listing_visit", summary="Say how far it has come, with evidence")  # fmt: skip
def record_listing_visit(request: HttpRequest, pk: uuid.UUID, payload: ListingVisitIn) -> ListingVisit:
    actor = actor_of(request)
    visit = queries.get_visit(actor=actor, visit_id=pk)
    return services.record_visit(
        actor=actor, visit=visit, progress=payload.progress, text=payload.text, evidence=payload.file_ids,
        now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip


def _common(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    actor = actor_of(request)
    row = queries.get_listing(actor=actor, listing_id=pk)
    return {"actor": actor, "row": row, "now": timezone.now(), "client_id": client_id_of(request)}
