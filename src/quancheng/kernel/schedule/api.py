"""Recurring duties for machines."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.schedule import queries, services
from quancheng.kernel.schedule.models import RecurringRule

router = Router(tags=["schedule"])


class RuleOut(Schema):
    """One recurring duty; days are local."""

    id: uuid.UUID
    code: str
    name: str
    generator: str
    recurrence: str
    figures: dict[str, Any]
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    group_id: uuid.UUID | None
    first_day: date
    last_day: date | None
    grace_days: int
    adjust: str
    is_active: bool


class OccurrenceOut(Schema):
    """One period of a rule for one organisation, and the row made for it."""

    period: str
    organisation_id: uuid.UUID = Field(alias="org_id")
    due_date: date
    is_caught_up: bool
    subject_type: str
    subject_id: uuid.UUID | None
    created_at: datetime


class ActiveIn(Strict):
    active: bool


@router.get(
    "/rules", response={200: Page[RuleOut], **REFUSALS}, operation_id="list_recurring_rules", summary="Recurring duties"
)
def rules(request: HttpRequest, given: Query[Paging]) -> dict[str, object]:
    return page_of(queries.list_rules(actor=actor_of(request)), given)


@router.get(
    "/rules/{uuid:pk}",
    response={200: RuleOut, **REFUSALS},
    operation_id="get_recurring_rule",
    summary="One recurring duty",
)
def rule(request: HttpRequest, pk: uuid.UUID) -> RecurringRule:
    return queries.get_rule(actor=actor_of(request), rule_id=pk)


@router.get(
    "/rules/{uuid:pk}/occurrences",
    response={200: Page[OccurrenceOut], **REFUSALS},
    operation_id="list_occurrences",
    summary="What was made from it, the latest due first",
)
def occurrences(request: HttpRequest, pk: uuid.UUID, given: Query[Paging]) -> dict[str, object]:
    row = queries.get_rule(actor=actor_of(request), rule_id=pk)
    return page_of(queries.occurrences_of(rule=row), given)


@router.post(
    "/rules/{uuid:pk}/active",
    response={200: RuleOut, **REFUSALS},
    operation_id="set_recurring_rule_active",
    summary="Pause it or let it go on",
)
def set_active(request: HttpRequest, pk: uuid.UUID, payload: ActiveIn) -> RecurringRule:
    actor = actor_of(request)
    row = queries.get_rule(actor=actor, rule_id=pk)
    return services.set_rule_active(actor=actor, rule=row, active=payload.active, now=timezone.now())
