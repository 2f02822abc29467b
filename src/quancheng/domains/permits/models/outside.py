"""Permits that another system keeps (外部作业票), mirrored here: nobody of this house moves, signs or changes them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.permits.models.audits import Severity
from quancheng.domains.permits.models.permits import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.standards.aq3064.tables import STATUS


class TicketStatus(models.TextChoices):
    """TICKET_STATUS of AQ 3064.2-2025, table A.1, item 16 (作业票状态)."""

    NOT_ISSUED = "0", _("未签发")
    ISSUED = "1", pgettext_lazy("permit", "已签发")
    WORKING = "2", _("作业中")
    ACCEPTED = "3", pgettext_lazy("permit", "已验收")
    VOID = "4", pgettext_lazy("permit", "作废")
    CANCELLED = "5", pgettext_lazy("permit", "撤销")
    SUSPENDED = "6", pgettext_lazy("permit", "暂停")


assert list(STATUS) == TicketStatus.values  # noqa: S101 - the standard's data and the choices say the same
#: States in which work may be at the place.
AT_WORK = ("1", "2", "6")


class OutsidePermit(Scoped):
    """One permit of an enterprise's own system (外部作业票), as its newest record told it.

    Numbers of certificates and the telephone are sealed. Retention class: 3 years after the end of its window.
    """

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    #: The system that sends it; empty where a sheet brought it.
    source = models.ForeignKey("hazards.ExchangeApplication", models.PROTECT, null=True, related_name="+")
    external_id = models.UUIDField(_("来源主键"), unique=True)
    kind = models.CharField(_("作业类别"), max_length=2, choices=Kind.choices)
    level = models.CharField(_("作业级别"), max_length=3, blank=True)
    state = models.CharField(_("作业票状态"), max_length=1, choices=TicketStatus.choices)
    place = models.CharField(_("作业地点和部位"), max_length=500)
    content = models.CharField(_("作业内容"), max_length=1000)
    work_unit = models.CharField(_("作业单位"), max_length=300)
    is_contractor = models.BooleanField(_("承包商作业"), default=False)
    #: Planned until they are known: the record has one field for both.
    window_start = models.DateTimeField(_("作业开始时间"))
    window_end = models.DateTimeField(_("作业结束时间"))
    issued_at = models.DateTimeField(_("签发时间"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("验收时间"), null=True, blank=True)
    lon = models.DecimalField(_("作业点经度"), max_digits=9, decimal_places=6)
    lat = models.DecimalField(_("作业点纬度"), max_digits=9, decimal_places=6)
    gas_name = models.CharField(_("气体"), max_length=60, blank=True)
    gas_at = models.DateTimeField(_("气体分析时间"), null=True, blank=True)
    gas_value = models.DecimalField(_("分析结果"), max_digits=16, decimal_places=6, null=True, blank=True)
    guardians = models.CharField(_("监护人"), max_length=200)
    workers = models.CharField(_("作业人"), max_length=1000)
    certificates = models.CharField(_("作业人证书"), max_length=1000, blank=True)
    certificate_numbers = models.TextField(blank=True, editable=False)
    leader = models.CharField(_("作业负责人"), max_length=60)
    phone = models.TextField(blank=True, editable=False)
    is_changed = models.BooleanField(_("已变更"), default=False)
    changed_cause = models.CharField(_("变更原因"), max_length=1000, blank=True)
    is_cancelled = models.BooleanField(_("已取消"), default=False)
    cancelled_cause = models.CharField(_("取消原因"), max_length=1000, blank=True)
    is_deleted = models.BooleanField(_("来源已删除"), default=False)
    #: Times and name of the newest record, as its system told them.
    told_at = models.DateTimeField(_("来源更新时间"))
    told_by = models.CharField(_("来源更新人"), max_length=130)
    created_at = models.DateTimeField(_("来源创建时间"))
    received_at = models.DateTimeField(_("接收时间"))
    received_count = models.PositiveIntegerField(_("接收次数"), default=1)
    #: What the rules say of it: as of a :class:`PermitAudit`; nothing is sent to anybody by itself.
    score = models.PositiveSmallIntegerField(_("审计得分"), null=True)
    verdicts = models.JSONField(default=list)
    failed = ArrayField(models.CharField(max_length=8), default=list)
    worst = models.CharField(_("最严重问题"), max_length=1, choices=Severity.choices, blank=True)
    audited_at = models.DateTimeField(_("审计时间"), null=True)

    objects = ScopedQuerySet["OutsidePermit"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="outside_permit_kind"),
            models.CheckConstraint(condition=Q(state__in=TicketStatus.values), name="outside_permit_state"),
            models.CheckConstraint(
                condition=Q(window_end__gt=F("window_start")), name="outside_permit_window_in_order"
            ),
            models.CheckConstraint(
                condition=Q(lon__range=(-180, 180), lat__range=(-90, 90)), name="outside_permit_point"
            ),
        ]
        indexes = [
            models.Index(fields=["-window_start", "id"], name="outside_permit_by_window"),
            models.Index(fields=["enterprise", "-window_start"], name="outside_permit_of_one"),
            models.Index(fields=["state", "window_end"], name="outside_permit_by_state"),
            models.Index(fields=["window_end"], name="outside_permit_by_end"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return f"{self.get_kind_display()} {self.content}"[:300]


class OutsideChange(models.Model):
    """One record that changed a permit from outside (外部作业票变更): what differs. Only ever added.

    Retention class: as the permit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(OutsidePermit, models.CASCADE, related_name="changes")
    state = models.CharField(_("作业票状态"), max_length=1, choices=TicketStatus.choices)
    #: Names of the fields that differ from the record before; empty for the first.
    fields = ArrayField(models.CharField(max_length=30), default=list)
    told_at = models.DateTimeField(_("来源更新时间"))
    told_by = models.CharField(_("来源更新人"), max_length=130)
    received_at = models.DateTimeField(_("接收时间"))

    class Meta:
        indexes = [models.Index(fields=["permit", "-received_at"], name="outside_change_newest")]

    def __str__(self) -> str:
        return f"{self.permit_id} {self.state}"


