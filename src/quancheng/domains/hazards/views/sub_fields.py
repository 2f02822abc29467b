"""Pages of high-risk sub-fields (高危细分领域“2+X”): which units belong to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms import rounds as forms
from quancheng.domains.hazards.models import SubFieldTag
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.services import sub_fields as services
from quancheng.domains.hazards.services.rounds import ISSUE
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.fields import lines
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage


def _names(actor: Actor) -> list[tuple[str, str]]:
    return [(one, one) for one in queries.sub_field_names(actor=actor)]


class SubFieldList(ListPage):
    """Units of high-risk sub-fields."""

    code = "hazards.sub_fields"
    title = gettext_lazy("高危细分领域")
    columns = (
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, link=True, card="title",
               sort="file__enterprise__pinyin", width="wide"),
        Column("name", gettext_lazy("细分领域"), sort="name", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else ""),
        Column("since_date", gettext_lazy("纳入日期"), sort="since_date", card="meta"),
        Column("ended_date", gettext_lazy("移出日期"), sort="ended_date"),
        Column("org", gettext_lazy("登记单位"), value=lambda row: row.by_org.label),
        Column("by_name", gettext_lazy("登记人"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业"), fields=("file__enterprise__name", "name"), pinned=True),
        Choice(name="name", label=gettext_lazy("细分领域"), choices=_names, field="name", pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Flag(name="standing", label=gettext_lazy("只看未移出的"), condition=lambda actor: Q(ended_date__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有纳入高危细分领域的企业")

    def queryset(self, actor: Actor) -> QuerySet[SubFieldTag]:
        return queries.list_sub_fields(actor=actor)

    def url_of(self, row: SubFieldTag) -> str:
        return reverse("hazards:sub_field", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if actor.supervises and actor.has(ISSUE):
            return [(gettext_lazy("纳入企业"), reverse("hazards:sub_field_new"))]
        return []


class NewSubField(CreatePage):
    """Units are tagged."""

    title = gettext_lazy("纳入高危细分领域")
    duty = ISSUE
    form = forms.SubFieldForm
    button = gettext_lazy("纳入")
    back = "hazards:sub_fields"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        if not actor.supervises:
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"since_date": Calendar().local_date(now)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.tag_units(actor=actor, name=given["name"], codes=lines(given["codes"]), since=given["since_date"],
                           now=now, client_id=client_id)  # fmt: skip
        return self.back_url()


class SubFieldPage(ObjectPage[SubFieldTag]):
    """One unit in one sub-field."""

    template = "hazards/object.html"
    back = (gettext_lazy("高危细分领域"), lambda: reverse("hazards:sub_fields"))
    forms = {"end": forms.EndForm}
    own_acts = {"end": gettext_lazy("移出")}

    def get_row(self, actor: Actor, **kwargs: Any) -> SubFieldTag:
        return queries.get_sub_field(actor=actor, tag_id=kwargs["pk"])

    def head(self, row: SubFieldTag, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, subtitle=queries.name_of(row.file))

    def facts(self, row: SubFieldTag, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("细分领域"), value=row.name),
            Fact(label=_("纳入日期"), value=row.since_date),
            Fact(label=_("登记单位"), value=row.by_org.label),
            Fact(label=_("登记人"), value=row.by_name),
            Fact(label=_("移出日期"), value=row.ended_date),
            Fact(label=_("移出理由"), value=row.reason),
        ]

    def actions(self, row: SubFieldTag, actor: Actor) -> Sequence[Action]:
        if row.ended_date is None and actor.supervises and actor.has(ISSUE):
            return [Action(name="end", label=self.own_acts["end"], asks=True)]
        return ()

    def perform(
        self, *, actor: Actor, row: SubFieldTag, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        services.end_tag(actor=actor, row=row, reason=given["reason"], now=now)
