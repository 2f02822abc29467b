"""What alarms come with: floods (泛滥) and first-out groups (首出)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from quancheng.domains.monitoring.models import AlarmFlood, FirstOut
from quancheng.domains.monitoring.queries import alarms as queries
from quancheng.domains.monitoring.services.alarm_context import reset_group
from quancheng.domains.monitoring.services.alarms import ANSWER
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


def _filters(field: str) -> tuple[Any, ...]:
    return (
        Search(name="enterprise", label=gettext_lazy("企业"), fields=("file__enterprise__name",),
               pinyin=("file__pinyin",), pinned=True),
        Flag(name="open", label=gettext_lazy("只看没有结束的"), pinned=True,
             condition=lambda actor: Q(ended_at__isnull=True)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Dates(name="began", label=gettext_lazy("开始时间"), field=field, times=True),
    )  # fmt: skip


class FloodList(ListPage):
    """Times in which more alarms came than a person can answer."""

    code = "monitoring.floods"
    title = gettext_lazy("报警泛滥")
    columns = (
        Column("began_at", gettext_lazy("开始时间"), sort="began_at", link=True, card="title"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("ended_at", gettext_lazy("结束时间"), sort="ended_at", card="meta"),
        Column("count", gettext_lazy("报警数"), numeric=True, sort="count", card="meta"),
        Column("most", gettext_lazy("10分钟最多"), numeric=True, sort="most"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else ""),
    )  # fmt: skip
    filters = _filters("began_at")
    empty_title = gettext_lazy("没有报警泛滥")
    empty_hint = gettext_lazy("一家企业10分钟内报警达到10项时开始，不足5项时结束。")

    def queryset(self, actor: Actor) -> QuerySet[AlarmFlood]:
        return queries.list_floods(actor=actor)

    def url_of(self, row: AlarmFlood) -> str:
        return reverse("monitoring:flood", args=[row.pk])


class FloodPage(ObjectPage[AlarmFlood]):
    """One flood with its alarms."""

    template = "monitoring/object.html"
    back = (gettext_lazy("报警泛滥"), lambda: reverse("monitoring:floods"))

    def get_row(self, actor: Actor, **kwargs: Any) -> AlarmFlood:
        return queries.get_flood(actor=actor, flood_id=kwargs["pk"])

    def head(self, row: AlarmFlood, actor: Actor) -> ObjectHead:
        mark = marks.badge(_("已结束"), "quiet") if row.ended_at else marks.badge(_("持续中"), "active")
        name = row.file.enterprise.name  # type: ignore[union-attr]
        return ObjectHead(title=name, marks=[mark], subtitle=_("报警泛滥"))

    def facts(self, row: AlarmFlood, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("开始时间"), value=row.began_at),
            Fact(label=_("结束时间"), value=row.ended_at),
            Fact(label=_("报警数"), value=row.count),
            Fact(label=_("10分钟最多"), value=row.most),
        ]

    def tabs(self, row: AlarmFlood, actor: Actor) -> Sequence[Tab]:
        return [Tab("alarms", pgettext("several", "报警"), template="monitoring/_alarm_rows.html",
                    context=lambda: {"alarms": queries.alarms_of_flood(row, actor=actor)})]  # fmt: skip


class FirstOutList(ListPage):
    """First-out groups: each time since all of a group was normal, with who was first."""

    code = "monitoring.first_outs"
    title = gettext_lazy("首出报警")
    columns = (
        Column("group", gettext_lazy("首出组"), sort="group", link=True, card="title"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("first_title", gettext_lazy("首出"), card="meta", width="wide"),
        Column("count", gettext_lazy("报警数"), numeric=True),
        Column("began_at", gettext_lazy("开始时间"), sort="began_at", card="meta"),
        Column("ended_at", gettext_lazy("复位时间"), sort="ended_at"),
        Column("ended_by", gettext_lazy("复位人"), value=lambda row: row.ended_by.name if row.ended_by else ""),
    )  # fmt: skip
    filters = _filters("began_at")
    empty_title = gettext_lazy("没有首出报警")
    empty_hint = gettext_lazy("给同一联锁的点位填写相同的首出组，即可看到谁先报警。")

    def queryset(self, actor: Actor) -> QuerySet[FirstOut]:
        return queries.list_first_outs(actor=actor)

    def url_of(self, row: FirstOut) -> str:
        return reverse("monitoring:first_out", args=[row.pk])


class FirstOutPage(ObjectPage[FirstOut]):
    """One first-out group since it was all normal."""

    template = "monitoring/object.html"
    back = (gettext_lazy("首出报警"), lambda: reverse("monitoring:first_outs"))

    def get_row(self, actor: Actor, **kwargs: Any) -> FirstOut:
        return queries.get_first_out(actor=actor, group_id=kwargs["pk"])

    def head(self, row: FirstOut, actor: Actor) -> ObjectHead:
        mark = marks.badge(_("已复位"), "quiet") if row.ended_at else marks.badge(_("未复位"), "active")
        return ObjectHead(title=row.group, marks=[mark], subtitle=_("首出报警"))

    def facts(self, row: FirstOut, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("开始时间"), value=row.began_at),
            Fact(label=_("复位时间"), value=row.ended_at),
            Fact(label=_("复位人"), value=row.ended_by.name if row.ended_by else ""),
        ]

    def tabs(self, row: FirstOut, actor: Actor) -> Sequence[Tab]:
        return [Tab("order", _("首出顺序"), template="monitoring/_first_out.html",
                    context=lambda: {"group": row, "alarms": queries.members_of(row, actor=actor)})]  # fmt: skip

    def actions(self, row: FirstOut, actor: Actor) -> Sequence[Action]:
        is_own = actor.organisation_id == row.file.enterprise_id
        if row.ended_at is not None or not is_own or not actor.has(ANSWER):
            return ()
        return [Action(name="reset", label=_("复位"), primary=True)]

    def perform(
        self, *, actor: Actor, row: FirstOut, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "reset":
            raise NotFound
        reset_group(actor=actor, group=row, now=now)
