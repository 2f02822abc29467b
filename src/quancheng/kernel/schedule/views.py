"""Pages of recurring duties: which there are, whom they bind, what was made from them; pausing and resuming."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.schedule import queries, services
from quancheng.kernel.schedule.models import RecurringRule

_WEEKDAYS = (
    gettext_lazy("周一"), gettext_lazy("周二"), gettext_lazy("周三"), gettext_lazy("周四"), gettext_lazy("周五"),
    gettext_lazy("周六"), gettext_lazy("周日"),
)  # fmt: skip


def spoken(rule: RecurringRule) -> str:
    """The recurrence in words."""
    figures = rule.figures
    match rule.recurrence:
        case "monthly":
            return _("每月%(day)s日") % figures
        case "quarterly":
            return _("%(months)s月的%(day)s日") % {
                "months": listed(map(str, figures["months"])),
                "day": figures["day"],
            }
        case "yearly":
            return _("每年%(month)s月%(day)s日") % figures
        case "weekly":
            return _("每%(weekday)s") % {"weekday": _WEEKDAYS[figures["weekday"] - 1]}
        case "daily":
            return _("自%(anchor)s起每%(days)s天") % figures
        case "every_months":
            return _("自%(anchor)s起每%(months)s个月的%(day)s日") % figures
    return listed(figures.get("dates", ()))


def _state(rule: RecurringRule) -> Any:
    return marks.badge(_("启用"), "active") if rule.is_active else marks.badge(_("暂停"), "quiet")


class RuleList(ListPage):
    code = "schedule.rules"
    title = gettext_lazy("周期事项")
    duty = "schedule.manage"
    empty_title = gettext_lazy("还没有周期事项")
    empty_hint = gettext_lazy("下达含有定期要求的计划后，周期事项自动建立。")
    columns = (
        Column("name", gettext_lazy("名称"), sort="name", link=True, card="title", width="wide"),
        Column("recurrence", gettext_lazy("周期"), value=spoken, sort="recurrence", card="meta"),
        Column("owner", gettext_lazy("设置单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin"),
        Column("first_day", gettext_lazy("起始日期"), sort="first_day"),
        Column("last_day", gettext_lazy("截止日期"), sort="last_day"),
        Column(
            "state",
            gettext_lazy("状态"),
            value=lambda row: _("启用") if row.is_active else _("暂停"),
            render=_state,
            sort="is_active",
            card="meta",
        ),
    )
    filters = (
        Search("q", gettext_lazy("关键词"), fields=("name", "code"), pinned=True),
        Choice(
            "active",
            gettext_lazy("状态"),
            field="is_active",
            choices=[("True", gettext_lazy("启用")), ("False", gettext_lazy("暂停"))],
            pinned=True,
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[RecurringRule]:
        return queries.list_rules(actor=actor)

    def url_of(self, row: RecurringRule) -> str:
        return reverse("schedule:rule", args=[row.pk])


class RulePage(ObjectPage[RecurringRule]):
    """One recurring duty."""

    back = (gettext_lazy("周期事项"), lambda: reverse("schedule:rules"))

    def get_row(self, actor: Actor, **kwargs: Any) -> RecurringRule:
        return queries.get_rule(actor=actor, rule_id=kwargs["pk"])

    def head(self, row: RecurringRule, actor: Actor) -> ObjectHead:
        return ObjectHead(row.name, marks=[_state(row)], subtitle=spoken(row))

    def facts(self, row: RecurringRule, actor: Actor) -> Sequence[Fact]:
        whole = row.group.name if row.group else ""
        named = listed(org.label for org in queries.owners_of(row)) if not whole else ""
        return [
            Fact(_("周期"), spoken(row)),
            Fact(_("适用单位"), whole or named or None, wide=True),
            Fact(_("设置单位"), row.owner_org.name),
            Fact(_("起始日期"), row.first_day),
            Fact(_("截止日期"), row.last_day),
            Fact(_("宽限天数"), row.grace_days),
            Fact(_("逢非工作日"), row.get_adjust_display()),
        ]

    def tabs(self, row: RecurringRule, actor: Actor) -> Sequence[Tab]:
        def latest() -> Mapping[str, Any]:
            return {"occurrences": list(queries.occurrences_of(rule=row)[:100])}

        return [Tab("made", _("已生成期次"), template="schedule/_occurrences.html", context=latest)]

    def actions(self, row: RecurringRule, actor: Actor) -> Sequence[Action]:
        if row.owner_org_id != actor.organisation_id or not actor.has("schedule.manage"):
            return ()
        if row.is_active:
            return [Action("pause", _("暂停"), confirm=_("暂停期间不再生成；恢复后补生成。确定暂停吗？"))]
        return [Action("resume", _("恢复"), primary=True)]

    def perform(
        self, *, actor: Actor, row: RecurringRule, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name not in ("pause", "resume"):
            raise NotFound
        services.set_rule_active(actor=actor, rule=row, active=name == "resume", now=now)
