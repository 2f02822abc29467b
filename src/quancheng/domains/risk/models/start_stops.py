"""Start-ups and shut-downs of plants (开停车): the notice, its parts, what was seen while it ran."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.loops.start_stop import START_STOP
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.risk import start_stop


class StartStop(LoopRow):
    """Notice of a start-up or shut-down (开停车通知), S4-C3.3.1d. Retention class: as the file.

    ``owner_org`` is the enterprise. ``conditions`` holds by code of ``standards.risk.start_stop`` ``{"answer", "text",
    "who", "day"}``, the answer ``yes``, ``na`` or ``no``. Times are aware; ``actual_from`` of an emergency shut-down is
    given at once.
    """

    loop_code = START_STOP.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="start_stops")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("装置、开停车事项"), max_length=200)
    kind = models.CharField(_("开停车类别"), max_length=20)
    planned_from = models.DateTimeField(_("计划开始时间"))
    planned_to = models.DateTimeField(_("计划结束时间"))
    actual_from = models.DateTimeField(_("实际开始时间"), null=True, blank=True)
    actual_to = models.DateTimeField(_("实际结束时间"), null=True, blank=True)
    #: Of one that is over: it reached what it was for. A start-up that was broken off leaves the plant stopped.
    is_reached = models.BooleanField(_("达到预定状态"), null=True)
    outcome = models.CharField(_("结束情况"), max_length=1000, blank=True)
    leader = models.CharField(_("现场负责人"), max_length=60)
    analysis = models.ForeignKey(
        "risk.Analysis", models.PROTECT, null=True, blank=True, related_name="start_stops", verbose_name=_("风险分析")
    )
    risks = models.CharField(_("主要风险、紧急停车原因"), max_length=2000)
    measures = models.CharField(_("控制措施"), max_length=2000, blank=True)
    conditions = models.JSONField(default=dict, editable=False)
    #: Of the listed conditions how many are neither met nor said not to apply.
    unmet = models.PositiveSmallIntegerField(_("未确认条件数"), default=0, editable=False)
    approved_by = models.CharField(_("审批人"), max_length=130, blank=True)
    approved_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    received_by = models.CharField(_("接收人"), max_length=130, blank=True)
    received_at = models.DateTimeField(_("接收时间"), null=True, blank=True)
    #: When the next step before its start is owed, and when the notice is received at the latest.
    due_at = models.DateTimeField()
    receive_by_at = models.DateTimeField(null=True, blank=True)
    #: When the next record of monitoring is owed while it runs.
    watch_due_at = models.DateTimeField(_("下次监护时限"), null=True, blank=True)
    abnormal = models.PositiveSmallIntegerField(_("异常次数"), default=0, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["StartStop"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=START_STOP.codes), name="start_stop_status_known"),
            models.CheckConstraint(condition=Q(kind__in=list(start_stop.KINDS)), name="start_stop_kind_known"),
            models.CheckConstraint(condition=Q(planned_to__gt=F("planned_from")), name="start_stop_planned_in_order"),
            models.CheckConstraint(
                condition=Q(actual_to__isnull=True) | Q(actual_from__isnull=False, actual_to__gte=F("actual_from")),
                name="start_stop_actual_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(status="RUNNING") | Q(actual_from__isnull=False), name="start_stop_running_began"
            ),
            models.CheckConstraint(
                condition=~Q(status="DONE") | Q(actual_to__isnull=False, is_reached__isnull=False),
                name="start_stop_done_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["file", "-planned_from"], name="start_stop_by_file"),
            models.Index(fields=["-planned_from", "id"], name="start_stop_by_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def is_planned(self) -> bool:
        return start_stop.KINDS[self.kind].is_planned

    @property
    def is_start(self) -> bool:
        return start_stop.KINDS[self.kind].is_start


class StartStopPart(models.Model):
    """A unit or facility that a notice speaks of (开停车范围). Read through the notice.

    ``plant`` is the registered unit (装置) in which it stands, as it stood when the notice was written: announcements
    count plants. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(StartStop, models.CASCADE, related_name="parts")
    unit = models.ForeignKey("risk.RiskUnit", models.PROTECT, null=True, blank=True, related_name="+")
    facility = models.ForeignKey("registry.Facility", models.PROTECT, null=True, blank=True, related_name="+")
    plant = models.ForeignKey("registry.Unit", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, facility__isnull=True) | Q(unit__isnull=True, facility__isnull=False),
                name="start_stop_part_is_one",
            ),
            models.UniqueConstraint(
                fields=["notice", "unit", "facility"], nulls_distinct=False, name="start_stop_part_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit or self.facility)


class StartStopWatch(models.Model):
    """What was seen while a start-up or shut-down ran (开停车监护记录). Only ever added; read through the notice.

    Retention class: as the file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(StartStop, models.PROTECT, related_name="watches")
    at = models.DateTimeField(_("监护时间"))
    step = models.CharField(_("进行到哪一步"), max_length=200)
    is_normal = models.BooleanField(_("参数、设备正常"))
    text = models.CharField(_("情况和处置"), max_length=1000, blank=True)
    by_name = models.CharField(_("监护人"), max_length=130)
    entered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["notice", "-at"], name="start_stop_watch_by_notice")]

    def __str__(self) -> str:
        return f"{self.at} {self.step}"
