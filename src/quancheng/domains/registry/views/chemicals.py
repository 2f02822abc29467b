"""Pages of chemicals: the register, one chemical, where in the district it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms.facilities import ChemicalForm
from quancheng.domains.registry.models import Chemical
from quancheng.domains.registry.queries import chemicals as queries
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.services import chemicals as services
from quancheng.domains.registry.services.environment import set_chemical_environment
from quancheng.domains.registry.views import environment, words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.standards import lists


def _list_choices(actor: Actor) -> list[tuple[str, str]]:
    language = translation.get_language() or "zh"
    return [(code, one.name.in_language(language)) for code, one in lists.regulated_lists().items()]


def _list_names(codes: Sequence[str]) -> str:
    language = translation.get_language() or "zh"
    known = lists.regulated_lists()
    return listed(known[code].name.in_language(language) for code in codes if code in known)


_ENVIRONMENT = (
    ("key", gettext_lazy("重点环境管理危险化学品")), ("pollutant", gettext_lazy("重点管控新污染物")),
    ("new", gettext_lazy("新化学物质")),
)  # fmt: skip
_ENVIRONMENTAL = {
    "key": Q(environment__is_key=True), "pollutant": Q(environment__is_new_pollutant=True),
    "new": Q(environment__new_substance__gt=""),
}  # fmt: skip
#: Measured values in the order in which the page shows them.
_MEASURED = (
    "boiling_point_c", "flash_point_c", "autoignition_c", "density", "lower_limit", "upper_limit", "molar_mass",
    "twa_mg_m3", "stel_mg_m3", "ceiling_mg_m3", "ld50_oral", "ld50_dermal", "lc50_inhaled",
)  # fmt: skip
_EXPOSURE = frozenset({"twa_mg_m3", "stel_mg_m3", "ceiling_mg_m3"})


def _measured(row: Chemical, name: str) -> Fact:
    """One value with where it comes from; of limits of exposure that the national standard decides."""
    source = row.sources.get(name, "")
    said = _("来源：%(source)s；%(mark)s。") % {"source": source, "mark": words.mark("G")} if source else ""
    if name in _EXPOSURE:
        said = _("%(said)s限值以 GBZ 2.1 为准。") % {"said": said}
    label = Chemical._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    return Fact(label=label, value=shown(getattr(row, name)), help=said)


class ChemicalList(ListPage):
    """The register of chemicals (化学品目录)."""

    code = "registry.chemicals"
    title = gettext_lazy("化学品")
    columns = (
        Column("name", gettext_lazy("化学品名称"), link=True, sort="pinyin", card="title", width="wide"),
        Column("cas", "CAS", sort="cas", card="meta"),
        Column("un_no", gettext_lazy("联合国编号"), sort="un_no"),
        Column("state", gettext_lazy("物态"), value=lambda row: row.get_state_display(), sort="state"),
        Column("lists", gettext_lazy("所在名录"), value=lambda row: _list_names(row.lists), card="meta", width="wide"),
        Column("environment", gettext_lazy("环境管理属性"), width="wide", shown=False,
               value=lambda row: environment.attributes(getattr(row, "environment", None))),
        Column("catalogue_no", gettext_lazy("目录序号"), sort="catalogue_no", shown=False),
        Column("english", gettext_lazy("英文名"), sort="english", width="wide"),
        Column("aliases", gettext_lazy("别名"), value=lambda row: "；".join(row.aliases), shown=False, width="wide"),
        Column("hazard_classes", gettext_lazy("危险性类别"), value=lambda row: "；".join(row.hazard_classes),
               shown=False, width="wide"),
        Column("mark", gettext_lazy("可信程度"), sort="mark", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、别名、拼音、CAS、英文名"), pinned=True,
               fields=("name", "also", "pinyin", "initials", "cas", "english", "un_no"), first=queries.means),
        Choice(name="list", label=gettext_lazy("所在名录"), choices=_list_choices, pinned=True,
               narrows=lambda code: Q(lists__contains=[code])),
        Choice(name="environment", label=gettext_lazy("环境管理属性"), choices=_ENVIRONMENT,
               narrows=lambda code: _ENVIRONMENTAL[code]),
        Flag(name="held", label=gettext_lazy("只看辖区内有存量的"), condition=queries.is_held, pinned=True),
    )  # fmt: skip
    imports = ("registry.chemicals", "registry.chemical_environments")
    empty_title = gettext_lazy("没有找到化学品")

    def queryset(self, actor: Actor) -> QuerySet[Chemical]:
        return queries.list_chemicals(actor=actor)

    def url_of(self, row: Chemical) -> str:
        return reverse("registry:chemical", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("增加化学品"), reverse("registry:chemical_new"))] if actor.has(services.KEEP) else []


class NewChemical(CreatePage):
    title = gettext_lazy("增加化学品")
    lead = gettext_lazy("保存后自动比对各名录，标出所在名录。")
    duty = services.KEEP
    form = ChemicalForm
    back = "registry:chemicals"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_chemical(actor=actor, known=given, now=now)
        return reverse("registry:chemical", args=[made.pk])


def _total(row: Chemical, actor: Actor) -> queries.Held:
    """Summed once for a request: the row lives no longer."""
    if not hasattr(row, "total_held"):
        row.total_held = queries.total_held(actor=actor, chemical=row)  # type: ignore[attr-defined]
    found: queries.Held = row.total_held  # type: ignore[attr-defined]
    return found


class ChemicalPage(ObjectPage[Chemical]):
    """One chemical: what it is, on which lists, where it is held and how much."""

    template = "registry/object.html"
    back = (gettext_lazy("化学品"), lambda: reverse("registry:chemicals"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Chemical:
        return queries.get_chemical(actor=actor, chemical_id=kwargs["pk"])

    def head(self, row: Chemical, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.cas, subtitle=row.english)

    def facts(self, row: Chemical, actor: Actor) -> Sequence[Fact]:
        held = _total(row, actor)
        return [
            Fact(label=_("全区存量（可见范围）"), value=_("%(present)s 吨，%(count)s 家企业") % {
                "present": shown(held.present_t), "count": held.enterprises}),
            Fact(label=_("别名"), value=listed(row.aliases)),
            Fact(label=_("联合国编号"), value=row.un_no),
            Fact(label=_("目录序号"), value=row.catalogue_no),
            Fact(label=_("物态"), value=row.get_state_display(), filled_by=_("应急管理部门")),
            Fact(label=_("所在名录"), value=_list_names(row.lists), wide=True),
            *environment.chemical_facts(row),
            Fact(label=_("危险性类别"), value="；".join(row.hazard_classes), filled_by=_("应急管理部门"), wide=True),
            *(_measured(row, name) for name in _MEASURED if getattr(row, name) is not None),
            Fact(label=_("数据来源"), value=row.data_source),
            Fact(label=_("可信程度"), value=words.mark(row.mark)),
        ]  # fmt: skip

    def tabs(self, row: Chemical, actor: Actor) -> Sequence[Tab]:
        count = _total(row, actor).places
        return [Tab(name="where", label=_("在哪里"), count=count, template="registry/_where.html",
                    context=lambda: {
                        "count": count, "most": queries.MOST_SHOWN,
                        "held": queries.beside(queries.most_held(actor=actor, chemical=row)),
                    })]  # fmt: skip

    def actions(self, row: Chemical, actor: Actor) -> Sequence[Action]:
        if not actor.has(services.KEEP):
            return []
        return [
            Action(name="change", label=_("修改化学品"), asks=True),
            Action(name="environment", label=_("修改环境管理属性"), asks=True),
        ]

    def form_for(
        self, action: Action, row: Chemical, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "environment":
            return environment.chemical_form(row, data)
        return ChemicalForm(data, initial={name: getattr(row, name) for name in services.FIELDS})

    def perform(
        self, *, actor: Actor, row: Chemical, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "environment":
            known = {key: value for key, value in given.items() if key != "version"}
            set_chemical_environment(actor=actor, chemical=row, version=given["version"], known=known, now=now)
            return
        if name != "change":
            raise NotFound
        services.change_chemical(actor=actor, chemical=row, changes=given, now=now)
