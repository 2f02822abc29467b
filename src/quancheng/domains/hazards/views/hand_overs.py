"""Pages of dangers handed over to the body that is competent (移送)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms import hand_overs as forms
from quancheng.domains.hazards.loops.hand_over import HAND_OVER
from quancheng.domains.hazards.models import HandOver
from quancheng.domains.hazards.queries import hand_overs as queries
from quancheng.domains.hazards.services import hand_overs as services
from quancheng.domains.hazards.views.of_finding import FindingPage
from quancheng.domains.hazards.views.words import finding_link
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage


def is_late(row: HandOver) -> bool:
    """Whether it was handed over after its three working days."""
    return Calendar().local_date(row.created_at) > row.term_date


class HandOverList(ListPage):
    """Dangers handed over (移送台账)."""

    code = "hazards.hand_overs"
    title = gettext_lazy("隐患移送")
    columns = (
        Column("title", gettext_lazy("移送事项"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("owner", gettext_lazy("移送单位"), value=lambda row: row.owner_org.label),
        Column("receiver", gettext_lazy("接收单位"), value=lambda row: row.receiver.label, card="meta"),
        Column("created_at", gettext_lazy("移送时间"), sort="created_at"),
        Column("late", gettext_lazy("超过移送时限"), value=lambda row: _("是") if is_late(row) else ""),
        Column("closed_at", gettext_lazy("办结时间"), sort="closed_at"),
        Column("reason", gettext_lazy("移送理由"), width="wide", shown=False),
        Column("basis", gettext_lazy("移送依据"), width="wide", shown=False),
        Column("answer", gettext_lazy("接收意见或退回、撤回理由"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("隐患、企业"), pinned=True, fields=("title", "file__enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=HAND_OVER.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="open", label=gettext_lazy("只看待接收的"), condition=lambda actor: Q(closed_at__isnull=True)),
        Flag(name="ours", label=gettext_lazy("只看移送给本单位的"),
             condition=lambda actor: Q(receiver=actor.organisation_id)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Dates(name="sent", label=gettext_lazy("移送时间"), field="created_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有移送的隐患")

    def queryset(self, actor: Actor) -> QuerySet[HandOver]:
        return queries.list_hand_overs(actor=actor)

    def url_of(self, row: HandOver) -> str:
        return reverse("hazards:hand_over", args=[row.pk])


class NewHandOver(FindingPage):
    """A danger is handed to another body."""

    title = gettext_lazy("移送隐患")
    lead = gettext_lazy(
        "不属于本单位监管职责的隐患，三个工作日内移送有权的单位；对方接收前仍由本单位监管，接收后双方都可查看。"
    )
    duty = services.SUPERVISE
    form = forms.HandOverForm
    button = gettext_lazy("移送")

    def allow(self, actor: Actor) -> None:
        if self.finding.supervisor_id != actor.organisation_id:
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.HandOverForm(*args, receivers=queries.receivers(actor=actor), **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.hand_over(actor=actor, row=self.finding, now=now, client_id=client_id, **given)
        return reverse("hazards:hand_over", args=[made.pk])


class HandOverPage(ObjectPage[HandOver]):
    """One danger handed over: why, by which rule, and what the receiver says."""

    template = "hazards/object.html"
    back = (gettext_lazy("隐患移送"), lambda: reverse("hazards:hand_overs"))
    forms = {"accept": forms.ReceiveForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> HandOver:
        return queries.get_hand_over(actor=actor, hand_over_id=kwargs["pk"])

    def head(self, row: HandOver, actor: Actor) -> ObjectHead:
        late = [marks.badge(_("超过移送时限"), "active")] if is_late(row) else []
        return ObjectHead(title=row.finding.name, code=row.finding.code, subtitle=_("移送"), marks=late)

    def facts(self, row: HandOver, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("隐患"), value=finding_link(row.finding), wide=True),
            Fact(label=_("移送单位"), value=f"{row.owner_org.label} · {row.sent_by_name}"),
            Fact(label=_("接收单位"), value=row.receiver.label),
            Fact(label=_("移送时间"), value=row.created_at),
            Fact(label=_("移送时限"), value=row.term_date),
            Fact(label=_("移送理由"), value=row.reason, wide=True),
            Fact(label=_("移送依据"), value=row.basis, wide=True),
            Fact(label=_("接收意见或退回、撤回理由"), value=row.answer, wide=True),
        ]

    def perform(
        self, *, actor: Actor, row: HandOver, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        acts: dict[str, Callable[[], Any]] = {"accept": lambda: services.receive(**common, text=given["text"])}
        for each in ("return", "recall"):
            acts[each] = lambda: services.send_back(**common, name=name, reason=given["reason"])
        acts[name]()
