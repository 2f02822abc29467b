"""Reports over enterprises: figures by class, totals by substance, who has left the trade."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.kinds import Kind, Life
from quancheng.domains.registry.loops.licence import LICENCE_EXIT
from quancheng.domains.registry.models import Chemical, Enterprise
from quancheng.domains.registry.queries import reports as queries
from quancheng.domains.registry.queries.completeness import town_choices, town_names
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.queries.reports import ClassRow
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import export, marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.people.actors import actor_of

#: What each figure is called, and which rows of the register stand behind it.
_FIGURES: dict[str, tuple[Text, dict[str, str] | None]] = {
    "files": (gettext_lazy("企业数"), {"standing": "1"}),
    "operating": (gettext_lazy("正常生产经营"), {"life": "operating"}),
    "trial": (gettext_lazy("试生产"), {"life": "trial"}),
    "stopped": (gettext_lazy("长期停产停业"), {"life": "stopped"}),
    "exiting": (gettext_lazy("退出办理中"), {"life": "exiting"}),
    "closed": (gettext_lazy("已关闭退出"), {"life": "closed"}),
    "verified": (gettext_lazy("已核验"), None),
    "complete": (gettext_lazy("档案完整"), {"standing": "1", "score": "full"}),
    "filed": (gettext_lazy("已备案"), None),
    "units": (gettext_lazy("单元"), None),
    "hazards12": (gettext_lazy("一、二级重大危险源"), None),
    "hazards34": (gettext_lazy("三、四级重大危险源"), None),
    "facilities": (gettext_lazy("设施"), None),
}


def kind_name(code: str) -> str:
    return str(Kind(code).label) if code else _("合计")


def _figure(name: str) -> Callable[[ClassRow], int]:
    return lambda row: row.figures[name]


_COLUMNS = (
    Column("kind", gettext_lazy("企业类别"), value=lambda row: kind_name(row.kind)),
    *(Column(name, label, value=_figure(name)) for name, (label, _given) in _FIGURES.items()),
    Column("also", gettext_lazy("兼营本类的企业"), value=lambda row: row.also),
)


class ClassReport(View):
    """Figures of each class of enterprise (分类统计), on the page and as a spreadsheet (S2-0b)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("town", "export"):
                raise unknown_parameter(name)
        town, wanted = request.GET.get("town", ""), request.GET.get("export", "")
        towns = town_names()
        if town and town not in towns:
            raise unknown_parameter("town")
        if wanted not in ("", "xlsx"):
            raise unknown_parameter("export")
        rows = queries.class_report(actor=actor, area=town)
        if wanted:
            narrowed = _("镇街：%(name)s") % {"name": towns[town]} if town else ""
            return export.spreadsheet(
                actor=actor, code="registry.class_report", title=_("企业分类统计"), columns=_COLUMNS, rows=rows,
                filters_text=narrowed, demo=is_demo(), now=timezone.now(),
            )  # fmt: skip
        given = {
            "heads": [label for label, _given in _FIGURES.values()],
            "rows": [(kind_name(row.kind), _list_url(row, town, {}), _cells(row, town), row.also) for row in rows[:-1]],
            "whole": (rows[-1], _cells(rows[-1], town)),
            "towns": [(path, name, path == town) for path, name in towns.items()],
            "export_url": f"?{urlencode({'export': 'xlsx', **({'town': town} if town else {})})}",
        }
        return render(request, "registry/class_report.html", given)


def _cells(row: ClassRow, town: str) -> list[tuple[int, str]]:
    """Each figure with the list of the rows behind it, where there is one."""
    return [
        (row.figures[name], _list_url(row, town, given) if given is not None and row.figures[name] else "")
        for name, (_label, given) in _FIGURES.items()
    ]


def _list_url(row: ClassRow, town: str, given: dict[str, str]) -> str:
    asked = {"kind": row.kind, "town": town, **given}
    return f"{reverse('registry:enterprises')}?{urlencode({name: value for name, value in asked.items() if value})}"


