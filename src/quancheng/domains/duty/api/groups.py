"""Leading groups and work groups, and who is in them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.api.units import named_or_none, organisation_of
from quancheng.domains.duty.models import WorkGroup
from quancheng.domains.duty.models.visits import GroupKind, GroupRole
from quancheng.domains.duty.queries import visits as queries
from quancheng.domains.duty.queries.campaigns import get_campaign
from quancheng.domains.duty.queries.plans import get_plan
from quancheng.domains.duty.services import visits as services
from quancheng.domains.duty.services.visits import GROUPS, GroupSpec
from quancheng.kernel.errors import NotFound
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


class GroupMemberOut(Schema):
    """A person, or with an empty ``name`` a unit as such; ``role`` is 1head, 2deputy or 3member."""

    id: uuid.UUID
    role: str
    org_id: uuid.UUID
    name: str
    post: str


class GroupOut(Schema):
    """A group with who is in it now."""

    id: uuid.UUID
    kind: str
    title: str
    owner_org_id: uuid.UUID
    office_id: uuid.UUID
    section: str
    duties: str
    plan_id: uuid.UUID | None
    campaign_id: uuid.UUID | None
    founded_date: date
    ended_date: date | None
    members: list[GroupMemberOut] = Field(alias="now")


class GroupsIn(Paging):
    kind: str = one_of(GroupKind.values)
    campaign_id: uuid.UUID | None = None
    standing: bool = Field(False, description="only those not ended")


class GroupIn(Strict):
    kind: str = one_of(GroupKind.values, default=None)
    title: str = Field(min_length=1, max_length=200)
    office_id: uuid.UUID = Field(description="where its office is")
    founded_date: date
    section: str = Field("", max_length=60)
    duties: str = Field("", max_length=5000)
    plan_id: uuid.UUID | None = None
    campaign_id: uuid.UUID | None = None


class GroupMemberIn(Strict):
    role: str = one_of(GroupRole.values, default=None)
    org_id: uuid.UUID
    name: str = Field("", max_length=60, description="must be said of a head or deputy")
    post: str = Field("", max_length=60)


@router.get(
    "/groups",
    response={200: Page[GroupOut], **REFUSALS},
    operation_id="list_groups",
    summary="Leading and work groups that the actor may see, standing ones first",
)
def list_groups(request: HttpRequest, given: Query[GroupsIn]) -> dict[str, Any]:
    rows = queries.list_groups(actor=actor_of(request))
    if given.standing:
        rows = rows.filter(ended_date__isnull=True)
    return page_of(narrowed(rows, {"kind": given.kind, "campaign": given.campaign_id}), given)


@router.get(
    "/groups/{uuid:pk}",
    response={200: GroupOut, **REFUSALS},
    operation_id="get_group",
    summary="One group with who is in it",
)
def get_group(request: HttpRequest, pk: uuid.UUID) -> WorkGroup:
    return queries.get_group(actor=actor_of(request), group_id=pk)


@router.post(
    "/groups",
    response={200: GroupOut, **REFUSALS},
    operation_id="found_group",
    summary="Found a group of one's own organisation",
)
def found(request: HttpRequest, payload: GroupIn) -> WorkGroup:
    actor = actor_of(request)
    actor.require(GROUPS)
    spec = GroupSpec(
        office=organisation_of(actor=actor, wanted=payload.office_id, field="office_id"),
        plan=named_or_none("plan_id", payload.plan_id, lambda pk: get_plan(actor=actor, plan_id=pk)),
        campaign=named_or_none(
            "campaign_id", payload.campaign_id, lambda pk: get_campaign(actor=actor, campaign_id=pk)
        ),
        **payload.dict(exclude={"office_id", "plan_id", "campaign_id"}),
    )
    made = services.found_group(actor=actor, spec=spec, now=timezone.now(), client_id=client_id_of(request))
    return get_group(request, made.pk)


@router.post(
    "/groups/{uuid:pk}/members",
    response={200: GroupOut, **REFUSALS},
    operation_id="name_group_member",
    summary="Put a person, or a unit as such, into a group",
)
def name_member(request: HttpRequest, pk: uuid.UUID, payload: GroupMemberIn) -> WorkGroup:
    actor, now = actor_of(request), timezone.now()
    group = queries.get_group(actor=actor, group_id=pk)
    actor.require(GROUPS)
    org = organisation_of(actor=actor, wanted=payload.org_id, field="org_id")

    def make() -> uuid.UUID:
        return services.name_member(
            actor=actor, group=group, role=payload.role, org=org, name=payload.name, post=payload.post, now=now
        ).pk

    only_once(request, actor=actor, act="duty.group.name", body={"group": pk, **payload.dict()}, make=make)
    return get_group(request, pk)


@router.post(
    "/groups/{uuid:pk}/members/{uuid:member_id}/leave",
    response={200: GroupOut, **REFUSALS},
    operation_id="leave_group",
    summary="Let a member leave a group",
)
def leave(request: HttpRequest, pk: uuid.UUID, member_id: uuid.UUID) -> WorkGroup:
    actor, now = actor_of(request), timezone.now()
    group = queries.get_group(actor=actor, group_id=pk)

    def make() -> uuid.UUID:
        member = next((one for one in group.now if one.pk == member_id), None)  # type: ignore[attr-defined]
        if member is None:
            raise NotFound
        services.leave_group(actor=actor, group=group, member=member, now=now)
        return pk

    only_once(request, actor=actor, act="duty.group.leave", body={"group": pk, "member": member_id}, make=make)
    return get_group(request, pk)
