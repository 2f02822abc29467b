"""The early-warning index (综合风险指数): the list, one enterprise with every part, towns, warnings, parameters."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.views.words import in_language
from quancheng.domains.risk.forms import index as forms
from quancheng.domains.risk.kinds import Level
from quancheng.domains.risk.loops.warning import WARNING
from quancheng.domains.risk.models import EnterpriseIndex, IndexWarning
from quancheng.domains.risk.queries import index as queries
from quancheng.domains.risk.services import index as services
from quancheng.domains.risk.services.settings import RULES
from quancheng.domains.risk.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk.dynamic_index import STATIC, WARNING_LEVELS, factors

_LEVELS = [(str(int(colour)), marks.WARNINGS[colour.name.lower()]) for colour in WARNING_LEVELS]
_TOWN = Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path))  # fmt: skip


def warning(level: int | None) -> Any:
    """The mark of a warning: triangle and word, never that of a risk grade."""
    return "" if level is None else marks.warning(words.COLOUR_OF[level])


def _word(level: int | None) -> str:
    return "" if level is None else str(marks.WARNINGS[words.COLOUR_OF[level]])


class IndexList(ListPage):
    """Enterprises by their index, the highest first."""

    code = "risk.index"
    keys_first = True
    title = gettext_lazy("企业综合风险指数")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("r", gettext_lazy("综合风险指数"), sort="r", numeric=True, card="meta"),
        Column("warning", gettext_lazy("预警等级"), value=lambda row: _word(row.warning),
               render=lambda row: warning(row.warning), sort="warning", card="meta"),
        Column("first", gettext_lazy("最大贡献"), value=lambda row: _first(row)),
        Column("static", gettext_lazy("固有风险"), value=lambda row: getattr(_index(row), "static", None),
               sort="index__static", numeric=True),
        Column("score", gettext_lazy("管理得分"), value=lambda row: getattr(_index(row), "score", None),
               sort="index__score", numeric=True),
        Column("at", gettext_lazy("计算时间"), value=lambda row: getattr(_index(row), "at", None), sort="index__at"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Choice(name="level", label=gettext_lazy("预警等级"), choices=_LEVELS, field="index__level", multiple=True,
               pinned=True),
        _TOWN,
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
        Flag(name="none", label=gettext_lazy("只看没有指数的"), condition=lambda actor: Q(index__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有企业档案")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_indexed(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("risk:index_file", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = [(gettext_lazy("预警处置"), reverse("risk:warnings")),
                 (gettext_lazy("镇街汇总"), reverse("risk:index_towns"))]  # fmt: skip
        if actor.has(RULES):
            found.append((gettext_lazy("指数参数"), reverse("risk:index_rules")))
        return found


def _index(row: Enterprise) -> EnterpriseIndex | None:
    return getattr(row, "index", None)


def _first(row: Enterprise) -> str:
    found = _index(row)
    if found is None or not found.contributions:
        return ""
    one = found.contributions[0]
    return f"{in_language(one)} {one['points']}"


class IndexOfFile(ObjectPage[Enterprise]):
    """Why an enterprise has its number: every part with weight, value, day and rows; what is not known; what to do."""

    template = "risk/object.html"
    back = (gettext_lazy("企业综合风险指数"), lambda: reverse("risk:index"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Enterprise:
        row = get_enterprise(actor=actor, file_id=kwargs["pk"])
        row.its_index = queries.index_of(row.pk)  # type: ignore[attr-defined]
        return row

    def head(self, row: Enterprise, actor: Actor) -> ObjectHead:
        found: EnterpriseIndex | None = row.its_index  # type: ignore[attr-defined]
        shown = [warning(found.level)] if found else []
        return ObjectHead(title=row.enterprise.name, subtitle=_("综合风险指数"), marks=shown)  # type: ignore[union-attr]

    def facts(self, row: Enterprise, actor: Actor) -> Sequence[Fact]:
        found: EnterpriseIndex | None = row.its_index  # type: ignore[attr-defined]
        url = reverse("risk:file", args=[row.pk])
        top = Fact(label=_("企业"), value=format_html('<a href="{}">{}</a>', url, row.enterprise.name))  # type: ignore[union-attr]
        if found is None:
            return [top, Fact(label=_("综合风险指数"), value=_("还没有计算"))]
        unknown = [one for one in found.parts if not one["is_known"]]
        return [
            top,
            Fact(label=_("综合风险指数"), value=found.r, help=_("0至100，越高越危险；为本平台模型，不是法定等级。")),
            Fact(label=_("预警等级"), value=warning(found.level), help=_("升级立即生效，降级须持续低于回差线。")),
            Fact(label=_("风险清单静态、现状、剩余"), value=self._beside(row), help=_("清单中最重的一项，作对照。")),
            Fact(label=_("固有风险"), value=found.static, help=_("静态部分，0至100。")),
            Fact(label=_("基础风险"), value=found.base, help=_("固有风险经管理水平修正，最高70。")),
            Fact(label=_("管理得分"), value=found.score),
            Fact(label=_("平滑后管理得分"), value=found.smoothed, help=_("半衰期15天。")),
            Fact(label=_("未知的部分"), value=_("%(count)s项，不参与计算") % {"count": len(unknown)}),
            Fact(label=_("计算时间"), value=found.at),
            Fact(label=_("模型版本"), value=found.model_version),
        ]

    def _beside(self, row: Enterprise) -> Any:
        """The gravest static, present and residual level of the risk list, beside the index."""
        levels = queries.list_levels(row.pk)
        return format_html("{} {} {}", *(words.colour(one) or "—" for one in levels))

    def tabs(self, row: Enterprise, actor: Actor) -> Sequence[Tab]:
        found: EnterpriseIndex | None = row.its_index  # type: ignore[attr-defined]
        parts = found.parts if found else []
        return [
            Tab(name="why", label=_("为什么是这个数"), template="risk/_index_why.html",
                context=lambda: {"index": found, "contributions": _said(found.contributions) if found else [],
                                 "steps": words.steps(found.steps) if found else [], "advice": _advice(found)}),
            Tab(name="parts", label=_("各项因素"), count=len(parts), template="risk/_index_parts.html",
                context=lambda: {"parts": _said(parts)}),
            Tab(name="past", label=_("历史"), template="risk/_index_past.html",
                context=lambda: {"past": [(one, warning(one.level), _said(one.contributions)[:3])
                                          for one in queries.records_of(row.pk)]}),
        ]  # fmt: skip


def _said(rows: Any) -> list[dict[str, Any]]:
    return [{**one, "text": in_language(one)} for one in rows]


def _advice(found: EnterpriseIndex | None) -> list[str]:
    """What lowers the number most, from the part that brings most."""
    if found is None:
        return []
    said = {
        "hazard": _("按期整改未闭环的隐患，先重大、后超期。"), "floor": _("先消除否决项：它单独决定了指数的下限。"),
        "alarm": _("处置正在发生的报警。"), "ticket": _("减少同时进行的特殊作业。"),
        "integrity": _("完成超期的检验和校验。"), "base": _("降低固有风险，或提高隐患按期整改率和检查完成率。"),
    }  # fmt: skip
    listed = [said[one["code"]] for one in found.contributions if one["code"] in said and one["points"] >= 1]
    if any(not one["is_known"] for one in found.parts):
        listed.append(_("补全档案中未知的部分，使指数可信。"))
    return listed


class IndexTowns(View):
    """Towns by their index."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        listed = reverse("risk:index")
        rows = []
        for one in queries.by_town(actor=actor_of(request)):
            town = f"&town={one.area.path}" if one.area is not None else ""
            cells = [(one.by_level[level], f"{listed}?level={level}{town}") for level in (1, 2, 3, 4)]
            rows.append((one, cells))
        marked = [warning(code) for code in (1, 2, 3, 4)]
        return render(request, "risk/index_towns.html", {"rows": rows, "levels": marked})


