"""Sources (接入源): the devices and systems of an enterprise that send signals, and how each is."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField


class SourceKind(models.TextChoices):
    """What sends (接入方式)."""

    GATEWAY = "gateway", _("采集网关")
    DEVICE = "device", _("直连设备")
    SYSTEM = "system", _("企业系统")
    STATION = "station", _("环保数采仪")


class Form(models.TextChoices):
    """How its messages are written (报文格式); the forms of ``stream.envelope``."""

    JSON = "json", _("平台JSON")
    THINGSBOARD = "thingsboard", pgettext_lazy("form", "ThingsBoard网关")
    THINGSBOARD_DEVICE = "thingsboard-device", pgettext_lazy("form", "ThingsBoard设备")
    SPARKPLUG = "sparkplug", pgettext_lazy("form", "Sparkplug B")
    HJ212 = "hj212", pgettext_lazy("form", "HJ 212-2017")


class Source(Scoped):
    """A gateway, a device or a system that sends signals for one enterprise (接入源).

    ``owner_org`` is the enterprise. It signs in with ``code`` and a secret of which a digest alone is kept; whoever is
    signed in speaks for this enterprise and for no other. ``number`` is what the stream calls it. Retention class: as
    the file.
    """

    number = models.BigIntegerField(
        unique=True, editable=False, db_default=Func(Value("monitoring_source_number"), function="nextval")
    )
    code = models.CharField(_("接入编码"), max_length=64, unique=True)
    name = models.CharField(_("名称"), max_length=100)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="sources")
    kind = models.CharField(_("接入方式"), max_length=10, choices=SourceKind.choices)
    forms = ArrayField(models.CharField(max_length=20), verbose_name=_("报文格式"))
    #: Number of a station of HJ 212 (设备唯一标识), which does without a code.
    mn = models.CharField(_("设备唯一标识MN"), max_length=24, blank=True)
    #: SHA-256 of the secret; empty until one was made, and after it was taken back.
    digest = models.BinaryField(max_length=32, default=b"", editable=False)
    secret_at = models.DateTimeField(_("密钥生成时间"), null=True, editable=False)
    points_per_s = models.PositiveIntegerField(_("每秒点数上限"), default=2_000)
    burst_points = models.PositiveIntegerField(_("突发点数上限"), default=20_000)
    points_per_day = models.BigIntegerField(_("每日点数上限"), default=50_000_000)
    most_bytes = models.PositiveIntegerField(_("单条报文上限（字节）"), default=262_144)
    #: How long readings wait, before they are judged, for others that they may have overtaken; 0: not at all.
    reorder_s = models.PositiveSmallIntegerField(_("乱序等待（秒）"), default=0)
    blocked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    blocked_reason = models.CharField(_("停用原因"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Source"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SourceKind.values), name="source_kind_known"),
            models.CheckConstraint(condition=Q(forms__contained_by=Form.values, forms__len__gt=0), name="source_forms"),
            models.CheckConstraint(condition=Q(points_per_s__gt=0, burst_points__gt=0), name="source_limits"),
            models.UniqueConstraint(fields=["mn"], condition=~Q(mn=""), name="source_mn_once"),
        ]
        indexes = [
            models.Index(fields=["file", "code"], name="source_by_file"),
            GinIndex(fields=["forms"], name="source_by_form"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_open(self) -> bool:
        """Whether it may sign in."""
        return self.blocked_at is None and bool(self.digest)


class SourceState(models.Model):
    """How a source was when its gateway last looked (接入源状态). Written over; read through the source.

    Retention class: as the source.
    """

    source = models.OneToOneField(Source, models.CASCADE, primary_key=True, related_name="state")
    is_online = models.BooleanField(_("在线"), default=False)
    since_at = models.DateTimeField(_("状态自"), null=True)
    last_at = models.DateTimeField(_("最近报文"), null=True)
    messages = models.BigIntegerField(_("报文数"), default=0)
    received_bytes = models.BigIntegerField(_("字节数"), default=0)
    #: Messages put aside, by reason.
    refused = models.JSONField(_("拒收"), default=dict)
    #: How far its clock is from ours; positive where it is ahead.
    clock_ms = models.BigIntegerField(_("时钟偏差（毫秒）"), null=True)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["is_online", "last_at"], name="source_state_online")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.is_online}"
