"""The ledger of warehouses (仓库台账): the list with its screening, and one warehouse to be read and printed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.loops.major_hazard import MAJOR_HAZARD
from quancheng.domains.registry.models import Facility, Holding, MajorHazard
from quancheng.domains.registry.queries import enterprises, storage
from quancheng.domains.registry.queries import warehouses as queries
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.views import storage as storage_views
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import export
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of
from quancheng.standards import ghs

_FILING = dict(MAJOR_HAZARD.choices)


def _classes(actor: Actor) -> list[tuple[str, Text]]:
    language = translation.get_language() or "zh"
    return [(key, one.name.in_language(language)) for key, one in ghs.classes().items()]


class WarehouseList(ListPage):
    """Warehouses of the district: those that form major hazards first, each with stock and risk points."""

    code = "registry.warehouses"
    title = gettext_lazy("仓库台账")
    columns = (
        Column("name", gettext_lazy("库房"), value=lambda row: f"{row.code} {row.name}", link=True, sort="code",
               card="title", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.unit.file.enterprise.name,
               sort="unit__file__enterprise__pinyin", card="meta", width="wide"),
        Column("grade", gettext_lazy("重大危险源"), value=lambda row: words.hazard(row.unit.legal_grade),
               sort="unit__legal_grade", card="meta"),
        Column("filing", gettext_lazy("备案状态"), value=lambda row: str(_FILING.get(row.filing, ""))),
        Column("kinds", gettext_lazy("品种数"), numeric=True, sort="kinds"),
        Column("present_t", gettext_lazy("实际存量（吨）"), value=lambda row: shown(row.present_t), numeric=True,
               sort="present_t", card="meta"),
        Column("design_t", gettext_lazy("设计最大量（吨）"), value=lambda row: shown(row.design_t), numeric=True,
               sort="design_t"),
        Column("problems", gettext_lazy("储存问题"), numeric=True, sort="problems", card="meta"),
        Column("lacking", gettext_lazy("防护缺项"), numeric=True, sort="lacking"),
        Column("area", gettext_lazy("所在镇街"),
               value=lambda row: row.unit.file.area.name if row.unit.file.area else "", sort="unit__file__area__path"),
        Column("life", gettext_lazy("经营状态"), value=lambda row: row.unit.file.get_life_display()),
        Column("unit", gettext_lazy("单元"), value=lambda row: row.unit.name, shown=False),
        Column("fire_limit_t", gettext_lazy("消防核定储存量（吨）"), value=lambda row: shown(row.fire_limit_t),
               numeric=True, sort="fire_limit_t", shown=False),
        Column("design", gettext_lazy("设计情况"), value=lambda row: row.get_design_display(), shown=False),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.unit.file.supervisor.label,
               shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、库房"), pinned=True,
               fields=("unit__file__enterprise__name", "code", "name", "unit__name")),
        Flag(name="key", label=gettext_lazy("只看重点仓库（构成重大危险源）"), pinned=True,
             condition=lambda actor: Q(unit__legal_grade__isnull=False)),
        Choice(name="holds", label=gettext_lazy("存有"), choices=_classes, narrows=queries.holds_class, multiple=True),
        Flag(name="wrong", label=gettext_lazy("只看有储存问题"), condition=lambda actor: Q(problems__gt=0)),
        Flag(name="lacks", label=gettext_lazy("只看防护缺项"), condition=lambda actor: Q(lacking__gt=0)),
        Flag(name="unfiled", label=gettext_lazy("只看应备案未备案"), condition=lambda actor: Q(filing="FOUND")),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有库房")

    def queryset(self, actor: Actor) -> QuerySet[Facility]:
        return queries.list_warehouses(actor=actor)

    def url_of(self, row: Facility) -> str:
        return reverse("registry:warehouse", args=[row.pk])


class WarehouseLedger(View):
    """One warehouse: status, goods by class, what moved each month, risk points; printed or taken as a sheet."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        row = queries.get_warehouse(actor=actor, facility_id=pk)
        for name in request.GET:
            if name != "export":
                raise unknown_parameter(name)
        now = timezone.now()
        months = queries.ledger(row, now=now)
        if wanted := request.GET.get("export", ""):
            if wanted != "xlsx":
                raise unknown_parameter("export")
            return self._sheet(actor, row, months)
        holdings = list(enterprises.holdings_of(row.unit.file).filter(facility=row))
        judged = storage.judge(
            [storage.stock_of(one, row) for one in holdings], enterprise_kind=row.unit.file.kind,
            set_limits=storage.limits(),
        )  # fmt: skip
        hazard = queries.current_hazard(row)
        context = {
            "facts": _facts(row, hazard), "row": row, "file": row.unit.file, "now": now, "months": months,
            "holdings": holdings, "classes": queries.by_class(holdings), "grade": words.hazard(row.unit.legal_grade),
            "lists": [(one, _lists(one)) for one in holdings], "risks": _risks(row, holdings),
            "check": storage_views.check_context(row, judged, holdings),
        }  # fmt: skip
        return render(request, "registry/warehouse.html", context)

    def _sheet(self, actor: Actor, row: Facility, months: Sequence[queries.MonthRow]) -> HttpResponse:
        columns = [
            Column("month", _("月份"), value=lambda one: f"{one.month:%Y-%m}"),
            Column("name", _("化学品")), Column("cas", "CAS"), Column("opening_t", _("期初（吨）")),
            Column("in_t", _("入库（吨）")), Column("out_t", _("出库（吨）")), Column("count_t", _("盘点增减（吨）")),
            Column("closing_t", _("期末（吨）")),
        ]  # fmt: skip
        title = _("仓库台账 %(place)s") % {"place": f"{row.code} {row.name}"}
        return export.spreadsheet(
            actor=actor, code="registry.warehouses", title=title, columns=columns, rows=months,
            filters_text=row.unit.file.enterprise.name,  # type: ignore[union-attr]
            demo=is_demo(), now=timezone.now(),
        )  # fmt: skip