class OutsideAlarm(models.Model):
    """An alarm of a permit from outside (外部作业报警). Read through the permit. Retention class: as the permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(OutsidePermit, models.CASCADE, related_name="alarms")
    external_id = models.UUIDField(_("来源主键"), unique=True)
    code = models.CharField(_("报警代码"), max_length=4)
    began_at = models.DateTimeField(_("报警开始时间"))
    ended_at = models.DateTimeField(_("报警结束时间"), null=True, blank=True)
    result = models.CharField(_("处置结果"), max_length=1000, blank=True)
    is_deleted = models.BooleanField(_("来源已删除"), default=False)
    told_at = models.DateTimeField(_("来源更新时间"))
    received_at = models.DateTimeField(_("接收时间"))

    class Meta:
        indexes = [models.Index(fields=["permit", "-began_at"], name="outside_alarm_newest")]

    def __str__(self) -> str:
        return self.code


class KeptRecord(Scoped):
    """A record from outside that could not be taken (留置来件), sealed as it came, with why; replayed after a fix.

    One for each table and key of an enterprise: a newer one under the same key takes its place. Retention class: 90
    days after it came.
    """

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    source = models.ForeignKey("hazards.ExchangeApplication", models.PROTECT, null=True, related_name="+")
    table = models.CharField(
        _("数据表"), max_length=8, choices=[("ticket", _("特殊作业票")), ("alarm", _("作业报警"))]
    )  # fmt: skip
    #: The key as it was told; empty where there was none.
    key = models.CharField(_("来源主键"), max_length=40, blank=True)
    payload = models.BinaryField(editable=False)
    #: Its own time of change, by which a newer one is told from an older; empty where it told none.
    told_at = models.DateTimeField(_("来源更新时间"), null=True)
    #: Of an alarm the key of its permit, with which it is taken.
    ticket = models.CharField(max_length=36, blank=True, editable=False)
    code = models.PositiveSmallIntegerField(_("拒绝代码"))
    reason = models.CharField(_("原因"), max_length=500)
    received_at = models.DateTimeField(_("接收时间"))
    replayed_at = models.DateTimeField(_("最近重放"), null=True)
    #: Since when it is taken; its content is gone then.
    taken_at = models.DateTimeField(_("重放成功时间"), null=True)

    objects = ScopedQuerySet["KeptRecord"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "table", "key"], condition=~Q(key=""), name="kept_record_once"),
        ]
        indexes = [
            models.Index(fields=["-received_at", "id"], name="kept_record_newest"),
            models.Index(fields=["file", "-received_at"], name="kept_record_of_one"),
            models.Index(
                fields=["file", "ticket"], condition=Q(taken_at__isnull=True) & ~Q(ticket=""),
                name="kept_record_of_ticket",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.key}"
