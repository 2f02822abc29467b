"""Papers for machines: the same queries and services as the pages."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, one_of, page_of
from quancheng.kernel.papers import queries
from quancheng.kernel.papers.loops import PAPER, SERVICE
from quancheng.kernel.papers.models import Paper, Service
from quancheng.kernel.papers.services import drafts, rendering, serving, signing
from quancheng.kernel.papers.services.drafts import DraftSpec
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["papers"])


class PaperOut(Schema):
    """One paper. ``number`` is empty before its signature; times are UTC."""

    id: uuid.UUID
    number: str = Field(alias="number_text")
    kind: str = Field(alias="kind_name")
    title: str
    status: str
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    issuer_id: uuid.UUID
    addressees: list[uuid.UUID]
    reply_working_days: int | None
    drafted_at: datetime
    signed_at: datetime | None
    frozen_digest: str

    @staticmethod
    def resolve_addressees(row: Paper) -> list[uuid.UUID]:
        return [one.org_id for one in row.addressees.all()]


class PaperFull(PaperOut):
    body: str


class ServiceOut(Schema):
    """A paper's way to one addressee and back. ``reply_due`` is a local day."""

    id: uuid.UUID
    paper_id: uuid.UUID
    organisation_id: uuid.UUID = Field(alias="org_id")
    status: str
    way: str
    served_at: datetime | None
    reply_due: date | None
    reply: str
    replied_at: datetime | None
    opinion: str
    respite_until: date | None


class PapersIn(Paging):
    status: str = one_of(PAPER.codes)


class ServicesIn(Paging):
    status: str = one_of(SERVICE.codes)
    received: bool = Field(False, description="only what was served on one's own organisation")


class DraftIn(Strict):
    template: str = Field(max_length=40, description="code of the form letter, e.g. urging, letter, notice")
    title: str = Field(max_length=200)
    body: str = Field(max_length=drafts.BODY_LIMIT, description="one paragraph per line")
    addressees: list[uuid.UUID] = Field(default_factory=list, max_length=drafts.MOST_ADDRESSEES)
    issuer_id: uuid.UUID | None = None
    reply_working_days: int | None = Field(None, ge=1, le=250)
    copy_to: str = Field("", max_length=400)
    openness: Literal["closed", "on_request", "public"] = "closed"
    urgency: Literal["", "加急", "特急"] = ""


class PaperReasonIn(Strict):
    reason: str = Field("", max_length=400)


class ReplyIn(Strict):
    reply: str = Field(max_length=serving.REPLY_LIMIT)


class AcceptIn(Strict):
    opinion: str = Field("", max_length=400)
    respite_until: date | None = Field(None, description="the day by which the promise must be kept")


@router.get("", response={200: Page[PaperOut], **REFUSALS}, operation_id="list_papers", summary="Papers, latest first")
def papers(request: HttpRequest, given: Query[PapersIn]) -> dict[str, object]:
    rows = queries.list_papers(actor=actor_of(request))
    return page_of(rows.filter(status=given.status) if given.status else rows, given)


@router.post("", response={200: PaperFull, **REFUSALS}, operation_id="create_paper", summary="Draft a paper (拟稿)")
def create(request: HttpRequest, payload: DraftIn) -> Paper:
    actor = actor_of(request)
    spec = DraftSpec(
        template=payload.template,
        title=payload.title,
        body=payload.body,
        addressees=payload.addressees,
        issuer=payload.issuer_id,
        reply_working_days=payload.reply_working_days,
        copy_to=payload.copy_to,
        openness=payload.openness,
        urgency=payload.urgency,
    )
    made = drafts.create_draft(actor=actor, spec=spec, now=timezone.now(), client_id=client_id_of(request))
    return queries.get_paper(actor=actor, paper_id=made.pk)


@router.get(
    "/services",
    response={200: Page[ServiceOut], **REFUSALS},
    operation_id="list_paper_services",
    summary="What was served and how it stands, latest first",
)
def services(request: HttpRequest, given: Query[ServicesIn]) -> dict[str, object]:
    actor = actor_of(request)
    rows = queries.list_services(actor=actor)
    if given.received:
        rows = rows.filter(org=actor.organisation_id)
    return page_of(rows.filter(status=given.status) if given.status else rows, given)


@router.get(
    "/services/{uuid:pk}",
    response={200: ServiceOut, **REFUSALS},
    operation_id="get_paper_service",
    summary="One service",
)
def service(request: HttpRequest, pk: uuid.UUID) -> Service:
    return queries.get_service(actor=actor_of(request), service_id=pk)


