"""Pages of problem lists."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.forms import problems as forms
from quancheng.domains.duty.forms.tasks import OptionalReasonForm
from quancheng.domains.duty.loops.problem import PROBLEM
from quancheng.domains.duty.models import Problem
from quancheng.domains.duty.models.problems import Industry, ProblemList
from quancheng.domains.duty.queries import problems as queries
from quancheng.domains.duty.services import problems as services
from quancheng.domains.duty.services.problems import MANAGE, SECTIONS, ProblemSpec
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Organisations, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, Tab


class ProblemListPage(ListPage):
    """Problem lists (问题清单)."""

    code = "duty.problems"
    imports = ("duty.problems",)
    title = gettext_lazy("问题清单")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code", card="meta"),
        Column("title", gettext_lazy("问题"), link=True, sort="title", card="title", width="wide"),
        Column("industry", gettext_lazy("行业领域"), value=lambda row: row.get_industry_display(), sort="industry"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__name"),
        Column("unit", gettext_lazy("问题所在单位"), value=lambda row: row.unit.label, sort="unit__pinyin"),
        Column("org", gettext_lazy("责任单位"), value=lambda row: row.org.label if row.org else "", sort="org__pinyin",
               card="meta"),
        Column("due_date", gettext_lazy("整改时限"), sort="due_date", card="meta"),
        Column("similar", gettext_lazy("同类问题"), value=lambda row: row.similar_count, numeric=True,
               sort=("similar_count",)),
        Column("list", gettext_lazy("清单"), value=lambda row: row.get_list_display(), sort="list", shown=False),
        Column("source", gettext_lazy("发现途径"), sort="source", shown=False),
        Column("found_date", gettext_lazy("发现日期"), sort="found_date", shown=False),
        Column("owner", gettext_lazy("建单单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin",
               shown=False),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title", "text", "code"), pinned=True),
        Choice(name="industry", label=gettext_lazy("行业领域"), choices=Industry.choices, field="industry",
               multiple=True, pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=queries.town_choices, pinned=True,
               narrows=lambda path: Q(area__path__startswith=path)),
        Choice(name="list", label=gettext_lazy("清单"), choices=ProblemList.choices, field="list"),
        Choice(name="status", label=gettext_lazy("状态"), choices=PROBLEM.choices, field="status", multiple=True),
        Organisations(name="org", label=gettext_lazy("责任单位"), field="org"),
        Dates(name="due", label=gettext_lazy("整改时限"), field="due_date"),
        Flag(name="open", label=gettext_lazy("只看未办结"), condition=lambda actor: ~Q(status__in=PROBLEM.finals)),
    )  # fmt: skip
    empty_title = gettext_lazy("清单上没有问题")
    empty_hint = gettext_lazy("检查、会商、督查中发现的问题在这里列出，逐项查因、整改、核验、举一反三后销号。")

    def queryset(self, actor: Actor) -> QuerySet[Problem]:
        return queries.list_problems(actor=actor)

    def url_of(self, row: Problem) -> str:
        return reverse("duty:problem", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记问题"), reverse("duty:problem_new"))] if actor.has(MANAGE) else []


class NewProblem(CreatePage):
    title = gettext_lazy("登记问题")
    duty = MANAGE
    form = forms.ProblemForm
    back = "duty:problems"
    button = gettext_lazy("登记问题")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"found_date": timezone.localtime(now).date()}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        problem = services.report_problem(actor=actor, spec=ProblemSpec(**given), now=now, client_id=client_id)
        return reverse("duty:problem", args=[problem.pk])


class ProblemPage(DomainPage[Problem]):
    """One problem with its seven sections."""

    back = (gettext_lazy("问题清单"), lambda: reverse("duty:problems"))
    need_fields = {
        "cause": (gettext_lazy("问题成因"), gettext_lazy("直接原因和管理上的原因。")),
        "measure": (gettext_lazy("整改措施"), ""),
        "root_measure": (gettext_lazy("抓本治源"), gettext_lazy("用什么制度、工程或机制使问题不再发生。")),
        "analysis": (gettext_lazy("综合分析"), gettext_lazy("这类问题的规律、趋势和下步重点。")),
    }

    def get_row(self, actor: Actor, **kwargs: Any) -> Problem:
        return queries.get_problem(actor=actor, problem_id=kwargs["pk"])

    def head(self, row: Problem, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=row.get_list_display())

    def facts(self, row: Problem, actor: Actor) -> Sequence[Fact]:
        office, lead = row.owner_org.label, row.org.label if row.org else _("责任单位")
        found = [
            Fact(label=_("问题描述"), value=row.text, wide=True),
            Fact(label=_("问题所在单位"), value=row.unit.name),
            Fact(label=_("行业领域"), value=row.get_industry_display()),
            Fact(label=_("发现途径"), value=row.source),
            Fact(label=_("发现日期"), value=row.found_date),
            Fact(label=_("问题成因"), value=row.cause, filled_by=office, wide=True),
            Fact(label=_("整改措施"), value=row.measure, filled_by=office, wide=True),
            Fact(label=_("责任单位"), value=row.org.name if row.org else None, filled_by=office),
            Fact(label=_("整改时限"), value=row.due_date, filled_by=office),
            Fact(label=_("整改情况"), value=row.result, filled_by=lead, wide=True),
            Fact(label=_("举一反三"), value=row.analogy, filled_by=office, wide=True),
            Fact(label=_("抓本治源"), value=row.root_measure, filled_by=office, wide=True),
            Fact(label=_("综合分析"), value=row.analysis, filled_by=office, wide=True),
        ]
        if row.person:
            found.insert(8, Fact(label=_("责任人"), value=row.person))
        if row.parent is not None:
            url = reverse("duty:problem", args=[row.parent_id])
            found.append(
                Fact(label=_("由此问题举一反三"), value=format_html('<a href="{}">{}</a>', url, row.parent.code))
            )
        return found

    def tabs(self, row: Problem, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(Problem, [row.pk]).get(row.pk, [])
        similar = queries.list_similar(actor=actor, problem=row)
        found = [Tab(name="files", label=_("佐证材料"), count=len(files), template="duty/_files.html",
                     context=lambda: {"files": files})]  # fmt: skip
        if similar:
            found.append(Tab(name="similar", label=_("同类问题"), count=len(similar), template="duty/_problems.html",
                             context=lambda: {"problems": similar}))  # fmt: skip
        return found

    def actions(self, row: Problem, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.asks or one.name == "verify")
            for one in loopview.actions_of(row, actor)
        ]

    def form_for(
        self, action: Action, row: Problem, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "assign": lambda: forms.AssignForm(data, actor=actor, initial={"org": row.unit_id}),
            "rectify": lambda: forms.RectifyForm(data, files),
            "verify": lambda: OptionalReasonForm(data),
            "compare": lambda: forms.CompareForm(data, actor=actor),
        }
        if action.name in makers:
            return makers[action.name]()
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Problem, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "problem": row, "now": now, "client_id": client_id}
        if name in SECTIONS:
            services.write_section(**common, name=name, text=given[SECTIONS[name]])
        elif name == "enlist":
            services.enlist(**common)
        elif name == "assign":
            services.assign_problem(**common, **given)
        elif name == "rectify":
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.rectify(**common, result=given["result"], evidence=evidence)
        elif name in ("verify", "return"):
            services.verify_problem(**common, accept=name == "verify", reason=given["reason"])
        elif name == "compare":
            services.compare(**common, text=given["analogy"], units=list(given["units"]))
        else:
            services.end_problem(**common, name=name, reason=given.get("reason", ""))
