"""Pages of shifts (班次) and of their hand-over (交接班)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import daily as forms
from quancheng.domains.permits.forms.permits import ReasonForm
from quancheng.domains.permits.loops.permit import PERMIT
from quancheng.domains.permits.loops.shift import SHIFT_HAND_OVER
from quancheng.domains.permits.models import ShiftHandOver, ShiftPlan
from quancheng.domains.permits.queries import shifts as queries
from quancheng.domains.permits.queries.permits import SIGN_LEADER
from quancheng.domains.permits.services import shifts as services
from quancheng.domains.permits.views.words import enterprise_of
from quancheng.domains.registry.queries.enterprises import list_units, required_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import fields, loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab

#: What is listed at a hand-over, by group, with the page of each.
_GROUPS: dict[str, tuple[Any, str]] = {
    "WORKING": (PERMIT.states["WORKING"].label, "permits:permit"),
    "SUSPENDED": (PERMIT.states["SUSPENDED"].label, "permits:permit"),
    "ISSUED": (gettext_lazy("已签发未开始"), "permits:permit"),
    "FINISHED": (PERMIT.states["FINISHED"].label, "permits:permit"),
    "ISOLATION": (gettext_lazy("有效的能量隔离"), "permits:isolation"),
    "ORDER": (gettext_lazy("执行中的停工指令"), "permits:order"),
    "ALARM": (gettext_lazy("未处置的作业报警"), "permits:alarm"),
    "CONFLICT": (gettext_lazy("未消除的交叉作业"), "permits:permit"),
    "CARD": (gettext_lazy("停一停卡未处理的“否”"), "permits:permit"),
}


def _state(row: ShiftHandOver) -> Any:
    kinds = {"TAKEN": "done", "LAPSED": "quiet"}
    return marks.badge(row.status_label, kinds.get(row.status, "active"))


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    """One thing that stands, with its page and time."""
    url = reverse(_GROUPS[one["group"]][1], args=[one["id"]])
    return {**one, "url": url, "when": datetime.fromisoformat(one["at"]) if one["at"] else None}


def _unit(row: Any) -> str:
    return str(row.unit) if row.unit else _("全厂")


class HandOverList(ListPage):
    """Hand-overs of shifts."""

    code = "permits.shift_hand_overs"
    title = gettext_lazy("班组交接班")
    columns = (
        Column("began_at", gettext_lazy("交接时间"), link=True, sort="began_at", card="title"),
        Column("unit", gettext_lazy("单元"), value=_unit, card="meta"),
        Column("outgoing_shift", gettext_lazy("交班班次"), card="meta"),
        Column("incoming_shift", gettext_lazy("接班班次"), card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=_state, sort="status",
               card="meta"),
        Column("outgoing_name", gettext_lazy("交班人")),
        Column("handed_at", gettext_lazy("交班签字时间"), sort="handed_at", shown=False),
        Column("incoming_name", gettext_lazy("接班人")),
        Column("taken_at", gettext_lazy("接班签字时间"), sort="taken_at"),
        Column("enterprise", gettext_lazy("企业"), value=enterprise_of, sort="enterprise__pinyin", width="wide"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("单元、企业"), pinned=True, fields=("unit__name", "enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=SHIFT_HAND_OVER.choices, field="status",
               multiple=True, pinned=True),
        Dates(name="began", label=gettext_lazy("交接时间"), field="began_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有交接班记录")
    empty_hint = gettext_lazy("设置班次后，换班前两小时生成交接班记录，列出在办的作业票、隔离和报警。")

    def queryset(self, actor: Actor) -> QuerySet[ShiftHandOver]:
        return queries.list_hand_overs(actor=actor)

    def url_of(self, row: ShiftHandOver) -> str:
        return reverse("permits:shift_hand_over", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("班次安排"), reverse("permits:shift_plans"))]


class HandOverPage(ObjectPage[ShiftHandOver]):
    """One hand-over: what stands, and the signatures of both."""

    back = (gettext_lazy("班组交接班"), lambda: reverse("permits:shift_hand_overs"))
    template = "permits/object.html"
    forms: ClassVar = {"hand": forms.HandShiftForm, "take": forms.TakeShiftForm, "give_back": ReasonForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> ShiftHandOver:
        return queries.get_hand_over(actor=actor, row_id=kwargs["pk"])

    def head(self, row: ShiftHandOver, actor: Actor) -> ObjectHead:
        shown = [] if queries.is_whole(row) else [marks.badge(_("内容被改动"), "active")]
        return ObjectHead(title=row.title, subtitle=enterprise_of(row), marks=shown)

    def facts(self, row: ShiftHandOver, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("交接时间"), value=row.began_at), Fact(label=_("单元"), value=_unit(row)),
            Fact(label=_("交班人"), value=row.outgoing_name, filled_by=_("交班班长")),
            Fact(label=_("交班签字时间"), value=row.handed_at),
            Fact(label=_("交班说明"), value=row.remarks, wide=True),
            Fact(label=_("接班人"), value=row.incoming_name, filled_by=_("接班班长")),
            Fact(label=_("接班签字时间"), value=row.taken_at),
            Fact(label=_("接班意见"), value=row.incoming_note, wide=True),
            Fact(label=_("清单封存码"), value=row.seal[:12]),
        ]  # fmt: skip

    def tabs(self, row: ShiftHandOver, actor: Actor) -> Sequence[Tab]:
        return [Tab("standing", _("交接清单"), template="permits/_shift_standing.html",
                    context=lambda: self._standing(row))]  # fmt: skip

    def _standing(self, row: ShiftHandOver) -> dict[str, Any]:
        listed = queries.shown_list(row)
        groups = [
            (label, [_shown(one) for one in listed if one["group"] == code])
            for code, (label, _url) in _GROUPS.items()
        ]
        added = [(_GROUPS[one["group"]][0], _shown(one)) for one in queries.shown_added(row)]
        return {"groups": groups, "is_sealed": bool(row.seal), "added": added}

    def actions(self, row: ShiftHandOver, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=True)
            for one in loopview.actions_of(row, actor)
            if one.name != "take" or actor.user_id != row.outgoing_id
        ]

    def form_for(
        self, action: Action, row: ShiftHandOver, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "take":
            added = queries.shown_added(row) if data is None else []
            return forms.TakeShiftForm(data, initial={"read": queries.read_mark(row, added)})
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: ShiftHandOver, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        same: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name == "hand":
            services.hand_shift(**same, **given)
        elif name == "take":
            services.take_shift(**same, **given)
        elif name == "give_back":
            services.give_back(**same, **given)
        else:
            raise NotFound


class ShiftPlanList(ListPage):
    """Shifts as they were set."""

    code = "permits.shift_plans"
    title = gettext_lazy("班次安排")
    columns = (
        Column("unit", gettext_lazy("单元"), value=_unit, card="title"),
        Column("shifts", gettext_lazy("班次"), width="wide", card="meta",
               value=lambda row: _("、").join(f"{one['name']} {one['at']}" for one in row.shifts) or _("不按班次交接")),
        Column("from_date", gettext_lazy("起用日期"), sort="from_date", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=enterprise_of, width="wide", card="meta"),
        Column("reason", gettext_lazy("依据"), width="wide"),
        Column("entered_by", gettext_lazy("设置人"), shown=False),
        Column("entered_at", gettext_lazy("设置时间"), sort="entered_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、单元"), fields=("enterprise__name", "unit__name"), pinned=True),
    )
    empty_title = gettext_lazy("没有班次安排")
    empty_hint = gettext_lazy("由企业负责人设置；交接班、每班复核的时限在企业作业参数中设置，0为不启用。")

    def queryset(self, actor: Actor) -> QuerySet[ShiftPlan]:
        return queries.list_plans(actor=actor)

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("设置班次"), reverse("permits:shift_plan_new"))] if actor.has(SIGN_LEADER) else []


class NewShiftPlan(CreatePage):
    """Shifts of a unit or of the whole site from a day on."""

    title = gettext_lazy("设置班次")
    lead = gettext_lazy("每次换班都要交接班签字；未交接的限制按企业作业参数中的时限执行。")
    duty = SIGN_LEADER
    form = forms.ShiftPlanForm
    back = "permits:shift_plans"
    button = gettext_lazy("设置")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.ShiftPlanForm(*args, units=list_units(actor=actor).filter(file=self.file), **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"from_date": Calendar().local_date(now)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_shifts(
            actor=actor, file=self.file, unit=given["unit"], lines=fields.lines(given["shifts"]),
            from_date=given["from_date"], reason=given["reason"], now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("permits:shift_plans")
