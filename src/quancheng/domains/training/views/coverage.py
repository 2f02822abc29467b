"""Pages of what posts demand and how many have learned it: the matrix, coverage, who stands where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.filters import FileFilter
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import get_enterprise, required_file
from quancheng.domains.training.models import Programme, ProgrammeStanding, StandingState
from quancheng.domains.training.queries import coverage as queries
from quancheng.domains.training.queries.coverage import UnitState
from quancheng.domains.training.queries.education import hours_said
from quancheng.domains.training.queries.persons import KEEP, VIEW, holders_of
from quancheng.domains.training.queries.programmes import list_programmes, programme_of_people
from quancheng.domains.training.queries.roles import list_roles
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Control, Filter, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.people.actors import actor_of

#: Gaps shown under a matrix, and units under a programme; the lists have all.
MOST, SHOWN = 200, 30
#: By which units are measured where no programme is named.
FIRST = "emergency-trade"


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
        FileFilter(name="enterprise", label=gettext_lazy("企业"), field="person__file"),
        Flag(name="gaps", label=gettext_lazy("只看未达标的"),
             condition=lambda actor: Q(state__in=queries.GAPS)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有须培训的人员")

    def queryset(self, actor: Actor) -> QuerySet[ProgrammeStanding]:
        return queries.list_standings(actor=actor)

    def url_of(self, row: ProgrammeStanding) -> str:
        return reverse("training:person", args=[row.person_id]) + "?tab=education"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFilter(Filter):
    """The programme by which units are measured. It stands first: others ask for what it counts."""

    def _chosen(self, given: QueryDict) -> Programme:
        code = given.get(self.name, "").strip() or FIRST
        found = list_programmes().exclude(kind="regulator").filter(code=code).first()
        if found is None:
            raise self.refuse(_("没有这个选项。"))
        return found

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        return queries.with_cover(rows, self._chosen(given), actor=actor)

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        chosen = given.get(self.name, "").strip() or FIRST
        offered = [(one.code, one.shown) for one in list_programmes() if not one.is_for_regulators and one.is_owed]
        return Control("pick", self.name, self.label, self.pinned, [chosen], error=error, active=bool(chosen),
                       choices=[(code, label, code == chosen) for code, label in offered])  # fmt: skip

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        return f"{self.label}：{self._chosen(given).shown}"


def _unit_mark(row: Any) -> Any:
    tone = {"covered": "done", "unentered": "quiet"}.get(row.cover_state, "active")
    return marks.badge(UnitState(row.cover_state).label, tone)


class UnitCoverageList(ListPage):
    """Units that a programme concerns, and how far each is covered (企业培训覆盖情况)."""

    code = "training.unit_coverage"
    title = gettext_lazy("企业培训覆盖情况")
    duty = VIEW
    columns = (
        Column("name", gettext_lazy("企业"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("cover_state", gettext_lazy("企业覆盖情况"), value=lambda row: UnitState(row.cover_state).label,
               render=_unit_mark, sort="cover_state", card="meta"),
        Column("cover_rate", gettext_lazy("覆盖率"), numeric=True, sort="cover_rate", card="meta",
               value=lambda row: "" if row.cover_rate is None else f"{row.cover_rate}%"),
        Column("people", gettext_lazy("应培训人数"), numeric=True, sort="people", card="meta"),
        Column("trained", gettext_lazy("已培训人数"), numeric=True, sort="trained"),
        Column("short", gettext_lazy("本年学时不足"), numeric=True, sort="short"),
        Column("overdue", gettext_lazy("逾期未完成"), numeric=True, sort="overdue"),
        Column("vacant", gettext_lazy("应设而未登记的岗位"), numeric=True, sort="vacant"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        ProgrammeFilter(name="programme", label=gettext_lazy("培训大纲"), pinned=True),
        Search(name="q", label=gettext_lazy("企业名称"), pinned=True, fields=("enterprise__name",),
               pinyin=("enterprise__pinyin", "enterprise__initials")),
        Choice(name="state", label=gettext_lazy("企业覆盖情况"), choices=UnitState.choices, field="cover_state",
               multiple=True, pinned=True),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
        Choice(name="without", label=gettext_lazy("未登记该岗位的"), narrows=queries.without_holder,
               choices=lambda actor: [(one.code, one.shown) for one in list_roles() if not one.is_task_only]),
    )  # fmt: skip
    empty_title = gettext_lazy("没有企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_units(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("training:matrix", args=[row.pk])


class Coverage(View):
    """Coverage of programmes; of one that is chosen by role and by enterprise."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            if name != "programme":
                raise unknown_parameter(name)
        chosen = programme_of_people(request.GET["programme"]) if request.GET.get("programme") else None
        context: dict[str, Any] = {"chosen": chosen}
        if chosen is None:
            context["rows"] = queries.coverage(actor=actor)
        else:
            context["roles"] = queries.coverage_by_role(actor=actor, programme=chosen)
            context["units"] = queries.units_of(actor=actor, programme=chosen)
            context["files"] = queries.least_covered(actor=actor, programme=chosen, number=SHOWN)
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
