"""Handing dangers over, review reports, running again after a stop, and terms, for programs."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.hazards.duties import READ
from quancheng.domains.hazards.loops.expiry_review import EXPIRY_REVIEW
from quancheng.domains.hazards.loops.hand_over import HAND_OVER
from quancheng.domains.hazards.loops.resumption import RESUMPTION
from quancheng.domains.hazards.models import ExpiryReview, HandOver, Maker, Resumption, ReviewReport
from quancheng.domains.hazards.queries import expiry_reviews as expiry_queries
from quancheng.domains.hazards.queries import hand_overs as queries
from quancheng.domains.hazards.queries import resumptions as resumption_queries
from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.domains.hazards.queries.terms import terms_on
from quancheng.domains.hazards.services import expiry_reviews as expiry_services
from quancheng.domains.hazards.services import hand_overs as services
from quancheng.domains.hazards.services import resumptions as resumption_services
from quancheng.domains.hazards.services.review_reports import ReportSpec, hand_in_report
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    narrowed,
    one_of,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["hazards"])


class HandOverOut(Schema):
    """A danger that went to another body to supervise: ``SENT`` until the receiver accepts or sends it back."""

    id: uuid.UUID
    finding_id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    title: str
    status: str
    from_org_id: uuid.UUID = Field(alias="owner_org_id")
    receiver_id: uuid.UUID
    reason: str
    basis: str
    term_date: date = Field(description="last day on which it was to be handed over: three working days")
    answer: str = Field(description="the receiver's word, or why it was sent or taken back")
    created_at: datetime
    closed_at: datetime | None


class HandOversIn(Paging):
    status: str = one_of(HAND_OVER.codes)
    enterprise_id: uuid.UUID | None = None
    finding_id: uuid.UUID | None = None
    receiver_id: uuid.UUID | None = None


class HandOverIn(Strict):
    receiver_id: uuid.UUID = Field(description="a body that supervises")
    reason: str = Field(min_length=1, max_length=2000)
    basis: str = Field(min_length=1, max_length=500, description="rule or division of work by which it is competent")


class HandOverAcceptIn(Strict):
    text: str = Field("", max_length=1000)


class HandOverReasonIn(Strict):
    reason: str = Field(min_length=1, max_length=1000)


class ReviewReportOut(Schema):
    """What an expert or an agency concluded of a danger that was put right."""

    id: uuid.UUID
    finding_id: uuid.UUID
    maker_kind: str
    maker: str
    made_date: date
    verdict: str
    conclusion: str
    at: datetime


class ReviewReportIn(Strict):
    maker_kind: str = one_of(Maker.values, default=None)
    maker: str = Field(min_length=1, max_length=120)
    made_date: date
    verdict: str = one_of(ReviewReport.Verdict.values, default=None)
    conclusion: str = Field(min_length=1, max_length=2000)
    file_ids: list[uuid.UUID] = Field(max_length=20, description="files that were uploaded before, one at least")


class ResumptionOut(Schema):
    """An application to run again after a stop; until it is ``ALLOWED`` work stands still."""

    id: uuid.UUID
    finding_id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    supervisor_id: uuid.UUID
    title: str
    status: str
    stop: str
    text: str
    assessor_kind: str
    assessor: str
    assessment: str
    visited_date: date | None
    review: str
    created_at: datetime
    closed_at: datetime | None


class ResumptionsIn(Paging):
    status: str = one_of(RESUMPTION.codes)
    enterprise_id: uuid.UUID | None = None
    finding_id: uuid.UUID | None = None


class ResumptionIn(Strict):
    text: str = Field(min_length=1, max_length=4000)
    assessor_kind: str = one_of(Maker.values, default=None)
    assessor: str = Field(min_length=1, max_length=120)
    assessment: str = Field(min_length=1, max_length=2000)
    file_ids: list[uuid.UUID] = Field(max_length=20, description="the assessment report among them")


class ResumptionDecisionIn(Strict):
    allowed: bool
    visited: date = Field(description="day of the review on site")
    text: str = Field(min_length=1, max_length=1000)
    file_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class ExpiryReviewOut(Schema):
    """A look on site that is owed, or was made, after the term of a major danger ended."""

    id: uuid.UUID
    finding_id: uuid.UUID
    title: str
    status: str
    expired_date: date
    due_date: date
    visited_date: date | None
    text: str
    closed_at: datetime | None


class ExpiryReviewsIn(Paging):
    status: str = one_of(EXPIRY_REVIEW.codes)
    finding_id: uuid.UUID | None = None


class ExpiryReviewIn(Strict):
    visited: date
    text: str = Field(min_length=1, max_length=4000)
    file_ids: list[uuid.UUID] = Field(max_length=20, description="one at least")


class TermsOut(Schema):
    """Hours of the usual terms by the colour of the place, and days of the longest ones."""

    usual_blue_h: int
    usual_yellow_h: int
    usual_orange_h: int
    usual_red_h: int
    longest_blue_d: int
    longest_yellow_d: int
    longest_orange_d: int
    longest_red_d: int
    longest_major_d: int


class TermsIn(Strict):
    day: date | None = Field(None, description="today where none is told")


@router.get("/hand-overs", response={200: Page[HandOverOut], **REFUSALS}, operation_id="list_hand_overs",
            summary="Dangers handed over, those that wait first")  # fmt: skip
def list_hand_overs(request: HttpRequest, given: Query[HandOversIn]) -> dict[str, Any]:
    asked = {"status": given.status, "file": given.enterprise_id, "finding": given.finding_id,
             "receiver": given.receiver_id}  # fmt: skip
    return page_of(narrowed(queries.list_hand_overs(actor=actor_of(request)), asked), given)


@router.get("/hand-overs/{uuid:pk}", response={200: HandOverOut, **REFUSALS}, operation_id="get_hand_over",
            summary="One danger handed over")  # fmt: skip
def get_hand_over(request: HttpRequest, pk: uuid.UUID) -> HandOver:
    return queries.get_hand_over(actor=actor_of(request), hand_over_id=pk)


@router.post("/findings/{uuid:pk}/hand-over", response={201: HandOverOut, **REFUSALS},
             operation_id="hand_over_finding", summary="Hand a danger to the body that is competent")  # fmt: skip
def hand_over_finding(request: HttpRequest, pk: uuid.UUID, payload: HandOverIn) -> Status[HandOver]:
    actor = actor_of(request)
    row = get_finding(actor=actor, finding_id=pk)
    actor.require(services.SUPERVISE)
    receiver = among(queries.receivers(actor=actor), payload.receiver_id, "receiver_id")
    made = services.hand_over(actor=actor, row=row, receiver=receiver, reason=payload.reason, basis=payload.basis,
                              now=timezone.now(), client_id=client_id_of(request))  # fmt: skip
    return Status(201, made)


@router.post("/hand-overs/{uuid:pk}/accept", response={200: HandOverOut, **REFUSALS}, operation_id="accept_hand_over",
             summary="Take a danger that was handed over: from now on one supervises it")  # fmt: skip
def accept_hand_over(request: HttpRequest, pk: uuid.UUID, payload: HandOverAcceptIn) -> HandOver:
    actor = actor_of(request)
    row = queries.get_hand_over(actor=actor, hand_over_id=pk)
    return services.receive(actor=actor, row=row, text=payload.text, now=timezone.now(),
                            client_id=client_id_of(request))  # fmt: skip


@router.post("/hand-overs/{uuid:pk}/return", response={200: HandOverOut, **REFUSALS}, operation_id="return_hand_over",
             summary="Send a danger that was handed over back, with the reason")  # fmt: skip
def return_hand_over(request: HttpRequest, pk: uuid.UUID, payload: HandOverReasonIn) -> HandOver:
    return _back(request, pk, payload, "return")


@router.post("/hand-overs/{uuid:pk}/recall", response={200: HandOverOut, **REFUSALS}, operation_id="recall_hand_over",
             summary="Take a danger back that waits to be received")  # fmt: skip
def recall_hand_over(request: HttpRequest, pk: uuid.UUID, payload: HandOverReasonIn) -> HandOver:
    return _back(request, pk, payload, "recall")


def _back(request: HttpRequest, pk: uuid.UUID, payload: HandOverReasonIn, name: str) -> HandOver:
    actor = actor_of(request)
    row = queries.get_hand_over(actor=actor, hand_over_id=pk)
    return services.send_back(actor=actor, row=row, name=name, reason=payload.reason, now=timezone.now(),
                              client_id=client_id_of(request))  # fmt: skip


@router.get("/findings/{uuid:pk}/review-reports", response={200: list[ReviewReportOut], **REFUSALS},
            operation_id="list_review_reports", summary="Review reports of a danger, the newest first")  # fmt: skip
def list_review_reports(request: HttpRequest, pk: uuid.UUID) -> list[ReviewReport]:
    return list(resumption_queries.reports_on(get_finding(actor=actor_of(request), finding_id=pk)))


@router.post("/findings/{uuid:pk}/review-reports", response={201: ReviewReportOut, **REFUSALS},
             operation_id="hand_in_review_report",
             summary="Hand in the report of an expert or an agency, before the regulator cancels")  # fmt: skip
def hand_in_review_report(request: HttpRequest, pk: uuid.UUID, payload: ReviewReportIn) -> Status[ReviewReport]:
    actor, now = actor_of(request), timezone.now()
    row = get_finding(actor=actor, finding_id=pk)
    spec = ReportSpec(files=tuple(payload.file_ids), **payload.dict(exclude={"file_ids"}))
    return Status(201, hand_in_report(actor=actor, row=row, spec=spec, now=now, client_id=client_id_of(request)))


@router.get("/resumptions", response={200: Page[ResumptionOut], **REFUSALS}, operation_id="list_resumptions",
            summary="Applications to run again after a stop, those that wait first")  # fmt: skip
def list_resumptions(request: HttpRequest, given: Query[ResumptionsIn]) -> dict[str, Any]:
    asked = {"status": given.status, "file": given.enterprise_id, "finding": given.finding_id}
    return page_of(narrowed(resumption_queries.list_resumptions(actor=actor_of(request)), asked), given)


@router.get("/resumptions/{uuid:pk}", response={200: ResumptionOut, **REFUSALS}, operation_id="get_resumption",
            summary="One application to run again")  # fmt: skip
def get_resumption(request: HttpRequest, pk: uuid.UUID) -> Resumption:
    return resumption_queries.get_resumption(actor=actor_of(request), resumption_id=pk)


@router.post("/findings/{uuid:pk}/resumption", response={201: ResumptionOut, **REFUSALS},
             operation_id="apply_resumption", summary="Apply to run again after a stop")  # fmt: skip
def apply_resumption(request: HttpRequest, pk: uuid.UUID, payload: ResumptionIn) -> Status[Resumption]:
    actor = actor_of(request)
    row = get_finding(actor=actor, finding_id=pk)
    spec = resumption_services.ResumptionSpec(files=tuple(payload.file_ids), **payload.dict(exclude={"file_ids"}))
    made = resumption_services.apply_resumption(actor=actor, row=row, spec=spec, now=timezone.now(),
                                                client_id=client_id_of(request))  # fmt: skip
    return Status(201, made)


@router.post("/resumptions/{uuid:pk}/decide", response={200: ResumptionOut, **REFUSALS},
             operation_id="decide_resumption", summary="Allow to run again after a review on site or not")  # fmt: skip
def decide_resumption(request: HttpRequest, pk: uuid.UUID, payload: ResumptionDecisionIn) -> Resumption:
    actor = actor_of(request)
    row = resumption_queries.get_resumption(actor=actor, resumption_id=pk)
    return resumption_services.decide_resumption(
        actor=actor, row=row, allowed=payload.allowed, visited=payload.visited, text=payload.text,
        evidence=payload.file_ids, now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/resumptions/{uuid:pk}/withdraw", response={200: ResumptionOut, **REFUSALS},
             operation_id="withdraw_resumption", summary="Take an application to run again back")  # fmt: skip
def withdraw_resumption(request: HttpRequest, pk: uuid.UUID, payload: HandOverReasonIn) -> Resumption:
    actor = actor_of(request)
    row = resumption_queries.get_resumption(actor=actor, resumption_id=pk)
    return resumption_services.withdraw_resumption(actor=actor, row=row, reason=payload.reason, now=timezone.now(),
                                                   client_id=client_id_of(request))  # fmt: skip


@router.get("/expiry-reviews", response={200: Page[ExpiryReviewOut], **REFUSALS}, operation_id="list_expiry_reviews",
            summary="Looks on site after terms of major dangers ended, those owed first")  # fmt: skip
def list_expiry_reviews(request: HttpRequest, given: Query[ExpiryReviewsIn]) -> dict[str, Any]:
    rows = expiry_queries.list_expiry_reviews(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "finding": given.finding_id}), given)


@router.post("/expiry-reviews/{uuid:pk}/record", response={200: ExpiryReviewOut, **REFUSALS},
             operation_id="record_expiry_review", summary="Say what was found on site and what follows")  # fmt: skip
def record_expiry_review(request: HttpRequest, pk: uuid.UUID, payload: ExpiryReviewIn) -> ExpiryReview:
    actor = actor_of(request)
    row = expiry_queries.get_expiry_review(actor=actor, review_id=pk)
    return expiry_services.record_expiry_review(
        actor=actor, row=row, visited=payload.visited, text=payload.text, evidence=payload.file_ids,
        now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip


@router.get("/danger-terms", response={200: TermsOut, **REFUSALS}, operation_id="get_danger_terms",
            summary="Usual and longest terms of putting dangers right on a day")  # fmt: skip
def get_danger_terms(request: HttpRequest, given: Query[TermsIn]) -> Any:
    actor_of(request).require(READ)
    return terms_on(given.day or Calendar().local_date(timezone.now()))
