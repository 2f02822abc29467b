"""Pages of safety expenses: the district's list, a new year, one year with its calculation and uses."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.db.models import F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import licences as forms
from quancheng.domains.registry.models import SafetyExpense
from quancheng.domains.registry.queries import expenses as queries
from quancheng.domains.registry.services import expenses as services
from quancheng.domains.registry.services.enterprises import may_keep
from quancheng.domains.registry.views import words
from quancheng.domains.registry.views.keeping import FilePage
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.standards.safety_expense import INDUSTRIES


def _industry(code: str) -> str:
    return told(INDUSTRIES[code])


def _years(actor: Actor) -> list[tuple[str, Text]]:
    this = timezone.localdate().year
    return [(str(year), str(year)) for year in range(this + 1, this - 5, -1)]


class ExpenseList(ListPage):
    """Safety expenses of the district's enterprises (安全生产费用)."""

    code = "registry.expenses"
    title = gettext_lazy("安全生产费用")
    columns = (
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, link=True, card="title",
               sort="enterprise__pinyin", width="wide"),
        Column("year", gettext_lazy("年度"), value=lambda row: str(row.year), sort="year", card="meta"),
        Column("revenue", gettext_lazy("上年度营业收入（元）"), sort="revenue", numeric=True,
               render=lambda row: words.money(row.revenue)),
        Column("due", gettext_lazy("应提取（元）"), sort="due", numeric=True, total=Sum("due"),
               render=lambda row: words.money(row.due)),
        Column("drawn", gettext_lazy("已提取（元）"), sort="drawn", numeric=True, total=Sum("drawn"),
               render=lambda row: words.money(row.drawn)),
        Column("used", gettext_lazy("已使用（元）"), sort="used", numeric=True, total=Sum("used"),
               render=lambda row: words.money(row.used)),
        Column("draw_gap", gettext_lazy("少提（元）"), sort="draw_gap", numeric=True,
               render=lambda row: words.money(row.draw_gap)),
        Column("use_gap", gettext_lazy("未使用（元）"), sort="use_gap", numeric=True, card="meta",
               render=lambda row: words.money(row.use_gap)),
        Column("rate", gettext_lazy("使用率"), value=lambda row: _percent(queries.rate_of(row)), numeric=True),
        Column("industry", gettext_lazy("适用行业"), value=lambda row: _industry(row.industry), sort="industry",
               shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), pinned=True, fields=("enterprise__name",),
               pinyin=("enterprise__pinyin", "enterprise__initials")),
        Choice(name="year", label=gettext_lazy("年度"), choices=_years, field="year", pinned=True),
        Flag(name="gap", label=gettext_lazy("只看少提的"), pinned=True, condition=lambda actor: Q(drawn__lt=F("due"))),
    )  # fmt: skip
    empty_title = gettext_lazy("没有安全费用记录")
    empty_hint = gettext_lazy("在企业档案上填报上年度营业收入，应提取额按标准计算。")

    def queryset(self, actor: Actor) -> QuerySet[SafetyExpense]:
        return queries.list_expenses(actor=actor)

    def url_of(self, row: SafetyExpense) -> str:
        return reverse("registry:expense", args=[row.pk])


def _percent(rate: Decimal | None) -> str:
    return "" if rate is None else f"{rate * 100:.2f}%"


class NewExpense(FilePage):
    title = gettext_lazy("填报安全费用")
    lead = gettext_lazy("应提取额按上年度营业收入和适用行业的提取标准分段计算，保存后可看到每一段。")
    form = forms.ExpenseForm
    button = gettext_lazy("保存")
    tab = "expenses"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        trade = queries.trade_of(self.file)
        return {"year": Calendar().local_date(now).year, "industry": trade[0] if trade else "", "drawn": 0}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.enter_expense(actor=actor, file=self.file, now=now, client_id=client_id, **given)
        return reverse("registry:expense", args=[row.pk])


