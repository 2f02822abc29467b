"""Brokers of MQTT that a district has already, and which of their topics are whose (消息服务器桥接)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models.sources import Form
from quancheng.kernel.access.models import Scoped, ScopedQuerySet

#: Forms that come by a broker.
BRIDGED = [(form.value, form.label) for form in Form if form is not Form.HJ212]


class Broker(Scoped):
    """A broker from which messages are fetched (消息服务器). ``owner_org`` is the office that entered it.

    The password is sealed, never shown again, and goes when the bridge is stopped. Retention class: permanent.
    """

    name = models.CharField(_("名称"), max_length=60)
    host = models.CharField(_("主机"), max_length=200)
    port = models.PositiveIntegerField(_("端口"), default=8883)
    is_tls = models.BooleanField(_("使用TLS"), default=True)
    user = models.CharField(_("用户名"), max_length=120, blank=True)
    password = models.TextField(blank=True, editable=False)
    stopped_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Broker"].as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(port__gte=1, port__lte=65535), name="broker_port")]

    def __str__(self) -> str:
        return self.name


class BridgeRule(models.Model):
    """Whose the topics of a pattern are, and how their messages are written (主题对应规则); read through its broker.

    Retention class: as the broker.
    """

    id = models.BigAutoField(primary_key=True)
    broker = models.ForeignKey(Broker, models.CASCADE, related_name="rules")
    pattern = models.CharField(_("MQTT主题"), max_length=200)
    source = models.ForeignKey("monitoring.Source", models.PROTECT, related_name="bridge_rules")
    form = models.CharField(_("报文格式"), max_length=20, choices=BRIDGED)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broker", "pattern"], name="bridge_rule_once"),
            models.CheckConstraint(condition=Q(form__in=[value for value, _label in BRIDGED]), name="bridge_rule_form"),
        ]

    def __str__(self) -> str:
        return self.pattern


class BrokerState(models.Model):
    """How a bridge was when it last looked (桥接状态). Written over; read through the broker.

    Retention class: as the broker.
    """

    broker = models.OneToOneField(Broker, models.CASCADE, primary_key=True, related_name="state")
    is_online = models.BooleanField(_("在线"), default=False)
    since_at = models.DateTimeField(_("状态自"), null=True)
    last_at = models.DateTimeField(_("最近报文"), null=True)
    messages = models.BigIntegerField(_("报文数"), default=0)
    #: Messages of topics that no rule maps, and how many of each of some topics.
    unmapped = models.BigIntegerField(_("无规则报文数"), default=0)
    topics = models.JSONField(default=dict)
    trouble = models.CharField(_("故障"), max_length=300, blank=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.broker_id} {self.is_online}"
