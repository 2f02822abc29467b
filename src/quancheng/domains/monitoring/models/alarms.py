"""Alarms (报警): what conditions of tags stand, and each alarm that a person must answer."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.loops.alarm import ALARM
from quancheng.domains.monitoring.models.events import LimitName
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class Action(models.TextChoices):
    """What was done on acknowledging (确认时的措施). With ``none`` nobody is spared the next step of escalation."""

    NONE = "none", _("暂未采取措施")
    CHECK = "check", _("派人现场核查")
    ADJUST = "adjust", _("调整工艺")
    STOP = "stop", _("停止作业或进料")
    ISOLATE = "isolate", _("切断、隔离")
    EVACUATE = "evacuate", _("撤离人员")
    REPAIR = "repair", _("报修仪表或设备")


class Alarm(LoopRow):
    """One alarm from its raising to its end (报警): of one tag and type, one is open at most.

    ``owner_org`` is the enterprise. Times of the device are ``raised_at`` and ``cleared_at``; ``noted_at`` is when the
    platform knew, from which answers are measured. A repetition of an open alarm is counted in ``again_count``.
    Retention class: as the file.
    """

    loop_code = ALARM.code

    tag = models.ForeignKey("monitoring.Tag", models.PROTECT, related_name="alarms")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="alarms")
    type = models.CharField(_("报警类型"), max_length=5, choices=LimitName.choices)
    title = models.CharField(_("报警"), max_length=300)
    priority = models.PositiveSmallIntegerField(_("优先级"))
    is_critical = models.BooleanField(_("安全关键"), default=False)
    #: Grade of the major hazard at which the tag hangs when it was raised; empty where it is none.
    hazard_grade = models.PositiveSmallIntegerField(_("重大危险源级别"), null=True)
    value = models.FloatField(_("报警值"))
    limit_value = models.FloatField(_("限值"), null=True)
    #: Farthest from the limit while it stood, from the readings.
    peak_value = models.FloatField(_("极值"), null=True)
    raised_at = models.DateTimeField(_("发生时间"))
    noted_at = models.DateTimeField(_("记录时间"))
    #: Last raising; the first one, or a repetition of it: answers are due from here.
    last_raised_at = models.DateTimeField(_("最近发生时间"))
    cleared_at = models.DateTimeField(_("恢复时间"), null=True)
    again_count = models.PositiveIntegerField(_("重复次数"), default=0)
    #: It was known only after it had stood for a while (backlog after an outage).
    is_late = models.BooleanField(_("补传"), default=False)
    respond_by = models.DateTimeField(_("确认期限"))
    feedback_by = models.DateTimeField(_("反馈期限"))
    acknowledged_at = models.DateTimeField(_("确认时间"), null=True)
    acknowledged_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    action = models.CharField(_("确认措施"), max_length=10, choices=Action.choices, blank=True)
    comment = models.CharField(_("确认说明"), max_length=500, blank=True)
    reason = models.CharField(_("原因代码"), max_length=10, blank=True)
    measures = models.CharField(_("处置措施"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(_("反馈时间"), null=True)
    answered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("关闭时间"), null=True)
    #: Until when it is shelved or out of service, and by what.
    held_until = models.DateTimeField(_("搁置截止"), null=True)
    hold = models.ForeignKey("monitoring.AlarmHold", models.PROTECT, null=True, related_name="alarms")
    #: A graver alarm of the same tag that came of it (H after which HH came).
    consequence_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="consequences")
    first_out = models.ForeignKey("monitoring.FirstOut", models.PROTECT, null=True, related_name="alarms")
    first_out_seq = models.PositiveIntegerField(_("首出序号"), null=True)
    flood = models.ForeignKey("monitoring.AlarmFlood", models.PROTECT, null=True, related_name="alarms")
    #: How far it was told: step of escalation; -1: to nobody yet.
    step = models.SmallIntegerField(_("升级步骤"), default=-1)
    finding = models.ForeignKey("hazards.Finding", models.PROTECT, null=True, related_name="alarms")

    objects = ScopedQuerySet["Alarm"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ALARM.codes), name="alarm_status_known"),
            models.CheckConstraint(condition=Q(type__in=LimitName.values), name="alarm_type_known"),
            models.CheckConstraint(condition=Q(priority__range=(1, 4)), name="alarm_priority"),
            models.CheckConstraint(
                condition=~Q(status="CLOSED") | Q(closed_at__isnull=False), name="alarm_closed_when"
            ),
            models.UniqueConstraint(fields=["tag", "type"], condition=~Q(status="CLOSED"), name="alarm_one_open"),
        ]
        indexes = [
            models.Index(F("raised_at").desc(), F("id"), name="alarm_newest"),
            models.Index(fields=["file", "-raised_at"], name="alarm_by_file"),
            models.Index(fields=["tag", "-raised_at"], name="alarm_by_tag"),
            models.Index(fields=["status", "-raised_at"], condition=~Q(status="CLOSED"), name="alarm_open"),
            # Those whose peak is still to be read from the store.
            models.Index(
                fields=["cleared_at"],
                name="alarm_without_peak",
                condition=Q(peak_value__isnull=True, cleared_at__isnull=False, type__in=["H", "HH", "L", "LL"]),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_active(self) -> bool:
        """Whether the condition still stands."""
        return self.cleared_at is None

    @property
    def is_grave(self) -> bool:
        """High-high or low-low: a second stage."""
        return self.type in ("HH", "LL")


class AlarmCondition(models.Model):
    """How a condition of a tag stands by the last event of it (报警条件状态); written by the clerk of alarms alone.

    Retention class: as the file.
    """

    id = models.BigAutoField(primary_key=True)
    tag = models.ForeignKey("monitoring.Tag", models.PROTECT, related_name="conditions")
    type = models.CharField(max_length=5, choices=LimitName.choices)
    partition = models.PositiveSmallIntegerField()
    is_active = models.BooleanField()
    #: By the device's clock, of the last change.
    at = models.DateTimeField()
    value = models.FloatField()
    limit_value = models.FloatField(null=True)
    is_late = models.BooleanField(default=False)
    #: When it was written down; of what waits, when it was last looked at.
    noted_at = models.DateTimeField()
    #: No alarm was made of it, though it stands: told late, silenced, or something went wrong. Looked at again.
    is_waiting = models.BooleanField(default=False)
    #: Not before: a rule of the design held over it until shortly before.
    settles_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "type"], name="alarm_condition_once")]
        indexes = [
            models.Index(fields=["partition", "noted_at"], condition=Q(is_waiting=True), name="alarm_condition_waits"),
            models.Index(fields=["tag"], condition=Q(is_active=True), name="alarm_condition_active"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.type} {self.is_active}"


class AlarmProgress(models.Model):
    """How far the events of a partition were made into alarms (报警办理进度).

    Retention class: technical, until the stream has fewer partitions.
    """

    partition = models.PositiveSmallIntegerField(primary_key=True)
    event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.partition} {self.event_id}"


class AlarmFlood(models.Model):
    """A time in which more alarms came at a site than a person can answer (报警泛滥). Read through the enterprise.

    Retention class: as the file.
    """

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="alarm_floods")
    began_at = models.DateTimeField(_("开始时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    #: Alarms from the first of the window in which it began; most in ten minutes.
    count = models.PositiveIntegerField(_("报警数"), default=0)
    most = models.PositiveIntegerField(_("10分钟最多"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file"], condition=Q(ended_at__isnull=True), name="alarm_flood_one_open")
        ]
        indexes = [models.Index(fields=["file", "-began_at"], name="alarm_flood_by_file")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.began_at}"


class FirstOut(models.Model):
    """Alarms of one group since it was all normal (首出): which of them came first. Read through the enterprise.

    Retention class: as the file.
    """

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="first_outs")
    group = models.CharField(_("首出组"), max_length=40)
    began_at = models.DateTimeField(_("开始时间"))
    #: Reset by an operator, or followed by another after the group was all normal.
    ended_at = models.DateTimeField(_("复位时间"), null=True)
    ended_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "group"], condition=Q(ended_at__isnull=True), name="first_out_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.began_at}"


class AlarmReview(models.Model):
    """What the authority found when it looked at an answered alarm again (抽查核实). Only ever added.

    Retention class: as the file.
    """

    append_only = True

    class Verdict(models.TextChoices):
        TRUE = "true", _("反馈属实")
        FALSE = "false", _("原因不实")
        WEAK = "weak", _("措施不到位")

    id = models.BigAutoField(primary_key=True)
    alarm = models.ForeignKey(Alarm, models.PROTECT, related_name="reviews")
    office = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(_("核实结论"), max_length=10, choices=Verdict.choices)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    at = models.DateTimeField(_("核实时间"))

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.verdict}"


class AlarmTerms(models.Model):
    """Times and numbers by which alarms are answered, from a day on (报警处置参数). Retention class: permanent.

    Only ever added: the newest that is in force counts.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    #: Names of ``queries.alarm_terms.Terms``.
    figures = models.JSONField(_("参数"))
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="alarm_terms_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.figures}"
