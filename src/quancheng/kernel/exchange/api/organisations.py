"""Organisations and areas: registers that other systems refer to."""

from __future__ import annotations

import uuid
from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from quancheng.kernel.areas import queries as areas
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, page_of
from quancheng.kernel.people import queries as people
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import Organisation

router = Router(tags=["organisations"])


class OrganisationOut(Schema):
    """One organisation as the directory shows it."""

    id: uuid.UUID
    name: str
    short_name: str
    kind: str
    actor_code: str
    credit_code: str | None
    parent_id: uuid.UUID | None
    area_id: uuid.UUID | None
    links: list[str]
    ended_on: date | None


class OrganisationsIn(Paging):
    text: str = Field("", max_length=100, description="name, alias or pinyin initials")
    kind: list[str] = Field(default_factory=list, description="kinds of organisation")


class AreaOut(Schema):
    """One division; ``path`` begins with the paths of those around it."""

    id: uuid.UUID
    code: str
    name: str
    full_name: str
    level: str
    parent_id: uuid.UUID | None
    path: str


class AreasIn(Paging):
    text: str = Field("", max_length=100, description="name, alias, code or pinyin initials")
    under: uuid.UUID | None = Field(None, description="only this division and what lies in it")


@router.get(
    "/organisations",
    response={200: Page[OrganisationOut], **REFUSALS},
    operation_id="list_organisations",
    summary="Organisations that the actor may know, by pinyin",
)
def organisations(request: HttpRequest, given: Query[OrganisationsIn]) -> dict[str, object]:
    rows = people.list_organisations(actor=actor_of(request), text=given.text, kinds=given.kind)
    return page_of(rows, given)


@router.get(
    "/organisations/{uuid:organisation_id}",
    response={200: OrganisationOut, **REFUSALS},
    operation_id="get_organisation",
    summary="One organisation",
)
def organisation(request: HttpRequest, organisation_id: uuid.UUID) -> Organisation:
    return people.get_organisation(actor=actor_of(request), organisation_id=organisation_id)


@router.get(
    "/areas",
    response={200: Page[AreaOut], **REFUSALS},
    operation_id="list_areas",
    summary="Administrative divisions, by their place in the tree",
)
def list_areas(request: HttpRequest, given: Query[AreasIn]) -> dict[str, object]:
    actor_of(request)
    around = None
    if given.under is not None:
        around = Area.objects.filter(pk=given.under).first()
        if around is None:
            raise NotFound
    rows: QuerySet[Area] = areas.find_areas(given.text, under=around)
    return page_of(rows, given)
