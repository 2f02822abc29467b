"""Pages of the city's catalogue of prohibited, restricted and controlled chemicals (禁限控目录)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms.restrictions import RestrictionChangeForm, RestrictionForm
from quancheng.domains.registry.models import Restriction
from quancheng.domains.registry.models.restrictions import RestrictionKind
from quancheng.domains.registry.queries import restrictions as queries
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.services import restrictions as services
from quancheng.domains.registry.services.chemicals import KEEP
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage


class RestrictionList(ListPage):
    """The catalogue, entry by entry."""

    code = "registry.restrictions"
    title = gettext_lazy("禁限控目录")
    columns = (
        Column("chemical", gettext_lazy("化学品"), value=lambda row: row.chemical.name, link=True,
               sort="chemical__pinyin", card="title", width="wide"),
        Column("cas", "CAS", value=lambda row: row.chemical.cas),
        Column("kind", gettext_lazy("管控方式"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("links", gettext_lazy("适用环节"), value=lambda row: words.links(row.links) or _("全部环节")),
        Column("reason", gettext_lazy("管控要求"), width="wide", card="meta"),
        Column("cap_t", gettext_lazy("总量控制指标（吨）"), numeric=True, sort="cap_t",
               render=lambda row: shown(row.cap_t)),
        Column("source", gettext_lazy("依据文件"), width="wide"),
        Column("from_date", gettext_lazy("施行日期"), sort="from_date"),
        Column("to_date", gettext_lazy("截止日期"), sort="to_date"),
        Column("mark", gettext_lazy("可信程度"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("化学品、要求、依据"), pinned=True,
               fields=("chemical__name", "chemical__cas", "chemical__pinyin", "reason", "source")),
        Choice(name="kind", label=gettext_lazy("管控方式"), choices=RestrictionKind.choices, field="kind", pinned=True),
    )  # fmt: skip
    empty_title = gettext_lazy("目录中还没有条目")
    empty_hint = gettext_lazy("按本市公布的禁止、限制和控制危险化学品目录逐条登记。")

    def queryset(self, actor: Actor) -> QuerySet[Restriction]:
        return queries.list_restrictions(actor=actor)

    def url_of(self, row: Restriction) -> str:
        return reverse("registry:restriction", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("增加条目"), reverse("registry:restriction_new"))] if actor.has(KEEP) else []


class NewRestriction(CreatePage):
    title = gettext_lazy("增加目录条目")
    lead = gettext_lazy("禁止的化学品不能再登记存量；限制、控制的可以登记，企业档案中提示管控要求。")
    duty = KEEP
    form = RestrictionForm
    back = "registry:restrictions"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = {name: value for name, value in given.items() if name != "chemical"}
        made = services.enter_restriction(
            actor=actor, chemical=given["chemical"], known=known, now=now, client_id=client_id
        )
        return reverse("registry:restriction", args=[made.pk])


class RestrictionPage(ObjectPage[Restriction]):
    """One entry of the catalogue."""

    template = "registry/object.html"
    back = (gettext_lazy("禁限控目录"), lambda: reverse("registry:restrictions"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Restriction:
        return queries.get_restriction(actor=actor, restriction_id=kwargs["pk"])

    def head(self, row: Restriction, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.chemical.name, code=row.chemical.cas, subtitle=row.get_kind_display())

    def facts(self, row: Restriction, actor: Actor) -> Sequence[Fact]:
        url = reverse("registry:chemical", args=[row.chemical_id])
        return [
            Fact(label=_("化学品"), value=format_html('<a href="{}">{}</a>', url, row.chemical.name)),
            Fact(label=_("管控方式"), value=row.get_kind_display()),
            Fact(label=_("适用环节"), value=words.links(row.links) or _("全部环节")),
            Fact(label=_("管控要求"), value=row.reason, wide=True),
            Fact(label=_("总量控制指标（吨）"), value=shown(row.cap_t)),
            Fact(label=_("依据文件"), value=row.source, wide=True),
            Fact(label=_("施行日期"), value=row.from_date),
            Fact(label=_("截止日期"), value=row.to_date),
            Fact(label=_("可信程度"), value=words.mark(row.mark)),
        ]

    def actions(self, row: Restriction, actor: Actor) -> Sequence[Action]:
        return [Action(name="change", label=_("修改条目"), asks=True)] if actor.has(KEEP) else []

    def form_for(
        self, action: Action, row: Restriction, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        known = {name: getattr(row, name) for name in services.FIELDS}
        return words.versioned(RestrictionChangeForm, data, known, row.version)

    def perform(
        self, *, actor: Actor, row: Restriction, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "change":
            raise NotFound
        changes = {key: value for key, value in given.items() if key != "version"}
        services.change_restriction(actor=actor, restriction=row, version=given["version"], changes=changes, now=now)
