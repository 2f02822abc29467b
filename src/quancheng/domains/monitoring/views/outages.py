"""Outages (断线), planned offline periods (停用报备), the figures of both (监测质量口径)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.forms.outages import RULE_LABELS, CauseForm, NoticeForm, RulesForm
from quancheng.domains.monitoring.loops.outages import OUTAGE
from quancheng.domains.monitoring.models import Cause, OfflineNotice, Outage, OutageKind, PlannedReason, WatchRule
from quancheng.domains.monitoring.queries import outages as queries
from quancheng.domains.monitoring.queries.sources import get_source
from quancheng.domains.monitoring.services import offline_notices, outages, watch_rules
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views import keeping
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.standards.signals.online import NAMES


def span(length: timedelta) -> str:
    """A duration as people say it."""
    minutes = int(length.total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return _("%(days)s天%(hours)s小时") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)s小时%(minutes)s分钟") % {"hours": hours, "minutes": minutes % 60}
    return _("%(minutes)s分钟") % {"minutes": minutes}


def _state(row: Outage) -> Any:
    return marks.badge(row.status_label, "quiet" if row.is_closed else "active" if row.ended_at is None else "plain")


class OutageList(ListPage):
    """What is silent, and was."""

    code = "monitoring.outages"
    title = gettext_lazy("监测断线")
    is_live = True
    columns = (
        Column("title", gettext_lazy("断线"), link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               shown=False),
        Column("kind", gettext_lazy("断线类型"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("tags", gettext_lazy("点位数"), value=lambda row: len(row.tags) or None, numeric=True),
        Column("began_at", gettext_lazy("断线时间"), sort="began_at", card="meta"),
        Column("ended_at", gettext_lazy("恢复时间"), sort="ended_at"),
        Column("length", gettext_lazy("持续"), value=lambda row: span(queries.lasting(row, timezone.now())),
               card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=_state, sort="status",
               card="meta"),
        Column("cause", gettext_lazy("断线原因"), value=lambda row: row.get_cause_display()),
        Column("told_at", gettext_lazy("通知监管部门时间"), sort="told_at", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、接入源"), pinned=True,
               fields=("title", "file__enterprise__name", "source__code")),
        Flag(name="running", label=gettext_lazy("只看未恢复的"), pinned=True,
             condition=lambda actor: Q(ended_at__isnull=True)),
        Flag(name="told", label=gettext_lazy("只看已通知监管部门的"), condition=lambda actor: Q(told_at__isnull=False)),
        Choice(name="status", label=gettext_lazy("状态"), choices=OUTAGE.choices, field="status", multiple=True),
        Choice(name="kind", label=gettext_lazy("断线类型"), choices=OutageKind.choices, field="kind"),
        Choice(name="cause", label=gettext_lazy("断线原因"), choices=Cause.choices, field="cause", multiple=True),
        Dates(name="began", label=gettext_lazy("断线时间"), field="began_at"),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有断线")

    def queryset(self, actor: Actor) -> QuerySet[Outage]:
        return queries.list_outages(actor=actor)

    def url_of(self, row: Outage) -> str:
        return reverse("monitoring:outage", args=[row.pk])


class OutagePage(ObjectPage[Outage]):
    """One outage: since when, which tags, why."""

    back = (gettext_lazy("监测断线"), lambda: reverse("monitoring:outages"))
    forms = {"state": CauseForm, "amend": CauseForm, "explain": CauseForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Outage:
        return queries.get_outage(actor=actor, outage_id=kwargs["pk"])

    def head(self, row: Outage, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title)

    def facts(self, row: Outage, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("断线类型"), value=row.get_kind_display()),
            Fact(label=_("接入源"), value=str(row.source)),
            Fact(label=_("所属设施"), value=str(row.facility) if row.facility else ""),
            Fact(label=_("断线时间"), value=row.began_at),
            Fact(label=_("恢复时间"), value=row.ended_at),
            Fact(label=_("持续"), value=span(queries.lasting(row, timezone.now()))),
            Fact(label=_("通知监管部门时间"), value=row.told_at),
            Fact(label=_("断线原因"), value=row.get_cause_display(), filled_by=_("企业")),
            Fact(label=_("处理措施"), value=row.measures, filled_by=_("企业"), wide=True),
        ]

    def tabs(self, row: Outage, actor: Actor) -> Sequence[Tab]:
        if row.kind == OutageKind.SOURCE:
            return ()
        return [Tab("tags", _("断线点位"), template="monitoring/_outage_tags.html", count=len(row.tags),
                    context=lambda: {"tags": queries.tags_named(actor, row.tags)})]  # fmt: skip

    def actions(self, row: Outage, actor: Actor) -> Sequence[Action]:
        return [Action(name=one.name, label=one.label, primary=one.primary, asks=True)
                for one in super().actions(row, actor)]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: Outage, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        outages.state_cause(actor=actor, row=row, cause=given["cause"], measures=given["measures"], now=now,
                            client_id=client_id)  # fmt: skip


def _notice_state(row: OfflineNotice) -> str:
    now = timezone.now()
    if row.cancelled_at is not None:
        return _("已提前结束")
    if row.begins_at > now:
        return _("未开始")
    return _("进行中") if row.ends_at > now else _("已结束")


def _odd(row: OfflineNotice) -> str:
    return _("、").join(word for flag, word in ((row.is_long, _("时间过长")), (row.is_often, _("次数过多"))) if flag)


class NoticeList(ListPage):
    """Planned offline periods, with those that are too long or too many."""

    code = "monitoring.notices"
    title = gettext_lazy("停用报备")
    columns = (
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, link=True, card="title",
               sort="file__pinyin"),
        Column("source", gettext_lazy("接入源"), value=lambda row: str(row.source), card="meta"),
        Column("tags", gettext_lazy("停用点位"), value=lambda row: len(row.tags) or _("全部"), numeric=True),
        Column("begins_at", gettext_lazy("开始时间"), sort="begins_at", card="meta"),
        Column("ends_at", gettext_lazy("结束时间"), sort="ends_at", card="meta"),
        Column("reason", gettext_lazy("报备原因"), value=lambda row: row.get_reason_display(), sort="reason"),
        Column("state", gettext_lazy("状态"), value=_notice_state),
        Column("odd", gettext_lazy("异常"), value=_odd, card="meta"),
        Column("by_name", gettext_lazy("报备人"), shown=False),
        Column("created_at", gettext_lazy("报备时间"), sort="created_at", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、接入源"), pinned=True,
               fields=("file__enterprise__name", "source__code", "source__name")),
        Flag(name="running", label=gettext_lazy("只看进行中的"), pinned=True,
             condition=lambda actor: queries.is_running(timezone.now())),
        Flag(name="long", label=gettext_lazy("只看时间过长的"), condition=lambda actor: Q(is_long=True), pinned=True),
        Flag(name="often", label=gettext_lazy("只看次数过多的"), condition=lambda actor: Q(is_often=True), pinned=True),
        Choice(name="reason", label=gettext_lazy("报备原因"), choices=PlannedReason.choices, field="reason",
               multiple=True),
        Dates(name="begins", label=gettext_lazy("开始时间"), field="begins_at"),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有停用报备")
    empty_hint = gettext_lazy("在接入源页面事先报备，报备期间不算断线，不计入在线率。")

    def queryset(self, actor: Actor) -> QuerySet[OfflineNotice]:
        return queries.list_notices(actor=actor)

    def url_of(self, row: OfflineNotice) -> str:
        return reverse("monitoring:notice", args=[row.pk])


class NoticePage(ObjectPage[OfflineNotice]):
    """One planned offline period."""

    back = (gettext_lazy("停用报备"), lambda: reverse("monitoring:notices"))

    def get_row(self, actor: Actor, **kwargs: Any) -> OfflineNotice:
        return queries.get_notice(actor=actor, notice_id=kwargs["pk"])

    def head(self, row: OfflineNotice, actor: Actor) -> ObjectHead:
        shown = [marks.badge(_notice_state(row), "plain")]
        return ObjectHead(title=_("%(source)s 停用报备") % {"source": row.source.name}, code=row.source.code,
                          marks=[*shown, marks.badge(_odd(row), "active")] if _odd(row) else shown)  # fmt: skip

    def facts(self, row: OfflineNotice, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("报备原因"), value=row.get_reason_display()),
            Fact(label=_("开始时间"), value=row.begins_at),
            Fact(label=_("结束时间"), value=row.ends_at),
            Fact(label=_("提前结束时间"), value=row.cancelled_at),
            Fact(label=_("停用点位"), value="" if row.tags else _("全部")),
            Fact(label=_("情况说明"), value=row.detail, wide=True),
            Fact(label=_("人工监测措施"), value=row.measures, wide=True),
            Fact(label=_("报备人"), value=row.by_name),
            Fact(label=_("报备时间"), value=row.created_at),
        ]

    def tabs(self, row: OfflineNotice, actor: Actor) -> Sequence[Tab]:
        if not row.tags:
            return ()
        return [Tab("tags", _("停用点位"), template="monitoring/_outage_tags.html", count=len(row.tags),
                    context=lambda: {"tags": queries.tags_named(actor, row.tags)})]  # fmt: skip

    def actions(self, row: OfflineNotice, actor: Actor) -> Sequence[Action]:
        if not may_keep(actor, row.file) or row.cancelled_at is not None or row.ends_at <= timezone.now():
            return ()
        return [Action(name="end", label=_("提前结束"), primary=True, confirm=_("从现在起恢复监测，确定提前结束？"))]

    def perform(
        self, *, actor: Actor, row: OfflineNotice, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        offline_notices.end_notice(actor=actor, row=row, now=now)


class NewNotice(keeping.KeeperPage):
    """A source of one's own, or some of its tags, will be silent."""

    title = gettext_lazy("停用报备")
    lead = gettext_lazy("检修、停产等须事先报备；报备期间不算断线，不计入在线率，监管部门可以看到。")
    form = NoticeForm
    button = gettext_lazy("报备")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.source = get_source(actor=actor, source_id=kwargs["pk"])
        if not may_keep(actor, self.source.file):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Any:
        return NoticeForm(*args, source=self.source, **kwargs)

    def back_url(self) -> str:
        return reverse("monitoring:source", args=[self.source.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = offline_notices.file_notice(
            actor=actor, source=self.source, tags=[int(one) for one in given["tags"]], known=given, now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("monitoring:notice", args=[row.pk])


def _figures(row: WatchRule) -> str:
    return _("；").join(f"{RULE_LABELS[name]} {row.figures[name]}" for name in NAMES if name in row.figures)


class RuleList(ListPage):
    """The figures as they were set, the newest in force."""

    code = "monitoring.watch_rules"
    title = gettext_lazy("监测质量口径")
    columns = (
        Column("entered_at", gettext_lazy("设置时间"), card="title"),
        Column("figures", gettext_lazy("口径"), value=_figures, width="wide", card="meta"),
        Column("reason", gettext_lazy("理由"), width="wide"),
        Column("by_name", gettext_lazy("设置人")),
    )
    empty_title = gettext_lazy("没有设置过，按常用值")

    def queryset(self, actor: Actor) -> QuerySet[WatchRule]:
        return queries.list_rules()

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if not actor.has(watch_rules.RULES):
            return ()
        return [(gettext_lazy("设置口径"), reverse("monitoring:watch_rule_new"))]


class NewRule(CreatePage):
    """The district sets its figures."""

    title = gettext_lazy("设置监测质量口径")
    lead = gettext_lazy("从现在起生效；已经统计的日子不变。")
    duty = watch_rules.RULES
    form = RulesForm
    back = "monitoring:watch_rules"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        current = queries.rules()
        return {name: getattr(current, name) for name in NAMES}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        watch_rules.set_rules(actor=actor, figures={name: given[name] for name in NAMES}, reason=given["reason"],
                              now=now)  # fmt: skip
        return reverse("monitoring:watch_rules")
