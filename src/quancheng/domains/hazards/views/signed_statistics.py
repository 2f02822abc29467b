"""Pages of signed statistics: what is owed and late, one report with the rows of each number, signing, the sheet."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.forms import signed_statistics as forms
from quancheng.domains.hazards.loops.signed_statistics import SIGNED_STATISTICS
from quancheng.domains.hazards.models import StatisticsKind, StatisticsReport
from quancheng.domains.hazards.queries import signed_statistics as queries
from quancheng.domains.hazards.services import signed_statistics as services
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted, StaleState
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import export, loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of

#: Rows behind a number on its page.
_MOST = 500


def _today() -> date:
    return Calendar().local_date(timezone.now())


def _late(row: StatisticsReport) -> str:
    if row.is_late:
        return _("逾期报送")
    return _("逾期未报") if row.status == "DUE" and row.due_date < _today() else ""


def _late_mark(row: StatisticsReport) -> Any:
    word = _late(row)
    return marks.badge(word, "active") if word else ""


def _figure(code: str) -> Any:
    return lambda row: row.figures.get(code, "")


class ReportList(ListPage):
    """Signed statistics (隐患排查治理统计报表), owed and handed over."""

    code = "hazards.statistics_reports"
    title = gettext_lazy("隐患统计报表")
    columns = (
        Column("title", gettext_lazy("报表"), link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("late", gettext_lazy("是否按期"), value=_late, render=_late_mark, card="meta"),
        Column("due_date", gettext_lazy("报送时限"), sort="due_date"),
        Column("signed_name", gettext_lazy("签字人")),
        Column("signed_at", gettext_lazy("签字时间"), sort="signed_at"),
        Column("found", gettext_lazy("发现隐患数"), value=_figure("found"), numeric=True),
        Column("found_major", gettext_lazy("其中重大隐患"), value=_figure("found_major"), numeric=True),
        Column("closed", gettext_lazy("已整改销号数"), value=_figure("closed"), numeric=True),
        Column("open", gettext_lazy("期末未销号数"), value=_figure("open"), numeric=True),
        Column("cost", gettext_lazy("治理资金（元）"), value=_figure(queries.COST), numeric=True, shown=False),
        Column("corrected", gettext_lazy("有更正"), value=lambda row: _("是") if row.is_corrected else ""),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("file__enterprise__name",), pinned=True),
        Choice(name="kind", label=gettext_lazy("报表类别"), choices=StatisticsKind.choices, field="kind", pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=SIGNED_STATISTICS.choices, field="status",
               multiple=True, pinned=True),
        Flag(name="late", label=gettext_lazy("只看逾期的"), condition=lambda actor: queries.late(_today())),
        Flag(name="corrected", label=gettext_lazy("只看有更正的"), condition=lambda actor: Q(is_corrected=True)),
        Dates(name="last", label=gettext_lazy("统计期止"), field="last_date"),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有统计报表")

    def queryset(self, actor: Actor) -> QuerySet[StatisticsReport]:
        return queries.list_reports(actor=actor)

    def url_of(self, row: StatisticsReport) -> str:
        return reverse("hazards:statistics_report", args=[row.pk])


class ReportPage(ObjectPage[StatisticsReport]):
    """One report: counted, signed, the difference and why, each number opening its rows."""

    template = "hazards/object.html"
    back = (gettext_lazy("隐患统计报表"), lambda: reverse("hazards:statistics_reports"))

    def get_row(self, actor: Actor, **kwargs: Any) -> StatisticsReport:
        return queries.get_report(actor=actor, report_id=kwargs["pk"])

    def head(self, row: StatisticsReport, actor: Actor) -> ObjectHead:
        shown = [_late_mark(row)] if _late(row) else []
        if row.is_corrected:
            shown.append(marks.badge(_("有更正"), "plain"))
        return ObjectHead(title=row.title, subtitle=row.file.enterprise.name if row.file.enterprise else "",
                          marks=shown)  # fmt: skip

    def facts(self, row: StatisticsReport, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("统计期"), value=f"{row.first_date} – {row.last_date}"),
            Fact(label=_("报送时限"), value=row.due_date),
            Fact(label=_("接收部门"), value=row.supervisor.label),
            Fact(label=_("签字人"), value=row.signed_name, filled_by=_("企业主要负责人")),
            Fact(label=_("签字时间"), value=row.signed_at),
            Fact(label=_("退回原因"), value=row.returned_reason, wide=True),
            Fact(label=_("说明"), value=row.note, wide=True),
        ]

    def tabs(self, row: StatisticsReport, actor: Actor) -> Sequence[Tab]:
        return [
            Tab(name="figures", label=_("统计数据"), template="hazards/_statistics_figures.html",
                context=lambda: {"lines": queries.lines_of(row), "report": row}),
        ]  # fmt: skip

    def actions(self, row: StatisticsReport, actor: Actor) -> Sequence[Action]:
        found = []
        for one in loopview.actions_of(row, actor):
            if one.name == "sign":
                url = reverse("hazards:statistics_report_sign", args=[row.pk])
                one = Action(name=one.name, label=one.label, primary=one.primary, url=url)
            found.append(one)
        if row.figures:
            url = reverse("hazards:statistics_report_sheet", args=[row.pk])
            found.append(Action(name="sheet", label=_("导出报表"), url=url))
        return found

    def perform(
        self, *, actor: Actor, row: StatisticsReport, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "accept":
            services.accept_report(actor=actor, row=row, now=now, client_id=client_id)
        elif name == "return":
            services.return_report(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)
        else:
            raise StaleState


class SignReport(CreatePage):
    """The main person looks at each number, corrects it with a reason, and signs."""

    title = gettext_lazy("核对并签字报送")
    lead = gettext_lazy("数据由系统统计，点数字可看明细；与实际不符的可以更正并写明理由，差异会显示给监管部门。")
    duty = services.SIGN
    form = forms.SignForm
    button = gettext_lazy("签字并报送")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.report = queries.get_report(actor=actor, report_id=kwargs["pk"])
        if self.report.file_id != actor.organisation_id:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("hazards:statistics_report", args=[self.report.pk])

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        """After a return what was signed before stands there, so that only what was wrong is typed anew."""
        figures = {f"figure_{code}": value for code, value in self.report.figures.items()}
        return {**figures, **{f"reason_{code}": text for code, text in self.report.reasons.items()}}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.bound = forms.SignForm(*args, row=self.report, **kwargs)
        return self.bound

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.sign_report(
            actor=actor, row=self.report, figures=self.bound.figures(), reasons=self.bound.reasons(),
            signed=given["signed"], note=given["note"], now=now, client_id=client_id,
        )  # fmt: skip
        return self.back_url()

    def _show(self, request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
        context = {
            "page": self, "form": form, "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
            "back_url": self.back_url(),
        }  # fmt: skip
        return render(request, "hazards/statistics_sign.html", context, status=status)


class FigureRows(View):
    """The hidden dangers behind one number of a report."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID, code: str) -> HttpResponse:
        report = queries.get_report(actor=actor_of(request), report_id=pk)
        rows = queries.rows_of(report, code)
        context = {"report": report, "label": queries.label_of(code), "findings": rows[:_MOST], "count": rows.count()}
        return render(request, "hazards/statistics_rows.html", context)


_COLUMNS = (
    Column("label", gettext_lazy("统计指标")), Column("proposed", gettext_lazy("系统统计")),
    Column("signed", gettext_lazy("签字报送")), Column("difference", gettext_lazy("差异")),
    Column("reason", gettext_lazy("更正理由")),
)  # fmt: skip


class ReportSheet(View):
    """A signed report as a spreadsheet."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        report = queries.get_report(actor=actor, report_id=pk)
        if not report.figures:
            raise StaleState(_("尚未签字报送，没有可导出的报表。"))
        name = report.file.enterprise.name if report.file.enterprise else ""
        told = _("%(name)s，%(first)s至%(last)s，签字人%(signer)s") % {
            "name": name, "first": report.first_date, "last": report.last_date, "signer": report.signed_name,
        }  # fmt: skip
        return export.spreadsheet(
            actor=actor, code="hazards.statistics_report", title=report.title, columns=_COLUMNS,
            rows=queries.lines_of(report), filters_text=told, demo=is_demo(), now=timezone.now(),
        )  # fmt: skip
