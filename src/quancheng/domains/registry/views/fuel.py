"""Pages of civil fuels (醇基燃料、城镇燃气及类似民用燃气): units with their owners, and who supplies whom."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import fuel as forms
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise, FuelSupply
from quancheng.domains.registry.queries import enterprises
from quancheng.domains.registry.queries import fuel as queries
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.services import fuel as services
from quancheng.domains.registry.services.enterprises import may_keep
from quancheng.domains.registry.views.keeping import FilePage
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage


class FuelUnitList(ListPage):
    """Units of civil fuels with their owners."""

    code = "registry.fuel_units"
    title = gettext_lazy("民用燃料单位")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("owner_name", gettext_lazy("产权人（经营者）"), sort="owner_name", card="meta"),
        Column("present", gettext_lazy("现存量（吨）"), value=lambda row: row.present, numeric=True, sort="present",
               render=lambda row: shown(row.present)),
        Column("stored", gettext_lazy("最大储存量（吨）"), value=lambda row: row.stored, numeric=True, sort="stored",
               render=lambda row: shown(row.stored)),
        Column("monthly", gettext_lazy("月用量（吨）"), value=lambda row: row.monthly, numeric=True, sort="monthly",
               render=lambda row: shown(row.monthly)),
        Column("suppliers", gettext_lazy("供应单位"), sort="suppliers", width="wide"),
        Column("user_count", gettext_lazy("供应的使用单位数"), numeric=True, sort="user_count"),
        Column("address", gettext_lazy("实际经营地址"), shown=False, width="wide"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、地址"), fields=("enterprise__name", "address"), pinned=True),
        Choice(name="kind", label=gettext_lazy("企业类别"), field="kind", multiple=True, pinned=True,
               choices=[one for one in Kind.choices if one[0] in queries.CIVIL]),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有民用燃料单位")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_fuel_units(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("registry:enterprise", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("醇基燃料供用关系"), reverse("registry:fuel_supplies"))]


class FuelSupplyList(ListPage):
    """Who supplies whom with alcohol-based fuel."""

    code = "registry.fuel_supplies"
    title = gettext_lazy("醇基燃料供用关系")
    columns = (
        Column("file", gettext_lazy("使用单位"), value=lambda row: str(row.file.enterprise), link=True,
               sort="file__enterprise__pinyin", card="title", width="wide"),
        Column("supplier_name", gettext_lazy("供应单位"), sort="supplier_name", card="meta", width="wide"),
        Column("registered", gettext_lazy("供应单位已登记"),
               value=lambda row: _("是") if row.supplier_id else _("否")),
        Column("monthly_t", gettext_lazy("月用量（吨）"), numeric=True, sort="monthly_t",
               render=lambda row: shown(row.monthly_t)),
        Column("stored_t", gettext_lazy("最大储存量（吨）"), numeric=True, sort="stored_t",
               render=lambda row: shown(row.stored_t)),
        Column("storage", gettext_lazy("储存方式"), width="wide"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path", card="meta"),
        Column("since_date", gettext_lazy("开始日期"), sort="since_date", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("使用单位、供应单位"), fields=("file__enterprise__name", "supplier_name"),
               pinned=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有登记供用关系")

    def queryset(self, actor: Actor) -> QuerySet[FuelSupply]:
        return queries.list_supplies(actor=actor)

    def url_of(self, row: FuelSupply) -> str:
        return reverse("registry:fuel_supply", args=[row.pk])


class NewFuelSupply(FilePage):
    title = gettext_lazy("登记醇基燃料供应")
    lead = gettext_lazy("本单位由谁供应、每月用多少、怎样储存。")
    form = forms.SupplyForm
    button = gettext_lazy("登记")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_supply(actor=actor, file=self.file, known=given, now=now, client_id=client_id)
        return reverse("registry:fuel_supply", args=[made.pk])


class FuelSupplyPage(ObjectPage[FuelSupply]):
    """One supply."""

    template = "registry/object.html"
    back = (gettext_lazy("醇基燃料供用关系"), lambda: reverse("registry:fuel_supplies"))

    def get_row(self, actor: Actor, **kwargs: Any) -> FuelSupply:
        return queries.get_supply(actor=actor, supply_id=kwargs["pk"])

    def head(self, row: FuelSupply, actor: Actor) -> ObjectHead:
        return ObjectHead(title=f"{row.supplier_name} → {row.file.enterprise}")

    def facts(self, row: FuelSupply, actor: Actor) -> Sequence[Fact]:
        seen = enterprises.seen_files(actor=actor, ids=[row.file_id, *([row.supplier_id] if row.supplier_id else [])])
        return [
            Fact(label=_("使用单位"), value=_link(row.file, seen)),
            Fact(label=_("供应单位"), value=_link(row.supplier, seen) if row.supplier else row.supplier_name),
            Fact(label=_("月用量（吨）"), value=shown(row.monthly_t)),
            Fact(label=_("最大储存量（吨）"), value=shown(row.stored_t)),
            Fact(label=_("储存方式"), value=row.storage),
            Fact(label=_("开始日期"), value=row.since_date),
        ]

    def actions(self, row: FuelSupply, actor: Actor) -> Sequence[Action]:
        seen = enterprises.seen_files(actor=actor, ids=[row.file_id])
        if not seen or not may_keep(actor, row.file):
            return []
        return [Action(name="end", label=_("停用"), confirm=_("停用后不再列入供用关系，记录保留。确定停用？"))]

    def perform(
        self, *, actor: Actor, row: FuelSupply, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        services.end_supply(actor=actor, supply=row, now=now)


def _link(file: Enterprise, seen: set[uuid.UUID]) -> Any:
    if file.pk not in seen:
        return str(file.enterprise)
    return link_to(file)
