"""Work alarms (作业报警) as rows of their own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.loops.alarm import ALARM
from quancheng.domains.permits.models.permits import Permit
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.aq3064 import alarm_codes


class AlarmSource(models.TextChoices):
    """What raised an alarm (报警来源)."""

    REFUSED = "REFUSED", _("签字、开工被拒绝")
    WATCH = "WATCH", _("作业过程监测")
    GAS = "GAS", _("气体分析")
    SIMOPS = "SIMOPS", _("交叉作业核对")
    AUDIT = "AUDIT", _("作业票审计")
    PERSON = "PERSON", _("人员报告")


class WorkAlarm(LoopRow):
    """One alarm of one permit (作业报警), with what was done about it. Retention class: as the permit.

    As long as it is open the same code of the same permit raises no second one: ``count`` and ``last_at`` tell how
    often and when it came again. ``ended_at`` is when its cause was gone, or else when it was disposed of.
    """

    loop_code: ClassVar[str] = "permits.alarm"

    permit = models.ForeignKey(Permit, models.CASCADE, related_name="alarms")
    #: Of table A.4 of AQ 3064.2-2025, or our own (``standards/data/aq3064_alarms.csv``).
    code = models.CharField(_("报警代码"), max_length=4)
    #: 1: within two minutes; 2: within ten [D].
    level = models.PositiveSmallIntegerField(_("报警级别"))
    source = models.CharField(_("报警来源"), max_length=8, choices=AlarmSource.choices)
    #: The move that was refused; empty for all others.
    move = models.CharField(max_length=20, blank=True)
    words = models.CharField(_("报警情况"), max_length=500, blank=True)
    began_at = models.DateTimeField(_("报警开始时间"))
    last_at = models.DateTimeField(_("最近一次"))
    count = models.PositiveIntegerField(_("报警次数"), default=1)
    ended_at = models.DateTimeField(_("报警结束时间"), null=True, blank=True)
    ack_by = models.DateTimeField(_("确认期限"))
    acked_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    #: How far it was told while nobody acknowledged: 1 the head of the enterprise, 2 the supervising office.
    told_level = models.PositiveSmallIntegerField(default=0, editable=False)
    result = models.CharField(_("处置结果"), max_length=1000, blank=True)
    handler = models.CharField(_("处置人"), max_length=130, blank=True)
    closed_at = models.DateTimeField(_("处置时间"), null=True, blank=True)

    objects = ScopedQuerySet["WorkAlarm"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ALARM.codes), name="work_alarm_status_known"),
            models.CheckConstraint(condition=Q(level__in=(1, 2)), name="work_alarm_level"),
            models.CheckConstraint(condition=Q(source__in=AlarmSource.values), name="work_alarm_source"),
            models.UniqueConstraint(
                fields=["permit", "code"], condition=Q(closed_at__isnull=True), name="work_alarm_open_once"
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("began_at").desc(), F("id"),
                         name="work_alarm_open_first"),
            models.Index(fields=["enterprise", "-began_at"], name="work_alarm_of_one"),
            models.Index(fields=["code", "-began_at"], name="work_alarm_by_code"),
            models.Index(fields=["ack_by"], condition=Q(acked_at__isnull=True, closed_at__isnull=True),
                         name="work_alarm_unheard"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        known = alarm_codes().get(self.code)
        return f"{self.code} {known.name.zh if known else ''} {self.permit.number or self.permit.content}"[:300]
