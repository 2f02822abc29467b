"""Pages of who is told of alarms (告知规则、告知记录、升级时限)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views import View

from quancheng.domains.monitoring.forms import telling as forms
from quancheng.domains.monitoring.models import LimitName, Outcome, TellingRule
from quancheng.domains.monitoring.queries import escalation, telling
from quancheng.domains.monitoring.queries.alarms import get_alarm
from quancheng.domains.monitoring.queries.preview import StepPreview, preview, reads_names
from quancheng.domains.monitoring.services import escalation as escalation_services
from quancheng.domains.monitoring.services import telling_rules as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.duties import label_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.notices.queries import address_of_row
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of

_ALL = gettext_lazy("全部")


def _priorities(row: TellingRule) -> str:
    words = dict(forms.PRIORITIES)
    return listed(str(words[one]) for one in row.priorities) or str(_ALL)


def _types(row: TellingRule) -> str:
    return listed(str(LimitName(one).label) for one in row.types) or str(_ALL)


def _steps(row: TellingRule) -> str:
    words = dict(forms.step_words())
    return listed(words[one] for one in row.steps) or str(_ALL)


def _windows(row: TellingRule) -> str:
    return _("；").join(_window(telling.Window.of(one)) for one in row.windows) or _("任何时间")


def _window(one: telling.Window) -> str:
    days = listed(str(dict(forms.WEEKDAYS)[day]) for day in one.weekdays) or _("每天")
    kind = "" if one.days == telling.ANY else f" {forms.DAYS[one.days]}"
    return f"{days} {one.begins:%H:%M}–{one.ends:%H:%M}{kind}"


def _channels(row: TellingRule) -> str:
    words = dict(forms.channel_words())
    return listed(str(words.get(one, one)) for one in row.channels) or str(_ALL)


def _state(row: TellingRule) -> str:
    return pgettext("state", "启用") if row.ended_at is None else pgettext("state", "停用")


class RuleList(ListPage):
    """Rules by which one is told of alarms."""

    code = "monitoring.telling_rules"
    title = gettext_lazy("报警告知规则")
    columns = (
        Column("name", gettext_lazy("规则名称"), link=True, sort="name", card="title", width="wide"),
        Column("owner", gettext_lazy("单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin",
               card="meta"),
        Column("priorities", gettext_lazy("优先级"), value=_priorities, card="meta"),
        Column("types", gettext_lazy("报警类型"), value=_types),
        Column("steps", gettext_lazy("升级步骤"), value=_steps, width="wide"),
        Column("windows", gettext_lazy("时段"), value=_windows, width="wide", card="meta"),
        Column("limit_per_hour", gettext_lazy("每小时上限"), numeric=True),
        Column("state", gettext_lazy("状态"), value=_state,
               render=lambda row: marks.badge(_state(row), "done" if row.ended_at is None else "quiet")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("规则、单位"), pinned=True, fields=("name", "owner_org__name")),
        Flag(name="ours", label=gettext_lazy("只看本单位的"), pinned=True,
             condition=lambda actor: Q(owner_org=actor.organisation_id)),
        Flag(name="ended", label=gettext_lazy("只看停用的"), condition=lambda actor: Q(ended_at__isnull=False)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有告知规则")
    empty_hint = gettext_lazy("没有规则的单位按默认告知：由承担相应职责的人员，在任何时间，经全部已接通的渠道。")

    def queryset(self, actor: Actor) -> QuerySet[TellingRule]:
        return telling.list_rules(actor=actor)

    def url_of(self, row: TellingRule) -> str:
        return reverse("monitoring:telling_rule", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        more = [(gettext_lazy("现在会告知谁"), reverse("monitoring:telling_preview"))]
        if actor.has(services.SET):
            more.insert(0, (gettext_lazy("新建规则"), reverse("monitoring:telling_rule_new")))
        return more


class RulePage(ObjectPage[TellingRule]):
    """One rule."""

    back = (gettext_lazy("报警告知规则"), lambda: reverse("monitoring:telling_rules"))

    def get_row(self, actor: Actor, **kwargs: Any) -> TellingRule:
        return telling.get_rule(actor=actor, rule_id=kwargs["pk"])

    def head(self, row: TellingRule, actor: Actor) -> ObjectHead:
        badge = marks.badge(_state(row), "done" if row.ended_at is None else "quiet")
        return ObjectHead(title=row.name, subtitle=row.owner_org.label, marks=[badge])

    def facts(self, row: TellingRule, actor: Actor) -> Sequence[Fact]:
        people = [label_of(row.duty)] if row.duty else []
        people += [one.name for one in row.persons.all()]
        return [
            Fact(label=_("优先级"), value=_priorities(row)),
            Fact(label=_("报警类型"), value=_types(row)),
            Fact(label=_("升级步骤"), value=_steps(row), wide=True),
            Fact(label=_("时段"), value=_windows(row), wide=True),
            Fact(label=_("告知人员"), value=listed(people) or _("该步骤的默认人员"), wide=True),
            Fact(label=_("渠道"), value=_channels(row)),
            Fact(label=_("每小时上限"), value=row.limit_per_hour or _("不限")),
            Fact(label=_("停用时间"), value=row.ended_at),
        ]

    def actions(self, row: TellingRule, actor: Actor) -> Sequence[Action]:
        if row.ended_at is not None or not services.may_set(actor, row):
            return ()
        change = reverse("monitoring:telling_rule_change", args=[row.pk])
        confirm = _("停用后，本单位没有其他规则的按默认告知。")
        return [Action(name="change", label=_("修改"), url=change, primary=True),
                Action(name="end", label=_("停用"), confirm=confirm)]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: TellingRule, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        services.end_rule(actor=actor, row=row, now=now)


class NewRule(CreatePage):
    """A rule of one's own organisation."""

    duty: ClassVar[str | None] = services.SET
    title = gettext_lazy("新建报警告知规则")
    lead = gettext_lazy("规则只对本单位人员有效。一级报警在任何时间、不限次数告知应知人员，不受规则限制。")
    form = forms.RuleForm
    back = "monitoring:telling_rules"
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Any:
        self.asked = forms.RuleForm(*args, actor=actor, **kwargs)
        return self.asked

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_rule(actor=actor, spec=self.asked.spec(), now=now, client_id=client_id)
        return reverse("monitoring:telling_rule", args=[made.pk])


