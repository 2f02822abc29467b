"""Brokers of MQTT that a district has already (消息服务器桥接): the list, one broker, its rules."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.monitoring.forms.bridges import BrokerForm, RuleForm
from quancheng.domains.monitoring.models import Broker
from quancheng.domains.monitoring.queries import bridges as queries
from quancheng.domains.monitoring.services import bridges as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of


def _state(row: Broker) -> str:
    if row.stopped_at is not None:
        return _("已停用")
    return _("在线") if row.state.is_online else _("离线")


#: Why a broker turns us away (3.2.2.3), and what its answer to a subscription may mean.
_REFUSALS = {
    "CONNACK 4": gettext_lazy("用户名或密码不对"), "CONNACK 5": gettext_lazy("没有连接权限"),
    "CONNACK 2": gettext_lazy("客户端标识被拒绝"), "CONNACK 3": gettext_lazy("对方服务不可用"),
}  # fmt: skip


def _trouble(row: Broker) -> str:
    told = row.state.trouble
    if row.stopped_at is not None or not told:
        return ""
    if told.startswith("SUBACK "):
        return _("对方拒绝订阅：%(topics)s") % {"topics": told.removeprefix("SUBACK ")}
    return f"{_REFUSALS[told]}（{told}）" if told in _REFUSALS else told


def _badge(row: Broker) -> Any:
    tone = "quiet" if row.stopped_at is not None else "done" if row.state.is_online else "active"
    return marks.badge(_state(row), tone)


class BrokerList(ListPage):
    """Brokers from which messages are fetched."""

    code = "monitoring.brokers"
    title = gettext_lazy("消息服务器桥接")
    duty = services.BRIDGE
    columns = (
        Column("name", gettext_lazy("名称"), link=True, sort="name", card="title"),
        Column("host", gettext_lazy("主机"), value=lambda row: f"{row.host}:{row.port}", card="meta"),
        Column("state", gettext_lazy("状态"), value=_state, render=_badge, card="meta"),
        Column("rules", gettext_lazy("规则"), value=lambda row: row.rule_count, numeric=True),
        Column("last_at", gettext_lazy("最近报文"), value=lambda row: row.state.last_at, sort="state__last_at"),
        Column("messages", gettext_lazy("报文数"), value=lambda row: row.state.messages, numeric=True),
        Column("unmapped", gettext_lazy("无规则报文数"), value=lambda row: row.state.unmapped, numeric=True,
               sort="state__unmapped"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、主机"), pinned=True, fields=("name", "host")),
        Flag(name="live", label=gettext_lazy("只看在用的"), condition=lambda actor: Q(stopped_at__isnull=True)),
    )
    empty_title = gettext_lazy("还没有桥接消息服务器")
    empty_hint = gettext_lazy("区里已有的MQTT消息服务器，登记后按主题规则取数。")

    def queryset(self, actor: Actor) -> QuerySet[Broker]:
        return queries.list_brokers(actor=actor)

    def url_of(self, row: Broker) -> str:
        return reverse("monitoring:broker", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("登记消息服务器"), reverse("monitoring:broker_new"))]


class NewBroker(CreatePage):
    """A broker is entered."""

    title = gettext_lazy("登记消息服务器")
    lead = gettext_lazy("保存后即开始连接；在它的页面上添加主题规则，没有规则的报文只计数、不保存。")
    duty = services.BRIDGE
    form = BrokerForm
    back = "monitoring:brokers"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        return reverse("monitoring:broker", args=[services.enter_broker(actor=actor, known=given, now=now).pk])


class BrokerPage(ObjectPage[Broker]):
    """One broker: how it is, whose its topics are, which belong to nobody."""

    duty = services.BRIDGE
    back = (gettext_lazy("消息服务器桥接"), lambda: reverse("monitoring:brokers"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Broker:
        return queries.get_broker(actor=actor, broker_id=kwargs["pk"])

    def head(self, row: Broker, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=f"{row.host}:{row.port}", marks=[_badge(row)])

    def facts(self, row: Broker, actor: Actor) -> Sequence[Fact]:
        state = row.state
        return [
            Fact(label=_("登记该服务器的单位"), value=row.owner_org.name),
            Fact(label=_("使用TLS"), value=_("是") if row.is_tls else _("否")),
            Fact(label=_("用户名"), value=row.user),
            Fact(label=_("密码"), value=_("已保存") if row.password else ""),
            Fact(label=_("状态自"), value=state.since_at),
            Fact(label=_("最近报文"), value=state.last_at),
            Fact(label=_("报文数"), value=state.messages),
            Fact(label=_("无规则报文数"), value=state.unmapped),
            Fact(label=_("故障"), value=_trouble(row), wide=True),
        ]

    def tabs(self, row: Broker, actor: Actor) -> Sequence[Tab]:
        topics = sorted(row.state.topics.items(), key=lambda one: -one[1])
        return [
            Tab("rules", _("主题规则"), template="monitoring/_bridge_rules.html", count=row.rule_count,  # type: ignore[attr-defined]
                context=lambda: {"rules": list(queries.rules_of(row)), "may_drop": row.stopped_at is None}),
            Tab("topics", _("无规则的主题"), template="monitoring/_bridge_topics.html", count=len(topics),
                context=lambda: {"topics": topics}),
        ]  # fmt: skip

    def actions(self, row: Broker, actor: Actor) -> Sequence[Action]:
        if row.stopped_at is not None or not actor.has(services.BRIDGE):
            return ()
        return [
            Action(name="rule", label=_("添加规则"), primary=True, asks=True),
            Action(name="change", label=_("修改"), asks=True),
            Action(name="stop", label=_("停用"), confirm=_("停用后密码清除，不能恢复。")),
        ]

    def form_for(self, action: Action, row: Broker, actor: Actor, data: Any = None,
                 files: Any = None) -> django_forms.Form:  # fmt: skip
        if action.name == "rule":
            return RuleForm(data, actor=actor)
        if action.name == "change":
            return BrokerForm(data, initial={name: getattr(row, name) for name in services.FIELDS})
        return django_forms.Form(data)

    def perform(
        self, *, actor: Actor, row: Broker, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "rule":
            services.add_rule(actor=actor, row=row, pattern=given["pattern"].strip(), source=given["source"],
                              form=given["form"], now=now)  # fmt: skip
        elif name == "change":
            services.change_broker(actor=actor, row=row, version=row.version, known=given, now=now)
        elif name == "stop":
            services.stop_broker(actor=actor, row=row, now=now)
        else:
            raise NotFound


class DropRule(View):
    """Lets a rule go."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, rule_id: int) -> HttpResponse:
        actor = actor_of(request)
        actor.require(services.BRIDGE)
        row = queries.get_broker(actor=actor, broker_id=pk)
        services.drop_rule(actor=actor, row=row, rule_id=rule_id, now=timezone.now())
        return redirect_to(request, reverse("monitoring:broker", args=[row.pk]))
