"""What keeps alarms silent (报警搁置、停用、设计抑制): lists, pages, asking."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.forms import Form
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.forms import alarms as forms
from quancheng.domains.monitoring.loops.hold import HOLD
from quancheng.domains.monitoring.models import AlarmHold, HoldKind, LimitName, SuppressionRule, Tag
from quancheng.domains.monitoring.queries import alarms as queries
from quancheng.domains.monitoring.queries.alarm_terms import terms_at
from quancheng.domains.monitoring.queries.tags import get_tag
from quancheng.domains.monitoring.services import holds as services
from quancheng.domains.monitoring.services import suppression
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Asked, Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage

_TONES = {"ASKED": "active", "STANDING": "plain", "ENDED": "quiet", "REFUSED": "quiet"}


def _type(row: Any) -> str:
    return str(row.get_type_display()) if row.type else _("全部报警")


class HoldList(ListPage):
    """Every shelf and taking out of service, those that stand first; above them what is silent now."""

    code = "monitoring.holds"
    title = gettext_lazy("报警搁置与停用")
    columns = (
        Column("title", gettext_lazy("事项"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label,
               render=lambda row: marks.badge(row.status_label, _TONES[row.status]), sort="status", card="meta"),
        Column("kind", gettext_lazy("停报方式"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("type", gettext_lazy("报警类型"), value=_type),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("until", gettext_lazy("截止时间"), sort="until", card="meta"),
        Column("asked_by", gettext_lazy("申请人"), value=lambda row: row.asked_by.name if row.asked_by else ""),
        Column("allowed_by", gettext_lazy("批准人"), value=lambda row: row.allowed_by.name if row.allowed_by else ""),
        Column("reason", gettext_lazy("理由"), width="wide"),
        Column("code", gettext_lazy("点位编码"), value=lambda row: row.tag.code, sort="tag__code", shown=False),
        Column("asked_at", gettext_lazy("申请时间"), sort="asked_at", shown=False),
        Column("ended_at", gettext_lazy("结束时间"), sort="ended_at", shown=False),
        Column("measure", gettext_lazy("替代措施"), shown=False),
        Column("ticket", gettext_lazy("作业票或工单号"), shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("点位编码、名称"), pinned=True, fields=("tag__name", "tag__code")),
        Choice(name="kind", label=gettext_lazy("停报方式"), choices=HoldKind.choices, field="kind", pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=HOLD.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="open", label=gettext_lazy("只看生效和待批准的"), pinned=True,
             condition=lambda actor: Q(status__in=("ASKED", "STANDING"))),
        Search(name="enterprise", label=gettext_lazy("企业"), fields=("file__enterprise__name",),
               pinyin=("file__pinyin",)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="asked", label=gettext_lazy("申请时间"), field="asked_at", times=True),
    )  # fmt: skip
    is_live = True
    template = "monitoring/list.html"
    summary = "monitoring/_silent.html"
    empty_title = gettext_lazy("没有搁置、停用的报警")
    empty_hint = gettext_lazy("在报警或点位的页面申请。")

    def queryset(self, actor: Actor) -> QuerySet[AlarmHold]:
        return queries.list_holds(actor=actor)

    def url_of(self, row: AlarmHold) -> str:
        return reverse("monitoring:hold", args=[row.pk])

    def summary_context(self, actor: Actor, asked: Asked) -> dict[str, Any]:
        return {"silent": queries.count_silent(actor=actor)}


class HoldPage(ObjectPage[AlarmHold]):
    """One shelf or taking out of service."""

    template = "monitoring/object.html"
    back = (gettext_lazy("报警搁置与停用"), lambda: reverse("monitoring:holds"))
    forms = {"end": forms.EndHoldForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> AlarmHold:
        return queries.get_hold(actor=actor, hold_id=kwargs["pk"])

    def head(self, row: AlarmHold, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.tag.code, subtitle=row.get_kind_display())

    def facts(self, row: AlarmHold, actor: Actor) -> Sequence[Fact]:
        allowed = row.allowed_by.name if row.allowed_by else "" if row.needs_second else _("不需要")
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("点位"), value=_tag_link(row.tag)),
            Fact(label=_("报警类型"), value=_type(row)),
            Fact(label=_("截止时间"), value=row.until, help=_("至下次恢复") if row.is_once else ""),
            Fact(label=_("申请人"), value=row.asked_by.name if row.asked_by else ""),
            Fact(label=_("申请时间"), value=row.asked_at),
            Fact(label=_("批准人"), value=allowed, filled_by=_("企业的第二人") if row.needs_second else ""),
            Fact(label=_("结束时间"), value=row.ended_at),
            Fact(label=_("理由"), value=row.reason, wide=True),
            Fact(label=_("替代措施"), value=row.measure, wide=True),
            Fact(label=_("作业票或工单号"), value=row.ticket),
            Fact(label=_("恢复前试验记录"), value=row.test_record, wide=True),
        ]

    def actions(self, row: AlarmHold, actor: Actor) -> Sequence[Action]:
        # Back into service is a form even where nothing must be told: the record of a test belongs to it.
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.asks or one.name == "end")
            for one in loopview.actions_of(row, actor)
            if one.name != "allow" or actor.user_id != row.asked_by_id
        ]

    def perform(
        self, *, actor: Actor, row: AlarmHold, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now}
        acts: dict[str, Callable[[], Any]] = {
            "allow": lambda: services.allow_hold(**common, client_id=client_id),
            "refuse": lambda: services.refuse_hold(**common, reason=given["reason"]),
            "withdraw": lambda: services.withdraw_hold(**common),
            "end": lambda: services.end_hold(**common, test_record=given["test_record"], client_id=client_id),
        }
        if name not in acts:
            raise NotPermitted
        acts[name]()


class NewHold(CreatePage):
    """Ask that an alarm of a tag be silent."""

    title = gettext_lazy("申请搁置或停用报警")
    lead = gettext_lazy("停报期间报警照常记录，但不通知任何人；到期自动恢复。停用报警和搁置安全关键报警须第二人批准。")
    duty = None
    form = forms.HoldForm
    button = gettext_lazy("提交申请")
    tag: Tag

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.tag = get_tag(actor=actor, tag_id=kwargs["pk"])
        actor.require(services.HOLD)
        if actor.organisation_id != self.tag.owner_org_id:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("monitoring:tag", args=[self.tag.pk])

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        kind = self.request.GET.get("kind", "")
        kind = kind if kind in HoldKind.values else HoldKind.SHELF
        name = self.request.GET.get("type", "")
        terms = terms_at(now)
        span = terms.shelf(self.tag.priority) if kind == HoldKind.SHELF else timedelta(hours=8)
        until = timezone.localtime(now + span)
        return {"kind": kind, "type": name if name in LimitName.values else "", "until": until}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        return forms.HoldForm(*args, tag=self.tag, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        spec = services.HoldSpec(**given)
        made = services.ask_hold(actor=actor, tag=self.tag, spec=spec, now=now, client_id=client_id)
        return reverse("monitoring:hold", args=[made.pk])


class RuleList(ListPage):
    """Rules of the design that silence alarms, those that stand first."""

    code = "monitoring.rules"
    title = gettext_lazy("设计抑制规则")
    columns = (
        Column("tag", gettext_lazy("被抑制点位"), value=lambda row: row.tag.name, link=True, sort="tag__code",
               card="title", width="wide"),
        Column("type", gettext_lazy("报警类型"), value=_type, card="meta"),
        Column("condition", gettext_lazy("抑制条件"), value=lambda row: _condition(row), card="meta", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.tag.file.enterprise.name,
               sort="tag__file__pinyin", card="meta"),
        Column("state", gettext_lazy("状态"), value=lambda row: _("已停用") if row.ended_at else _("生效"),
               render=lambda row: marks.badge(_("已停用"), "quiet") if row.ended_at else marks.badge(_("生效"))),
        Column("reason", gettext_lazy("设计依据"), width="wide"),
        Column("entered_at", gettext_lazy("登记时间"), sort="entered_at"),
        Column("ended_at", gettext_lazy("停用时间"), sort="ended_at", shown=False),
        Column("code", gettext_lazy("点位编码"), value=lambda row: row.tag.code, shown=False),
        Column("by_code", gettext_lazy("条件点位编码"), value=lambda row: row.by_tag.code, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("点位编码、名称"), pinned=True,
               fields=("tag__name", "tag__code", "by_tag__name", "by_tag__code")),
        Flag(name="open", label=gettext_lazy("只看生效的"), pinned=True,
             condition=lambda actor: Q(ended_at__isnull=True)),
        Search(name="enterprise", label=gettext_lazy("企业"), fields=("tag__file__enterprise__name",),
               pinyin=("tag__file__pinyin",)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有抑制规则")
    empty_hint = gettext_lazy("例如泵停运时，抑制该管线的低流量报警。气体、火灾探测报警不得抑制。")

    def queryset(self, actor: Actor) -> QuerySet[SuppressionRule]:
        return queries.list_rules(actor=actor)

    def url_of(self, row: SuppressionRule) -> str:
        return reverse("monitoring:rule", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        file = own_file(actor=actor) if actor.has(suppression.DUTY) else None
        return () if file is None else [(gettext_lazy("登记规则"), reverse("monitoring:rule_new", args=[file.pk]))]


class RulePage(ObjectPage[SuppressionRule]):
    """One rule of the design."""

    back = (gettext_lazy("设计抑制规则"), lambda: reverse("monitoring:rules"))

    def get_row(self, actor: Actor, **kwargs: Any) -> SuppressionRule:
        return queries.get_rule(actor=actor, rule_id=kwargs["pk"])

    def head(self, row: SuppressionRule, actor: Actor) -> ObjectHead:
        mark = marks.badge(_("已停用"), "quiet") if row.ended_at else marks.badge(_("生效"))
        return ObjectHead(title=row.tag.name, code=row.tag.code, marks=[mark], subtitle=_("设计抑制规则"))

    def facts(self, row: SuppressionRule, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.tag.file)),
            Fact(label=_("被抑制点位"), value=_tag_link(row.tag)),
            Fact(label=_("报警类型"), value=_type(row)),
            Fact(label=_("条件点位"), value=_tag_link(row.by_tag)),
            Fact(label=_("抑制条件"), value=_condition(row), wide=True),
            Fact(label=_("设计依据"), value=row.reason, wide=True),
            Fact(label=_("登记时间"), value=row.entered_at),
            Fact(label=_("停用时间"), value=row.ended_at),
        ]

    def actions(self, row: SuppressionRule, actor: Actor) -> Sequence[Action]:
        is_own = actor.organisation_id == row.owner_org_id
        if row.ended_at is not None or not is_own or not actor.has(suppression.DUTY):
            return ()
        return [Action(name="end", label=_("停用规则"), confirm=_("停用后该报警照常通知，确定吗？"))]

    def perform(
        self, *, actor: Actor, row: SuppressionRule, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        suppression.end_rule(actor=actor, row=row, now=now)


class NewRule(CreatePage):
    """The enterprise enters a rule of its design."""

    title = gettext_lazy("登记设计抑制规则")
    lead = gettext_lazy("条件成立时，被抑制的报警不通知任何人，照常记录；条件点位读不到数据时不抑制。")
    duty = None
    form = forms.RuleForm
    button = gettext_lazy("登记")
    file: Enterprise

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        actor.require(suppression.DUTY)
        if actor.organisation_id != self.file.owner_org_id:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("monitoring:rules")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        return forms.RuleForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = dict(given)
        made = suppression.enter_rule(actor=actor, kind=told.pop("type"), now=now, client_id=client_id, **told)
        return reverse("monitoring:rule", args=[made.pk])


def _tag_link(tag: Tag) -> Any:
    return format_html('<a href="{}">{} {}</a>', reverse("monitoring:tag", args=[tag.pk]), tag.code, tag.name)


def _condition(row: SuppressionRule) -> str:
    words = row.get_comparison_display()
    value = "" if row.value is None else f" {row.value:g} {row.by_tag.unit}".rstrip()
    return f"{row.by_tag.name}：{words}{value}"