class WarningList(ListPage):
    """Warnings because an index turned orange or red (风险预警)."""

    code = "risk.warnings"
    title = gettext_lazy("风险预警处置")
    is_live = True
    columns = (
        Column("title", gettext_lazy("企业"), link=True, sort="title", card="title", width="wide"),
        Column("level", gettext_lazy("预警等级"), value=lambda row: _word(row.level),
               render=lambda row: warning(row.level), sort="level", card="meta"),
        Column("r", gettext_lazy("综合风险指数"), sort="r", numeric=True),
        Column("created_at", gettext_lazy("预警时间"), sort="created_at", card="meta"),
        Column("closed_at", gettext_lazy("解除时间"), sort="closed_at"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("title",), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=WARNING.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="level", label=gettext_lazy("预警等级"), choices=_LEVELS[:2], field="level"),
        _TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("没有预警")

    def queryset(self, actor: Actor) -> QuerySet[IndexWarning]:
        return queries.list_warnings(actor=actor)

    def url_of(self, row: IndexWarning) -> str:
        return reverse("risk:warning", args=[row.pk])


class WarningPage(ObjectPage[IndexWarning]):
    """One warning: why it was raised, what was done about it."""

    template = "risk/object.html"
    back = (gettext_lazy("风险预警处置"), lambda: reverse("risk:warnings"))
    forms = {"answer": forms.AnswerForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> IndexWarning:
        return queries.get_warning(actor=actor, warning_id=kwargs["pk"])

    def head(self, row: IndexWarning, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=_("风险预警"), marks=[warning(row.level)])

    def facts(self, row: IndexWarning, actor: Actor) -> Sequence[Fact]:
        url = reverse("risk:index_file", args=[row.file_id])
        why = "；".join(f"{one['text']} {one['points']}" for one in _said(row.contributions)[:5])
        return [
            Fact(label=_("综合风险指数"), value=format_html('<a href="{}">{}</a>', url, row.r)),
            Fact(label=_("预警时间"), value=row.created_at),
            Fact(label=_("主要贡献"), value=why, wide=True),
            Fact(label=_("处置情况"), value=row.result, wide=True, filled_by=_("企业")),
            Fact(label=_("解除时间"), value=row.closed_at),
        ]

    def perform(
        self, *, actor: Actor, row: IndexWarning, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name not in ("answer", "confirm", "return"):
            raise NotFound
        text = given.get("evidence") or given.get("reason") or ""
        services.answer_warning(actor=actor, row=row, name=name, text=text, now=now, client_id=client_id)


class IndexRules(View):
    """Parameters in force, and what the district set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(RULES)
        now = queries.rules_on(Calendar().local_date(timezone.now()))
        rows = [(Level(code).label, limit) for code, limit in now.parameters.limits.items()]
        weights = [(one, now.parameters.weights[code]) for code, (one, _weight) in STATIC.items()]
        caps = [(one.name, now.parameters.caps.get(code, one.cap)) for code, one in factors().items()]
        context = {"rules": now, "limits": rows, "weights": weights, "caps": caps, "past": queries.past_rules()}
        return render(request, "risk/index_rules.html", context)


class NewIndexRule(CreatePage):
    title = gettext_lazy("设置指数参数")
    lead = gettext_lazy("模型和参数都是本平台默认值，应经回溯检验再调整；自起用日期起按新参数计算。")
    duty = RULES
    form = forms.IndexRulesForm
    back = "risk:index_rules"
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.IndexRulesForm(*args, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        day = Calendar().local_date(now)
        known = queries.rules_on(day).parameters
        found: dict[str, Any] = {"from_date": day, "mark": "D", "margin": known.margin,
                                 "calm_min": int(known.calm_min), "calm_red_min": int(known.calm_red_min)}  # fmt: skip
        found |= dict(zip(("red", "orange", "yellow"), known.limits.values(), strict=True))
        found |= {f"weight_{code}": weight for code, weight in known.weights.items()}
        return found | {f"cap_{code}": known.caps.get(code, one.cap) for code, one in factors().items()}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_index_rules(
            actor=actor, limits=self.asked.limits(), margin=given["margin"], calm_min=given["calm_min"],
            calm_red_min=given["calm_red_min"], weights=self.asked.weights(), caps=self.asked.caps(),
            mark=given["mark"], reason=given["reason"], from_date=given["from_date"], now=now,
        )  # fmt: skip
        return reverse("risk:index_rules")
