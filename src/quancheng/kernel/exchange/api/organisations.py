"""Organisations, their people and areas: registers that other systems refer to."""

from __future__ import annotations

import uuid
from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.kernel.areas import queries as areas
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, page_of
from quancheng.kernel.people import accounts
from quancheng.kernel.people import queries as people
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import Membership, Organisation, OrganisationKind

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
    kind: list[OrganisationKind] = Field(default_factory=list, description="kinds of organisation")


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


class PersonOut(Schema):
    """Somebody's place in an organisation; the telephone number is masked."""

    user_id: uuid.UUID
    name: str
    organisation_id: uuid.UUID
    organisation: str
    post: str
    roles: list[str]
    phone: str


class PeopleIn(Paging):
    organisation: uuid.UUID | None = Field(None, description="only people of this organisation")


class UnmaskIn(Strict):
    reason: str = Field(max_length=200, description="why the number is needed; it enters the journal")


class PhoneOut(Schema):
    phone: str


@router.get(
    "/people",
    response={200: Page[PersonOut], **REFUSALS},
    operation_id="list_people",
    summary="The directory, by pinyin; telephone numbers are masked",
)
def list_people(request: HttpRequest, given: Query[PeopleIn]) -> dict[str, object]:
    rows = people.list_people(actor=actor_of(request))
    if given.organisation is not None:
        rows = rows.filter(organisation=given.organisation)
    page = page_of(rows, given)
    return page | {"items": [_person(place) for place in page["items"]]}


@router.post(
    "/people/{uuid:user_id}/phone",
    response={200: PhoneOut, **REFUSALS},
    operation_id="unmask_phone",
    summary="Somebody's telephone number in full, for a reason that the journal keeps",
)
def unmask_phone(request: HttpRequest, user_id: uuid.UUID, given: UnmaskIn) -> dict[str, str]:
    actor = actor_of(request)
    user = people.get_listed_person(actor=actor, user_id=user_id)[0].user
    return {"phone": accounts.unmask_phone(actor=actor, user=user, reason=given.reason, now=timezone.now())}


def _person(place: Membership) -> dict[str, object]:
    return {
        "user_id": place.user_id,
        "name": place.user.name,
        "organisation_id": place.organisation_id,
        "organisation": place.organisation.name,
        "post": place.post,
        "roles": [role.code for role in place.roles.all()],
        "phone": accounts.masked_phone(place.user),
    }


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
