"""Outages (断线), planned offline periods (停用报备), and the figures by which both are judged (监测质量口径)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.loops.outages import OUTAGE
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class WatchRule(models.Model):
    """Figures of outages, rates and scores (监测质量口径), from when they were set. Retention class: permanent.

    Only ever added: the newest counts.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Of ``standards.signals.online.Rules``.
    figures = models.JSONField(_("口径"))
    reason = models.CharField(_("理由"), max_length=300)
    by_name = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField(_("设置时间"))

    class Meta:
        indexes = [models.Index(fields=["-entered_at", "-id"], name="watch_rule_newest")]

    def __str__(self) -> str:
        return f"{self.entered_at} {self.figures}"


class OutageKind(models.TextChoices):
    """What is silent (断线类型)."""

    SOURCE = "source", _("接入源离线")
    TAGS = "tags", _("点位无有效数据")


class Cause(models.TextChoices):
    """Why it was silent (断线原因)."""

    POWER = "power", _("停电")
    NETWORK = "network", _("网络故障")
    GATEWAY = "gateway", _("采集网关故障")
    SENSOR = "sensor", _("仪表故障")
    SYSTEM = "system", _("企业控制系统故障")
    REPAIR = "repair", _("检维修未报备")
    STOPPED = "stopped", _("装置停用未报备")
    OTHER = "other", _("其他原因")


class Outage(LoopRow):
    """A source is silent, or tags of one of its facilities tell nothing usable (断线). ``owner_org`` is the enterprise.

    It began when the last sign came, not when it was noticed. Retention class: as the file.
    """

    loop_code = OUTAGE.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="outages")
    source = models.ForeignKey("monitoring.Source", models.PROTECT, related_name="outages", verbose_name=_("接入源"))
    kind = models.CharField(_("断线类型"), max_length=6, choices=OutageKind.choices)
    #: Of silent tags; empty where they hang at none.
    facility = models.ForeignKey("registry.Facility", models.PROTECT, null=True, related_name="outages")
    #: Numbers of the silent tags; empty of a source.
    tags = ArrayField(models.BigIntegerField(), default=list)
    title = models.CharField(_("断线"), max_length=300)
    began_at = models.DateTimeField(_("断线时间"))
    ended_at = models.DateTimeField(_("恢复时间"), null=True)
    #: Until when the enterprise states the cause.
    due_at = models.DateTimeField(_("说明期限"))
    #: When the supervising office was told that it lasts.
    told_at = models.DateTimeField(_("通知监管部门时间"), null=True)
    cause = models.CharField(_("断线原因"), max_length=10, choices=Cause.choices, blank=True)
    measures = models.CharField(_("处理措施"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Outage"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OUTAGE.codes), name="outage_status_known"),
            models.CheckConstraint(condition=Q(kind__in=OutageKind.values), name="outage_kind_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="outage_order"
            ),
            models.UniqueConstraint(
                fields=["source", "kind", "facility"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="outage_one_running",
            ),
        ]
        indexes = [
            models.Index(F("ended_at").desc(nulls_first=True), F("began_at").desc(), F("id"), name="outage_running"),
            models.Index(fields=["file", "-began_at"], name="outage_by_file"),
        ]

    def __str__(self) -> str:
        return self.title


class PlannedReason(models.TextChoices):
    """Why something will be silent (报备原因)."""

    REPAIR = "repair", _("检维修")
    STOPPED = "stopped", _("停产停用")
    MOVE = "move", _("改造搬迁")
    CALIBRATION = "calibration", _("仪表检定")
    OTHER = "other", _("其他")


class OfflineNotice(Scoped):
    """A source or some tags will be silent, as the enterprise told beforehand (停用报备). It is ``owner_org``.

    What is silent within its period is no outage and not due. Retention class: as the file.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="offline_notices")
    source = models.ForeignKey("monitoring.Source", models.PROTECT, related_name="notices", verbose_name=_("接入源"))
    #: Numbers of tags; empty: all of the source.
    tags = ArrayField(models.BigIntegerField(), default=list)
    begins_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    reason = models.CharField(_("报备原因"), max_length=12, choices=PlannedReason.choices)
    detail = models.CharField(_("情况说明"), max_length=500)
    #: What people do meanwhile instead of the sensors.
    measures = models.CharField(_("人工监测措施"), max_length=1000)
    #: Longer, or one more within 30 days, than the district's figures say; as they stood when it was filed or changed.
    is_long = models.BooleanField(_("时间过长"), default=False)
    is_often = models.BooleanField(_("次数过多"), default=False)
    by_name = models.CharField(_("报备人"), max_length=130)
    #: Ended before its time, or withdrawn before it began.
    cancelled_at = models.DateTimeField(_("提前结束时间"), null=True)
    created_at = models.DateTimeField(_("报备时间"))

    objects = ScopedQuerySet["OfflineNotice"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("begins_at")), name="offline_notice_order"),
            models.CheckConstraint(condition=Q(reason__in=PlannedReason.values), name="offline_notice_reason"),
        ]
        indexes = [
            models.Index(fields=["-begins_at", "id"], name="offline_notice_newest"),
            models.Index(fields=["file", "begins_at"], name="offline_notice_by_file"),
            models.Index(fields=["ends_at"], name="offline_notice_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.begins_at}"
