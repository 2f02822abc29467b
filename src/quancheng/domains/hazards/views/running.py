"""Pages of the weekly running effect: the week of all, of one with its formula and rows, what follows, objections."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

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

from quancheng.domains.hazards.forms import running as forms
from quancheng.domains.hazards.loops.running import RUNNING_ACTION, RUNNING_APPEAL
from quancheng.domains.hazards.models import (
    PARAMETERS,
    Counted,
    RunningAction,
    RunningAppeal,
    RunningGrade,
    RunningVeto,
    RunningWeek,
)
from quancheng.domains.hazards.queries import running as queries
from quancheng.domains.hazards.services import running as services
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.registry.views.words import in_language, link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.given import asked_day
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk import running_effect as standard

#: Weeks of the trend on the page of one.
_TREND = 12


def _grade(row: RunningWeek) -> str:
    grade = standard.grades()[row.grade]
    return f"{told(grade.name)}（{told(grade.colour_word)}）"


def _grade_badge(row: RunningWeek) -> Any:
    return format_html('<span class="haz-grade" data-grade="{}">{}</span>', row.grade, _grade(row))


class WeekList(ListPage):
    """Weekly running effect of the enterprises (运行效果)."""

    code = "hazards.running"
    title = gettext_lazy("双重预防运行效果")
    columns = (
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, link=True, card="title",
               sort="file__enterprise__pinyin", width="wide"),
        Column("monday", gettext_lazy("评价周"), sort="monday", card="meta"),
        Column("e", gettext_lazy("运行效果得分"), numeric=True, sort="e", card="meta"),
        Column("grade", gettext_lazy("运行等级"), value=_grade, render=_grade_badge, sort="grade", card="meta"),
        Column("task_share", gettext_lazy("任务完成率（%）"), numeric=True, sort="task_share"),
        Column("danger_share", gettext_lazy("隐患整改率（%）"), numeric=True, sort="danger_share"),
        Column("change", gettext_lazy("较上周"), numeric=True, sort="change"),
        Column("veto", gettext_lazy("否决项"),
               value=lambda row: _("、").join(one["code"] for one in row.standing_vetoes), card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path"),
        Column("frozen_at", gettext_lazy("封存时间"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("file__enterprise__name",), pinned=True),
        Choice(name="grade", label=gettext_lazy("运行等级"), choices=RunningGrade.choices, field="grade",
               multiple=True, pinned=True),
        Dates(name="week", label=gettext_lazy("评价周"), field="monday"),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Flag(name="vetoed", label=gettext_lazy("只看一票否决的"), condition=lambda actor: Q(is_vetoed=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有评价结果")

    def queryset(self, actor: Actor) -> QuerySet[RunningWeek]:
        return queries.list_weeks(actor=actor)

    def url_of(self, row: RunningWeek) -> str:
        return reverse("hazards:running_week", args=[row.pk])


class Own(View):
    """Leads to the newest week of one's own enterprise, or to the list."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        file = own_file(actor=actor_of(request))
        newest = queries.weeks_of(file.pk, most=1) if file else ()
        return redirect("hazards:running_week", newest[0].pk) if newest else redirect("hazards:running")


