"""Plans that units make themselves."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.loops.own_plan import OWN_PLAN
from quancheng.domains.duty.models import OwnPlan
from quancheng.domains.duty.queries import own_plans as queries
from quancheng.domains.duty.services import own_plans as services
from quancheng.domains.duty.services.own_plans import ItemSpec
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])


class OwnPlansIn(Paging):
    status: str = one_of(OWN_PLAN.codes)


class OwnItem(Strict):
    """One task of a unit's own plan; what is still missing may be left out until the plan is handed in."""

    task: str = Field(min_length=1, max_length=300)
    topic: str = Field("", max_length=200)
    measure: str = Field("", max_length=2000)
    person: str = Field("", max_length=60)
    due_date: date | None = None


class OwnPlanOut(Schema):
    """A unit's own plan; ``gaps`` says in sentences what it lacks."""

    id: uuid.UUID
    title: str = Field(alias="call.title")
    topics: list[str] = Field(alias="call.topics")
    org_id: uuid.UUID
    owner_org_id: uuid.UUID
    due_date: date
    status: str
    is_late: bool
    version: int
    submitted_at: datetime | None
    items: list[OwnItem]
    gaps: list[str]

    @staticmethod
    def resolve_gaps(row: OwnPlan) -> list[str]:
        return queries.gaps_of(row)

    @staticmethod
    def resolve_items(row: OwnPlan) -> list[dict[str, Any]]:
        names = ("task", "topic", "measure", "person", "due_date")
        return [{name: getattr(item, name) for name in names} for item in row.items.all()]


class OwnPlanIn(Strict):
    """All tasks of the plan: they replace those that stand. ``version`` is the one that was read."""

    items: list[OwnItem] = Field(max_length=200)
    version: int


@router.get(
    "/own-plans",
    response={200: Page[OwnPlanOut], **REFUSALS},
    operation_id="list_own_plans",
    summary="Plans that units make themselves, the next due first",
)
def list_own_plans(request: HttpRequest, given: Query[OwnPlansIn]) -> dict[str, Any]:
    rows = queries.list_own_plans(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status}), given)


@router.get(
    "/own-plans/{uuid:pk}",
    response={200: OwnPlanOut, **REFUSALS},
    operation_id="get_own_plan",
    summary="One unit's own plan with what it lacks",
)
def get_own_plan(request: HttpRequest, pk: uuid.UUID) -> OwnPlan:
    return queries.get_own_plan(actor=actor_of(request), plan_id=pk)


@router.post(
    "/own-plans/{uuid:pk}/items",
    response={200: OwnPlanOut, **REFUSALS},
    operation_id="save_own_plan",
    summary="Keep the tasks of one's own plan as written so far",
)
def save_own_plan(request: HttpRequest, pk: uuid.UUID, payload: OwnPlanIn) -> OwnPlan:
    actor = actor_of(request)
    plan = queries.get_own_plan(actor=actor, plan_id=pk)
    items = [ItemSpec(**one.dict()) for one in payload.items]
    services.save_items(actor=actor, plan=plan, items=items, version=payload.version, now=timezone.now())
    return queries.get_own_plan(actor=actor, plan_id=pk)
