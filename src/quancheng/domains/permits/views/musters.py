"""Pages of musters (紧急集合点名): the list, calling one, the roll on a phone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.permits.forms import musters as forms
from quancheng.domains.permits.loops.muster import MUSTER
from quancheng.domains.permits.models import Muster, RollState, StopOrder
from quancheng.domains.permits.queries import musters as queries
from quancheng.domains.permits.queries.orders import ORDER
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services import musters as services
from quancheng.domains.permits.views import words
from quancheng.domains.registry.queries.enterprises import list_units, required_file
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of

#: How a state stands out.
_TONES = {"UNKNOWN": "active", "UNDERWAY": "plain", "HERE": "done", "RESCUER": "quiet"}


def _state(row: Muster) -> Any:
    return marks.badge(row.status_label, "quiet" if row.is_closed else "active")


def _kind(row: Muster) -> Text:
    return _("演练") if row.is_drill else _("实战")


def _order_link(row: StopOrder) -> Text:
    return format_html('<a href="{}">{}</a>', reverse("permits:order", args=[row.pk]), row.number)


def _took(row: Muster) -> str:
    """Minutes and seconds from the call to its end."""
    if row.ended_at is None:
        return ""
    minutes, seconds = divmod(round((row.ended_at - row.called_at).total_seconds()), 60)
    return _("%(minutes)s分%(seconds)s秒") % {"minutes": minutes, "seconds": seconds}


class MusterList(ListPage):
    """Musters."""

    code = "permits.musters"
    title = gettext_lazy("紧急集合点名")
    columns = (
        Column("reason", gettext_lazy("情况说明"), link=True, width="wide", card="title"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=_state, sort="status",
               card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, width="wide", card="meta"),
        Column("unit", gettext_lazy("单元"), value=lambda row: row.unit or _("全厂")),
        Column("is_drill", gettext_lazy("性质"), value=_kind),
        Column("roll", gettext_lazy("应到"), value=lambda row: row.roll_count),
        Column("missing", gettext_lazy("未到"), value=lambda row: row.missing_count, card="meta"),
        Column("called_at", gettext_lazy("发起时间"), sort="called_at", card="meta"),
        Column("ended_at", gettext_lazy("结束时间"), sort="ended_at"),
        Column("took", gettext_lazy("用时"), value=_took, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("说明、企业"), fields=("reason", "enterprise__name"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=MUSTER.choices, field="status", pinned=True),
        Flag(name="drill", label=gettext_lazy("只看演练"), condition=lambda actor: queries.DRILLS),
        Dates(name="called", label=gettext_lazy("发起时间"), field="called_at", times=True),
    )
    empty_title = gettext_lazy("没有发起过点名")
    empty_hint = gettext_lazy("紧急停工或演练时，一次列出作业人员和在厂外来人员，逐人清点。")

    def queryset(self, actor: Actor) -> QuerySet[Muster]:
        return queries.list_musters(actor=actor)

    def url_of(self, row: Muster) -> str:
        return reverse("permits:muster", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        own = actor.has(ORDER) and not actor.supervises
        return [(gettext_lazy("发起点名"), reverse("permits:muster_new"))] if own else []


class NewMuster(CreatePage):
    """The enterprise calls the roll."""

    title = gettext_lazy("发起点名")
    lead = gettext_lazy("立即列出作业票上的在岗人员和门禁登记在厂的外来人员；五分钟后仍未到的，系统通知企业负责人。")
    duty = ORDER
    form = forms.MusterForm
    back = "permits:musters"
    button = gettext_lazy("发起点名")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.MusterForm(*args, units=list_units(actor=actor).filter(file=self.file), **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.call_muster(actor=actor, file=self.file, now=now, client_id=client_id, **given)
        return reverse("permits:muster", args=[row.pk])


class MusterPage(ObjectPage[Muster]):
    """One muster: how many are missing, and the roll."""

    template = "permits/object.html"
    back = (gettext_lazy("紧急集合点名"), lambda: reverse("permits:musters"))
    own_acts: ClassVar = {"add": gettext_lazy("补登到场人员")}
    forms: ClassVar = {"end": forms.EndForm, "add": forms.AddForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Muster:
        return queries.get_muster(actor=actor, muster_id=kwargs["pk"])

    def head(self, row: Muster, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.reason, code=str(_kind(row)), subtitle=words.enterprise_of(row))

    def facts(self, row: Muster, actor: Actor) -> Sequence[Fact]:
        counts = queries.counts_of(row)
        return [
            Fact(label=_("企业"), value=link_to(row.file)), Fact(label=_("单元"), value=row.unit or _("全厂")),
            Fact(label=_("应到"), value=sum(counts.values())),
            *(Fact(label=label, value=counts.get(state, 0)) for state, label in RollState.choices),
            Fact(label=_("集合点"), value=row.point),
            *([Fact(label=_("停工指令"), value=_order_link(row.order))]
              if row.order else []),
            Fact(label=_("发起人"), value=row.called_by), Fact(label=_("发起时间"), value=row.called_at),
            *([Fact(label=_("结束时间"), value=row.ended_at), Fact(label=_("用时"), value=_took(row)),
               Fact(label=_("结束人"), value=row.ended_by), Fact(label=_("结束说明"), value=row.end_note, wide=True)]
              if row.is_closed else []),
        ]  # fmt: skip

    def tabs(self, row: Muster, actor: Actor) -> Sequence[Tab]:
        may_mark = not row.is_closed and actor.organisation_id == row.file_id and actor.has(WORK)

        def roll() -> dict[str, Any]:
            rows = queries.roll_of(row)
            return {
                "roll": [(one, marks.badge(one.get_state_display(), _TONES[one.state])) for one in rows],
                "may_mark": may_mark, "states": RollState.choices,
            }  # fmt: skip

        return [Tab("roll", _("点名册"), template="permits/_muster_roll.html", context=roll,
                    count=row.roll_count)]  # type: ignore[attr-defined]

    def actions(self, row: Muster, actor: Actor) -> Sequence[Action]:
        if row.is_closed or actor.organisation_id != row.file_id or not actor.has(WORK):
            return []
        return [
            Action(name="end", label=_("结束点名"), primary=True, asks=True),
            Action(name="add", label=self.own_acts["add"], asks=True),
        ]

    def perform(
        self, *, actor: Actor, row: Muster, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "add":
            services.add_to_roll(actor=actor, muster=row, now=now, client_id=client_id, **given)
        else:
            services.end_muster(actor=actor, muster=row, now=now, client_id=client_id, **given)


class MarkEntry(View):
    """Says by one tap where somebody is."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, entry: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        muster = queries.get_muster(actor=actor, muster_id=pk)
        row = queries.get_roll_entry(muster=muster, entry_id=entry)
        services.mark(actor=actor, entry=row, state=request.POST.get("state", ""), now=timezone.now())
        return redirect_to(request, reverse("permits:muster", args=[muster.pk]) + "?tab=roll")
