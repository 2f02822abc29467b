"""Pages of what posts demand and how many have learned it: the matrix, coverage, who stands where."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import get_enterprise, required_file
from quancheng.domains.training.models import ProgrammeStanding, StandingState
from quancheng.domains.training.queries import coverage as queries
from quancheng.domains.training.queries.education import hours_said
from quancheng.domains.training.queries.persons import KEEP, VIEW, holders_of
from quancheng.domains.training.queries.programmes import list_programmes, programme_of
from quancheng.domains.training.queries.roles import list_roles
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.people.actors import actor_of

#: Gaps shown under a matrix; the list has all.
MOST = 200


def state_mark(row: ProgrammeStanding) -> Any:
    tone = {"done": "done", "pending": "quiet"}.get(row.state, "active")
    return marks.badge(row.get_state_display(), tone)


class StandingList(ListPage):
    """Who stands where in what he must learn (培训达标情况)."""

    code = "training.standings"
    title = gettext_lazy("培训达标情况")
    duty = VIEW
    columns = (
        Column("person", gettext_lazy("姓名"), value=lambda row: row.person.name, link=True, sort="person__pinyin",
               card="title"),
        Column("enterprise", gettext_lazy("企业"), sort="person__enterprise__pinyin", card="meta", width="wide",
               value=lambda row: row.person.enterprise.name if row.person.enterprise else ""),
        Column("programme", gettext_lazy("培训大纲"), value=lambda row: row.programme.shown, card="meta",
               sort="programme__position", width="wide"),
        Column("state", gettext_lazy("达标情况"), value=lambda row: row.get_state_display(), render=state_mark,
               sort="state", card="meta"),
        Column("had", gettext_lazy("已完成学时"), numeric=True, value=lambda row: hours_said(row.had), sort="had"),
        Column("needed", gettext_lazy("初次学时"), numeric=True, sort="needed"),
        Column("year_had", gettext_lazy("本年已完成学时"), numeric=True, value=lambda row: hours_said(row.year_had),
               sort="year_had"),
        Column("year_needed", gettext_lazy("本年应学时"), numeric=True, sort="year_needed"),
        Column("due_date", gettext_lazy("完成期限"), sort="due_date", card="meta"),
        Column("done_date", gettext_lazy("初次培训完成日期"), sort="done_date", shown=False),
        Column("until_date", gettext_lazy("有效期止"), sort="until_date", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、企业名称"), pinned=True,
               fields=("person__name", "person__enterprise__name"), pinyin=("person__pinyin", "person__initials")),
        Choice(name="programme", label=gettext_lazy("培训大纲"), field="programme__code", pinned=True,
               choices=lambda actor: [(one.code, one.shown) for one in list_programmes()]),
        Choice(name="state", label=gettext_lazy("达标情况"), choices=StandingState.choices, field="state",
               multiple=True, pinned=True),
        Choice(name="role", label=gettext_lazy("岗位角色"),
               choices=lambda actor: [(one.code, one.shown) for one in list_roles() if not one.is_task_only],
               narrows=lambda code: Q(person__in=holders_of(code))),
        Flag(name="gaps", label=gettext_lazy("只看未达标的"),
             condition=lambda actor: Q(state__in=queries.GAPS)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有须培训的人员")

    def queryset(self, actor: Actor) -> QuerySet[ProgrammeStanding]:
        return queries.list_standings(actor=actor)

    def url_of(self, row: ProgrammeStanding) -> str:
        return reverse("training:person", args=[row.person_id]) + "?tab=education"


class Coverage(View):
    """Coverage of programmes; of one that is chosen by role and by enterprise."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            if name != "programme":
                raise unknown_parameter(name)
        chosen = programme_of(request.GET["programme"]) if request.GET.get("programme") else None
        context: dict[str, Any] = {"chosen": chosen, "rows": queries.coverage(actor=actor)}
        if chosen is not None:
            context["roles"] = queries.coverage_by_role(actor=actor, programme=chosen)
            context["files"] = queries.coverage_by_enterprise(actor=actor, programme=chosen)
        return render(request, "training/coverage.html", context)


class Matrix(View):
    """What the posts of one enterprise demand, who has it and who lacks it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            raise unknown_parameter(name)
        file = self.file(actor, **kwargs)
        context = {
            "file": file, "demands": queries.matrix_of(actor=actor, file=file),
            "gaps": [(one, state_mark(one)) for one in queries.gaps_of(actor=actor, file=file)[:MOST]],
        }  # fmt: skip
        return render(request, "training/matrix.html", context)

    def file(self, actor: Actor, **kwargs: Any) -> Enterprise:
        return get_enterprise(actor=actor, file_id=kwargs["pk"])


class OwnMatrix(Matrix):
    """The same of one's own."""

    def file(self, actor: Actor, **kwargs: Any) -> Enterprise:
        actor.require(KEEP)
        return required_file(actor=actor)
