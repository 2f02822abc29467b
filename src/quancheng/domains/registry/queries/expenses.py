"""Reads of safety expenses."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Greatest

from quancheng.domains.registry.models import Enterprise, ExpenseUse, SafetyExpense
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.safety_expense import USES, industry_of, use_rate
from quancheng.standards.wording import Text as TwoTongued

_MONEY = DecimalField(max_digits=18, decimal_places=2)


def list_expenses(*, actor: Actor) -> QuerySet[SafetyExpense]:
    """Safety expenses that the actor may see, with what is not drawn and not used of what is due; newest year first."""
    nothing = Value(Decimal(0), output_field=_MONEY)
    return (
        SafetyExpense.objects.visible_to(actor)
        .select_related("enterprise", "area", "file")
        .annotate(
            draw_gap=Greatest(ExpressionWrapper(F("due") - F("drawn"), output_field=_MONEY), nothing),
            use_gap=Greatest(ExpressionWrapper(F("due") - F("used"), output_field=_MONEY), nothing),
        )
        .order_by("-year", "enterprise__pinyin", "pk")
    )


def get_expense(*, actor: Actor, expense_id: uuid.UUID) -> SafetyExpense:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_expenses(actor=actor).select_related("file__enterprise").filter(pk=expense_id).first()
    if found is None:
        raise NotFound
    return found


def expenses_of(file: Enterprise) -> list[SafetyExpense]:
    """Its years, the newest first."""
    return list(file.safety_expenses.order_by("-year"))


def uses_of(expense: SafetyExpense) -> list[ExpenseUse]:
    """What the money was used for, the last first; entries that were taken back stand among them."""
    return list(expense.uses.order_by("-paid_date", "-pk"))


@dataclass(frozen=True, slots=True)
class Category:
    """What was used under one heading, in yuan."""

    code: str
    name: TwoTongued
    amount: Decimal


def by_category(uses: list[ExpenseUse]) -> list[Category]:
    """Sums by category, in the order of the rule; those without any are left out."""
    sums: dict[str, Decimal] = {}
    for one in uses:
        if one.void_at is None:
            sums[one.category] = sums.get(one.category, Decimal(0)) + one.amount
    return [Category(code, name, sums[code]) for code, name in USES.items() if code in sums]


def rate_of(expense: SafetyExpense) -> Decimal | None:
    """Used over due, 1 is all of it; None where nothing was due."""
    return use_rate(expense.used, expense.due)


def trade_of(file: Enterprise) -> tuple[str, TwoTongued | None] | None:
    """The trade by whose rates it sets aside and what is doubtful about that; None where the table has none."""
    for kind in (file.kind, *file.more_kinds):
        if (found := industry_of(kind)) is not None:
            return found
    return None
