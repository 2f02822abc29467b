"""Tags (监测点位): what one sensor tells, where it hangs, when it is an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.access.models import Scoped, ScopedQuerySet

if TYPE_CHECKING:
    from quancheng.domains.monitoring.models.processing import PairSplit


class TagStatus(models.TextChoices):
    """Whether its readings count (点位状态)."""

    #: Seen in a message, and nobody said yet what it is: its readings are kept, nothing is judged.
    FOUND = "found", _("待确认")
    LIVE = "live", pgettext_lazy("state", "启用")
    #: Under repair or calibration: its readings count as out of service.
    SERVICE = "service", _("检维修")
    ENDED = "ended", pgettext_lazy("state", "停用")


class PartnerRole(models.TextChoices):
    """What the partner of a tag is to it (对照方式)."""

    SENSOR = "sensor", _("冗余仪表")
    SETPOINT = "setpoint", _("设定值")
    COMMAND = "command", _("控制指令")


class Tag(Scoped):
    """One measured quantity of one place (监测点位, 指标). ``owner_org`` is the enterprise.

    ``kind``, ``unit`` are codes of ``standards.signals``; values and limits are in ``unit``, the base unit of its
    dimension. ``number`` is what stream and store call it. Retention class: as the file.
    """

    number = models.BigIntegerField(
        unique=True, editable=False, db_default=Func(Value("monitoring_tag_number"), function="nextval")
    )
    code = models.CharField(_("点位编码"), max_length=64, unique=True)
    name = models.CharField(_("点位名称"), max_length=100)
    name_en = models.CharField(_("英文名称"), max_length=100, blank=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="tags")
    unit_place = models.ForeignKey(
        "registry.Unit", models.PROTECT, null=True, blank=True, related_name="tags", verbose_name=_("所属单元")
    )
    facility = models.ForeignKey(
        "registry.Facility", models.PROTECT, null=True, blank=True, related_name="tags", verbose_name=_("所属设施")
    )
    place = models.CharField(_("安装位置"), max_length=200, blank=True)
    source = models.ForeignKey(
        "monitoring.Source", models.PROTECT, null=True, blank=True, related_name="tags", verbose_name=_("接入源")
    )
    #: What its source calls it; empty: the code itself.
    key = models.CharField(_("源内名称"), max_length=200, blank=True)
    quota_code = models.CharField(_("上级指标编码"), max_length=40, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=TagStatus.choices, default=TagStatus.LIVE)
    #: Empty of a found one, until it is confirmed.
    kind = models.CharField(_("监测类型"), max_length=20, blank=True)
    #: What it monitors of what is prescribed, a code of ``standards.signals.tags.PARAMETERS``.
    parameter = models.CharField(_("监测参数"), max_length=20, blank=True)
    unit = models.CharField(_("计量单位"), max_length=20, blank=True)
    medium = models.CharField(_("介质CAS号"), max_length=12, blank=True)
    range_lo = models.FloatField(_("量程下限"), null=True, blank=True)
    range_hi = models.FloatField(_("量程上限"), null=True, blank=True)
    #: Value = raw × scale + shift, where the source tells counts or milliamperes.
    scale = models.FloatField(_("系数"), default=1)
    shift = models.FloatField(_("偏移"), default=0)
    ll = models.FloatField(_("低低限"), null=True, blank=True)
    l = models.FloatField(_("低限"), null=True, blank=True)  # noqa: E741 - the field's own name of this limit
    h = models.FloatField(_("高限"), null=True, blank=True)
    hh = models.FloatField(_("高高限"), null=True, blank=True)
    deadband = models.FloatField(_("死区"), default=0)
    on_delay_s = models.FloatField(_("报警延时（秒）"), default=0)
    off_delay_s = models.FloatField(_("恢复延时（秒）"), default=0)
    #: Change a minute, up or down.
    roc_limit = models.FloatField(_("变化率限值（每分钟）"), null=True, blank=True)
    roc_window_s = models.PositiveIntegerField(_("变化率窗口（秒）"), default=60)
    #: With which it is compared (偏差、指令与反馈不符): of the same enterprise, kind and unit.
    partner = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="compared", verbose_name=_("对照点位")
    )
    partner_as = models.CharField(_("对照方式"), max_length=10, choices=PartnerRole.choices, blank=True)
    #: Farther apart than this for longer than the delay is an alarm.
    apart_limit = models.FloatField(_("偏差限值"), null=True, blank=True)
    apart_delay_s = models.FloatField(_("偏差延时（秒）"), default=0)
    #: In so long a valve or pump does what it is told; one and a half times of it is an alarm.
    travel_s = models.FloatField(_("动作时间（秒）"), null=True, blank=True)
    scan_s = models.FloatField(_("采样周期（秒）"), default=10)
    is_by_exception = models.BooleanField(_("变化上报"), default=False)
    #: Without a usable reading for so long it is stale.
    stale_after_s = models.PositiveIntegerField(_("无数据判定（秒）"), default=60)
    flat_after_s = models.PositiveIntegerField(_("恒值判定（秒）"), null=True, blank=True)
    flat_within = models.FloatField(_("恒值容差"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(_("优先级"), default=3)
    is_critical = models.BooleanField(_("安全关键"), default=False)
    #: An alarm stays until somebody resets it, though the signal is back (ISA-18.2: latched).
    is_latched = models.BooleanField(_("报警锁存"), default=False)
    #: An alarm of priority 3 or 4 that goes by itself needs nobody's acknowledgement.
    acks_itself = models.BooleanField(_("恢复即自动确认"), default=False)
    first_out_group = models.CharField(_("首出组"), max_length=40, blank=True)
    is_uploaded = models.BooleanField(_("上报上级平台"), default=False)
    calibrated_until = models.DateField(_("检定有效期至"), null=True, blank=True)
    #: It is carried to where somebody works; what it tells says nothing of the place at which it is registered.
    is_portable = models.BooleanField(_("便携式"), default=False)
    #: With which gas a detector in %LEL is calibrated, by CAS number, and the factors by which its maker corrects it
    #: for others, by theirs. Empty: nobody told.
    calibration_gas = models.CharField(_("标定气体CAS号"), max_length=12, blank=True)
    corrections = models.JSONField(_("修正系数"), default=dict, blank=True)
    #: Where it hangs, in degrees (CGCS2000).
    lon = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    #: Until when it is expected to be under repair or calibration, and why.
    service_until = models.DateTimeField(_("检维修预计结束"), null=True, blank=True)
    service_reason = models.CharField(_("检维修原因"), max_length=300, blank=True)
    #: Its limits go beyond the standard's, which an exemption allowed when they were set.
    is_loosened = models.BooleanField(_("限值宽于法定"), default=False)
    #: Last day of its newest exemption; a copy, for lists.
    exempted_until = models.DateField(_("豁免截止日期"), null=True, blank=True)
    ended_date = models.DateField(_("停用日期"), null=True, blank=True)
    ended_reason = models.CharField(_("停用原因"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Tag"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TagStatus.values), name="tag_status_known"),
            models.CheckConstraint(condition=Q(priority__range=(1, 4)), name="tag_priority"),
            models.CheckConstraint(condition=~Q(scale=0), name="tag_scale"),
            models.CheckConstraint(
                condition=Q(deadband__gte=0, on_delay_s__gte=0, off_delay_s__gte=0, scan_s__gt=0), name="tag_delays"
            ),
            models.CheckConstraint(condition=Q(status__in=("found", "ended")) | ~Q(kind=""), name="tag_kind_told"),
            models.CheckConstraint(
                condition=~Q(status="service") | Q(service_until__isnull=False), name="tag_service_until"
            ),
            models.CheckConstraint(
                condition=Q(partner__isnull=True, partner_as="")
                | Q(partner__isnull=False, partner_as__in=("sensor", "setpoint"), apart_limit__gt=0)
                | Q(partner__isnull=False, partner_as="command", travel_s__gt=0),
                name="tag_partner_whole",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="tag_point",
            ),
            models.UniqueConstraint(
                fields=["source", "key"], condition=~Q(key="") & ~Q(status="ended"), name="tag_key_once"
            ),
        ]
        indexes = [
            models.Index(fields=["file", "code"], name="tag_by_file"),
            models.Index(fields=["facility"], name="tag_by_facility"),
            models.Index(fields=["status", "id"], name="tag_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def split(self) -> PairSplit | None:
        """That its clock and that of its partner are too far apart to be compared; None: they are not, or nobody
        compares them: one is under repair, or has ended.
        """
        found: PairSplit | None = getattr(self, "pair_split", None)
        if found is None or self.partner is None or found.partner_id != self.partner_id:
            return None
        both = (self, self.partner)
        return found if all(one.status == TagStatus.LIVE and one.source_id for one in both) else None

    @property
    def limits(self) -> tuple[float | None, float | None, float | None, float | None]:
        """LL, L, H, HH."""
        return self.ll, self.l, self.h, self.hh
