"""Safety expenses: a year's revenue gives what is due; what was drawn; what it was used for (S2-G3b)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise, ExpenseUse, SafetyExpense
from quancheng.domains.registry.services.enterprises import note, require_keeper
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.safety_expense import INDUSTRIES, USES, due_amount

#: No year before the first rate table, none further ahead than the next.
FIRST_YEAR = 2012
#: Nobody in a district turns over a trillion yuan.
LARGEST = Decimal(10) ** 12


def enter_expense(
    *, actor: Actor, file: Enterprise, year: int, industry: str, revenue: Decimal, drawn: Decimal, now: datetime,
    client_id: uuid.UUID | None = None,
) -> SafetyExpense:  # fmt: skip
    """Enter last year's revenue; what is due follows by the rate table of the trade, in force on 1 January.

    :raises Invalid: by field. :raises Conflict: the year was entered.
    """
    require_keeper(actor, file)
    known = _checked(year, industry, revenue, drawn, now)

    def make() -> uuid.UUID:
        if SafetyExpense.objects.filter(file=file, year=year).exists():
            sentence = _("该年度已填报，请在原记录上修改。")
            raise Conflict(sentence, fields={"year": sentence})
        row = SafetyExpense.objects.create(
            **file.row_scope(),
            file=file, year=year, created_at=now, updated_at=now, **known,
        )  # fmt: skip
        facts = {"expense": row.pk, "year": year, "revenue": revenue, "due": row.due, "drawn": drawn}
        note(actor, "registry.expense.enter", file, now, facts)
        return row.pk

    body = {"file": file.pk, "year": year, "revenue": str(revenue), "drawn": str(drawn), "industry": industry}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="registry.expense.enter", body=body, now=now, make=make
        )
    return SafetyExpense.objects.get(pk=pk)


def change_expense(
    *, actor: Actor, expense: SafetyExpense, version: int, industry: str, revenue: Decimal, drawn: Decimal,
    now: datetime,
) -> SafetyExpense:  # fmt: skip
    """Correct revenue, trade or what was drawn; what is due is calculated anew.

    :raises StaleState: somebody changed it since it was read. :raises Invalid: by field.
    """
    require_keeper(actor, expense.file)
    known = _checked(expense.year, industry, revenue, drawn, now)
    names = ("industry", "revenue", "due", "drawn")
    changed = [name for name in names if getattr(expense, name) != known[name]]
    with transaction.atomic():
        won = SafetyExpense.objects.filter(pk=expense.pk, version=version).update(
            **known, version=F("version") + 1, updated_at=now
        )
        if not won:
            raise StaleState
        facts = {"before": {name: getattr(expense, name) for name in changed},
                 "after": {name: known[name] for name in changed}}  # fmt: skip
        note(actor, "registry.expense.change", expense.file, now, {"expense": expense.pk, **facts})
    return SafetyExpense.objects.get(pk=expense.pk)


def use_expense(
    *, actor: Actor, expense: SafetyExpense, category: str, amount: Decimal, paid_date: date, text: str, now: datetime
) -> ExpenseUse:
    """Enter a payment out of the safety expenses.

    :raises Invalid: no such category, no amount above 0, nothing written, a day outside the year or in the future.
    """
    require_keeper(actor, expense.file)
    wrong: dict[str, Text] = {}
    if category not in USES:
        wrong["category"] = _("请选择使用类别。")
    if not 0 < amount <= LARGEST:
        wrong["amount"] = _("请填写大于 0 的金额（元）。")
    if not clean(text):
        wrong["text"] = _("请写明用途。")
    if paid_date.year != expense.year:
        wrong["paid_date"] = _("支出日期不在 %(year)s 年度内。") % {"year": expense.year}
    elif paid_date > Calendar().local_date(now):
        wrong["paid_date"] = _("支出日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = ExpenseUse.objects.create(
            expense=expense, category=category, amount=amount, paid_date=paid_date, note=clean(text)[:200],
            by_name=actor.name[:60], created_at=now,
        )  # fmt: skip
        _sum(expense, now)
        facts = {"expense": expense.pk, "use": made.pk, "category": category, "amount": amount, "remark": made.note}
        note(actor, "registry.expense.use", expense.file, now, facts)
    return made


def void_use(*, actor: Actor, expense: SafetyExpense, use: ExpenseUse, now: datetime) -> None:
    """Take back a payment that was entered wrongly; it stays and counts no more. :raises StaleState: it was already."""
    require_keeper(actor, expense.file)
    with transaction.atomic():
        if not ExpenseUse.objects.filter(pk=use.pk, expense=expense, void_at__isnull=True).update(void_at=now):
            raise StaleState(_("该使用记录已作废。"))
        _sum(expense, now)
        facts = {"expense": expense.pk, "use": use.pk, "amount": use.amount, "remark": use.note}
        note(actor, "registry.expense.void", expense.file, now, facts)


def _sum(expense: SafetyExpense, now: datetime) -> None:
    """The sum follows its rows; the year's own row is held meanwhile, so that two at once count both."""
    SafetyExpense.objects.select_for_update(of=("self",), no_key=True).get(pk=expense.pk)
    used = ExpenseUse.objects.filter(expense=expense, void_at__isnull=True).aggregate(sum=Sum("amount"))["sum"]
    SafetyExpense.objects.filter(pk=expense.pk).update(used=used or Decimal(0), updated_at=now)


def _checked(year: int, industry: str, revenue: Decimal, drawn: Decimal, now: datetime) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    if not FIRST_YEAR <= year <= Calendar().local_date(now).year + 1:
        wrong["year"] = _("年度应在 %(first)s 年至 %(last)s 年之间。") % {
            "first": FIRST_YEAR, "last": Calendar().local_date(now).year + 1
        }  # fmt: skip
    if industry not in INDUSTRIES:
        wrong["industry"] = _("请选择适用行业。")
    for name, value in (("revenue", revenue), ("drawn", drawn)):
        if not 0 <= value <= LARGEST:
            wrong[name] = _("请填写 0 以上的金额（元）。")
    if wrong:
        raise Invalid(fields=wrong)
    try:
        result = due_amount(industry, revenue, on=date(year, 1, 1))
    except ValueError:
        sentence = _("该年度没有这个行业的提取标准。")
        raise Invalid(fields={"year": sentence}) from None
    steps = [
        {"base": f"{one.base:f}", "rate": f"{one.rate:f}", "amount": f"{one.amount:f}"} for one in result.steps
    ]  # fmt: skip
    return {
        "industry": industry, "revenue": revenue, "due": result.amount, "drawn": drawn, "steps": steps,
        "document": result.document, "mark": result.mark,
    }  # fmt: skip
