"""Departments' own checklists for programs: drafted, worded, published by another, withdrawn."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.hazards.loops.department_checklist import DEPARTMENT_CHECKLIST
from quancheng.domains.hazards.models import DepartmentChecklist
from quancheng.domains.hazards.queries import department_checklists as queries
from quancheng.domains.hazards.queries.checklists import get_checklist
from quancheng.domains.hazards.services import department_checklists as services
from quancheng.domains.registry.kinds import Kind
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.law.models import Asks
from quancheng.kernel.law.services import OWN, ClauseSpec
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import LINKS
from quancheng.standards.hidden_dangers.kinds import code_list

router = Router(tags=["hazards"])
_LINKS = ", ".join(code for code, _label in LINKS)


class DepartmentListOut(Schema):
    """One edition of a department's checklist; ``checklist`` is its code in the law register."""

    id: uuid.UUID
    checklist: str = Field(alias="text_id")
    title: str
    edition: str = Field(alias="edition.number")
    edition_id: uuid.UUID
    aspect: str
    place_kinds: list[str] = Field(alias="kinds")
    links: list[str] = Field(alias="chains")
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    status: str
    effective_from: date | None = Field(alias="edition.effective_from")
    effective_to: date | None = Field(alias="edition.effective_to")
    published_at: datetime | None
    reason: str


class DepartmentListsIn(Paging):
    status: str = one_of(DEPARTMENT_CHECKLIST.codes)
    aspect: str = one_of([one.code for one in code_list("aspect").items])


class DepartmentListIn(Strict):
    name: str = Field(min_length=1, max_length=200)
    aspect: str = one_of([one.code for one in code_list("aspect").items], default=None)
    place_kinds: list[str] = Field(default_factory=list, max_length=30, description=", ".join(Kind.values))
    links: list[str] = Field(default_factory=list, max_length=6, description=_LINKS)
    copy_from: str = Field("", max_length=40, description="code of a checklist: its items of today are the first draft")


class DepartmentItemIn(Strict):
    number: int = Field(ge=1, le=999)
    text: str = Field(min_length=1, max_length=2000)
    text_en: str = Field("", max_length=2000)
    basis: str = Field("", max_length=200)
    grade: str = one_of([one.value for one in services.GRADES], default=None)
    criteria: list[str] = Field(default_factory=list, max_length=10)
    asks: str = one_of([one for one in Asks.values if one], description="value: the note tells it; photo")


class DepartmentItemsIn(Strict):
    items: list[DepartmentItemIn] = Field(min_length=1, max_length=services.MOST_ITEMS)


class DepartmentItemOut(Schema):
    number: int
    code: str
    text: str
    text_en: str
    basis: str
    grade: str
    criteria: list[str]
    asks: str


class PublishListIn(Strict):
    effective_date: date


class ListWordIn(Strict):
    text: str = Field(min_length=1, max_length=300)


@router.get("/department-checklists", response={200: Page[DepartmentListOut], **REFUSALS},
            operation_id="list_department_checklists", summary="Editions of one's department's lists")  # fmt: skip
def list_department_checklists(request: HttpRequest, given: Query[DepartmentListsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    actor.require(OWN)
    rows = queries.list_editions(actor=actor)
    return page_of(narrowed(rows, {"status": given.status, "aspect": given.aspect}), given)


@router.get("/department-checklists/{uuid:pk}/items", response={200: list[DepartmentItemOut], **REFUSALS},
            operation_id="list_department_items", summary="Items of one edition, drafts too")  # fmt: skip
def list_department_items(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    return [
        {
            "number": services.number_of(one), "code": one.place, "text": one.summary, "text_en": one.summary_en,
            "basis": one.basis, "grade": one.grade, "criteria": one.refers, "asks": one.asks,
        }
        for one in queries.items_of(_row(request, pk))
    ]  # fmt: skip


@router.post("/department-checklists", response={201: DepartmentListOut, **REFUSALS},
             operation_id="draft_department_checklist", summary="Begin a checklist of one's department")  # fmt: skip
def draft_department_checklist(request: HttpRequest, payload: DepartmentListIn) -> Status[DepartmentChecklist]:
    actor, now = actor_of(request), timezone.now()
    actor.require(OWN)
    edition = get_checklist(payload.copy_from, on=Calendar().local_date(now)).edition if payload.copy_from else None
    if payload.copy_from and edition is None:
        raise NotFound
    spec = services.ListSpec(payload.name, payload.aspect, payload.place_kinds, payload.links)
    return Status(201, services.draft_list(actor=actor, spec=spec, copy_from=edition, now=now,
                                           client_id=client_id_of(request)))  # fmt: skip


@router.post("/department-checklists/{uuid:pk}/items", response={200: DepartmentListOut, **REFUSALS},
             operation_id="save_department_items", summary="Enter or reword items of a draft")  # fmt: skip
def save_department_items(request: HttpRequest, pk: uuid.UUID, payload: DepartmentItemsIn) -> DepartmentChecklist:
    items = [
        (one.number, ClauseSpec(place="", summary=one.text, summary_en=one.text_en, basis=one.basis, grade=one.grade,
                                refers=one.criteria, asks=one.asks))
        for one in payload.items
    ]  # fmt: skip
    return services.save_items(actor=actor_of(request), row=_row(request, pk), items=items, now=timezone.now(),
                               client_id=client_id_of(request))  # fmt: skip


@router.post("/department-checklists/{uuid:pk}/submit", response={200: DepartmentListOut, **REFUSALS},
             operation_id="submit_department_checklist", summary="Hand a draft on to be published")  # fmt: skip
def submit_department_checklist(request: HttpRequest, pk: uuid.UUID) -> DepartmentChecklist:
    return services.submit_list(actor=actor_of(request), row=_row(request, pk), now=timezone.now(),
                                client_id=client_id_of(request))  # fmt: skip


@router.post("/department-checklists/{uuid:pk}/publish", response={200: DepartmentListOut, **REFUSALS},
             operation_id="publish_department_checklist", summary="Publish what another person worded")  # fmt: skip
def publish_department_checklist(request: HttpRequest, pk: uuid.UUID, payload: PublishListIn) -> DepartmentChecklist:
    return services.publish_list(
        actor=actor_of(request), row=_row(request, pk), effective_date=payload.effective_date, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/department-checklists/{uuid:pk}/revise", response={201: DepartmentListOut, **REFUSALS},
             operation_id="revise_department_checklist", summary="Begin the next edition")  # fmt: skip
def revise_department_checklist(request: HttpRequest, pk: uuid.UUID) -> Status[DepartmentChecklist]:
    return Status(201, services.revise_list(actor=actor_of(request), row=_row(request, pk), now=timezone.now(),
                                            client_id=client_id_of(request)))  # fmt: skip


@router.post("/department-checklists/{uuid:pk}/withdraw", response={200: DepartmentListOut, **REFUSALS},
             operation_id="withdraw_department_checklist", summary="Withdraw a published one")  # fmt: skip
def withdraw_department_checklist(request: HttpRequest, pk: uuid.UUID, payload: ListWordIn) -> DepartmentChecklist:
    return services.withdraw_list(actor=actor_of(request), row=_row(request, pk), reason=payload.text,
                                  now=timezone.now(), client_id=client_id_of(request))  # fmt: skip


def _row(request: HttpRequest, pk: uuid.UUID) -> DepartmentChecklist:
    actor = actor_of(request)
    actor.require(OWN)
    return queries.get_edition(actor=actor, edition_id=pk)
