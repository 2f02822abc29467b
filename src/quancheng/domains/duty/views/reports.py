"""Pages of reports: the ledger, one report, writing it; what plans demand as reports; who writes them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.duty.forms.reports import DutyForm, ReporterForm, ReportForm, SummaryForm
from quancheng.domains.duty.loops.report import REPORT
from quancheng.domains.duty.models import Report, ReportDuty, Reporter
from quancheng.domains.duty.models.reports import ReportKind
from quancheng.domains.duty.queries import plans as plan_queries
from quancheng.domains.duty.queries import reports as queries
from quancheng.domains.duty.services import reports as services
from quancheng.domains.duty.views.downloads import document_response
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, NotFound, NotPermitted, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Filter, Flag, Organisations, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, Tab
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import client_id_of, redirect_to
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.queries import get_person

FIGURE_LABELS: dict[str, Text] = {
    "total": gettext_lazy("承办任务"),
    "done": gettext_lazy("已办结"),
    "on_time": gettext_lazy("其中按期"),
    "red": gettext_lazy("超期"),
    "yellow": gettext_lazy("临期或滞后"),
    "closed_in_period": gettext_lazy("本期办结"),
    "reported_in_period": gettext_lazy("本期报告进展"),
}
SECTION_LABELS: dict[str, Text] = {
    "progress": gettext_lazy("一、工作进展"),
    "results": gettext_lazy("二、主要成效"),
    "problems": gettext_lazy("三、存在问题"),
    "next_steps": gettext_lazy("四、下步打算"),
    "good_practice": gettext_lazy("经验做法"),
}


def state_mark(row: Report, today: date) -> Any:
    """Late or not as a light, where it matters; else the state as a badge."""
    if row.status in queries.OPEN and row.due_date < today and row.submitted_at is None:
        return marks.light("red", _("逾期未报"))
    if row.is_late:
        return marks.light("yellow", _("迟报"))
    return marks.badge(row.status_label, "done" if row.is_closed else "active")


def _open_late(actor: Actor) -> Q:
    return queries.late_q(now=timezone.now())


class ReportList(ListPage):
    """Reports of all units (进展报告)."""

    code = "duty.reports"
    title = gettext_lazy("进展报告")
    columns = (
        Column("label", gettext_lazy("期次"), sort="period", card="meta"),
        Column("title", gettext_lazy("报告"), value=lambda row: row.duty.title, link=True, sort="duty__title",
               card="title", width="wide"),
        Column("org", gettext_lazy("报告单位"), value=lambda row: row.org.label, sort="org__pinyin", card="meta"),
        Column("due_date", gettext_lazy("报送时限"), sort="due_date", card="meta"),
        Column("submitted_at", gettext_lazy("提交时间"), sort="submitted_at"),
        Column("late", gettext_lazy("迟报"), value=lambda row: _("迟报") if row.is_late else "",
               render=lambda row: marks.light("yellow", _("迟报")) if row.is_late else "", sort="is_late"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: state_mark(row, timezone.localdate())),
        Column("reporter", gettext_lazy("信息报送员"), value=lambda row: row.reporter.name if row.reporter else "",
               sort="reporter__pinyin", shown=False),
        Column("returned", gettext_lazy("退回次数"), value=lambda row: row.returned_count, numeric=True,
               sort="returned_count", shown=False),
        Column("plan", gettext_lazy("计划文件"), value=lambda row: row.duty.plan.title, sort="duty__plan__title",
               shown=False, width="wide"),
    )  # fmt: skip
    filters: ClassVar[tuple[Filter, ...]] = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("duty__title", "org__name", "progress"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=REPORT.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="kind", label=gettext_lazy("报告类型"), choices=ReportKind.choices, field="duty__kind",
               multiple=True, pinned=True),
        Flag(name="late", label=gettext_lazy("只看逾期和迟报"), condition=_open_late),
        Dates(name="due", label=gettext_lazy("报送时限"), field="due_date"),
        Organisations(name="org", label=gettext_lazy("报告单位"), field="org"),
        Choice(name="plan", label=gettext_lazy("计划文件"), field="duty__plan",
               choices=lambda actor: plan_queries.list_plan_choices(actor=actor)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有需要报送的报告")
    empty_hint = gettext_lazy("计划文件下达后，其中要求的月报、季报和总结到期前自动生成。")

    def queryset(self, actor: Actor) -> QuerySet[Report]:
        return queries.list_reports(actor=actor)

    def url_of(self, row: Report) -> str:
        return reverse("duty:report", args=[row.pk])


class OwnReportList(ReportList):
    """What one's own organisation reports (本单位报告)."""

    code = "duty.own_reports"
    title = gettext_lazy("本单位报告")
    filters = ReportList.filters[:5]
    empty_title = gettext_lazy("本单位目前没有需要报送的报告")

    def queryset(self, actor: Actor) -> QuerySet[Report]:
        return queries.list_own_reports(actor=actor)


