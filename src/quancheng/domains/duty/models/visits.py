"""Leading and work groups (领导小组、工作组), and the supervision visits that they make (督导检查)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.loops.visit import VISIT
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class GroupKind(models.TextChoices):
    """What a group is for (组别)."""

    LEADING = "leading", _("领导小组")
    WORK = "work", _("工作组")


class WorkGroup(Scoped):
    """A leading group or a work group with its office (领导小组、工作组).

    Its head, deputies and members are :class:`GroupMember` rows; its meetings and visits name it. Retention class:
    official document, permanent.
    """

    kind = models.CharField(_("组别"), max_length=8, choices=GroupKind.choices)
    title = models.CharField(_("名称"), max_length=200)
    #: Where its office is (办公室设在).
    office = models.ForeignKey(
        "people.Organisation", models.PROTECT, related_name="+", verbose_name=_("办公室所在单位")
    )
    #: The section that does its daily work, e.g. 监管三科.
    section = models.CharField(_("办公室所在科室"), max_length=60, blank=True)
    duties = models.TextField(_("工作职责"), blank=True)
    plan = models.ForeignKey("duty.Plan", models.PROTECT, null=True, blank=True, related_name="+")
    campaign = models.ForeignKey("duty.Campaign", models.PROTECT, null=True, blank=True, related_name="groups")
    founded_date = models.DateField(_("成立日期"))
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["WorkGroup"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=GroupKind.values), name="work_group_kind_known"),
            models.CheckConstraint(
                condition=Q(ended_date__isnull=True) | Q(ended_date__gte=F("founded_date")), name="work_group_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class GroupRole(models.TextChoices):
    """A member's place in the group (组内职务)."""

    HEAD = "1head", _("组长")
    DEPUTY = "2deputy", _("副组长")
    MEMBER = "3member", _("成员")


class GroupMember(models.Model):
    """A person or a whole unit in a group (成员). Who left stays with the day. Retention class: as the group."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(WorkGroup, models.CASCADE, related_name="members")
    role = models.CharField(_("组内职务"), max_length=8, choices=GroupRole.choices)
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("单位"))
    #: Empty where the unit as such is a member.
    name = models.CharField(_("姓名"), max_length=60, blank=True)
    post = models.CharField(_("职务"), max_length=60, blank=True)
    left_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=GroupRole.values), name="group_member_role_known"),
            models.CheckConstraint(condition=Q(role="3member") | ~Q(name=""), name="group_leaders_have_names"),
            models.UniqueConstraint(
                fields=["group"], condition=Q(role="1head", left_date__isnull=True), name="group_one_head"
            ),
            models.UniqueConstraint(
                fields=["group", "org", "name"], condition=Q(left_date__isnull=True), name="group_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.org_id}"


class VisitKind(models.TextChoices):
    """How a visit is made (督导方式)."""

    OPEN = "open", _("督导检查")
    SECRET = "secret", _("暗访（四不两直）")


class Visit(LoopRow):
    """A visit by which the office looks into a unit's work (督导检查). Retention class: record of acts, 10 years.

    The unit sees it once it was made: a secret visit is not announced.
    """

    loop_code = VISIT.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    kind = models.CharField(_("督导方式"), max_length=6, choices=VisitKind.choices, default=VisitKind.OPEN)
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("被督导单位"))
    group = models.ForeignKey(WorkGroup, models.PROTECT, null=True, blank=True, related_name="visits")
    subject = models.CharField(_("督导内容"), max_length=300)
    #: Why this unit: slow tasks, poor screening, complaints.
    reason = models.CharField(_("督导缘由"), max_length=300, blank=True)
    planned_date = models.DateField(_("计划日期"))
    visited_date = models.DateField(_("督导日期"), null=True, blank=True)
    inspectors = models.CharField(_("督导人员"), max_length=200, blank=True)
    text = models.TextField(_("督导情况"), blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Visit"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=VISIT.codes), name="visit_status_known"),
            models.CheckConstraint(condition=Q(kind__in=VisitKind.values), name="visit_kind_known"),
            models.CheckConstraint(
                condition=Q(status__in=("PLANNED", "CANCELLED")) | Q(visited_date__isnull=False), name="visit_made_when"
            ),
        ]
        indexes = [models.Index(fields=["status", "planned_date", "id"], name="visit_by_day")]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}"


class Outcome(models.TextChoices):
    """What becomes of a finding (处理意见)."""

    TASK = "task", _("下达任务整改")
    WARNING = "warning", _("警示提醒")
    TALK = "talk", _("约谈")
    SETTLED = "settled", _("当场整改")


class VisitFinding(models.Model):
    """One thing that a visit found, and what became of it (督导发现的问题). Retention class: as the visit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="findings")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(_("问题"), max_length=500)
    #: Empty until somebody decides.
    outcome = models.CharField(_("处理意见"), max_length=8, choices=Outcome.choices, blank=True)
    task = models.ForeignKey("duty.Task", models.PROTECT, null=True, blank=True, related_name="+")
    paper = models.ForeignKey("papers.Paper", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "order"], name="visit_finding_order"),
            models.CheckConstraint(
                condition=Q(outcome="", task__isnull=True, paper__isnull=True)
                | Q(outcome="task", task__isnull=False)
                | Q(outcome__in=("warning", "talk"), paper__isnull=False)
                | Q(outcome="settled"),
                name="visit_finding_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.text
