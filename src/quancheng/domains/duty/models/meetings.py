"""Meetings (会议): their series, who was there, what was decided, who has the minutes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.loops.meeting import MEETING, MEETING_RECEIPT
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class MeetingKind(models.TextChoices):
    """What sort of meeting it is (会议类别)."""

    FULL = "full", _("全体会议")
    DISPATCH = "dispatch", _("调度会")
    JOINT = "joint", _("联席会议")
    CONSULTATION = "consultation", _("专题会商")
    MOBILISATION = "mobilisation", _("动员部署会")
    ADHOC = "adhoc", _("临时调度会")


class Frequency(models.TextChoices):
    """How often a series meets (召开周期)."""

    MONTHLY = "monthly", _("每月")
    QUARTERLY = "quarterly", _("每季度")
    HALF_YEARLY = "half_yearly", _("每半年")
    YEARLY = "yearly", _("每年")


class MeetingSeries(Scoped):
    """A meeting that comes back (例会): how often, who is invited, the theme of each period.

    Retention class: official document, permanent.
    """

    title = models.CharField(_("会议名称"), max_length=120)
    kind = models.CharField(_("会议类别"), max_length=20, choices=MeetingKind.choices)
    frequency = models.CharField(_("召开周期"), max_length=12, choices=Frequency.choices)
    #: One theme per period of the year in their order, e.g. 开门红, 夯基础, 促攻坚, 保目标; empty for none.
    themes = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("各期主题"))
    orgs = models.ManyToManyField("people.Organisation", related_name="+", blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["MeetingSeries"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(frequency__in=Frequency.values), name="meeting_series_frequency"),
            models.UniqueConstraint(fields=["owner_org", "title"], name="meeting_series_title"),
        ]

    def __str__(self) -> str:
        return self.title


class Meeting(LoopRow):
    """One meeting from its planning to its last receipt (会议). Retention class: official document, permanent."""

    loop_code = MEETING.code

    series = models.ForeignKey(MeetingSeries, models.PROTECT, null=True, blank=True, related_name="meetings")
    #: The leading or work group whose meeting it is.
    group = models.ForeignKey("duty.WorkGroup", models.PROTECT, null=True, blank=True, related_name="meetings")
    #: Opens the codes of the tasks that come of it, e.g. ``H2026-0003``.
    code = models.CharField(_("编号"), max_length=20, unique=True)
    #: Period of its series, e.g. ``2026-Q2``; empty for a meeting of its own.
    period = models.CharField(_("期次"), max_length=10, blank=True)
    kind = models.CharField(_("会议类别"), max_length=20, choices=MeetingKind.choices)
    title = models.CharField(_("会议名称"), max_length=200)
    theme = models.CharField(_("主题"), max_length=60, blank=True)
    #: Why an extraordinary meeting is held: a key time or a new problem.
    trigger = models.CharField(_("触发原因"), max_length=300, blank=True)
    place = models.CharField(_("地点"), max_length=120, blank=True)
    chair = models.CharField(_("主持人"), max_length=60, blank=True)
    due_date = models.DateField(_("最迟召开日期"))
    planned_at = models.DateTimeField(_("计划召开时间"), null=True, blank=True)
    held_at = models.DateTimeField(_("召开时间"), null=True, blank=True)
    #: Points that people added to the agenda which the system builds.
    points = ArrayField(models.CharField(max_length=200), default=list, blank=True, verbose_name=_("补充议题"))
    #: The status sheet as it stood when the meeting was held; empty before.
    sheet = models.JSONField(default=dict, blank=True)
    minutes = models.TextField(_("会议纪要"), blank=True)
    number = models.CharField(_("纪要编号"), max_length=60, blank=True)
    circulated_at = models.DateTimeField(_("印发时间"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Meeting"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MEETING.codes), name="meeting_status_known"),
            models.CheckConstraint(condition=Q(kind__in=MeetingKind.values), name="meeting_kind_known"),
            models.CheckConstraint(condition=~Q(kind="adhoc") | ~Q(trigger=""), name="meeting_adhoc_trigger"),
            models.CheckConstraint(
                condition=Q(status__in=("PLANNED", "CANCELLED")) | Q(held_at__isnull=False), name="meeting_held_at"
            ),
            models.UniqueConstraint(
                fields=["series", "period"], condition=Q(series__isnull=False), name="meeting_once_a_period"
            ),
        ]
        indexes = [models.Index(fields=["status", "due_date", "id"], name="meeting_by_due")]

    def __str__(self) -> str:
        return self.title


class Attendance(models.TextChoices):
    """Whether a unit was there (出席情况)."""

    PRESENT = "present", _("到会")
    SUBSTITUTE = "substitute", _("委托他人到会")
    LEAVE = "leave", _("请假")
    ABSENT = "absent", _("缺席")


class Attendee(models.Model):
    """A unit invited to a meeting, and whether it came (参会单位). Retention class: as the meeting."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendees")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: Empty until recorded.
    attendance = models.CharField(_("出席情况"), max_length=10, choices=Attendance.choices, blank=True)
    #: Who came for the unit, or who stood in.
    person = models.CharField(_("参会人员"), max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "org"], name="attendee_once"),
            models.CheckConstraint(condition=Q(attendance__in=["", *Attendance.values]), name="attendee_known"),
            models.CheckConstraint(
                condition=~Q(attendance="substitute") | ~Q(person=""), name="attendee_substitute_named"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} ← {self.org_id}"


class Decision(models.Model):
    """What a meeting decided (议定事项): becomes a task when the minutes go out. Retention class: as the meeting."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions")
    order = models.PositiveSmallIntegerField()
    text = models.TextField(_("议定事项"))
    leads = models.ManyToManyField("people.Organisation", related_name="+")
    due_date = models.DateField(_("完成时限"))
    task = models.ForeignKey("duty.Task", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "order"], name="decision_order")]

    def __str__(self) -> str:
        return self.text[:40]


class MeetingReceipt(LoopRow):
    """One addressee's receipt of the minutes (纪要签收). Retention class: official document, permanent."""

    loop_code = MEETING_RECEIPT.code

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="receipts")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    received_at = models.DateTimeField(_("签收时间"), null=True, blank=True)

    objects = ScopedQuerySet["MeetingReceipt"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "org"], name="meeting_receipt_once"),
            models.CheckConstraint(condition=Q(status__in=MEETING_RECEIPT.codes), name="meeting_receipt_known"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} → {self.org_id}"