class ChangeRule(NewRule):
    """A rule changed."""

    title = gettext_lazy("修改报警告知规则")
    duty = None

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = telling.get_rule(actor=actor, rule_id=kwargs["pk"])
        if not services.may_set(actor, self.row):
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        columns = ("name", "priorities", "types", "steps", "windows", "channels", "limit_per_hour", "duty")
        stored = {name: getattr(self.row, name) for name in columns}
        return forms.rule_initial({**stored, "persons": [str(one.pk) for one in self.row.persons.all()]})

    def back_url(self) -> str:
        return reverse("monitoring:telling_rule", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.change_rule(actor=actor, row=self.row, version=self.row.version, spec=self.asked.spec(), now=now)
        return self.back_url()


# Who would be told, who was ---------------------------------------------------------------------------------------


def _lines(steps: Sequence[StepPreview]) -> list[tuple[Any, ...]]:
    """Rows of the table: step, when it is due, organisation, person, what would become of it."""
    words = dict(forms.step_words())
    return [
        (words[one.step], one.after_s, person.organisation, person.name, Outcome(person.outcome).label, person.rule)
        for one in steps
        for person in one.people
    ]


class Preview(View):
    """Who of one's own organisation would be told of an alarm of a priority and type at this moment."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        priority = request.GET.get("priority", "2")
        kind = request.GET.get("type", LimitName.HH)
        if priority not in ("1", "2", "3", "4") or kind not in LimitName.values:
            raise NotFound
        now = timezone.now()
        context = {
            "lines": _lines(preview(actor=actor, priority=int(priority), kind=kind, now=now)), "now": now,
            "priority": int(priority), "type": kind, "priorities": forms.PRIORITIES, "types": LimitName.choices,
            "has_channels": len(forms.channel_words()) > 1,
        }  # fmt: skip
        return render(request, "monitoring/telling_preview.html", context)


class AlarmTelling(View):
    """Who was told of an alarm, and who would be told next."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        row, now = get_alarm(actor=actor, alarm_id=pk), timezone.now()
        words = dict(forms.step_words())
        context = {
            "row": row, "now": now, "address": address_of_row(row.row_type(), row.pk),
            "told": [
                (one, words[one.step], one.person if reads_names(actor, one.organisation_id) else None)
                for one in escalation.list_told(actor=actor, alarm=row)[:500]
            ],
            "lines": _lines(preview(actor=actor, priority=row.priority, kind=row.type, alarm=row, now=now)),
        }  # fmt: skip
        return render(request, "monitoring/alarm_telling.html", context)


# Steps ------------------------------------------------------------------------------------------------------------


class Escalation(View):
    """When each step is due: in force, and what was set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, today = actor_of(request), Calendar().local_date(timezone.now())
        steps = escalation.steps_on(today)
        rows = [
            (words, [steps.due_s(step, priority) for priority, _level in forms.PRIORITIES])
            for step, words in forms.step_words()
        ]
        context = {
            "title": _("报警升级时限"), "rows": rows, "heads": [level for _number, level in forms.PRIORITIES],
            "lead": _("报警未确认，或确认后未采取措施的，到时告知下一步人员。单位：秒；空白表示不升级到这一步。"),
            "is_shipped": steps.is_shipped, "past": list(escalation.list_tables()[:50]),
            "new": reverse("monitoring:escalation_new") if actor.has(escalation_services.SET) else "",
        }  # fmt: skip
        return render(request, "monitoring/times.html", context)


class NewEscalation(CreatePage):
    """The table set from a day on."""

    title = gettext_lazy("设置报警升级时限")
    lead = gettext_lazy("自起用日期起对所有报警有效。空白表示该级报警不升级到这一步。")
    duty = escalation_services.SET
    form = forms.EscalationForm
    back = "monitoring:escalation"
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Any:
        self.asked = forms.EscalationForm(*args, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        return {**forms.escalation_initial(escalation.steps_on(today)), "from_date": today}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        escalation_services.set_steps(
            actor=actor, after_s=self.asked.after_s(), reason=given["reason"], from_date=given["from_date"], now=now
        )
        return reverse("monitoring:escalation")
