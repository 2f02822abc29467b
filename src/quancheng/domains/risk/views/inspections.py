"""Enterprises to be looked at in a key time (重点时段检查名单), and the roll-up by town: lists to hand over."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.filters.colours import COLOUR, DAY, LEVELS, asked_colour
from quancheng.domains.risk.filters.periods import INSPECTED
from quancheng.domains.risk.kinds import Level
from quancheng.domains.risk.queries import comparing
from quancheng.domains.risk.queries import maps as queries
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.maps import level_word
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.exchange.sheets import SheetColumn, write_xlsx
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.export import XLSX
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.people.actors import actor_of

#: What the colour calls for where the district set nothing else. [D]
_CALLS = {
    1: gettext_lazy("每月检查，直至降级"), 2: gettext_lazy("每半年至少一次，专家参与"),
    3: gettext_lazy("每年至少一次"), 4: gettext_lazy("随机抽查"),
}  # fmt: skip


def _call(row: Any) -> str:
    known = [one for one in (row.level, row.graded_level) if one]
    return str(_CALLS[min(known)]) if known else ""


class InspectionList(ListPage):
    """Enterprises by colour, changes and open dangers of a period, the most urgent first; a list and no order."""

    code = "risk.inspections"
    title = gettext_lazy("重点时段检查名单")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("level", gettext_lazy("现状风险"), value=lambda row: level_word(row.level),
               render=lambda row: words.colour(row.level), sort="level", card="meta"),
        Column("graded", gettext_lazy("企业风险等级"), value=lambda row: level_word(row.graded_level),
               render=lambda row: words.colour(row.graded_level), sort="graded_level"),
        Column("changes", gettext_lazy("期间变色次数"), value=lambda row: row.changes, numeric=True, sort="changes"),
        Column("majors", gettext_lazy("未销号重大隐患"), value=lambda row: row.open_majors, numeric=True,
               sort="open_majors", card="meta"),
        Column("dangers", gettext_lazy("未销号隐患"), value=lambda row: row.open_dangers, numeric=True,
               sort="open_dangers"),
        Column("hazard", gettext_lazy("重大危险源级别"), value=lambda row: row.legal_grade, numeric=True,
               sort="legal_grade"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.supervisor.label, shown=False),
        Column("address", gettext_lazy("实际经营地址"), shown=False, width="wide"),
        Column("call", gettext_lazy("检查频次建议"), value=_call),
    )  # fmt: skip
    filters = (
        INSPECTED,
        Flag(name="picked", label=gettext_lazy("只看红橙、有重大隐患或期间变色的"), pinned=True,
             condition=lambda actor: comparing.IS_PICKED),
        Choice(name="level", label=gettext_lazy("现状风险"), choices=LEVELS, field="level", multiple=True, pinned=True),
        Choice(name="graded", label=gettext_lazy("企业风险等级"), choices=LEVELS, field="graded_level", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices, pinned=True,
               narrows=lambda path: Q(area__path__startswith=path)),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
        Flag(name="major", label=gettext_lazy("只看有未销号重大隐患的"), condition=lambda actor: Q(open_majors__gt=0)),
        Search(name="q", label=gettext_lazy("企业名称"), fields=("words",)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有需要检查的企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return comparing.list_inspected(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("risk:site", args=[row.pk])


class RollUp(View):
    """Each town with its enterprises by level, shares, and its worst (镇街风险汇总), now or at the end of a day."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("of", "day", "export"):
                raise unknown_parameter(name)
        if request.GET.get("export", "") not in ("", "xlsx"):
            raise unknown_parameter("export")
        of, day = asked_colour(request.GET)
        towns, names = queries.rolled_up(actor=actor, of=of, day=day)
        total = queries.total_of(towns)
        if request.GET.get("export"):
            return self._sheet(towns, total, names, f"{of.label}{f' {day}' if day else ''}")
        here, kept = reverse("risk:map"), {"of": str(of), **({"day": day.isoformat()} if day else {})}

        def url(**more: Any) -> str:
            return f"{here}?{urlencode({**kept, **more})}"

        def line(one: queries.TownLevels) -> dict[str, Any]:
            town = {"town": one.area.path} if one.area is not None and one.area.level != "district" else {}
            return {
                "name": one.area.name if one.area else "", "total": one.total, "url": url(**town),
                "cells": [(one.by_level[level], one.share(level), url(level=level, **town)) for level in Level.values],
                "without": one.without,
                "worst": [(names[pk], reverse("risk:site", args=[pk]), words.colour(level)) for pk, level in one.worst],
            }  # fmt: skip

        context = {
            "lines": [line(one) for one in towns], "total": line(total), "of": of.label, "day": day,
            "levels": [words.colour(level) for level in Level.values], "path": request.path,
            "controls": [DAY.control(request.GET, actor, ""), COLOUR.control(request.GET, actor, "")],
            "query": urlencode(kept),
        }  # fmt: skip
        return respond(request, page="risk/rollup.html", part="risk/_rollup.html", context=context)

    def _sheet(self, towns: Any, total: Any, names: Any, said: str) -> HttpResponse:
        columns = [SheetColumn("town", _("镇街"))]
        for level, label in Level.choices:
            columns += [SheetColumn(f"n{level}", str(label)), SheetColumn(f"s{level}", f"{label}（%）")]
        columns += [SheetColumn("without", _("没有等级")), SheetColumn("total", _("合计")),
                    SheetColumn("worst", _("风险最高的企业"))]  # fmt: skip

        def row(one: queries.TownLevels, name: str) -> dict[str, Any]:
            cells: dict[str, Any] = {"town": name, "without": one.without, "total": one.total}
            for level in Level.values:
                cells |= {f"n{level}": one.by_level[level], f"s{level}": one.share(level)}
            return cells | {"worst": "、".join(names[pk] for pk, _level in one.worst)}

        rows = [row(one, one.area.name if one.area else _("未定镇街")) for one in towns]
        title = _("镇街风险汇总")
        body = write_xlsx(columns, [*rows, row(total, _("合计"))], title=title, filters_text=said, demo=is_demo())
        name = quote(f"{title}-{timezone.localdate():%Y%m%d}.xlsx")
        headers = {"Content-Disposition": f"attachment; filename=\"export.xlsx\"; filename*=UTF-8''{name}"}
        return HttpResponse(body, content_type=XLSX, headers=headers)
