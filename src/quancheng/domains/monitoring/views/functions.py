"""Pages of the system's functions with their acceptance, and of the passage of data through five levels."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.queries.exchange import get_adapter
from quancheng.domains.monitoring.forms import functions as forms
from quancheng.domains.monitoring.models import FunctionArea, FunctionState, SystemFunction, UpperLevel
from quancheng.domains.monitoring.queries import functions as queries
from quancheng.domains.monitoring.queries import passage as passage_queries
from quancheng.domains.monitoring.queries.passage import Level
from quancheng.domains.monitoring.services import functions as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of

_LEVELS: dict[str, Text] = {
    "enterprise": gettext_lazy("企业"), "town": gettext_lazy("镇街"), "district": gettext_lazy("区"),
    "city": gettext_lazy("市"), "above": gettext_lazy("部、省"),
}  # fmt: skip
_HOW: dict[str, Text] = {
    "enterprise": gettext_lazy(
        "企业接入源向本平台发送监测数据。延迟为在线接入源最近一次报文距现在的时间；完整率为昨日有效分钟占应有分钟。"
    ),
    "town": gettext_lazy("镇街在本平台内查看辖区企业数据，不另行传输。延迟为平台处理延迟；完整率为昨日各镇街合计。"),
    "district": gettext_lazy("区级数据存于本平台。延迟为平台处理延迟；完整率为昨日全部企业合计。"),
    "city": gettext_lazy("按登记为市级的对接通道的上报记录和回执计算。通道上报双重预防和特殊作业数据，不含监测数据。"),
    "above": gettext_lazy(
        "按登记为部、省级的对接通道的上报记录和回执计算。通道上报双重预防和特殊作业数据，不含监测数据。"
    ),
}  # fmt: skip
_MISSING: dict[str, Text] = {
    "nothing_connected": gettext_lazy("没有在线的接入源"), "no_values": gettext_lazy("昨日没有有效监测数据"),
    "no_process": gettext_lazy("没有处理进程在运行，延迟未知"), "no_way": gettext_lazy("没有对接通道，数据没有上传"),
    "nothing_sent": gettext_lazy("已登记通道，没有上报过记录"), "way_off": gettext_lazy("通道已停用上报"),
    "way_failing": gettext_lazy("通道持续上报失败"), "nothing_lately": gettext_lazy("通道近7天没有收到回执"),
    "unplaced": gettext_lazy("有通道，未登记层级，不计入"), "not_yours": gettext_lazy("对接通道由区级部门查看"),
    "whole_only": gettext_lazy("仅可查看部分企业，不显示全区数字"),
}  # fmt: skip
#: Levels of which this reader gets no figure at all.
_HIDDEN = ("not_yours", "whole_only")


def _state(row: Any) -> Any:
    kind = {FunctionState.ACCEPTED: "done", FunctionState.BUILT: "quiet"}.get(row.state, "active")
    return marks.badge(row.get_state_display(), kind)


class FunctionList(ListPage):
    """What the risk warning system must be able to do, and how far it is."""

    code = "monitoring.functions"
    title = gettext_lazy("风险监测预警系统功能清单")
    columns = (
        Column("name", gettext_lazy("功能名称"), value=lambda row: row.shown, link=True, card="title", width="wide"),
        Column("area", gettext_lazy("功能方面"), value=lambda row: row.get_area_display(), sort="area", card="meta"),
        Column("state", gettext_lazy("功能状态"), value=lambda row: row.get_state_display(), render=_state,
               sort="state", card="meta"),
        Column("met", gettext_lazy("通过的验收项"), value=lambda row: f"{row.items_met}/{row.items_all}", card="meta"),
        Column("unmet", gettext_lazy("未通过的验收项"), value=lambda row: row.items_unmet or None, numeric=True,
               sort="items_unmet"),
        Column("note", gettext_lazy("说明"), width="wide", value=lambda row: row.note if row.is_told else ""),
        Column("changed_at", gettext_lazy("修改时间"), sort="changed_at"),
        Column("changed_by", gettext_lazy("修改人"), shown=False,
               value=lambda row: row.changed_by if row.is_told else ""),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("功能名称"), pinned=True, fields=("name", "name_en")),
        Choice(name="area", label=gettext_lazy("功能方面"), choices=FunctionArea.choices, field="area", multiple=True,
               pinned=True),
        Choice(name="state", label=gettext_lazy("功能状态"), choices=FunctionState.choices, field="state",
               multiple=True, pinned=True),
        Flag(name="open", label=gettext_lazy("只看验收项没有全部通过的"),
             condition=lambda actor: ~Q(items_met=F("items_all")) | Q(items_all=0)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有功能")

    def queryset(self, actor: Actor) -> QuerySet[SystemFunction]:
        return queries.list_functions(actor=actor)

    def url_of(self, row: SystemFunction) -> str:
        return reverse("monitoring:function", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found = [(gettext_lazy("数据五级贯通情况"), reverse("monitoring:passage"))]
        if actor.has(services.MANAGE):
            found.insert(0, (gettext_lazy("新增功能"), reverse("monitoring:function_new")))
        return found


class FunctionPage(ObjectPage[SystemFunction]):
    """One function: how far it is, and each acceptance item with its evidence."""

    back = (gettext_lazy("风险监测预警系统功能清单"), lambda: reverse("monitoring:functions"))
    own_acts = {
        "judge": gettext_lazy("登记验收结果"), "state": gettext_lazy("修改状态"), "item": gettext_lazy("增加验收项"),
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> SystemFunction:
        return queries.get_function(actor=actor, function_id=kwargs["pk"])

    def head(self, row: SystemFunction, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.shown, subtitle=row.get_area_display(), marks=[_state(row)])

    def facts(self, row: Any, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("通过的验收项"), value=f"{row.items_met}/{row.items_all}"),
            Fact(label=_("说明"), wide=True, value=row.note if row.is_told else ""),
            Fact(label=_("修改人"), value=row.changed_by if row.is_told else ""),
            Fact(label=_("修改时间"), value=row.changed_at),
        ]

    def tabs(self, row: Any, actor: Actor) -> Sequence[Tab]:
        items = queries.items_of(row, actor=actor)
        context = {"items": items, "is_told": row.is_told}
        count = len(items) if row.is_told else None
        return [Tab("items", _("验收项"), template="monitoring/_acceptance.html", count=count,
                    context=lambda: context)]  # fmt: skip

    def actions(self, row: SystemFunction, actor: Actor) -> Sequence[Action]:
        if not actor.has(services.MANAGE):
            return ()
        return [
            Action(name="judge", label=_("登记验收结果"), primary=True, asks=True),
            Action(name="state", label=_("修改状态"), asks=True),
            Action(name="item", label=_("增加验收项"), asks=True),
        ]

    def form_for(
        self, action: Action, row: SystemFunction, actor: Actor, data: Any = None, files: Any = None
    ) -> Form:
        if action.name == "judge":
            items = [(str(one.pk), one.shown) for one in queries.items_of(row, actor=actor)]
            known = {"version": row.version, "checked_date": timezone.localdate().isoformat()}
            return forms.JudgeForm(data, items=items, initial=known)
        if action.name == "item":
            return forms.ItemForm(data)
        return forms.StateForm(data, initial={"version": row.version, "state": row.state, "note": row.note})

    def perform(
        self, *, actor: Actor, row: SystemFunction, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "state":
            services.set_state(actor=actor, row=row, now=now, **given)
        elif name == "item":
            services.add_item(
                actor=actor, row=row, text=given["text"], text_en=given["text_en"], now=now, client_id=client_id
            )
        elif name == "judge":
            services.judge_item(
                actor=actor, row=row, version=given["version"], item_id=uuid.UUID(given["item"]),
                result=given["result"], evidence=given["evidence"], checked_date=given["checked_date"], now=now,
            )  # fmt: skip
        else:
            raise NotFound


class NewFunction(CreatePage):
    title = gettext_lazy("新增功能")
    duty = services.MANAGE
    form = forms.FunctionForm
    back = "monitoring:functions"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.enter_function(actor=actor, known=given, now=now, client_id=client_id)
        return reverse("monitoring:function", args=[row.pk])


# The passage of data -------------------------------------------------------------------------------------------------


def delay(seconds: float | None) -> str:
    """``3 秒``, ``12 分``, ``5 小时``, ``2 天``; empty for unknown."""
    if seconds is None:
        return ""
    for limit, size, words in ((120, 1, _("%(count)s 秒")), (7200, 60, _("%(count)s 分")),
                               (172_800, 3600, _("%(count)s 小时"))):  # fmt: skip
        if seconds < limit:
            return words % {"count": max(0, round(seconds / size))}
    return _("%(count)s 天") % {"count": round(seconds / 86_400)}


def _line(one: Level) -> dict[str, Any]:
    return {
        "one": one, "name": _LEVELS[one.code], "how": _HOW[one.code], "usual": delay(one.usual_s),
        "worst": delay(one.worst_s), "missing": _MISSING.get(one.missing, ""),
        "share": "" if one.share is None else f"{one.share}%", "is_told": one.missing not in _HIDDEN,
    }  # fmt: skip


class PassagePage(View):
    """The five levels with what passed, how late and how whole."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        for name in request.GET:
            raise unknown_parameter(name)
        levels = passage_queries.passage(actor=actor, now=now)
        placed = passage_queries.levels_of_ways(actor=actor)
        known = dict(UpperLevel.choices)
        ways = [
            (one, known[placed[one.pk]] if one.pk in placed else "")
            for one in passage_queries.list_ways(actor=actor)
        ]
        context = {
            "lines": [_line(one) for one in levels], "now": now, "ways": ways, "days": passage_queries.DAYS,
            "may_place": actor.has(services.MANAGE), "whole": sum(1 for one in levels if one.reached),
            "told": sum(1 for one in levels if one.missing not in _HIDDEN),
            "sees_ways": passage_queries.sees_ways(actor),
        }  # fmt: skip
        return render(request, "monitoring/passage.html", context)


class PlaceWay(CreatePage):
    title = gettext_lazy("登记对接通道所属层级")
    duty = services.MANAGE
    form = forms.WayForm
    back = "monitoring:passage"
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        ways = [(str(one.pk), one.name) for one in passage_queries.list_ways(actor=actor)]
        return forms.WayForm(*args, ways=ways, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        adapter = get_adapter(actor=actor, adapter_id=uuid.UUID(given["way"]))
        services.place_way(actor=actor, adapter=adapter, level=given["level"], now=now)
        return reverse("monitoring:passage")
