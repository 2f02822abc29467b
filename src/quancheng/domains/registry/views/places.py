"""Pages of sensitive places, and what an enterprise's page says of those near it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import places as forms
from quancheng.domains.registry.geometry import shape_of
from quancheng.domains.registry.kinds import PlaceKind
from quancheng.domains.registry.models import Enterprise, SensitivePlace
from quancheng.domains.registry.queries import places as queries
from quancheng.domains.registry.services import places as services
from quancheng.domains.registry.services.enterprises import may_keep
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


class PlaceList(ListPage):
    """The register of sensitive places (敏感目标)."""

    code = "registry.places"
    title = gettext_lazy("敏感目标")
    columns = (
        Column("name", gettext_lazy("名称"), link=True, sort="pinyin", card="title", width="wide"),
        Column("kind", gettext_lazy("类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name, sort="area__path", card="meta"),
        Column("population", gettext_lazy("人数"), numeric=True, sort="population", card="meta"),
        Column("source", gettext_lazy("数据来源"), sort="source"),
        Column("source_date", gettext_lazy("数据日期"), sort="source_date"),
        Column("address", gettext_lazy("地址"), shown=False, width="wide"),
        Column("point", gettext_lazy("经纬度（CGCS2000）"), value=lambda row: words.point(row.lon, row.lat),
               shown=False),
        Column("system", gettext_lazy("坐标系"), value=lambda row: "CGCS2000", shown=False),
        Column("lon", gettext_lazy("经度"), shown=False, numeric=True),
        Column("lat", gettext_lazy("纬度"), shown=False, numeric=True),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、地址"), pinned=True, fields=("name", "address"),
               pinyin=("pinyin", "initials")),
        Choice(name="kind", label=gettext_lazy("类别"), choices=PlaceKind.choices, field="kind", multiple=True,
               pinned=True),
        Flag(name="uncounted", label=gettext_lazy("只看未填人数"), condition=lambda actor: queries.UNCOUNTED),
    )  # fmt: skip
    imports = ("registry.places",)
    empty_title = gettext_lazy("还没有敏感目标")

    def queryset(self, actor: Actor) -> QuerySet[SensitivePlace]:
        return queries.list_places(actor=actor)

    def url_of(self, row: SensitivePlace) -> str:
        return reverse("registry:place", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记敏感目标"), reverse("registry:place_new"))] if actor.has(services.KEEP) else []


class NewPlace(CreatePage):
    title = gettext_lazy("登记敏感目标")
    lead = gettext_lazy("用于核定企业周边人口（GB 18218-2018 第4.3.3条）和应急疏散。")
    duty = services.KEEP
    form = forms.PlaceForm
    back = "registry:places"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_place(actor=actor, known=given, now=now, client_id=client_id)
        return reverse("registry:place", args=[made.pk])


class PlacePage(ObjectPage[SensitivePlace]):
    """One place: what it is, where, how many people, and where that is known from."""

    template = "registry/object.html"
    back = (gettext_lazy("敏感目标"), lambda: reverse("registry:places"))

    def get_row(self, actor: Actor, **kwargs: Any) -> SensitivePlace:
        return queries.get_place(actor=actor, place_id=kwargs["pk"])

    def head(self, row: SensitivePlace, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, subtitle=row.get_kind_display())

    def facts(self, row: SensitivePlace, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("所在镇街"), value=row.area.name),
            Fact(label=_("地址"), value=row.address, filled_by=_("镇街")),
            Fact(label=_("经纬度（CGCS2000）"), value=words.point(row.lon, row.lat)),
            Fact(label=_("边界"), value=_("已登记") if row.boundary else "", filled_by=_("镇街")),
            Fact(label=_("人数"), value=row.population, filled_by=_("镇街")),
            Fact(label=_("数据来源"), value=row.source),
            Fact(label=_("数据日期"), value=row.source_date),
        ]

    def actions(self, row: SensitivePlace, actor: Actor) -> Sequence[Action]:
        if not actor.has(services.KEEP):
            return []
        return [
            Action(name="change", label=_("修改"), asks=True),
            Action(name="end", label=_("撤销"), confirm=_("撤销后不再列入企业周边，记录保留。确定撤销？")),
        ]

    def form_for(
        self, action: Action, row: SensitivePlace, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name != "change":
            return super().form_for(action, row, actor, data, files)
        known = {name: getattr(row, name) for name in services.FIELDS}
        return forms.ChangePlaceForm(data, actor=actor, initial={**known, "version": row.version})

    def perform(
        self, *, actor: Actor, row: SensitivePlace, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            changes = {key: value for key, value in given.items() if key in services.FIELDS}
            services.change_place(actor=actor, place=row, version=given["version"], changes=changes, now=now)
        elif name == "end":
            services.end_place(actor=actor, place=row, now=now)
        else:
            raise NotFound


# What an enterprise's page says of them ---------------------------------------------------------------------------


class Surroundings:
    """Places near an enterprise, read once and only where its tab or its proposal is opened."""

    def __init__(self, file: Enterprise) -> None:
        self.file = file

    @cached_property
    def near(self) -> list[queries.Near] | None:
        return queries.near_file(self.file)

    @cached_property
    def exposed(self) -> queries.Exposed | None:
        return queries.exposed_of(self.file, self.near) if self.near is not None else None

    def tab(self) -> Tab:
        return Tab(
            name="near",
            label=_("周边敏感目标"),
            template="registry/_near.html",
            context=lambda: {"near": self.near, "exposed": self.exposed, "exposed_m": queries.EXPOSED_M},
        )

    def action(self, actor: Actor) -> Action | None:
        """The proposal, for whoever keeps the file and may accept it."""
        is_placed = shape_of(self.file.boundary, self.file.lon, self.file.lat) is not None
        if not is_placed or not may_keep(actor, self.file):
            return None
        return Action(name="population", label=_("采用周边人口"), asks=True)

    def form(self, data: Any) -> django_forms.Form:
        total = self.exposed.total if self.exposed is not None else 0
        return forms.AcceptForm(data, initial={"expected": total, "version": self.file.version})
