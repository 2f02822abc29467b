"""Situation packs: drawn up for some plans and days, kept as they were, handed out as Word and PDF."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.duty.models import Pack
from quancheng.domains.duty.queries import pack_content
from quancheng.domains.duty.queries import packs as queries
from quancheng.domains.duty.queries.plans import list_plans
from quancheng.domains.duty.services import reports as services
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, only_once, page_of
from quancheng.kernel.longwork.api import WorkOut
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.papers.render.pdf import render_report_pdf
from quancheng.kernel.papers.render.word import render_report_docx
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])
_KINDS = {
    "docx": (render_report_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (render_report_pdf, "application/pdf"),
}


class PackOut(Schema):
    """A situation pack on the days from ``first_date`` to ``last_date``, both included."""

    id: uuid.UUID
    title: str
    plans: list[uuid.UUID]
    first_date: date
    last_date: date
    owner_org_id: uuid.UUID
    made_at: datetime


class PackWholeOut(PackOut):
    blocks: list[dict[str, Any]] = Field(description="what it says, block by block, as it stood when it was made")

    @staticmethod
    def resolve_blocks(row: Pack) -> list[dict[str, Any]]:
        return list(row.content["blocks"])


class PackIn(Strict):
    plan_ids: list[uuid.UUID] = Field(min_length=1, max_length=200)
    first_date: date
    last_date: date


@router.get(
    "/packs",
    response={200: Page[PackOut], **REFUSALS},
    operation_id="list_packs",
    summary="Situation packs of one's own organisation, the latest first",
)
def list_packs(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    return page_of(queries.list_packs(actor=actor_of(request)), given)


@router.get(
    "/packs/{uuid:pk}",
    response={200: PackWholeOut, **REFUSALS},
    operation_id="get_pack",
    summary="One situation pack with what it says",
)
def get_pack(request: HttpRequest, pk: uuid.UUID) -> Pack:
    return queries.get_pack(actor=actor_of(request), pack_id=pk)


@router.post(
    "/packs",
    response={200: PackWholeOut, 202: WorkOut, **REFUSALS},
    operation_id="make_pack",
    summary="Draw up a situation pack; on very many tasks in the background (202), then /long-work says when",
)
def make_pack(request: HttpRequest, payload: PackIn) -> Status[Pack] | Status[LongWork]:
    actor, now = actor_of(request), timezone.now()
    actor.require("duty.packs.make")
    found = {plan.pk: plan for plan in list_plans(actor=actor).filter(pk__in=payload.plan_ids)}
    wanted = list(dict.fromkeys(payload.plan_ids))
    if any(pk not in found or found[pk].status in ("REVIEW", "DISCARDED") for pk in wanted):
        raise Invalid(fields={"plan_ids": _("请选择已下达的计划文件。")})
    plans = [found[pk] for pk in wanted]
    first, last = payload.first_date, payload.last_date
    if queries.is_long(actor=actor, plans=plans):
        work = services.ask_for_pack(
            actor=actor, plans=plans, first=first, last=last, now=now, client_id=client_id_of(request)
        )
        return Status(202, work)

    def make() -> uuid.UUID:
        return services.make_pack(actor=actor, plans=plans, first=first, last=last, now=now).pk

    pk = only_once(request, actor=actor, act="duty.pack.make", body=payload.dict(), make=make)
    return Status(200, queries.get_pack(actor=actor, pack_id=pk))


@router.get(
    "/packs/{uuid:pk}/document.{form}",
    response={200: None, **REFUSALS},
    operation_id="get_pack_document",
    summary="A situation pack as it is handed out: docx or pdf",
)
def document(request: HttpRequest, pk: uuid.UUID, form: Literal["docx", "pdf"]) -> HttpResponse:
    pack = queries.get_pack(actor=actor_of(request), pack_id=pk)
    render, media_type = _KINDS[form]
    content = render(pack_content.document_of(pack, prepared_by=pack.owner_org.name))
    return HttpResponse(content, content_type=media_type)
