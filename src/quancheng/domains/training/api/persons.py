"""Persons at work, read: numbers are masked for everybody here."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.models import Employment, Person
from quancheng.domains.training.queries import persons as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.vault import services as vault

router = Router(tags=["training"])


class PersonsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    employment: str = one_of(Employment.values)
    text: str = Field("", max_length=60, description="in the name")
    at_work: bool | None = Field(None, description="false for those who left")


class PersonPostOut(Schema):
    role: str = Field(alias="role.code")
    title: str
    from_date: date
    to_date: date | None


class PersonFileOut(Schema):
    """A person with the posts held now. Numbers are masked; the age is that of today."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    staff_no: str
    name: str
    employment: str
    employer_name: str
    employer_code: str
    resident_id: str
    phone: str
    sex: str
    age: int
    education: str
    major: str
    major_field: str
    title_level: str
    workshop: str
    team: str
    joined_date: date | None
    left_date: date | None
    version: int
    posts: list[PersonPostOut]

    @staticmethod
    def resolve_resident_id(row: Person) -> str:
        return vault.masked(vault.RESIDENT_ID, row.resident_id)

    @staticmethod
    def resolve_phone(row: Person) -> str:
        return vault.masked(vault.PHONE, row.phone)

    @staticmethod
    def resolve_age(row: Person) -> int:
        return row.age_on(timezone.localdate())

    @staticmethod
    def resolve_posts(row: Person) -> list[Any]:
        return list(getattr(row, "held", ()))


@router.get(
    "/persons",
    response={200: Page[PersonFileOut], **REFUSALS},
    operation_id="list_persons",
    summary="People at work, by name",
)
def list_persons(request: HttpRequest, given: Query[PersonsIn]) -> dict[str, Any]:
    rows = queries.list_persons(actor=actor_of(request))
    asked = {
        "file": given.enterprise_id, "employment": given.employment, "name__contains": given.text,
        "left_date__isnull": given.at_work,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/persons/{uuid:pk}",
    response={200: PersonFileOut, **REFUSALS},
    operation_id="get_person",
    summary="One person",
)
def get_person(request: HttpRequest, pk: uuid.UUID) -> Person:
    return queries.get_person(actor=actor_of(request), person_id=pk)