@router.post(
    "/services/{uuid:pk}/send",
    response={200: ServiceOut, **REFUSALS},
    operation_id="send_paper_service",
    summary="Lay the paper before the addressee (平台送达)",
)
def send(request: HttpRequest, pk: uuid.UUID) -> Service:
    actor = actor_of(request)
    row = queries.get_service(actor=actor, service_id=pk)
    return serving.send_service(actor=actor, service=row, now=timezone.now(), client_id=client_id_of(request))


@router.post(
    "/services/{uuid:pk}/acknowledge",
    response={200: ServiceOut, **REFUSALS},
    operation_id="acknowledge_paper_service",
    summary="Sign for a paper (签收)",
)
def acknowledge(request: HttpRequest, pk: uuid.UUID) -> Service:
    actor = actor_of(request)
    row = queries.get_service(actor=actor, service_id=pk)
    return serving.acknowledge_service(actor=actor, service=row, now=timezone.now(), client_id=client_id_of(request))


@router.post(
    "/services/{uuid:pk}/reply",
    response={200: ServiceOut, **REFUSALS},
    operation_id="reply_to_paper_service",
    summary="Answer a paper (回复)",
)
def reply(request: HttpRequest, pk: uuid.UUID, payload: ReplyIn) -> Service:
    actor = actor_of(request)
    row = queries.get_service(actor=actor, service_id=pk)
    return serving.reply_to_service(
        actor=actor, service=row, reply=payload.reply, now=timezone.now(), client_id=client_id_of(request)
    )


@router.post(
    "/services/{uuid:pk}/accept",
    response={200: ServiceOut, **REFUSALS},
    operation_id="accept_paper_reply",
    summary="Accept a reply (认可回复)",
)
def accept(request: HttpRequest, pk: uuid.UUID, payload: AcceptIn) -> Service:
    actor = actor_of(request)
    row = queries.get_service(actor=actor, service_id=pk)
    return serving.accept_reply(
        actor=actor,
        service=row,
        opinion=payload.opinion,
        respite_until=payload.respite_until,
        now=timezone.now(),
        client_id=client_id_of(request),
    )


@router.post(
    "/services/{uuid:pk}/return",
    response={200: ServiceOut, **REFUSALS},
    operation_id="return_paper_reply",
    summary="Return a reply that does not answer (退回)",
)
def send_back(request: HttpRequest, pk: uuid.UUID, payload: PaperReasonIn) -> Service:
    actor = actor_of(request)
    row = queries.get_service(actor=actor, service_id=pk)
    return serving.return_reply(
        actor=actor, service=row, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )


@router.get("/{uuid:pk}", response={200: PaperFull, **REFUSALS}, operation_id="get_paper", summary="One paper")
def paper(request: HttpRequest, pk: uuid.UUID) -> Paper:
    return queries.get_paper(actor=actor_of(request), paper_id=pk)


@router.get(
    "/{uuid:pk}/copy.{form}",
    response={200: None, **REFUSALS},
    operation_id="get_paper_copy",
    summary="The paper as it is printed: pdf or docx",
)
def copy(request: HttpRequest, pk: uuid.UUID, form: str) -> HttpResponse:
    row = queries.get_paper(actor=actor_of(request), paper_id=pk)
    content = rendering.copy_of(row, form)
    return HttpResponse(content, content_type=rendering.FORMATS[form][1])


@router.post(
    "/{uuid:pk}/{act}",
    response={200: PaperFull, **REFUSALS},
    operation_id="move_paper",
    summary="Move a paper on: submit, check, send_back, refuse, sign, void, discard",
)
def move(
    request: HttpRequest,
    pk: uuid.UUID,
    act: Literal["submit", "check", "send_back", "refuse", "sign", "void", "discard"],
    payload: PaperReasonIn,
) -> Paper:
    actor, now, client_id = actor_of(request), timezone.now(), client_id_of(request)
    row = queries.get_paper(actor=actor, paper_id=pk)
    match act:
        case "submit":
            drafts.submit_paper(actor=actor, paper=row, now=now, client_id=client_id)
        case "check":
            drafts.check_paper(actor=actor, paper=row, now=now, client_id=client_id)
        case "sign":
            signing.sign_paper(actor=actor, paper=row, now=now, client_id=client_id)
        case "void":
            signing.void_paper(actor=actor, paper=row, reason=payload.reason, now=now, client_id=client_id)
        case "discard":
            drafts.discard_paper(actor=actor, paper=row, reason=payload.reason, now=now, client_id=client_id)
        case _:
            drafts.send_paper_back(
                actor=actor, paper=row, reason=payload.reason, name=act, now=now, client_id=client_id
            )
    return queries.get_paper(actor=actor, paper_id=pk)