class TotalsList(ListPage):
    """Totals by substance (物质总量): how much of each is licensed, designed and there, against the city's total."""

    code = "registry.totals"
    title = gettext_lazy("物质总量")
    columns = (
        Column("name", gettext_lazy("化学品"), link=True, sort="pinyin", card="title", width="wide"),
        Column("cas", "CAS", sort="cas"),
        Column("files", gettext_lazy("企业数"), numeric=True, sort="files", card="meta"),
        Column("places", gettext_lazy("储存点"), numeric=True, sort="places"),
        Column("licensed", gettext_lazy("许可量合计（吨）"), numeric=True, sort="licensed",
               render=lambda row: shown(row.licensed)),
        Column("design", gettext_lazy("设计最大量合计（吨）"), numeric=True, sort="design", card="meta",
               render=lambda row: shown(row.design)),
        Column("present", gettext_lazy("实际存量合计（吨）"), numeric=True, sort="present", card="meta",
               render=lambda row: shown(row.present)),
        Column("left_t", gettext_lazy("已退出设计量（吨）"), numeric=True, sort="left_t",
               render=lambda row: shown(row.left_t)),
        Column("cap", gettext_lazy("总量控制指标（吨）"), numeric=True, sort="cap", render=lambda row: shown(row.cap)),
        Column("room", gettext_lazy("剩余（吨）"), numeric=True, sort="room",
               render=lambda row: _room(row.room)),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("化学品、CAS"), pinned=True, fields=("name", "cas"),
               pinyin=("pinyin", "initials")),
        Flag(name="capped", label=gettext_lazy("只看有总量指标的"), pinned=True,
             condition=lambda actor: Q(cap__isnull=False)),
        Flag(name="over", label=gettext_lazy("只看超出总量指标的"), condition=lambda actor: Q(design__gt=F("cap"))),
    )  # fmt: skip
    empty_title = gettext_lazy("没有储存记录")
    empty_hint = gettext_lazy("企业登记存量后，这里按化学品合计您管辖范围内的数量；总量指标登记在禁限控目录上。")

    def queryset(self, actor: Actor) -> QuerySet[Chemical]:
        return queries.list_totals(actor=actor, on=timezone.localdate())

    def url_of(self, row: Chemical) -> str:
        return reverse("registry:chemical", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("禁限控目录"), reverse("registry:restrictions"))]


def _room(value: Decimal | None) -> Any:
    """What is left of a total; less than nothing wants attention, and says so in words."""
    if value is None or value >= 0:
        return shown(value)
    return marks.badge(_("超出 %(amount)s") % {"amount": shown(-value)}, "active")


class ExitedList(ListPage):
    """Who has left the trade or is on the way out (退出企业名单), with reason and date (S3-4.2b)."""

    code = "registry.exited"
    title = gettext_lazy("退出企业名单")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("life", gettext_lazy("经营状态"), value=lambda row: row.get_life_display(), sort="life", card="meta"),
        Column("life_date", gettext_lazy("状态起始日期"), sort="life_date", card="meta"),
        Column("exit_reason", gettext_lazy("退出原因"), width="wide"),
        Column("exit_status", gettext_lazy("退出程序"), value=lambda row: _exit_state(row.exit_status),
               sort="exit_status"),
        Column("exit_code", gettext_lazy("退出程序编号"), sort="exit_code"),
        Column("exit_closed_at", gettext_lazy("办结时间"), sort="exit_closed_at"),
        Column("design", gettext_lazy("原设计量（吨）"), numeric=True, sort="design",
               render=lambda row: shown(row.design)),
        Column("present", gettext_lazy("现存量（吨）"), numeric=True, sort="present",
               render=lambda row: shown(row.present)),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.supervisor.label, shown=False),
        Column("credit_code", gettext_lazy("统一社会信用代码"), value=lambda row: row.enterprise.credit_code or "",
               shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、代码、地址"), pinned=True, fields=("words",)),
        Choice(name="life", label=gettext_lazy("经营状态"),
               choices=[(one.value, one.label) for one in (Life.EXITING, Life.CLOSED)], field="life", pinned=True),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="since", label=gettext_lazy("状态起始日期"), field="life_date"),
        Flag(name="stocked", label=gettext_lazy("只看仍有存量的"), condition=lambda actor: Q(present__gt=0)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有退出的企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_exited(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("registry:enterprise", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("退出程序"), reverse("registry:licence_exits"))]


def _exit_state(status: str | None) -> str:
    state = LICENCE_EXIT.states.get(status or "")
    return "" if state is None else str(state.label)
