"""What is held across the district, or in one's own enterprise: one line a chemical in a facility."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.kinds import FacilityKind
from quancheng.domains.registry.models import Holding
from quancheng.domains.registry.quantities import in_tonnes
from quancheng.domains.registry.queries import enterprises as queries
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


class HoldingList(ListPage):
    """Facilities and stock (设施和存量); the sheet that it exports comes in again."""

    code = "registry.stock"
    title = gettext_lazy("设施和存量")
    columns = (
        Column("file", gettext_lazy("企业名称"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta", width="wide"),
        Column("unit_code", gettext_lazy("单元编号"), value=lambda row: row.facility.unit.code),
        Column("unit_name", gettext_lazy("单元名称"), value=lambda row: row.facility.unit.name, shown=False),
        Column("unit_kind", gettext_lazy("单元类别"), value=lambda row: row.facility.unit.get_kind_display(),
               shown=False),
        Column("facility_code", gettext_lazy("设施编号"), value=lambda row: row.facility.code,
               sort="facility__code", card="meta"),
        Column("facility_name", gettext_lazy("设施名称"), value=lambda row: row.facility.name, shown=False),
        Column("facility_kind", gettext_lazy("设施类别"), value=lambda row: row.facility.get_kind_display()),
        Column("volume_m3", gettext_lazy("容积（立方米）"), value=lambda row: _plain(row.facility.volume_m3),
               numeric=True, shown=False),
        Column("max_fill", gettext_lazy("最大充装系数"), value=lambda row: _plain(row.facility.max_fill),
               numeric=True, shown=False),
        Column("chemical", gettext_lazy("化学品"), value=lambda row: row.chemical.name, link=True,
               sort="chemical__pinyin", card="title", width="wide"),
        Column("product", gettext_lazy("商品名称"), shown=False),
        Column("concentration", gettext_lazy("含量（%）"), numeric=True, shown=False,
               value=lambda row: "" if row.concentration is None else _plain(row.concentration * 100)),
        Column("hazard_classes", gettext_lazy("混合物危险性类别"), value=lambda row: "；".join(row.hazard_classes),
               shown=False, width="wide"),
        Column("density", gettext_lazy("密度（吨/立方米）"), value=lambda row: _plain(row.density), numeric=True,
               shown=False),
        Column("licensed", gettext_lazy("许可量"), value=lambda row: in_tonnes(row.licensed_t), numeric=True,
               sort="licensed_t"),
        Column("design", gettext_lazy("设计最大量"), value=lambda row: in_tonnes(row.design_t), numeric=True,
               sort="design_t"),
        Column("present", gettext_lazy("实际存量"), value=lambda row: in_tonnes(row.present_t), numeric=True,
               sort="present_t", card="meta"),
        Column("present_at", gettext_lazy("存量时间"), sort="present_at", shown=False),
        Column("grade", gettext_lazy("法定等级"), value=lambda row: words.hazard(row.facility.unit.legal_grade),
               sort="facility__unit__legal_grade"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("化学品、企业、设施"), pinned=True,
               fields=("chemical__name", "chemical__pinyin", "chemical__initials", "chemical__cas",
                       "file__enterprise__name", "facility__code")),
        Choice(name="kind", label=gettext_lazy("设施类别"), choices=FacilityKind.choices, field="facility__kind",
               multiple=True),
        Flag(name="over", label=gettext_lazy("只看超许可或超设计"), condition=lambda actor: (
            Q(present_t__gt=F("licensed_t")) | Q(present_t__gt=F("design_t")))),
        Flag(name="uncounted", label=gettext_lazy("只看未填存量"), condition=lambda actor: Q(present_t__isnull=True)),
    )  # fmt: skip
    imports = ("registry.stock", "registry.own_stock")
    empty_title = gettext_lazy("还没有存量记录")

    def queryset(self, actor: Actor) -> QuerySet[Holding]:
        return queries.list_holdings(actor=actor)

    def url_of(self, row: Holding) -> str:
        return reverse("registry:holding", args=[row.pk])
