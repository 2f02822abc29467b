"""Checklists as they read on a day."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.hazards.duties import READ
from quancheng.domains.hazards.queries import checklists as queries
from quancheng.kernel.exchange.rest import REFUSALS, Strict, one_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.enterprise_classes import enterprise_classes

router = Router(tags=["hazards"])
_DAY = "the day whose edition counts; today where nothing is sent"


class ChecklistOut(Schema):
    """A checklist and its edition of the day; no edition where none was in force."""

    code: str
    name: str
    name_en: str
    place_kinds: list[str]
    owner_id: uuid.UUID | None = Field(description="the department whose own it is; null for what ships")
    aspect: str | None = Field(description="of a department's own")
    links: list[str] = Field(description="links of the chain that a department's own is for")
    edition: str | None
    edition_from: date | None
    items: int


class ChecklistItemOut(Schema):
    """An item. ``grade``: major, serious, general, low; ``criteria`` its failure may fall under."""

    code: str
    text: str
    text_en: str
    basis: str
    grade: str
    criteria: list[str]
    asks: str = Field(description="empty, value: the note tells it, or photo")
    mark: str


class ChecklistWithItemsOut(Schema):
    code: str
    name: str
    name_en: str
    place_kinds: list[str]
    edition: str | None
    edition_from: date | None
    items: list[ChecklistItemOut]


class ChecklistsIn(Strict):
    place_kind: str = one_of(enterprise_classes())
    on: date | None = Field(None, description=_DAY)


class ChecklistDayIn(Strict):
    on: date | None = Field(None, description=_DAY)


@router.get(
    "/checklists",
    response={200: list[ChecklistOut], **REFUSALS},
    operation_id="list_checklists",
    summary="Checklists with their edition of a day",
)
def list_checklists(request: HttpRequest, asked: Query[ChecklistsIn]) -> list[dict[str, Any]]:
    actor_of(request).require(READ)
    rows: QuerySet[Any] = queries.list_checklists(on=asked.on or timezone.localdate())
    if asked.place_kind:
        rows = rows.filter(queries.for_class(asked.place_kind))
    return [
        {
            "code": one.pk, "name": one.name, "name_en": one.name_en, "place_kinds": list(queries.classes_of(one)),
            "owner_id": one.owner_id, "aspect": one.aspect, "links": list(one.own_chains or ()),
            "edition": one.edition_number, "edition_from": one.edition_from, "items": one.clause_count,
        }
        for one in rows
    ]  # fmt: skip


@router.get(
    "/checklists/{code}",
    response={200: ChecklistWithItemsOut, **REFUSALS},
    operation_id="get_checklist",
    summary="A checklist with its items as they read on a day",
)
def get_checklist(request: HttpRequest, code: str, asked: Query[ChecklistDayIn]) -> dict[str, Any]:
    actor_of(request).require(READ)
    sheet = queries.get_checklist(code, on=asked.on or timezone.localdate())
    edition = sheet.edition
    return {
        "code": sheet.text.pk, "name": sheet.text.name, "name_en": sheet.text.name_en,
        "place_kinds": list(queries.classes_of(sheet.text)), "edition": edition.number if edition else None,
        "edition_from": edition.effective_from if edition else None,
        "items": [
            {
                "code": one.place, "text": one.summary, "text_en": one.summary_en, "basis": one.basis,
                "grade": one.grade, "criteria": one.refers, "asks": one.asks, "mark": one.mark,
            }
            for one in sheet.items
        ],
    }  # fmt: skip
