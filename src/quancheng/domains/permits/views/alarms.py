"""Work alarms (作业报警): the list, and one from its raising to what was done about it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import audits as forms
from quancheng.domains.permits.loops.alarm import ALARM
from quancheng.domains.permits.models import AlarmSource, WorkAlarm
from quancheng.domains.permits.queries import alarms as queries
from quancheng.domains.permits.services.alarms import act_on_alarm
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.audits import permit_link
from quancheng.domains.permits.views.words import enterprise_of
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage
from quancheng.standards.aq3064 import alarm_codes, exchanged


def alarm_named(row: WorkAlarm) -> str:
    """The code with its words in the reader's language."""
    known = alarm_codes().get(row.code)
    return f"{row.code} {said(known.name)}" if known is not None else row.code


def alarm_mark(row: WorkAlarm) -> Any:
    tone = "quiet" if row.is_closed else "active" if row.level == 1 or row.status == "RAISED" else "plain"
    return marks.badge(row.status_label, tone)


class AlarmList(ListPage):
    """Alarms of work (作业报警)."""

    code = "permits.alarms"
    title = gettext_lazy("作业报警")
    columns = (
        Column("code", gettext_lazy("报警"), value=alarm_named, link=True, card="title", width="wide", sort="code"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=alarm_mark, sort="status",
               card="meta"),
        Column("permit", gettext_lazy("作业票"), value=lambda row: str(row.permit), card="meta", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=enterprise_of, sort="enterprise__pinyin", width="wide"),
        Column("level", gettext_lazy("报警级别"), numeric=True, sort="level"),
        Column("began_at", gettext_lazy("报警开始时间"), sort="began_at", card="meta"),
        Column("ended_at", gettext_lazy("报警结束时间"), sort="ended_at"),
        Column("count", gettext_lazy("报警次数"), numeric=True, sort="count", shown=False),
        Column("source", gettext_lazy("报警来源"), value=lambda row: row.get_source_display(), sort="source"),
        Column("words", gettext_lazy("报警情况"), width="wide", shown=False),
        Column("result", gettext_lazy("处置结果"), width="wide"),
        Column("handler", gettext_lazy("处置人"), shown=False),
        Column("closed_at", gettext_lazy("处置时间"), sort="closed_at", shown=False),
        Column("kind", gettext_lazy("作业类别"), value=lambda row: row.permit.get_kind_display(), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、内容、企业"), pinned=True,
               fields=("permit__number", "permit__content", "enterprise__name")),
        Choice(name="code", label=gettext_lazy("报警代码"), choices=lambda actor: queries.code_choices(), field="code",
               multiple=True, pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=ALARM.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="late", label=gettext_lazy("只看超时未确认的"), pinned=True, condition=lambda actor:
             Q(acked_at__gt=F("ack_by")) | Q(acked_at__isnull=True, closed_at__isnull=True, ack_by__lt=Now())),
        Choice(name="source", label=gettext_lazy("报警来源"), choices=AlarmSource.choices, field="source"),
        Dates(name="began", label=gettext_lazy("报警开始时间"), field="began_at", times=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有作业报警")
    empty_hint = gettext_lazy("签字或开工被拒绝、作业超时、监护人离岗、气体超限等会在这里报警。")

    def queryset(self, actor: Actor) -> QuerySet[WorkAlarm]:
        return queries.list_alarms(actor=actor)

    def url_of(self, row: WorkAlarm) -> str:
        return reverse("permits:alarm", args=[row.pk])


class AlarmPage(ObjectPage[WorkAlarm]):
    """One alarm: what raised it, since when, who has to do what, and what was done."""

    back = (gettext_lazy("作业报警"), lambda: reverse("permits:alarms"))
    forms: ClassVar = {"close": forms.ResultForm, "false": forms.ReasonForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> WorkAlarm:
        return queries.get_alarm(actor=actor, alarm_id=kwargs["pk"])

    def head(self, row: WorkAlarm, actor: Actor) -> ObjectHead:
        return ObjectHead(title=alarm_named(row), subtitle=enterprise_of(row), marks=[alarm_mark(row)])

    def facts(self, row: WorkAlarm, actor: Actor) -> Sequence[Fact]:
        known = alarm_codes().get(row.code)
        return [
            Fact(label=_("作业票"), value=permit_link(row.permit)),
            Fact(label=_("报警情况"), value=row.words, wide=True),
            Fact(label=_("依据"), value=known.clause if known else ""),
            Fact(label=_("报警级别"), value=row.level),
            Fact(label=_("报警来源"), value=row.get_source_display()),
            Fact(label=_("报警开始时间"), value=row.began_at),
            Fact(label=_("最近一次"), value=row.last_at if row.count > 1 else None),
            Fact(label=_("报警次数"), value=row.count),
            Fact(label=_("报警结束时间"), value=row.ended_at),
            Fact(label=_("确认期限"), value=row.ack_by),
            Fact(label=_("确认时间"), value=row.acked_at),
            Fact(label=_("处置结果"), value=row.result, wide=True),
            Fact(label=_("处置人"), value=row.handler),
            Fact(label=_("处置时间"), value=row.closed_at),
            Fact(label=_("上报"), value=_("随作业票上报上级平台") if exchanged(row.code) else _("本系统代码，不上报")),
        ]

    def actions(self, row: WorkAlarm, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name in self.forms)
            for one in loopview.actions_of(row, actor)
        ]

    def perform(
        self, *, actor: Actor, row: WorkAlarm, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        act_on_alarm(actor=actor, row=row, name=name, text=given.get("text", ""), now=now, client_id=client_id)
