"""Safety expenses of a year: what is due, drawn, and used; amounts in yuan."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.models import ExpenseUse, SafetyExpense
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import expenses as queries
from quancheng.domains.registry.services import expenses as services
from quancheng.domains.registry.services.expenses import FIRST_YEAR, LARGEST
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
from quancheng.standards.safety_expense import INDUSTRIES, USES

router = Router(tags=["registry"])


class ExpenseOut(Schema):
    """One year of one enterprise; ``steps`` are the parts of the revenue with rate and amount."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    year: int
    industry: str
    revenue: Decimal
    due: Decimal
    steps: list[Any]
    document: str
    mark: str
    drawn: Decimal
    used: Decimal
    draw_gap: Decimal
    use_gap: Decimal
    version: int
    updated_at: datetime


class UseOut(Schema):
    """A payment; one that was taken back has ``void_at`` and counts no more."""

    id: uuid.UUID
    category: str
    amount: Decimal
    paid_date: date
    note: str
    by_name: str
    void_at: datetime | None


class ExpensesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    year: int | None = Field(None, ge=FIRST_YEAR, le=2100)
    industry: str = one_of(INDUSTRIES)


class AmountsIn(Strict):
    """``revenue`` is that of the year before."""

    industry: str = one_of(INDUSTRIES, default=None)
    revenue: Decimal = Field(ge=0, le=LARGEST, decimal_places=2)
    drawn: Decimal = Field(Decimal(0), ge=0, le=LARGEST, decimal_places=2)


class ExpenseIn(AmountsIn):
    year: int = Field(ge=FIRST_YEAR, le=2100)


class ExpenseChangeIn(AmountsIn):
    version: int = Field(ge=1, description="as it was read; an older one is refused")


class UseIn(Strict):
    category: str = one_of(USES, default=None)
    amount: Decimal = Field(gt=0, le=LARGEST, decimal_places=2)
    paid_date: date
    text: str = Field(min_length=1, max_length=200)


@router.get(
    "/safety-expenses",
    response={200: Page[ExpenseOut], **REFUSALS},
    operation_id="list_safety_expenses",
    summary="Safety expenses with what is not drawn and not used, the newest year first",
)
def list_expenses(request: HttpRequest, given: Query[ExpensesIn]) -> dict[str, Any]:
    asked = {"file": given.enterprise_id, "year": given.year, "industry": given.industry}
    return page_of(narrowed(queries.list_expenses(actor=actor_of(request)), asked), given)


@router.post(
    "/enterprises/{uuid:pk}/safety-expenses",
    response={201: ExpenseOut, **REFUSALS},
    operation_id="enter_safety_expense",
    summary="Enter a year; what is due follows by the rates of the trade",
)
def enter_expense(request: HttpRequest, pk: uuid.UUID, payload: ExpenseIn) -> Status[SafetyExpense]:
    actor = actor_of(request)
    file = files.get_enterprise(actor=actor, file_id=pk)
    made = services.enter_expense(
        actor=actor, file=file, now=timezone.now(), client_id=client_id_of(request), **payload.dict()
    )
    return Status(201, queries.get_expense(actor=actor, expense_id=made.pk))


@router.get(
    "/safety-expenses/{uuid:pk}",
    response={200: ExpenseOut, **REFUSALS},
    operation_id="get_safety_expense",
    summary="One year of one enterprise",
)
def get_expense(request: HttpRequest, pk: uuid.UUID) -> SafetyExpense:
    return queries.get_expense(actor=actor_of(request), expense_id=pk)


@router.patch(
    "/safety-expenses/{uuid:pk}",
    response={200: ExpenseOut, **REFUSALS},
    operation_id="change_safety_expense",
    summary="Correct revenue, trade or what was drawn; what is due is calculated anew",
)
def change_expense(request: HttpRequest, pk: uuid.UUID, payload: ExpenseChangeIn) -> SafetyExpense:
    actor = actor_of(request)
    expense = queries.get_expense(actor=actor, expense_id=pk)
    services.change_expense(actor=actor, expense=expense, now=timezone.now(), **payload.dict())
    return queries.get_expense(actor=actor, expense_id=pk)


@router.get(
    "/safety-expenses/{uuid:pk}/uses",
    response={200: list[UseOut], **REFUSALS},
    operation_id="list_expense_uses",
    summary="What the money was used for, the last first",
)
def list_uses(request: HttpRequest, pk: uuid.UUID) -> list[ExpenseUse]:
    return queries.uses_of(queries.get_expense(actor=actor_of(request), expense_id=pk))


@router.post(
    "/safety-expenses/{uuid:pk}/uses",
    response={201: UseOut, **REFUSALS},
    operation_id="enter_expense_use",
    summary="Enter a payment out of the safety expenses",
)
def use_expense(request: HttpRequest, pk: uuid.UUID, payload: UseIn) -> Status[ExpenseUse]:
    actor = actor_of(request)
    expense = queries.get_expense(actor=actor, expense_id=pk)

    def make() -> uuid.UUID:
        return services.use_expense(actor=actor, expense=expense, now=timezone.now(), **payload.dict()).pk

    body = {"expense": str(pk), **payload.model_dump(mode="json")}
    made = only_once(request, actor=actor, act="registry.expense.use", body=body, make=make)
    return Status(201, _use(expense, made))


@router.post(
    "/safety-expenses/{uuid:pk}/uses/{uuid:use_id}/void",
    response={200: UseOut, **REFUSALS},
    operation_id="void_expense_use",
    summary="Take back a payment that was entered wrongly; it stays and counts no more",
)
def void_use(request: HttpRequest, pk: uuid.UUID, use_id: uuid.UUID) -> ExpenseUse:
    actor = actor_of(request)
    expense = queries.get_expense(actor=actor, expense_id=pk)
    services.void_use(actor=actor, expense=expense, use=_use(expense, use_id), now=timezone.now())
    return _use(expense, use_id)


def _use(expense: SafetyExpense, use_id: uuid.UUID) -> ExpenseUse:
    found = next((one for one in queries.uses_of(expense) if one.pk == use_id), None)
    if found is None:
        raise NotFound
    return found
