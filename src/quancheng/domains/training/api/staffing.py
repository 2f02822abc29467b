"""What roles require, whether a person may work in one, and how the posts of an enterprise are filled."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.training.queries import judging, staffing
from quancheng.domains.training.queries.persons import VIEW, get_person
from quancheng.domains.training.queries.roles import list_roles, role_of
from quancheng.domains.training.services.requirements import ROLE_CODE
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class WorkRoleOut(Schema):
    """A role; ``barred_by`` names health limits that bar it."""

    code: str
    name: str
    name_en: str
    is_task_only: bool
    barred_by: list[str]
    mark: str
    valid_from: date | None
    valid_to: date | None


class UnmetOut(Schema):
    """What is not met, with its basis. ``bars``: the work must not be done; else it is a gap until ``until``."""

    kind: str
    text: str
    basis: str
    bars: bool
    until: date | None


class VerdictOut(Schema):
    """Whether a person may, on a day. ``good_until``: the last day to which the certificates that count go on."""

    role: str
    day: date
    may: bool
    good_until: date | None
    reasons: list[UnmetOut]


class MayWorkIn(Strict):
    role: str = Field(max_length=40, pattern=f"^{ROLE_CODE}$", description="code of a role")
    day: date | None = Field(None, description="today where it is left out")


class StaffedPostOut(Schema):
    """A post with whoever holds it, and whether he may."""

    person_id: uuid.UUID
    role: str
    title: str
    from_date: date
    education: str
    major_field: str
    verdict: VerdictOut


@router.get(
    "/roles",
    response={200: Page[WorkRoleOut], **REFUSALS},
    operation_id="list_work_roles",
    summary="Roles in which people work",
)
def list_work_roles(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    actor_of(request).require(VIEW)
    return page_of(list_roles(), given)


@router.get(
    "/persons/{uuid:pk}/may-work",
    response={200: VerdictOut, **REFUSALS},
    operation_id="may_work",
    summary="Whether a person may work in a role on a day, with each reason and its basis",
)
def may_work(request: HttpRequest, pk: uuid.UUID, given: Query[MayWorkIn]) -> judging.Verdict:
    actor = actor_of(request)
    person = get_person(actor=actor, person_id=pk)
    found = judging.may_work(person, role_of(given.role), given.day or timezone.localdate())
    return judging.as_told(found, person, actor=actor)


@router.get(
    "/enterprises/{uuid:pk}/staffing",
    response={200: list[StaffedPostOut], **REFUSALS},
    operation_id="get_staffing",
    summary="Posts of an enterprise, who holds them, and what each lacks",
)
def get_staffing(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    actor = actor_of(request)
    actor.require(VIEW)
    file = get_enterprise(actor=actor, file_id=pk)
    return [
        {
            "person_id": one.person.pk, "role": row.role.code, "title": one.held.post.title,
            "from_date": one.held.post.from_date, "education": one.person.education,
            "major_field": one.person.major_field, "verdict": one.held.verdict,
        }
        for row in staffing.staff_of(actor=actor, file=file, on=timezone.localdate())
        for one in row.holders
    ]  # fmt: skip