def _facts(row: Facility, hazard: MajorHazard | None) -> list[Fact]:
    """How the warehouse stands."""
    file, unit, own = row.unit.file, row.unit, _("企业")
    filing: Any = ""
    if hazard is not None:
        url = reverse("registry:hazard", args=[hazard.pk])
        filing = format_html('<a href="{}">{}</a> {}', url, hazard.status_label, hazard.number)
    return [
        Fact(label=_("所在镇街"), value=file.area.name if file.area else ""),
        Fact(label=_("经营状态"), value=file.get_life_display()),
        Fact(label=_("设施类别"), value=row.get_kind_display()),
        Fact(label=_("投用日期"), value=row.commissioned_date, filled_by=own),
        Fact(label=_("设计情况"), filled_by=own,
             value=" ".join(filter(None, (row.get_design_display(), row.design_body)))),
        Fact(label=_("消防核定储存量（吨）"), value=shown(row.fire_limit_t), filled_by=own),
        Fact(label=_("法定等级"), value=words.graded(unit.legal_grade, unit.legal_s, unit.legal_r)),
        Fact(label=_("现状等级"), value=words.graded(unit.present_grade, unit.present_s, unit.present_r)),
        Fact(label=_("备案状态"), value=filing),
        Fact(label=_("监管牵头部门"), value=file.supervisor.label),
    ]  # fmt: skip


def _lists(holding: Holding) -> str:
    return words.restrictions(holding.chemical.lists)


def _risks(row: Facility, holdings: Sequence[Holding]) -> list[str]:
    """What the warehouse lacks, beside what its storage check says."""
    found = []
    for name in queries.PROTECTIONS:
        label, state = Facility._meta.get_field(name).verbose_name, getattr(row, name)  # type: ignore[union-attr]
        if state == "no":
            found.append(_("%(what)s：未设置或未投用。") % {"what": label})
        elif not state:
            found.append(_("%(what)s：没有填报。") % {"what": label})
    if row.design == "none":
        found.append(_("未经正规设计，也未作安全设计诊断。"))
    elif not row.design:
        found.append(_("设计情况没有填报。"))
    if row.fire_limit_t is None:
        found.append(_("消防核定储存量没有填报。"))
    uncounted = [one.product or one.chemical.name for one in holdings if one.present_t is None]
    if uncounted:
        found.append(_("没有填报实际存量：%(names)s。") % {"names": listed(uncounted[:10])})
    if row.unit.legal_grade is not None and row.filing in ("", "FOUND"):  # type: ignore[attr-defined]
        found.append(_("构成重大危险源，尚未备案。"))
    return found