class Towns(View):
    """One week by town: how many of each grade, each number opening its rows."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name != "week":
                raise unknown_parameter(name)
        day = asked_day(request.GET.get("week", ""), "week") or queries.latest_monday(actor=actor)
        monday = None if day is None else day - timedelta(days=day.weekday())
        base, codes = reverse("hazards:running"), RunningGrade.values
        rows = []
        for line in queries.by_town(actor=actor, monday=monday) if monday else ():
            town = f"&town={line.path}" if line.path else ""
            url = f"{base}?week_from={monday}&week_to={monday}{town}"
            cells = [(line.grades[code], f"{url}&grade={code}") for code in codes]
            rows.append((line, url, cells, f"{url}&vetoed=1", f"{line.mean:.1f}"))
        grades = [standard.grades()[code] for code in codes]
        context = {"rows": rows, "monday": monday, "grades": [(one.code, told(one.name)) for one in grades]}
        return render(request, "hazards/running_towns.html", context)


class WeekPage(ObjectPage[RunningWeek]):
    """One week of one enterprise: the formula with its numbers, what raises it, the rows behind each count."""

    template = "hazards/object.html"
    back = (gettext_lazy("双重预防运行效果"), lambda: reverse("hazards:running"))

    def get_row(self, actor: Actor, **kwargs: Any) -> RunningWeek:
        return queries.get_week(actor=actor, week_id=kwargs["pk"])

    def head(self, row: RunningWeek, actor: Actor) -> ObjectHead:
        name = row.file.enterprise.name if row.file.enterprise else ""
        last = row.monday + timedelta(days=6)
        return ObjectHead(title=name, code=f"{row.monday:%Y-%m-%d} – {last:%m-%d}", subtitle=_("双重预防运行效果"),
                          marks=[_grade_badge(row)])  # fmt: skip

    def facts(self, row: RunningWeek, actor: Actor) -> Sequence[Fact]:
        counts = [
            Fact(label=str(label), value=_count(row, code)) for code, label in Counted.choices
        ]
        state = _("已封存") if row.frozen_at else _("待封存（周二12时前仍可补传）")
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("运行效果得分"), value=row.e),
            Fact(label=_("较上周"), value=row.change),
            Fact(label=_("结果状态"), value=state),
            *counts,
        ]

    def tabs(self, row: RunningWeek, actor: Actor) -> Sequence[Tab]:
        missed, due = queries.missed_dues(row), queries.due_findings(row)
        registered = queries.registered_findings(row)
        return [
            Tab(name="formula", label=_("得分说明"), template="hazards/_running_formula.html",
                context=lambda: self._formula(row, actor)),
            Tab(name="missed", label=_("未完成的任务"), count=missed.count(), template="hazards/_running_dues.html",
                context=lambda: {"dues": missed[: queries.MOST_ROWS]}),
            Tab(name="done", label=_("已完成的任务"), count=row.counts.get("done", 0),
                template="hazards/_running_dues.html",
                context=lambda: {"dues": queries.done_dues(row)[: queries.MOST_ROWS]}),
            Tab(name="dangers", label=_("到期的隐患"), count=due.count(), template="hazards/_running_findings.html",
                context=lambda: {"findings": due[: queries.MOST_ROWS]}),
            Tab(name="registered", label=_("四周内登记的隐患"), count=registered.count(),
                template="hazards/_running_findings.html",
                context=lambda: {"findings": registered[: queries.MOST_ROWS]}),
            Tab(name="indicators", label=_("覆盖与质量指标"), template="hazards/_running_indicators.html",
                context=lambda: {"lines": [(one, told(one.text)) for one in queries.indicators_of(row)]}),
            Tab(name="trend", label=_("历周结果"), template="hazards/_running_trend.html",
                context=lambda: {"weeks": [(one, _grade_badge(one)) for one in
                                           queries.weeks_of(row.file_id, until=row.monday, most=_TREND)]}),
        ]  # fmt: skip

    def _formula(self, row: RunningWeek, actor: Actor) -> Mapping[str, Any]:
        result = queries.result_of(row)
        advice = queries.actions_after(row) if actor.supervises else ()
        return {
            "steps": [(one, told(one.text)) for one in result.steps], "doubts": [told(one) for one in result.doubts],
            "measures": [(told(one.text), one.shown, one.waits_for_veto) for one in result.measures],
            "vetoes": [(one["code"], in_language(one), one["code"] in row.corrections) for one in row.vetoes],
            "figures": [(forms.LABELS[name], row.figures.get(name)) for name in PARAMETERS],
            "corrected": [(Counted(code).label, row.counts[code], value) for code, value in row.corrections.items()
                          if code in row.counts],
            "advice": [told(one.text) for one in advice],
            "appeals": queries.list_appeals(actor=actor).filter(week=row),
            "actions": queries.list_actions(actor=actor).filter(week=row),
        }  # fmt: skip

    def actions(self, row: RunningWeek, actor: Actor) -> Sequence[Action]:
        found = []
        if actor.has(services.APPEAL) and actor.organisation_id == row.file_id:
            found.append(Action(name="appeal", label=_("提出异议"), url=reverse("hazards:appeal_new", args=[row.pk])))
        if actor.has(services.JUDGE) and actor.supervises:
            url = reverse("hazards:veto_new", args=[row.file_id])
            found.append(Action(name="veto", label=_("登记否决事实"), url=url))
            if (standing := queries.veto_to_cancel(row)) is not None:
                found.append(Action(name="cancel_veto", label=_("撤销否决事实"),
                                    url=reverse("hazards:running_veto", args=[standing.pk])))  # fmt: skip
        return found


def _count(row: RunningWeek, code: str) -> str:
    value = row.counts.get(code, 0)
    if code in row.corrections:
        return _("%(new)s（原为%(old)s，经异议更正）") % {"new": row.corrections[code], "old": value}
    return str(value)


class NewAppeal(CreatePage):
    title = gettext_lazy("对运行效果提出异议")
    lead = gettext_lazy("由监管部门核查；成立的，更正计数并重新计算该周得分，原计数和更正都保留。")
    duty = services.APPEAL
    form = forms.AppealForm
    button = gettext_lazy("提交异议")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.week = queries.get_week(actor=actor, week_id=kwargs["pk"])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.AppealForm(*args, week=self.week, **kwargs)

    def back_url(self) -> str:
        return reverse("hazards:running_week", args=[self.week.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        stored = receive_uploads(actor=actor, uploads=given["evidence"] or [], now=now)
        made = services.appeal(
            actor=actor, week=self.week, about=given["about"], claimed=given["claimed"], text=given["text"],
            files=stored, now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("hazards:running_appeal", args=[made.pk])


class AppealList(ListPage):
    """Objections to counts of the running effect (运行效果异议)."""

    code = "hazards.running_appeals"
    title = gettext_lazy("运行效果异议")
    columns = (
        Column("title", gettext_lazy("异议"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("claimed", gettext_lazy("企业主张"), numeric=True),
        Column("created_at", gettext_lazy("提出时间"), sort="created_at", card="meta"),
        Column("closed_at", gettext_lazy("办结时间"), sort="closed_at"),
    )
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("title",), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=RUNNING_APPEAL.choices, field="status",
               multiple=True, pinned=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有异议")

    def queryset(self, actor: Actor) -> QuerySet[RunningAppeal]:
        return queries.list_appeals(actor=actor)

    def url_of(self, row: RunningAppeal) -> str:
        return reverse("hazards:running_appeal", args=[row.pk])


class AppealPage(ObjectPage[RunningAppeal]):
    """One objection."""

    template = "hazards/object.html"
    back = (gettext_lazy("运行效果异议"), lambda: reverse("hazards:running_appeals"))

    def get_row(self, actor: Actor, **kwargs: Any) -> RunningAppeal:
        return queries.get_appeal(actor=actor, appeal_id=kwargs["pk"])

    def head(self, row: RunningAppeal, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=_("运行效果异议"))

    def facts(self, row: RunningAppeal, actor: Actor) -> Sequence[Fact]:
        is_count = row.about in Counted.values
        return [
            Fact(label=_("评价周"), value=_week_link(row.week)),
            Fact(label=_("异议事项"), value=str(Counted(row.about).label) if is_count else row.about),
            Fact(label=_("统计为"), value=row.week.counts.get(row.about) if is_count else _("否决")),
            Fact(label=_("企业主张"), value=row.claimed if is_count else _("不构成否决")),
            Fact(label=_("理由"), value=row.text, wide=True),
            Fact(label=_("核查意见"), value=row.answer, wide=True),
        ]

    def tabs(self, row: RunningAppeal, actor: Actor) -> Sequence[Tab]:
        files = files_of(row)
        return [
            Tab(name="files", label=_("证明材料"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def form_for(
        self, action: Action, row: RunningAppeal, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "uphold":
            return forms.UpholdForm(data, appeal=row)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: RunningAppeal, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name == "withdraw":
            services.withdraw_appeal(**common, reason=given["reason"])
        else:
            upheld = name == "uphold"
            text = given["text"] if upheld else given["reason"]
            services.judge_appeal(**common, upheld=upheld, text=text, value=given.get("value"))


class ActionList(ListPage):
    """What is owed after a week (运行效果处置)."""

    code = "hazards.running_actions"
    title = gettext_lazy("运行效果处置")
    columns = (
        Column("title", gettext_lazy("处置事项"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("due_date", gettext_lazy("处置时限"), sort="due_date", card="meta"),
        Column("closed_at", gettext_lazy("处置时间"), sort="closed_at"),
    )
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("title",), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=RUNNING_ACTION.choices, field="status",
               multiple=True, pinned=True),
        Dates(name="due", label=gettext_lazy("处置时限"), field="due_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("没有需要处置的企业")

    def queryset(self, actor: Actor) -> QuerySet[RunningAction]:
        return queries.list_actions(actor=actor)

    def url_of(self, row: RunningAction) -> str:
        return reverse("hazards:running_action", args=[row.pk])


class ActionPage(ObjectPage[RunningAction]):
    """One thing owed after a week, with the records that were drawn."""

    template = "hazards/object.html"
    back = (gettext_lazy("运行效果处置"), lambda: reverse("hazards:running_actions"))
    forms = {"record": forms.ResultForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> RunningAction:
        return queries.get_action(actor=actor, action_id=kwargs["pk"])

    def head(self, row: RunningAction, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=_("运行效果处置"), marks=[_grade_badge(row.week)])

    def facts(self, row: RunningAction, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.week.file)),
            Fact(label=_("评价周"), value=_week_link(row.week)),
            Fact(label=_("处置时限"), value=row.due_date),
            Fact(label=_("处置结果"), value=row.text, wide=True),
        ]

    def tabs(self, row: RunningAction, actor: Actor) -> Sequence[Tab]:
        if not row.sample:
            return ()
        return [
            Tab(name="sample", label=_("抽查的记录"), count=len(row.sample), template="hazards/_running_sample.html",
                context=lambda: {"records": queries.sample_of(row)}),
        ]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: RunningAction, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        text = given["text"] if name == "record" else given["reason"]
        services.close_action(actor=actor, row=row, name=name, text=text, now=now, client_id=client_id)


def _week_link(week: RunningWeek) -> Any:
    url = reverse("hazards:running_week", args=[week.pk])
    return format_html('<a href="{}">{}</a>', url, f"{week.monday:%Y-%m-%d}")


class NewVeto(CreatePage):
    title = gettext_lazy("登记否决事实")
    lead = gettext_lazy("该周的运行效果记零分；企业可以提出异议。")
    duty = services.JUDGE
    form = forms.VetoForm
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        return {"monday": today - timedelta(days=today.weekday())}

    def back_url(self) -> str:
        name = self.file.enterprise.name if self.file.enterprise else ""
        return f"{reverse('hazards:running')}?{urlencode({'q': name})}"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_veto(actor=actor, file=self.file, monday=given["monday"], reason=given["reason"],
                                   now=now, client_id=client_id)  # fmt: skip
        return reverse("hazards:running_veto", args=[made.pk])


class VetoList(ListPage):
    """Facts that regulators entered (否决事实)."""

    code = "hazards.running_vetoes"
    title = gettext_lazy("否决事实")
    columns = (
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, link=True, card="title",
               sort="file__enterprise__pinyin", width="wide"),
        Column("monday", gettext_lazy("所属周"), sort="monday", card="meta"),
        Column("code", gettext_lazy("否决项"), card="meta"),
        Column("reason", gettext_lazy("事实"), width="wide"),
        Column("entered_at", gettext_lazy("登记时间"), sort="entered_at"),
        Column("entered_by", gettext_lazy("登记人"), value=lambda row: row.entered_by.name),
        Column("cancelled_at", gettext_lazy("撤销时间"), sort="cancelled_at", card="meta"),
        Column("cancelled_reason", gettext_lazy("撤销理由"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("file__enterprise__name",), pinned=True),
        Dates(name="week", label=gettext_lazy("所属周"), field="monday"),
        Flag(name="standing", label=gettext_lazy("只看未撤销的"),
             condition=lambda actor: Q(cancelled_at__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有登记否决事实")

    def queryset(self, actor: Actor) -> QuerySet[RunningVeto]:
        return queries.list_vetoes(actor=actor)

    def url_of(self, row: RunningVeto) -> str:
        return reverse("hazards:running_veto", args=[row.pk])


def _cancel() -> Action:
    return Action(name="cancel", label=_("撤销否决事实"), asks=True)


class VetoPage(ObjectPage[RunningVeto]):
    """One fact, which may be taken back until its week is sealed."""

    template = "hazards/object.html"
    back = (gettext_lazy("否决事实"), lambda: reverse("hazards:running_vetoes"))
    forms = {"cancel": forms.CancelVetoForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> RunningVeto:
        return queries.get_veto(actor=actor, veto_id=kwargs["pk"])

    def head(self, row: RunningVeto, actor: Actor) -> ObjectHead:
        name = row.file.enterprise.name if row.file.enterprise else ""
        return ObjectHead(title=name, code=row.code, subtitle=_("否决事实"))

    def facts(self, row: RunningVeto, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("所属周"), value=row.monday),
            Fact(label=_("事实"), value=row.reason, wide=True),
            Fact(label=_("登记人"), value=row.entered_by.name),
            Fact(label=_("登记时间"), value=row.entered_at),
            Fact(label=_("撤销时间"), value=row.cancelled_at),
            Fact(label=_("撤销理由"), value=row.cancelled_reason, wide=True),
        ]

    def actions(self, row: RunningVeto, actor: Actor) -> Sequence[Action]:
        if row.cancelled_at is not None or not actor.has(services.JUDGE) or not actor.supervises:
            return ()
        return () if queries.is_frozen(row.file_id, row.monday) else [_cancel()]

    def _lost_action(self, name: str, row: RunningVeto) -> Action:
        """Taken back or sealed meanwhile: the service says which."""
        return _cancel() if name == "cancel" else super()._lost_action(name, row)

    def perform(
        self, *, actor: Actor, row: RunningVeto, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "cancel":
            raise NotFound
        services.cancel_veto(actor=actor, row=row, reason=given["reason"], now=now)


class Rules(View):
    """The parameters in force, and what was set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor_of(request).require(services.RULES)
        known = queries.parameters_on(timezone.localdate())
        past = queries.past_rules()
        context = {
            "figures": [(forms.LABELS[name], getattr(known, name)) for name in PARAMETERS],
            "past": [(one, [(forms.LABELS[name], one.figures.get(name)) for name in PARAMETERS]) for one in past],
            "is_ours": any(one.from_date <= timezone.localdate() for one in past),
        }
        return render(request, "hazards/running_rules.html", context)


class NewRules(CreatePage):
    title = gettext_lazy("设置运行效果评价参数")
    lead = gettext_lazy("自起用的那一周起按新参数评价，已评价的周不变。")
    duty = services.RULES
    form = forms.RulesForm
    back = "hazards:running_rules"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        known = queries.parameters_on(today)
        monday = today - timedelta(days=today.weekday())
        return {**{name: getattr(known, name) for name in PARAMETERS}, "from_date": monday}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        figures = {name: given[name] for name in PARAMETERS}
        services.set_rules(actor=actor, figures=figures, reason=given["reason"], from_date=given["from_date"], now=now)
        return reverse("hazards:running_rules")
