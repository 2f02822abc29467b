"""Layers of protection (保护层分析, LOPA): scenarios with their steps, and the typical values in force."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.risk import analysis_scheme as scheme
from quancheng.domains.risk.forms import analyses as forms
from quancheng.domains.risk.forms.risks import EndForm
from quancheng.domains.risk.kinds import Level
from quancheng.domains.risk.models import AnalysisRow, LopaScenario, RiskEvent, RiskUnit
from quancheng.domains.risk.queries import analyses as queries
from quancheng.domains.risk.queries.risks import get_event, get_unit
from quancheng.domains.risk.services import lopa as services
from quancheng.domains.risk.services.keeping import may_keep
from quancheng.domains.risk.services.settings import RULES
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.keeping import KeeperPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.wording import power


def sil(level: int | None) -> str:
    """A level of integrity in words: none, SIL 1 to 3, or beyond."""
    if level is None:
        return _("超出SIL3，应修改设计")
    return f"SIL{level}" if level else _("无需")


class LopaList(ListPage):
    """Scenarios and their layers of protection."""

    code = "risk.lopa"
    title = gettext_lazy("保护层分析")
    columns = (
        Column("name", gettext_lazy("场景"), link=True, card="title", width="wide"),
        Column("level", gettext_lazy("风险等级"), value=lambda row: row.get_level_display(),
               render=lambda row: words.colour(row.level), sort="level", card="meta"),
        Column("gap", gettext_lazy("尚缺SIL等级"), value=lambda row: sil(row.sil_missing), sort="sil_missing",
               card="meta"),
        Column("mitigated", gettext_lazy("减缓后频率（次/年）"), value=lambda row: row.result["mitigated"],
               render=lambda row: power(row.result["mitigated"]), numeric=True),
        Column("tolerable", gettext_lazy("可接受频率（次/年）"), value=lambda row: f"{float(row.tolerable):g}",
               render=lambda row: power(float(row.tolerable)), sort="tolerable", numeric=True),
        Column("layers", gettext_lazy("保护层数"), value=lambda row: len(row.layers), numeric=True),
        Column("unit", gettext_lazy("风险分析单元"), value=lambda row: row.unit.name),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("day", gettext_lazy("分析日期"), sort="day"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("场景、单元、企业"), pinned=True,
               fields=("name", "unit__name", "file__enterprise__name")),
        Choice(name="level", label=gettext_lazy("风险等级"), pinned=True, field="level", multiple=True,
               choices=[(str(code), label) for code, label in Level.choices]),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有保护层分析")

    def queryset(self, actor: Actor) -> QuerySet[LopaScenario]:
        return queries.list_lopa(actor=actor)

    def url_of(self, row: LopaScenario) -> str:
        return reverse("risk:lopa", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("典型值"), reverse("risk:lopa_values"))]


class LopaPage(ObjectPage[LopaScenario]):
    """One scenario: what it comes to, step by step."""

    template = "risk/object.html"
    back = (gettext_lazy("保护层分析"), lambda: reverse("risk:lopas"))
    forms = {"end": EndForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> LopaScenario:
        return queries.get_lopa(actor=actor, scenario_id=kwargs["pk"])

    def head(self, row: LopaScenario, actor: Actor) -> ObjectHead:
        ended: list[Any] = [marks.badge(_("已撤销"), "quiet")] if row.ended_date else []
        return ObjectHead(title=row.name, subtitle=_("保护层分析"), marks=[words.colour(row.level), *ended])

    def facts(self, row: LopaScenario, actor: Actor) -> Sequence[Fact]:
        found = [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("风险分析单元"), value=words.link("unit", row.unit)),
        ]
        if row.event is not None:
            found.append(Fact(label=_("风险事件"), value=words.link("event", row.event)))
        if row.row is not None:
            found.append(Fact(label=_("来自分析"), value=words.link("analysis", row.row.analysis)))
        result = row.result
        return [
            *found,
            Fact(label=_("未减缓频率（次/年）"), value=power(result["unmitigated"])),
            Fact(label=_("减缓后频率（次/年）"), value=power(result["mitigated"])),
            Fact(label=_("可接受频率（次/年）"), value=power(float(row.tolerable)), help=row.tolerable_basis),
            Fact(label=_("所需风险降低因子"), value=power(result["rrf"])),
            Fact(label=_("所需SIL等级"), value=sil(result["sil"]), help=_("全部降低都由一个安全仪表功能承担时。")),
            Fact(label=_("尚缺SIL等级"), value=sil(row.sil_missing), help=_("现有保护层之外还需要的。")),
            Fact(label=_("分析日期"), value=row.day),
            Fact(label=_("分析人员"), value=row.assessed_by),
        ]

    def tabs(self, row: LopaScenario, actor: Actor) -> Sequence[Tab]:
        return [
            Tab(name="steps", label=_("计算过程"), template="risk/_lopa_steps.html",
                context=lambda: {"steps": words.steps(row.result["steps"]),
                                 "doubts": words.reasons(row.result["doubts"]), "layers": row.layers}),
        ]  # fmt: skip

    def actions(self, row: LopaScenario, actor: Actor) -> Sequence[Action]:
        if row.ended_date is not None or not may_keep(actor, row.file):
            return ()
        url = reverse("risk:lopa_change", args=[row.pk])
        return [Action(name="change", label=_("修改"), url=url), Action(name="end", label=_("撤销"), asks=True)]

    def perform(
        self, *, actor: Actor, row: LopaScenario, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        services.end_lopa(actor=actor, row=row, reason=given["reason"], now=now)


class _LopaForm(KeeperPage):
    form = forms.LopaForm
    button = gettext_lazy("保存并计算")
    lead = gettext_lazy("频率和失效概率宜用本企业认可的数据；典型值是通用知识，须核实后使用。")
    is_new = True

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        values = queries.typical_values(Calendar().local_date(timezone.now()))
        return forms.LopaForm(*args, values=values, is_new=self.is_new, **kwargs)


class NewLopa(_LopaForm):
    """A scenario of a unit; the address may name an event or a row of an analysis instead."""

    title = gettext_lazy("新建保护层分析")
    source = "unit"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.event: RiskEvent | None = None
        self.row: AnalysisRow | None = None
        self.unit: RiskUnit
        if self.source == "event":
            self.event = get_event(actor=actor, event_id=kwargs["pk"])
            self.unit = self.event.unit
        elif self.source == "row":
            self.row = queries.get_row(actor=actor, row_id=kwargs["pk"])
            self.unit = self.row.analysis.unit
        else:
            self.unit = get_unit(actor=actor, unit_id=kwargs["pk"])
        self.allow(actor, self.unit.object.file)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        found: dict[str, Any] = {"day": Calendar().local_date(now), "assessed_by": actor.name}
        if self.event is not None:
            found["name"] = self.event.name
        if self.row is not None:
            values = self.row.values
            found["name"] = scheme.title_of(self.row.analysis.method, values)
            found["initiating_text"] = str(values.get("cause", ""))[:200]
        return found

    def back_url(self) -> str:
        return reverse("risk:unit", args=[self.unit.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_lopa(
            actor=actor, unit=self.unit, known=given, now=now, event=self.event, row=self.row, client_id=client_id
        )
        return reverse("risk:lopa", args=[made.pk])


class ChangeLopa(_LopaForm):
    title = gettext_lazy("修改保护层分析")
    is_new = False

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_lopa(actor=actor, scenario_id=kwargs["pk"])
        self.allow(actor, self.row.file)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        known = {name: getattr(self.row, name) for name in services.FIELDS}
        return known | {
            "layers": forms.layers_as_text(self.row.layers), "version": self.row.version,
            "conditions": forms.conditions_as_text(self.row.conditions),
        }  # fmt: skip

    def back_url(self) -> str:
        return reverse("risk:lopa", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.change_lopa(actor=actor, row=self.row, version=given["version"], known=given, now=now)
        return self.back_url()


class LopaValues(View):
    """Typical values in force, and what the district set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        values = queries.typical_values(Calendar().local_date(timezone.now()))
        shown = [
            (_("初始事件（次/年）") if kind == "event" else _("独立保护层（失效概率）"),
             [(told(one.typical.name), code, power(float(one.typical.low)), power(float(one.typical.high)),
               one.typical.mark, one.source) for code, one in rows.items()])
            for kind, rows in values.items()
        ]  # fmt: skip
        context = {"groups": shown, "past": queries.past_values(), "may_set": actor.has(RULES)}
        return render(request, "risk/lopa_values.html", context)


class NewLopaValue(CreatePage):
    title = gettext_lazy("设置典型值")
    lead = gettext_lazy("自起用日期起的分析按新值计算，以前的分析不变。")
    duty = RULES
    form = forms.TypicalForm
    back = "risk:lopa_values"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"from_date": Calendar().local_date(now), "mark": "D"}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_typical(actor=actor, now=now, **given)
        return reverse("risk:lopa_values")


