"""Interlocks and detectors that are bypassed (联锁旁路台账): the list, one, asking."""

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
from django.utils.translation import gettext_lazy, pgettext

from quancheng.domains.monitoring.forms import bypasses as forms
from quancheng.domains.monitoring.loops.bypass import BYPASS
from quancheng.domains.monitoring.models import Bypass
from quancheng.domains.monitoring.queries import bypasses as queries
from quancheng.domains.monitoring.queries.alarm_terms import terms_at
from quancheng.domains.monitoring.services import bypasses as services
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage

_TONES = {"ASKED": "active", "AGREED": "active", "STANDING": "plain", "RESTORED": "done", "REFUSED": "quiet"}


def _is_overdue(row: Bypass) -> bool:
    return row.status == "STANDING" and row.until <= timezone.now()


def _state(row: Bypass) -> Any:
    if _is_overdue(row):
        return marks.badge(pgettext("bypass", "超期未恢复"), "active")
    return marks.badge(row.status_label, _TONES[row.status])


def _name(user: Any) -> str:
    return user.name if user is not None else ""


class BypassList(ListPage):
    """The register of bypasses, the newest first."""

    code = "monitoring.bypasses"
    title = gettext_lazy("联锁旁路台账")
    columns = (
        Column("what", gettext_lazy("旁路对象"), link=True, sort="what", card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=_state, sort="status",
               card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("unit", gettext_lazy("所属单元"), value=lambda row: str(row.unit or "")),
        Column("since_at", gettext_lazy("旁路开始时间"), sort="since_at"),
        Column("until", gettext_lazy("应恢复时间"), sort="until", card="meta"),
        Column("ended_at", gettext_lazy("恢复时间"), sort="ended_at"),
        Column("reason", gettext_lazy("旁路原因"), width="wide"),
        Column("measure", gettext_lazy("补偿措施"), width="wide", shown=False),
        Column("asked_by", gettext_lazy("申请人"), value=lambda row: _name(row.asked_by)),
        Column("agreed_by", gettext_lazy("第一批准人"), value=lambda row: _name(row.agreed_by)),
        Column("allowed_by", gettext_lazy("第二批准人"), value=lambda row: _name(row.allowed_by)),
        Column("ticket", gettext_lazy("作业票或工单号"), shown=False),
        Column("asked_at", gettext_lazy("申请时间"), sort="asked_at", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("旁路对象、原因"), pinned=True, fields=("what", "reason")),
        Choice(name="status", label=gettext_lazy("状态"), choices=BYPASS.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="open", label=gettext_lazy("只看旁路中和待批准的"), pinned=True,
             condition=lambda actor: Q(status__in=("ASKED", "AGREED", "STANDING"))),
        Flag(name="overdue", label=gettext_lazy("只看超期未恢复的"), pinned=True,
             condition=lambda actor: Q(status="STANDING", until__lte=timezone.now())),
        Search(name="enterprise", label=gettext_lazy("企业"), fields=("file__enterprise__name",),
               pinyin=("file__pinyin",)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="asked", label=gettext_lazy("申请时间"), field="asked_at", times=True),
    )  # fmt: skip
    is_live = True
    empty_title = gettext_lazy("没有联锁旁路")
    empty_hint = gettext_lazy("联锁、探测器需要临时旁路的，由两人批准，到期恢复。")

    def queryset(self, actor: Actor) -> QuerySet[Bypass]:
        return queries.list_bypasses(actor=actor)

    def url_of(self, row: Bypass) -> str:
        return reverse("monitoring:bypass", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        file = own_file(actor=actor) if actor.has(services.ASK) else None
        return () if file is None else [(gettext_lazy("申请旁路"), reverse("monitoring:bypass_new", args=[file.pk]))]


class BypassPage(ObjectPage[Bypass]):
    """One bypass."""

    template = "monitoring/object.html"
    back = (gettext_lazy("联锁旁路台账"), lambda: reverse("monitoring:bypasses"))
    forms = {"restore": forms.RestoreForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Bypass:
        return queries.get_bypass(actor=actor, bypass_id=kwargs["pk"])

    def head(self, row: Bypass, actor: Actor) -> ObjectHead:
        shown = [_state(row)] if _is_overdue(row) else []
        return ObjectHead(title=row.title, subtitle=row.enterprise.name if row.enterprise else "", marks=shown)

    def facts(self, row: Bypass, actor: Actor) -> Sequence[Fact]:
        tag = row.tag
        link = "" if tag is None else format_html(
            '<a href="{}">{} {}</a>', reverse("monitoring:tag", args=[tag.pk]), tag.code, tag.name
        )  # fmt: skip
        second = _("企业的另一人")
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("旁路对象"), value=row.what),
            Fact(label=_("点位"), value=link),
            Fact(label=_("所属单元"), value=str(row.unit or "")),
            Fact(label=_("旁路原因"), value=row.reason, wide=True),
            Fact(label=_("补偿措施"), value=row.measure, wide=True),
            Fact(label=_("作业票或工单号"), value=row.ticket),
            Fact(label=_("申请人"), value=_name(row.asked_by)),
            Fact(label=_("申请时间"), value=row.asked_at),
            Fact(label=_("第一批准人"), value=_name(row.agreed_by), filled_by=second),
            Fact(label=_("第二批准人"), value=_name(row.allowed_by), filled_by=second),
            Fact(label=_("旁路开始时间"), value=row.since_at),
            Fact(label=_("应恢复时间"), value=row.until),
            Fact(label=_("恢复时间"), value=row.ended_at),
            Fact(label=_("恢复和试验情况"), value=row.restore_note, wide=True),
        ]

    def actions(self, row: Bypass, actor: Actor) -> Sequence[Action]:
        done = (row.asked_by_id, row.agreed_by_id)
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.asks)
            for one in loopview.actions_of(row, actor)
            if one.name not in ("agree", "allow") or actor.user_id not in done
        ]

    def perform(
        self, *, actor: Actor, row: Bypass, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now}
        acts: dict[str, Callable[[], Any]] = {
            "agree": lambda: services.agree_bypass(**common, client_id=client_id),
            "allow": lambda: services.allow_bypass(**common, client_id=client_id),
            "refuse": lambda: services.refuse_bypass(**common, reason=given["reason"], client_id=client_id),
            "withdraw": lambda: services.withdraw_bypass(**common, client_id=client_id),
            "restore": lambda: services.restore_bypass(**common, note=given["note"], client_id=client_id),
        }
        if name not in acts:
            raise NotPermitted
        acts[name]()


class NewBypass(CreatePage):
    """Ask that an interlock or a detector be bypassed."""

    title = gettext_lazy("申请联锁旁路")
    lead = gettext_lazy("由申请人以外的两人先后批准后才可旁路；到期须恢复并试验，超期逐级告知。附近的作业票会提示。")
    duty = None
    form = forms.BypassForm
    button = gettext_lazy("提交申请")
    file: Enterprise

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        actor.require(services.ASK)
        if actor.organisation_id != self.file.owner_org_id:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("monitoring:bypasses")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"until": timezone.localtime(now + timedelta(hours=min(8, terms_at(now).longest_bypass_hours)))}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        return forms.BypassForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        spec = services.BypassSpec(**given)
        made = services.ask_bypass(actor=actor, file=self.file, spec=spec, now=now, client_id=client_id)
        return reverse("monitoring:bypass", args=[made.pk])
