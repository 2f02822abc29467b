"""Safety expenses of a year (安全生产费用): due by the rate table, drawn, and what they were used for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class SafetyExpense(Scoped):
    """One enterprise's safety expenses of one year, in yuan. Retention class: as the file.

    What is due follows from last year's revenue by ``standards.safety_expense`` and is kept with its steps, so that a
    later rate table does not change a past year.
    """

    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="safety_expenses")
    year = models.PositiveSmallIntegerField(_("年度"))
    #: A code of ``standards.safety_expense.INDUSTRIES``.
    industry = models.CharField(_("适用行业"), max_length=20)
    revenue = models.DecimalField(_("上年度营业收入（元）"), max_digits=18, decimal_places=2)
    due = models.DecimalField(_("应提取（元）"), max_digits=18, decimal_places=2)
    #: Parts of the revenue with rate and amount, as text.
    steps = models.JSONField()
    document = models.CharField(_("依据"), max_length=60)
    mark = models.CharField(max_length=2)
    drawn = models.DecimalField(_("已提取（元）"), max_digits=18, decimal_places=2, default=0)
    #: The sum of its uses, kept beside it so that the district's list sorts by it.
    used = models.DecimalField(_("已使用（元）"), max_digits=18, decimal_places=2, default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["SafetyExpense"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "year"], name="safety_expense_once"),
            models.CheckConstraint(
                condition=Q(revenue__gte=0, due__gte=0, drawn__gte=0, used__gte=0), name="safety_expense_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["-year", "id"], name="safety_expense_by_year")]

    def __str__(self) -> str:
        return str(self.year)


class ExpenseUse(models.Model):
    """One payment out of the safety expenses (使用记录), in yuan. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    expense = models.ForeignKey(SafetyExpense, models.CASCADE, related_name="uses")
    #: A code of ``standards.safety_expense.USES``.
    category = models.CharField(_("使用类别"), max_length=20)
    amount = models.DecimalField(_("金额（元）"), max_digits=18, decimal_places=2)
    paid_date = models.DateField(_("支出日期"))
    note = models.CharField(_("用途说明"), max_length=200)
    #: Taken back because it was entered wrongly; it stays and counts no more.
    void_at = models.DateTimeField(null=True, blank=True)
    by_name = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="expense_use_amount")]

    def __str__(self) -> str:
        return f"{self.category} {self.amount}"