class ExpensePage(ObjectPage[SafetyExpense]):
    """One year of one enterprise: the calculation, what was drawn, what it was used for, the gap."""

    template = "registry/object.html"
    back = (gettext_lazy("安全生产费用"), lambda: reverse("registry:expenses"))

    def get_row(self, actor: Actor, **kwargs: Any) -> SafetyExpense:
        return queries.get_expense(actor=actor, expense_id=kwargs["pk"])

    def head(self, row: SafetyExpense, actor: Actor) -> ObjectHead:
        title = _("%(year)s年度安全生产费用") % {"year": row.year}
        return ObjectHead(title=title, subtitle=row.enterprise.name if row.enterprise else "")

    def facts(self, row: SafetyExpense, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        trade = queries.trade_of(row.file)
        doubt = words.in_language(trade[1]._asdict()) if trade and trade[1] is not None else ""
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("适用行业"), value=_industry(row.industry), help=doubt),
            Fact(label=_("上年度营业收入（元）"), value=words.money(row.revenue), filled_by=own),
            Fact(label=_("应提取（元）"), value=words.money(row.due)),
            Fact(label=_("每月应提取（元）"), value=words.money((row.due / 12).quantize(Decimal("0.01")))),
            Fact(label=_("已提取（元）"), value=words.money(row.drawn), filled_by=own),
            Fact(label=_("少提（元）"), value=words.money(row.draw_gap)),  # type: ignore[attr-defined]
            Fact(label=_("已使用（元）"), value=words.money(row.used)),
            Fact(label=_("未使用（元）"), value=words.money(row.use_gap)),  # type: ignore[attr-defined]
            Fact(label=_("使用率"), value=_percent(queries.rate_of(row))),
            Fact(label=_("依据"), value=row.document),
            Fact(label=_("可信程度"), value=words.mark(row.mark)),
        ]

    def tabs(self, row: SafetyExpense, actor: Actor) -> Sequence[Tab]:
        uses = queries.uses_of(row)
        return [
            Tab(name="steps", label=_("计算过程"), template="registry/_expense_steps.html",
                context=lambda: {"steps": _steps(row), "due": row.due}),
            Tab(name="uses", label=_("使用记录"), count=len(uses), template="registry/_expense_uses.html",
                context=lambda: {"uses": uses, "sums": queries.by_category(uses), "names": _use_names(),
                                 "total": row.used}),
        ]  # fmt: skip

    def actions(self, row: SafetyExpense, actor: Actor) -> Sequence[Action]:
        if not may_keep(actor, row.file):
            return []
        return [
            Action(name="use", label=_("登记支出"), asks=True, primary=True),
            Action(name="change", label=_("更正收入、提取额"), asks=True),
            Action(name="void", label=_("作废一笔支出"), asks=True),
        ]

    def form_for(
        self, action: Action, row: SafetyExpense, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "use":
            return forms.UseForm(data)
        if action.name == "void":
            return forms.VoidForm(data, uses=queries.uses_of(row))
        known = {name: getattr(row, name) for name in ("industry", "revenue", "drawn")}
        return words.versioned(forms.ExpenseChangeForm, data, known, row.version)

    def perform(
        self, *, actor: Actor, row: SafetyExpense, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "use":
            services.use_expense(actor=actor, expense=row, now=now, **given)
        elif name == "change":
            services.change_expense(actor=actor, expense=row, now=now, **given)
        elif name == "void":
            use = next(one for one in queries.uses_of(row) if str(one.pk) == given["use"])
            services.void_use(actor=actor, expense=row, use=use, now=now)
        else:
            raise NotFound


def _steps(row: SafetyExpense) -> list[tuple[str, str, str]]:
    """Part of the revenue, rate in percent, amount."""
    return [
        (words.money(Decimal(one["base"])), f"{(Decimal(one['rate']) * 100).normalize():f}%",
         words.money(Decimal(one["amount"])))
        for one in row.steps
    ]  # fmt: skip


def _use_names() -> dict[str, str]:
    return dict(forms.named(forms.USES))
