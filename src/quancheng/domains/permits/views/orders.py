"""Pages of stop orders and of an enterprise's own figures."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import simops as forms
from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.loops.order import STOP_ORDER
from quancheng.domains.permits.models import EnterpriseFigure, Permit, StopOrder
from quancheng.domains.permits.queries import figures, orders, permits
from quancheng.domains.permits.queries.orders import ORDER
from quancheng.domains.permits.queries.permits import SIGN_LEADER
from quancheng.domains.permits.services import figures as figure_services
from quancheng.domains.permits.services import orders as services
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views import words
from quancheng.domains.registry.queries.enterprises import list_units, own_file, required_file, seen
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage
from quancheng.standards.gb30871.endings import STOP_REASONS
from quancheng.standards.gb30871.parameters import bounds


def target_said(row: StopOrder) -> str:
    """What an order is for, in words."""
    if row.permit is not None:
        return f"{words.enterprise_of(row)} {row.permit}"
    if row.enterprise is not None:
        return f"{words.enterprise_of(row)} {row.unit or _('全厂')}"
    return _("圆心%(lon)s, %(lat)s，半径%(m)s m内的全部作业") % {"lon": row.lon, "lat": row.lat, "m": row.radius_m}


def _state(row: StopOrder) -> Any:
    return marks.badge(row.status_label, "quiet" if row.is_closed else "active")


class OrderList(ListPage):
    """Stop orders."""

    code = "permits.orders"
    title = gettext_lazy("停工指令")
    columns = (
        Column("number", gettext_lazy("指令编号"), link=True, sort="number", card="title"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=_state, sort="status",
               card="meta"),
        Column("target", gettext_lazy("停工范围"), value=target_said, width="wide", card="meta"),
        Column("cause", gettext_lazy("停工原因"), value=lambda row: said(STOP_REASONS[row.cause]), card="meta"),
        Column("reason", gettext_lazy("情况说明"), width="wide"),
        Column("owner_org", gettext_lazy("下达单位"), value=lambda row: row.owner_org.name, card="meta"),
        Column("stopped_count", gettext_lazy("停止作业数"), sort="stopped_count"),
        Column("issued_at", gettext_lazy("下达时间"), sort="issued_at", card="meta"),
        Column("released_at", gettext_lazy("解除时间"), sort="released_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、说明、企业"), fields=("number", "reason", "enterprise__name"),
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=STOP_ORDER.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="cause", label=gettext_lazy("停工原因"), field="cause", multiple=True,
               choices=[(code, words_of(STOP_REASONS[code])) for code in services.CAUSES]),
        Dates(name="issued", label=gettext_lazy("下达时间"), field="issued_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有停工指令")
    empty_hint = gettext_lazy("紧急情况下，一次停止一家企业、一个单元或一片区域内的全部特殊作业。")

    def queryset(self, actor: Actor) -> QuerySet[StopOrder]:
        return orders.list_orders(actor=actor)

    def url_of(self, row: StopOrder) -> str:
        return reverse("permits:order", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("紧急停工"), reverse("permits:order_new"))] if actor.has(ORDER) else []


class NewOrder(CreatePage):
    """Everything in an enterprise, a unit or a circle is stopped in one act; at a permit's address, that alone."""

    title = gettext_lazy("紧急停工")
    lead = gettext_lazy("立即停止范围内正在进行的特殊作业，未开始的不得开始，直至由下达单位解除。")
    duty = ORDER
    form = forms.OrderForm
    template = "permits/entry.html"
    back = "permits:orders"
    button = gettext_lazy("下达停工指令")
    permit: Permit | None = None

    def open(self, actor: Actor, **kwargs: Any) -> None:
        if "pk" in kwargs:
            self.permit = permits.get_permit(actor=actor, permit_id=kwargs["pk"])
            self.title = _("责令停工")  # type: ignore[misc,assignment]
            self.lead = f"{self.permit.get_kind_display()} {self.permit}"  # type: ignore[misc,assignment]

    def back_url(self) -> str:
        return reverse("permits:permit", args=[self.permit.pk]) if self.permit else reverse("permits:orders")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        if self.permit is not None:
            return forms.OrderForm(*args, files=None, units=None, circle=False, **kwargs)
        files = seen(actor=actor).select_related("enterprise") if actor.supervises else None
        return forms.OrderForm(*args, files=files, units=list_units(actor=actor), circle=actor.supervises, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        file = given.get("file") if actor.supervises else own_file(actor=actor)
        circle = {name: given.get(name) for name in ("lon", "lat", "radius_m")}
        target = services.Target(permit=self.permit) if self.permit else services.Target(
            file=file, unit=given.get("unit"), **circle
        )  # fmt: skip
        row = services.order_stop(
            actor=actor, target=target, cause=given["cause"], reason=given["reason"], now=now, client_id=client_id,
            with_muster=given.get("with_muster", False),
        )
        return reverse("permits:order", args=[row.pk])


class OrderPage(ObjectPage[StopOrder]):
    """One stop order."""

    back = (gettext_lazy("停工指令"), lambda: reverse("permits:orders"))
    forms: ClassVar = {"release": forms.ReleaseForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> StopOrder:
        return orders.get_order(actor=actor, order_id=kwargs["pk"])

    def head(self, row: StopOrder, actor: Actor) -> ObjectHead:
        return ObjectHead(title=target_said(row), code=row.number, subtitle=row.owner_org.name)

    def facts(self, row: StopOrder, actor: Actor) -> Sequence[Fact]:
        return [
            *([Fact(label=_("企业"), value=link_to(row.file))] if row.file else []),
            *([Fact(label=_("作业票"), value=words.link_of(row.permit))] if row.permit else []),
            Fact(label=_("停工范围"), value=target_said(row), wide=True),
            Fact(label=_("停工原因"), value=said(STOP_REASONS[row.cause])),
            Fact(label=_("情况说明"), value=row.reason, wide=True),
            Fact(label=_("停止作业数"), value=row.stopped_count),
            Fact(label=_("下达单位"), value=row.owner_org.name), Fact(label=_("下达人"), value=row.issued_by),
            Fact(label=_("下达时间"), value=row.issued_at), Fact(label=_("解除时间"), value=row.released_at),
            Fact(label=_("解除说明"), value=row.release_note, wide=True),
        ]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: StopOrder, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        services.release_order(actor=actor, order=row, now=now, client_id=client_id, **given)


# Figures -------------------------------------------------------------------------------------------------------------


def _figure_said(row: EnterpriseFigure) -> str:
    return said(bounds()[row.name].text)


class FigureList(ListPage):
    """Figures that enterprises set stricter than the standard."""

    code = "permits.figures"
    title = gettext_lazy("企业作业参数")
    columns = (
        Column("name", gettext_lazy("参数"), value=_figure_said, width="wide", card="title"),
        Column("value", gettext_lazy("数值"), card="meta", value=lambda row: words.figure_of(row.name, row.value)),
        Column("standard", gettext_lazy("标准值"), card="meta", value=lambda row: words.standard_of(row.name)),
        Column("clause", gettext_lazy("依据"), value=lambda row: bounds()[row.name].clause),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, width="wide", card="meta"),
        Column("from_date", gettext_lazy("起用日期"), sort="from_date", card="meta"),
        Column("reason", gettext_lazy("理由"), width="wide"),
        Column("entered_by", gettext_lazy("设置人"), shown=False),
        Column("entered_at", gettext_lazy("设置时间"), sort="entered_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、理由"), fields=("enterprise__name", "reason"), pinned=True),
        Choice(name="name", label=gettext_lazy("参数"), field="name",
               choices=[(one.name, words_of(one.text)) for one in bounds().values()]),
    )  # fmt: skip
    empty_title = gettext_lazy("没有设置企业参数")
    empty_hint = gettext_lazy("企业可以比标准更严：更短的有效期、更小的签字距离等，不能放宽。")

    def queryset(self, actor: Actor) -> QuerySet[EnterpriseFigure]:
        return figures.list_figures(actor=actor)

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("设置参数"), reverse("permits:figure_new"))] if actor.has(SIGN_LEADER) else []


class NewFigure(CreatePage):
    """One figure, beside all that count today."""

    title = gettext_lazy("设置企业作业参数")
    lead = gettext_lazy("只能比标准更严。自起用日期起，签批、开工和作业中的核查都按新的数值。")
    duty = SIGN_LEADER
    form = forms.FigureForm
    template = "permits/figure_new.html"
    back = "permits:figures"
    button = gettext_lazy("设置")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"from_date": Calendar().local_date(now)}

    def rows(self) -> list[dict[str, Any]]:
        """All figures with what the standard says and what counts today."""
        own = figures.figures_on(self.file.pk, Calendar().local_date(timezone.now()))
        return [
            {
                "name": said(one.text), "standard": words.standard_of(one.name), "clause": one.clause,
                "own": own[one.name].value if one.name in own else "",
            }
            for one in bounds().values()
        ]  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        figure_services.set_figure(actor=actor, file=self.file, now=now, **given)
        return reverse("permits:figures")