class ReportPage(DomainPage[Report]):
    """One unit's report for one period."""

    back = (gettext_lazy("进展报告"), lambda: reverse("duty:reports"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Report:
        return queries.get_report(actor=actor, report_id=kwargs["pk"])

    def head(self, row: Report, actor: Actor) -> ObjectHead:
        found = [marks.light("yellow", _("迟报"))] if row.is_late else []
        return ObjectHead(title=f"{row.duty.title} · {row.label}", marks=found, subtitle=row.org.name)

    def facts(self, row: Report, actor: Actor) -> Sequence[Fact]:
        plan = row.duty.plan
        link = format_html('<a href="{}">{}</a>', reverse("duty:plan", args=[plan.pk]), plan.title)
        demand = format_html('<a href="{}">{}</a>', reverse("duty:report_duty", args=[row.duty_id]), row.duty.text)
        found = [
            Fact(label=_("计划文件"), value=link, wide=True),
            Fact(label=_("原文要求"), value=demand, wide=True),
            Fact(label=_("报告期间"), value=f"{row.first_date} — {row.last_date}"),
            Fact(label=_("报送时限"), value=row.due_date),
            Fact(label=_("报送对象"), value=row.owner_org.name),
            Fact(label=_("信息报送员"), value=row.reporter.name if row.reporter else None, filled_by=row.org.label),
            Fact(label=_("提交时间"), value=row.submitted_at),
        ]
        if row.returned_count:
            found.append(Fact(label=_("退回次数"), value=row.returned_count))
        return found

    def tabs(self, row: Report, actor: Actor) -> Sequence[Tab]:
        def written() -> Mapping[str, Any]:
            sections = [(label, getattr(row, name)) for name, label in SECTION_LABELS.items()]
            return {"figures": shown_figures(actor, row), "sections": sections, "frozen": bool(row.figures)}

        files = files_of_many(Report, [row.pk]).get(row.pk, [])
        return [
            Tab(name="text", label=_("报告内容"), template="duty/_report_text.html", context=written),
            Tab(name="files", label=_("附件"), count=len(files), template="duty/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: Report, actor: Actor) -> Sequence[Action]:
        found: list[Action] = []
        for one in super().actions(row, actor):
            if one.name in ("submit", "send_up"):
                url = reverse("duty:report_write", args=[row.pk])
                found.append(Action(name="write", label=_("填写报告"), primary=True, url=url))
            else:
                found.append(one)
        return found

    def perform(
        self, *, actor: Actor, row: Report, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        services.answer_report(
            actor=actor, report=row, name=name, reason=given.get("reason", ""), now=now, client_id=client_id
        )


def shown_figures(actor: Actor, report: Report) -> list[tuple[Text, int]]:
    """The house's figures with their names: those that stand, or as they are counted now."""
    figures = report.figures
    if not figures:
        live = queries.figures_of(actor=actor, report=report, now=timezone.now())
        figures = {name: getattr(live, name) for name in FIGURE_LABELS}
    return [(label, figures.get(name, 0)) for name, label in FIGURE_LABELS.items()]


class ReportWrite(View):
    """Writing a report: the house's figures above, the sections filled with what was reported in the period."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        report = self._open(actor, pk)
        if report.status != "DUE":
            return redirect("duty:report", pk=pk)
        if report.saved_at is None:
            initial, filled = queries.prefill_of(actor=actor, report=report), True
        else:
            initial, filled = {name: getattr(report, name) for name in services.SECTIONS}, False
        return self._show(request, actor, report, ReportForm(initial=initial), filled=filled)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        report = self._open(actor, pk)
        act = request.POST.get("act", "")
        if act not in ("save", "submit"):
            raise unknown_parameter("act")
        form = ReportForm(request.POST, request.FILES, draft=act == "save")
        if not form.is_valid():
            return self._show(request, actor, report, form, status=422)
        now = timezone.now()
        try:
            if act == "save":
                version = _number(request.POST.get("version", ""))
                services.save_report(actor=actor, report=report, text=form.text(), version=version, now=now)
            else:
                evidence = receive_uploads(actor=actor, uploads=form.cleaned_data["evidence"], now=now)
                services.submit_report(
                    actor=actor, report=report, text=form.text(), evidence=evidence, now=now,
                    client_id=client_id_of(request),
                )  # fmt: skip
        except DomainError as refused:
            status = tell(form, refused)
            report.refresh_from_db()
            return self._show(request, actor, report, form, status=status)
        if act == "save":
            return redirect_to(request, request.path, toast=_("草稿已保存。"))
        return redirect_to(request, reverse("duty:report", args=[pk]), toast=_("报告已提交。"))

    def _open(self, actor: Actor, pk: uuid.UUID) -> Report:
        report = queries.get_report(actor=actor, report_id=pk)
        actor.require("duty.reports.write")
        if report.org_id != actor.organisation_id:
            raise NotPermitted(_("该报告由其他单位填报。"), code="other_organisation")
        return report

    def _show(
        self,
        request: HttpRequest,
        actor: Actor,
        report: Report,
        form: ReportForm,
        *,
        filled: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "report": report,
            "form": form,
            "filled": filled,
            "figures": shown_figures(actor, report),
            "client_id": str(uuid.uuid4()),
            "now": timezone.now(),
        }
        return render(request, "duty/report_write.html", context, status=status)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise Invalid(fields={"version": _("请刷新页面后重试。")})
    return int(text)


# What plans demand -----------------------------------------------------------------------------------------------


class DutyList(ListPage):
    """Reports that plans demand (报告要求)."""

    code = "duty.report_duties"
    imports = ("duty.report_duties",)
    title = gettext_lazy("报告要求")
    columns = (
        Column("title", gettext_lazy("报告"), link=True, sort="title", card="title", width="wide"),
        Column("kind", gettext_lazy("类型"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("plan", gettext_lazy("计划文件"), value=lambda row: row.plan.title, sort="plan__title", width="wide"),
        Column("receiver", gettext_lazy("报送对象"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin"),
        Column("report_count", gettext_lazy("已生成"), numeric=True, sort="report_count"),
        Column("waiting_count", gettext_lazy("未报"), numeric=True, sort="waiting_count", card="meta"),
        Column("late_count", gettext_lazy("迟报"), numeric=True, sort="late_count"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title", "text", "plan__title"), pinned=True),
        Choice(name="kind", label=gettext_lazy("类型"), choices=ReportKind.choices, field="kind", multiple=True,
               pinned=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有报告要求")
    empty_hint = gettext_lazy("计划文件下达时，其中“每月20日前报送”之类的要求自动成为报告要求。")

    def queryset(self, actor: Actor) -> QuerySet[ReportDuty]:
        return queries.list_duties(actor=actor)

    def url_of(self, row: ReportDuty) -> str:
        return reverse("duty:report_duty", args=[row.pk])


class DutyPage(DomainPage[ReportDuty]):
    """One report duty: units by periods, its settings, the district's report."""

    back = (gettext_lazy("报告要求"), lambda: reverse("duty:report_duties"))

    def get_row(self, actor: Actor, **kwargs: Any) -> ReportDuty:
        return queries.get_duty(actor=actor, duty_id=kwargs["pk"])

    def head(self, row: ReportDuty, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=row.get_kind_display())

    def facts(self, row: ReportDuty, actor: Actor) -> Sequence[Fact]:
        link = format_html('<a href="{}">{}</a>', reverse("duty:plan", args=[row.plan_id]), row.plan.title)
        moved = row.rule is not None and row.rule.adjust == "previous_working"
        found = [
            Fact(label=_("计划文件"), value=link, wide=True),
            Fact(label=_("原文要求"), value=row.text, wide=True),
            Fact(label=_("报送对象"), value=row.owner_org.name),
            Fact(label=_("报送对象（原文）"), value=row.to_name),
            Fact(label=_("逢非工作日"), value=_("提前到前一个工作日") if moved else _("日期不变")),
            Fact(label=_("单位内部审核"), value=_("提交前须审核") if row.needs_approval else _("不要求")),
        ]
        if row.rule is not None:
            found.append(Fact(label=_("执行期间"), value=f"{row.rule.first_day} — {row.rule.last_day}"))
            missed = [day for day in _draft_days(row) if day < row.rule.first_day.isoformat()]
            if missed:
                sentence = _("下达之前应报的 %(count)s 期不再补报。") % {"count": len(missed)}
                found.append(Fact(label=_("说明"), value=sentence, wide=True))
        return found

    def tabs(self, row: ReportDuty, actor: Actor) -> Sequence[Tab]:
        return [
            Tab(name="matrix", label=_("报送情况"), template="duty/_report_matrix.html",
                context=lambda: matrix_of(actor, row)),
            Tab(name="files", label=_("收集的附件"), template="duty/_report_files.html",
                context=lambda: {"lines": _collected(actor, row)}),
            Tab(name="summaries", label=_("上报文书"), template="duty/_report_summaries.html",
                context=lambda: {"papers": queries.list_summaries(actor=actor, duty=row)}),
        ]  # fmt: skip

    def actions(self, row: ReportDuty, actor: Actor) -> Sequence[Action]:
        if row.owner_org_id == actor.organisation_id and actor.has("duty.reports.accept"):
            found = [Action(name="change", label=_("调整要求"), asks=True)]
            if actor.has("papers.draft") and queries.periods_of(actor=actor, duty=row):
                found.append(Action(name="draft_summary", label=_("起草上报文书"), asks=True))
            return found
        return ()

    def form_for(
        self, action: Action, row: ReportDuty, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "draft_summary":
            return SummaryForm(data, actor=actor, periods=queries.periods_of(actor=actor, duty=row))
        adjust = row.rule.adjust if row.rule is not None else "keep"
        return DutyForm(data, initial={"adjust": adjust, "needs_approval": row.needs_approval})

    def perform(
        self, *, actor: Actor, row: ReportDuty, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "draft_summary":
            label = dict(queries.periods_of(actor=actor, duty=row))[given["period"]]
            services.draft_summary(
                actor=actor, duty=row, period=given["period"], label=label, to=list(given["to"]), now=now
            )
            return
        if name != "change":
            raise NotFound
        services.change_duty(
            actor=actor, duty=row, adjust=given["adjust"], needs_approval=given["needs_approval"], now=now
        )


def _draft_days(row: ReportDuty) -> list[str]:
    return [str(day) for day in row.draft.content.get("dates", ())] if row.draft else []


def matrix_of(actor: Actor, duty: ReportDuty) -> dict[str, Any]:
    """Units by periods, the latest twelve: each cell one report."""
    periods = queries.periods_of(actor=actor, duty=duty)[:12]
    today = timezone.localdate()
    rows: dict[str, dict[str, tuple[Report, Any]]] = {}
    for report in queries.list_reports(actor=actor).filter(duty=duty, period__in=[key for key, _label in periods]):
        rows.setdefault(report.org.label, {})[report.period] = (report, state_mark(report, today))
    lines = [(org, [cells.get(key) for key, _label in periods]) for org, cells in sorted(rows.items())]
    return {"duty": duty, "periods": periods, "lines": lines}


def _collected(actor: Actor, duty: ReportDuty) -> list[tuple[Report, Any]]:
    """The files that came with a duty's reports, the latest first."""
    reports = list(queries.list_reports(actor=actor).filter(duty=duty, submitted_at__isnull=False)[:500])
    files = files_of_many(Report, [one.pk for one in reports])
    return [(one, files[one.pk]) for one in reports if files.get(one.pk)]


class MergeDocument(View):
    """All units' reports of one period as the district's report (汇总), a Word document with the standard headings."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        actor.require("duty.reports.accept")
        duty = queries.get_duty(actor=actor, duty_id=pk)
        for name in request.GET:
            if name != "period":
                raise unknown_parameter(name)
        period = request.GET.get("period", "")
        labels = dict(queries.periods_of(actor=actor, duty=duty))
        if period not in labels:
            raise Invalid(fields={"period": _("没有这一期报告。")}, code="unknown_parameter")
        now = timezone.now()
        document = services.merge_reports(actor=actor, duty=duty, period=period, label=labels[period], now=now)
        return document_response(document, f"{duty.title}-{labels[period]}汇总.docx")


# Reporters -------------------------------------------------------------------------------------------------------


class ReporterList(ListPage):
    """Who writes reports, by unit (信息报送员); units that have named nobody stand above."""

    code = "duty.reporters"
    imports = ("duty.reporters",)
    title = gettext_lazy("信息报送员")
    template = "duty/reporters.html"
    columns = (
        Column("org", gettext_lazy("单位"), value=lambda row: row.owner_org.name, sort="owner_org__pinyin",
               card="title"),
        Column("user", gettext_lazy("信息报送员"), value=lambda row: row.user.name, sort="user__pinyin", card="meta"),
        Column("named_at", gettext_lazy("确定时间"), sort="named_at", card="meta"),
    )  # fmt: skip
    filters = (Search(name="q", label=gettext_lazy("关键词"), fields=("owner_org__name", "user__name"), pinned=True),)
    empty_title = gettext_lazy("还没有单位确定信息报送员")

    def queryset(self, actor: Actor) -> QuerySet[Reporter]:
        return queries.current_reporters(actor=actor)

    def url_of(self, row: Reporter) -> str:
        return ""

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        if actor.has("duty.reporters.name"):
            return [(_("确定本单位报送员"), reverse("duty:reporter_name"))]
        return []

    def more_context(self, actor: Actor) -> dict[str, Any]:
        return {"missing": queries.without_reporter(actor=actor)}


class ReporterName(View):
    """Naming who writes one's own organisation's reports."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require("duty.reporters.name")
        return self._show(request, ReporterForm(actor=actor))

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require("duty.reporters.name")
        form = ReporterForm(request.POST, actor=actor)
        if not form.is_valid():
            return self._show(request, form, status=422)
        user = get_person(actor=actor, user_id=uuid.UUID(form.cleaned_data["user"]))
        services.name_reporter(actor=actor, user=user, now=timezone.now())
        return redirect_to(request, reverse("duty:reporters"), toast=_("已确定信息报送员。"))

    def _show(self, request: HttpRequest, form: ReporterForm, *, status: int = 200) -> HttpResponse:
        return render(request, "duty/reporter_name.html", {"form": form}, status=status)
