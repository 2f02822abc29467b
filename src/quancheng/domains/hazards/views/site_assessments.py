"""Pages of yearly assessments: by year, who is not assessed yet, one with both sides' points, the common form."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms import site_assessments as forms
from quancheng.domains.hazards.loops.site_assessment import SITE_ASSESSMENT
from quancheng.domains.hazards.models import RunningGrade, Side, SiteAssessment
from quancheng.domains.hazards.queries import site_assessments as queries
from quancheng.domains.hazards.services import site_assessments as services
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted, StaleState
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed, told
from quancheng.standards.risk import running_assessment, running_effect

_BY_FORM = ("submit_self", "score")


def _this_year() -> int:
    return Calendar().local_date(timezone.now()).year


def grade_name(code: str | None) -> str:
    """A grade in words, with its colour word; empty for none."""
    if not code:
        return ""
    grade = running_effect.grades()[code]
    return f"{told(grade.name)}（{told(grade.colour_word)}）"


def grade_mark(code: str | None) -> Any:
    return format_html('<span class="haz-grade" data-grade="{}">{}</span>', code, grade_name(code)) if code else ""


def years(actor: Actor) -> list[tuple[str, str]]:
    """Years that can be chosen: this and the four before."""
    this = _this_year()
    return [(str(year), str(year)) for year in range(this, this - 5, -1)]


class AssessmentList(ListPage):
    """Yearly assessments of dual prevention (双重预防运行成效评估)."""

    code = "hazards.site_assessments"
    title = gettext_lazy("双重预防运行成效评估")
    columns = (
        Column("title", gettext_lazy("评估事项"), link=True, width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, link=True,
               sort="file__enterprise__pinyin", card="title", width="wide"),
        Column("year", gettext_lazy("评估年度"), sort="year", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("self_total", gettext_lazy("自评得分"), numeric=True, sort="self_total"),
        Column("total", gettext_lazy("评估得分"), numeric=True, sort="total", card="meta",
               value=lambda row: row.total if row.status == "DONE" else None),
        Column("grade", gettext_lazy("评估等级"), sort="grade", card="meta",
               value=lambda row: grade_name(row.grade) if row.status == "DONE" else "",
               render=lambda row: grade_mark(row.grade) if row.status == "DONE" else ""),
        Column("vetoes", gettext_lazy("否决项"),
               value=lambda row: listed(one["code"] for one in row.vetoes) if row.status == "DONE" else ""),
        Column("supervisor", gettext_lazy("评估部门"), value=lambda row: row.supervisor.label),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path"),
        Column("closed_at", gettext_lazy("评定时间"), sort="closed_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("file__enterprise__name",), pinned=True),
        Choice(name="year", label=gettext_lazy("评估年度"), choices=years, field="year", pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=SITE_ASSESSMENT.choices, field="status",
               multiple=True, pinned=True),
        Choice(name="grade", label=gettext_lazy("评估等级"), choices=RunningGrade.choices, multiple=True,
               narrows=lambda code: Q(grade=code, status="DONE")),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有运行成效评估")

    def queryset(self, actor: Actor) -> QuerySet[SiteAssessment]:
        return queries.list_assessments(actor=actor)

    def url_of(self, row: SiteAssessment) -> str:
        return reverse("hazards:site_assessment", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if actor.has(services.SELF) and not actor.supervises and actor.organisation_id is not None:
            return [(gettext_lazy("开始自评"), reverse("hazards:site_assessment_new", args=[actor.organisation_id]))]
        return [(gettext_lazy("本年度评估进度"), reverse("hazards:site_assessment_progress"))]


class ProgressList(ListPage):
    """Enterprises to be assessed this year, with how far that is (本年度评估进度)."""

    code = "hazards.site_assessment_progress"
    title = gettext_lazy("本年度成效评估进度")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("state", gettext_lazy("本年度评估"), sort="state", card="meta",
               value=lambda row: str(SITE_ASSESSMENT.states[row.state].label) if row.state else _("未开始")),
        Column("total", gettext_lazy("评估得分"), numeric=True, sort="total", card="meta"),
        Column("grade", gettext_lazy("评估等级"), value=lambda row: grade_name(row.grade),
               render=lambda row: grade_mark(row.grade), sort="grade", card="meta"),
        Column("before", gettext_lazy("上年度得分"), numeric=True, sort="before"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("supervisor", gettext_lazy("监管部门"), value=lambda row: row.supervisor.label),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Flag(name="unassessed", label=gettext_lazy("只看本年度未评定的"), pinned=True,
             condition=lambda actor: Q(state__isnull=True) | ~Q(state="DONE")),
        Flag(name="none", label=gettext_lazy("只看未开始的"), condition=lambda actor: Q(state__isnull=True)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有需要评估的企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_progress(actor=actor, year=_this_year())

    def url_of(self, row: Any) -> str:
        if row.assessment:
            return reverse("hazards:site_assessment", args=[row.assessment])
        return reverse("registry:enterprise", args=[row.pk]) + "?tab=assessments"


class AssessmentPage(ObjectPage[SiteAssessment]):
    """One assessment: both sides' points of each element, the year before, vetoes, the grade."""

    template = "hazards/object.html"
    back = (gettext_lazy("双重预防运行成效评估"), lambda: reverse("hazards:site_assessments"))

    def get_row(self, actor: Actor, **kwargs: Any) -> SiteAssessment:
        return queries.get_assessment(actor=actor, assessment_id=kwargs["pk"])

    def head(self, row: SiteAssessment, actor: Actor) -> ObjectHead:
        shown = [grade_mark(row.grade)] if row.status == "DONE" else []
        return ObjectHead(title=row.title, subtitle=row.file.enterprise.name if row.file.enterprise else "",
                          marks=shown)  # fmt: skip

    def facts(self, row: SiteAssessment, actor: Actor) -> Sequence[Fact]:
        before = queries.done_before(row)
        used = next(one for one in running_assessment.templates() if one.code == row.template)
        facts = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("评估部门"), value=row.supervisor.label),
            Fact(label=_("评估标准"), value=told(used.name), wide=True),
            Fact(label=_("自评得分"), value=row.self_total),
        ]
        if queries.may_see_site(row, actor):
            vetoes = "；".join(f"{one['code']}：{one['reason']}" for one in row.vetoes)
            facts += [
                Fact(label=_("现场评估日期"), value=row.visited_date),
                Fact(label=_("评估人员"), value=row.assessors),
                Fact(label=_("基本分"), value=row.base),
                Fact(label=_("附加分"), value=row.extra),
                Fact(label=_("评估得分"), value=row.total),
                Fact(label=_("评估等级"), value=grade_name(row.grade)),
                Fact(label=_("否决项"), value=vetoes, wide=True),
                Fact(label=_("评估意见"), value=row.note, wide=True),
            ]
        if before is not None:
            last = f"{before.total} {grade_name(before.grade)}（{before.year}）"
            facts.append(Fact(label=_("上次评估"), value=last))
        return facts

    def tabs(self, row: SiteAssessment, actor: Actor) -> Sequence[Tab]:
        weeks = queries.vetoed_weeks(row)
        return [
            Tab(name="scores", label=_("要素得分"), template="hazards/_site_scores.html",
                context=lambda: self._scores(row, actor)),
            Tab(name="weeks", label=_("本年度被否决的周"), count=weeks.count(),
                template="hazards/_site_weeks.html", context=lambda: {"weeks": weeks[:60]}),
        ]  # fmt: skip

    def _scores(self, row: SiteAssessment, actor: Actor) -> Mapping[str, Any]:
        lines = [
            (one, told(one.element.a_name), told(one.element.name), told(one.element.hint))
            for one in queries.lines_of(row, actor=actor)
        ]
        return {"lines": lines, "hidden": not queries.may_see_site(row, actor)}

    def history(self, row: SiteAssessment, actor: Actor) -> Sequence[HistoryLine]:
        """What the second person said of the office's points is read with them."""
        return loopview.history_of(row, silent=() if queries.may_see_site(row, actor) else ("return",))

    def actions(self, row: SiteAssessment, actor: Actor) -> Sequence[Action]:
        found = []
        for one in loopview.actions_of(row, actor):
            if one.name in _BY_FORM:
                side = Side.SELF if one.name == "submit_self" else Side.SITE
                label = _("填写自评") if side == Side.SELF else _("填写现场评估")
                url = reverse(f"hazards:site_assessment_{side.value}", args=[row.pk])
                one = Action(name=one.name, label=label, primary=one.primary, url=url)
            found.append(one)
        return found

    def perform(
        self, *, actor: Actor, row: SiteAssessment, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name in _BY_FORM:
            raise StaleState
        services.act(actor=actor, row=row, name=name, reason=given.get("reason", ""), now=now, client_id=client_id)


class NewAssessment(CreatePage):
    """An assessment is begun: by the office, or by the enterprise that assesses itself."""

    title = gettext_lazy("开始运行成效评估")
    lead = gettext_lazy("先由企业按同一标准自评，再由监管部门现场评估，另一人复核后评定。")
    duty = None
    form = forms.YearForm
    button = gettext_lazy("开始")
    back = "hazards:site_assessments"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        if self.file.pk == actor.organisation_id:
            actor.require(services.SELF)
        else:
            actor.require(services.ASSESS)
            if self.file.supervisor_id != actor.organisation_id:
                raise NotPermitted(_("由企业的监管牵头部门发起。"))

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        this = _this_year()
        return forms.YearForm(*args, years=[this, this - 1], **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.open_assessment(actor=actor, file=self.file, year=int(given["year"]), now=now,
                                        client_id=client_id)  # fmt: skip
        return reverse("hazards:site_assessment", args=[made.pk])


class Score(CreatePage):
    """The points of every element: kept for later, or handed in."""

    title = gettext_lazy("运行成效评分")
    lead = gettext_lazy("得分不超过满分；未得满分的写明扣分原因（附加项除外）。可以先保存，以后再提交。")
    duty = None
    form = forms.ScoresForm
    button = gettext_lazy("提交")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_assessment(actor=actor, assessment_id=kwargs["pk"])
        self.side: str = kwargs["side"]
        own = self.side == Side.SELF
        actor.require(services.SELF if own else services.ASSESS)
        if actor.organisation_id != (self.row.file_id if own else self.row.supervisor_id):
            raise NotPermitted
        if self.row.status != ("SELF" if own else "SITE"):
            raise StaleState(_("现在不是填写这份评分的环节。"))

    def back_url(self) -> str:
        return reverse("hazards:site_assessment", args=[self.row.pk])

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for code, one in queries.scores_of(self.row, self.side).items():
            found |= {f"points_{code}": one.points, f"reason_{code}": one.reason, f"evidence_{code}": one.evidence}
        today = Calendar().local_date(now)
        return {
            **found, "visited": self.row.visited_date or today, "assessors": self.row.assessors or actor.name,
            "note": self.row.note, "vetoes": [one["code"] for one in self.row.vetoes],
            "veto_reason": self.row.vetoes[0]["reason"] if self.row.vetoes else "",
        }  # fmt: skip

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.ScoresForm(*args, row=self.row, side=self.side, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        points = {
            one.code: services.Points(
                given[f"points_{one.code}"], given[f"reason_{one.code}"], given[f"evidence_{one.code}"],
                tuple(receive_uploads(actor=actor, uploads=given[f"files_{one.code}"], now=now)),
            )
            for one in running_assessment.elements(self.row.template) if given[f"points_{one.code}"] is not None
        }  # fmt: skip
        if "save" in self.request.POST:
            services.save_scores(actor=actor, row=self.row, side=self.side, points=points, now=now)
        elif self.side == Side.SELF:
            services.submit_self(actor=actor, row=self.row, points=points, now=now, client_id=client_id)
        else:
            visit = services.Visit(given["visited"], given["assessors"], given["note"], given["vetoes"],
                                   given["veto_reason"])  # fmt: skip
            services.submit_site(actor=actor, row=self.row, points=points, visit=visit, now=now, client_id=client_id)
        return self.back_url()

    def _show(self, request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
        before = queries.done_before(self.row)
        past = queries.scores_of(before, Side.SITE) if before is not None else {}
        context = {
            "page": self, "form": form, "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
            "back_url": self.back_url(),
            "past": {f"points_{code}": one.points for code, one in past.items()},
        }  # fmt: skip
        return render(request, "hazards/site_score.html", context, status=status)


def enterprise_tab(row: Enterprise, actor: Actor) -> Tab:
    """What is known of an enterprise's yearly assessments, for its own page; read when it is opened."""

    def context() -> dict[str, Any]:
        rows = queries.of_file(actor=actor, file_id=row.pk)
        mine = actor.has(services.SELF) if actor.organisation_id == row.pk else (
            actor.has(services.ASSESS) and actor.organisation_id == row.supervisor_id
        )  # fmt: skip
        may_begin = mine and all(one.year != _this_year() for one in rows)
        return {
            "assessments": [(one, grade_mark(one.grade) if one.status == "DONE" else "") for one in rows],
            "begin_url": reverse("hazards:site_assessment_new", args=[row.pk]) if may_begin else "",
        }  # fmt: skip

    return Tab(name="assessments", label=_("成效评估"), template="hazards/_site_assessments.html", context=context)
