"""The supervision force: posts, people, the professional share."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.models import StaffMember, StaffPlan
from quancheng.domains.duty.models.staff import JoinedBy
from quancheng.domains.duty.queries import staff as queries
from quancheng.domains.duty.services import staff as services
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

router = Router(tags=["duty"])


class ForceOut(Schema):
    """One organisation's force on a day. ``share``: professionals in per cent, null where nobody is in post.

    ``hired`` counts who came this year, by how; ``units`` is how many enterprises lie in its charge.
    """

    org_id: uuid.UUID = Field(alias="org.pk")
    in_post: int
    professional: int
    share: int | None
    reaches: bool = Field(description="whether the share that the documents demand (75 per cent) is reached")
    posts: int | None
    gap: int = Field(description="posts that are not filled")
    planned_hires: int
    hired: dict[str, int]
    units: int


class StaffOut(Schema):
    """A person of a supervision force; one with both schooling and practice counts as professional."""

    id: uuid.UUID
    org_id: uuid.UUID = Field(alias="owner_org_id")
    name: str
    post: str
    has_schooling: bool
    has_practice: bool
    schooling: str
    joined_by: str
    joined_date: date
    left_date: date | None


class StaffPlanOut(Schema):
    """How many posts an organisation has in a year, and how many people it means to take on."""

    org_id: uuid.UUID = Field(alias="owner_org_id")
    year: int
    posts: int
    hires: int


class ForceIn(Strict):
    day: date | None = Field(None, description="today, where none is named")


class StaffIn(Paging):
    org_id: uuid.UUID | None = None
    joined_by: str = one_of(JoinedBy.values)
    here: bool = Field(False, description="only who has not left")


class MemberIn(Strict):
    name: str = Field(min_length=1, max_length=60)
    post: str = Field("", max_length=60)
    has_schooling: bool = False
    has_practice: bool = False
    schooling: str = Field("", max_length=120, description="which; must be said where has_schooling is true")
    joined_by: str = one_of(JoinedBy.values, default=None)
    joined_date: date


class LeaveIn(Strict):
    left_date: date


class StaffPlanIn(Strict):
    year: int = Field(ge=2000, le=2100)
    posts: int = Field(ge=0, le=9999)
    hires: int = Field(0, ge=0, le=9999)


@router.get(
    "/force",
    response={200: list[ForceOut], **REFUSALS},
    operation_id="list_force",
    summary="The supervision force of each organisation on a day, the weakest share first",
)
def list_force(request: HttpRequest, given: Query[ForceIn]) -> list[queries.ForceLine]:
    return queries.list_force(actor=actor_of(request), day=given.day or timezone.localdate())


@router.get(
    "/staff",
    response={200: Page[StaffOut], **REFUSALS},
    operation_id="list_staff",
    summary="People of the supervision force that the actor may see, those in post first",
)
def list_staff(request: HttpRequest, given: Query[StaffIn]) -> dict[str, Any]:
    rows = queries.list_staff(actor=actor_of(request))
    if given.here:
        rows = rows.filter(left_date__isnull=True)
    return page_of(narrowed(rows, {"owner_org": given.org_id, "joined_by": given.joined_by}), given)


@router.get(
    "/staff/{uuid:pk}",
    response={200: StaffOut, **REFUSALS},
    operation_id="get_staff_member",
    summary="One person of the supervision force",
)
def get_member(request: HttpRequest, pk: uuid.UUID) -> StaffMember:
    return queries.get_member(actor=actor_of(request), member_id=pk)


@router.post(
    "/staff",
    response={200: StaffOut, **REFUSALS},
    operation_id="enter_staff_member",
    summary="Enter a person of one's own organisation's supervision force",
)
def enter(request: HttpRequest, payload: MemberIn) -> StaffMember:
    return services.enter_member(
        actor=actor_of(request), **payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    )


@router.post(
    "/staff/{uuid:pk}/leave",
    response={200: StaffOut, **REFUSALS},
    operation_id="leave_staff",
    summary="Let a person leave the supervision force from a day on",
)
def leave(request: HttpRequest, pk: uuid.UUID, payload: LeaveIn) -> StaffMember:
    actor, now = actor_of(request), timezone.now()
    member = queries.get_member(actor=actor, member_id=pk)

    def make() -> uuid.UUID:
        return services.leave_staff(actor=actor, member=member, left_date=payload.left_date, now=now).pk

    only_once(request, actor=actor, act="duty.staff.leave", body={"member": pk, **payload.dict()}, make=make)
    return queries.get_member(actor=actor, member_id=pk)


@router.post(
    "/staff-plans",
    response={200: StaffPlanOut, **REFUSALS},
    operation_id="plan_staff",
    summary="Set one's own organisation's posts and planned hires of a year; setting them anew replaces them",
)
def plan(request: HttpRequest, payload: StaffPlanIn) -> StaffPlan:
    return services.plan_staff(actor=actor_of(request), **payload.dict(), now=timezone.now())
