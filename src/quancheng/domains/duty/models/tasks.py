"""Tasks (任务), their assignments to units, targets, instalments, progress and extensions."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.loops.task import ASSIGNMENT, EXTENSION, INSTALMENT, TASK
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class TaskKind(models.TextChoices):
    """How a task ends (时限类型)."""

    DATED = "dated", _("限期完成")
    RECURRING = "recurring", _("周期性")
    CONTINUING = "continuing", _("持续推进")
    THEN_CONTINUING = "dated_then_continuing", _("限期完成并持续推进")
    EVENT = "event", _("事件触发")


class TaskOrigin(models.TextChoices):
    """Where a task comes from (来源)."""

    PLAN = "plan", _("计划文件")
    MEETING = "meeting", _("会议议定")
    CAMPAIGN = "campaign", _("专项行动")
    VISIT = "visit", _("督导检查")
    MANUAL = "manual", _("直接交办")


class Task(LoopRow):
    """One demanded act (任务), owned by the office that issued it. Retention class: official document, permanent.

    Leads and supporting units see it by shares; each lead works on an :class:`Assignment` of its own.
    """

    loop_code = TASK.code

    plan = models.ForeignKey("duty.Plan", models.PROTECT, null=True, blank=True, related_name="tasks")
    section = models.ForeignKey("duty.PlanSection", models.PROTECT, null=True, blank=True, related_name="tasks")
    origin = models.CharField(_("来源"), max_length=10, choices=TaskOrigin.choices, default=TaskOrigin.PLAN)
    #: The row it came from where that is no plan: a meeting's decision, a campaign, an escalation.
    origin_id = models.UUIDField(null=True, blank=True)
    code = models.CharField(_("编号"), max_length=30, unique=True)
    order = models.PositiveIntegerField(default=0)
    #: Whether it stands in the wall chart annexed to its plan (挂图责任表).
    in_chart = models.BooleanField(_("挂图任务"), default=False)
    title = models.CharField(_("任务"), max_length=200)
    #: As printed.
    text = models.TextField(_("任务内容"))
    line = models.PositiveIntegerField(null=True, blank=True)
    level1 = models.CharField(_("一级任务"), max_length=500, blank=True)
    level2 = models.CharField(_("二级任务"), max_length=500, blank=True)
    kind = models.CharField(_("时限类型"), max_length=25, choices=TaskKind.choices)
    deadline_phrase = models.CharField(_("时限（原文）"), max_length=300, blank=True)
    start_date = models.DateField(_("起始日期"))
    due_date = models.DateField(_("完成时限"), null=True, blank=True)
    #: When continuing work is looked at next.
    review_date = models.DateField(_("复核日期"), null=True, blank=True)
    #: The parser's rule for recurring work, e.g. ``{"freq": "MONTHLY", "bymonthday": [20]}``.
    rule = models.JSONField(default=dict, blank=True)
    strive = models.BooleanField(_("力争目标"), default=False)
    persons = models.CharField(_("责任人"), max_length=300, blank=True)
    leading_official = models.CharField(_("分管领导"), max_length=120, blank=True)
    weight = models.DecimalField(_("权重"), max_digits=6, decimal_places=2, default=Decimal("1"))
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Task"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TASK.codes), name="task_status_known"),
            models.CheckConstraint(condition=Q(kind__in=TaskKind.values), name="task_kind_known"),
            models.CheckConstraint(
                condition=Q(due_date__isnull=False) | Q(review_date__isnull=False), name="task_has_a_date"
            ),
            models.CheckConstraint(
                condition=Q(due_date__isnull=True) | Q(due_date__gte=F("start_date")), name="task_dates_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["plan", "order"], name="task_in_plan"),
            models.Index(fields=["status", "due_date", "id"], name="task_by_due"),
            models.Index(fields=["due_date", "id"], name="task_due"),
            GinIndex(OpClass(F("text"), name="gin_trgm_ops"), name="task_text_trgm"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class TaskLink(models.Model):
    """A task carries out a task of a parent plan (承接上级任务). Retention class: as the task."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    child = models.ForeignKey(Task, models.CASCADE, related_name="carried")
    parent = models.ForeignKey(Task, models.PROTECT, related_name="carriers")
    linked_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], name="task_link_once"),
            models.CheckConstraint(condition=~Q(child=F("parent")), name="task_link_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} → {self.parent_id}"


class ChartLink(models.Model):
    """A task of a wall chart serves a task of the plan's text (挂图任务对应正文任务), as confirmed in review.

    A task of the text that names no unit of its own is carried out by the tasks that serve it: its light and its end
    follow from theirs. Retention class: as the task.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(Task, models.CASCADE, related_name="serves")
    serves = models.ForeignKey(Task, models.CASCADE, related_name="served_by")
    #: The sentence of the text that it serves, as printed.
    passage = models.TextField(_("对应原文"), blank=True)
    reason = models.CharField(_("对应依据"), max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "serves"], name="chart_link_once"),
            models.CheckConstraint(condition=~Q(task=F("serves")), name="chart_link_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} → {self.serves_id}"


class Support(models.Model):
    """A unit that cooperates in a task (配合单位). Retention class: as the task."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(Task, models.CASCADE, related_name="supports")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: Under which name the document speaks of it.
    printed = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "org"], name="support_once")]

    def __str__(self) -> str:
        return f"{self.task_id} + {self.org_id}"


class Target(models.Model):
    """A number that a task must reach (指标). Retention class: as the task.

    ``op`` is one of ``>= <= =``; ``value`` and ``unit`` as in the text (100 %, 14 座, 0 起).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(Task, models.CASCADE, related_name="targets")
    order = models.PositiveSmallIntegerField(default=0)
    indicator = models.CharField(_("指标"), max_length=200)
    phrase = models.CharField(_("原文"), max_length=200)
    op = models.CharField(max_length=2, default=">=")
    value = models.DecimalField(_("目标值"), max_digits=14, decimal_places=3)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    strive = models.BooleanField(_("力争目标"), default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(op__in=[">=", "<=", "="]), name="target_op_known")]

    def __str__(self) -> str:
        return self.phrase

    def is_met_by(self, assignment: Assignment) -> bool:
        """Whether the assignment's latest reported figure meets the target; no figure meets nothing."""
        reported = assignment.figures.get(str(self.pk))
        if reported is None:
            return False
        value = Decimal(str(reported))
        return {">=": value >= self.value, "<=": value <= self.value, "=": value == self.value}[self.op]


_IS_DONE = models.Case(
    models.When(status__in=ASSIGNMENT.finals, then=models.Value(1)),
    default=models.Value(0),
    output_field=models.IntegerField(),
)


class Assignment(LoopRow):
    """A task in the hands of one lead unit (任务承办). Retention class: official document, permanent.

    ``owner_org`` is the office that issued or handed it down, ``org`` the unit that works. A part that a unit
    handed down to another (转交下级单位) has the unit's own assignment as ``parent``.
    """

    loop_code = ASSIGNMENT.code

    task = models.ForeignKey(Task, models.PROTECT, related_name="assignments")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("责任单位"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    person = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    printed = models.CharField(_("原文单位"), max_length=200, blank=True)
    kind = models.CharField(max_length=25, choices=TaskKind.choices)
    #: The task's, which never changes once it stands: the light of a list asks no other table.
    start_date = models.DateField(_("起始日期"))
    due_date = models.DateField(_("完成时限"), null=True, blank=True)
    first_due_date = models.DateField(_("原定时限"), null=True, blank=True)
    review_date = models.DateField(_("复核日期"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("进度"), default=0)
    #: Latest reported figure per target: target id to decimal as string.
    figures = models.JSONField(default=dict, blank=True)
    last_report_at = models.DateTimeField(_("最近报告"), null=True, blank=True)
    last_report = models.CharField(_("最近进展"), max_length=500, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Assignment"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ASSIGNMENT.codes), name="assignment_status_known"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="assignment_progress_percent"),
            models.CheckConstraint(
                condition=Q(due_date__isnull=False) | Q(review_date__isnull=False), name="assignment_has_a_date"
            ),
            models.UniqueConstraint(fields=["task", "org"], condition=Q(parent__isnull=True), name="assignment_once"),
            models.CheckConstraint(
                condition=~Q(status="DONE") | Q(closed_at__isnull=False), name="assignment_closed_at"
            ),
        ]
        indexes = [
            models.Index(fields=["org", "status", "due_date"], name="assignment_by_org"),
            models.Index(fields=["status", "due_date", "id"], name="assignment_by_due"),
            # The order of the lists of assignments: what is open first, then by deadline. Read from the index, the
            # first page costs the same whatever stands behind it.
            models.Index(_IS_DONE, models.F("due_date").asc(nulls_last=True), "id", name="assignment_open_first"),
            models.Index("org", _IS_DONE, models.F("due_date").asc(nulls_last=True), "id", name="assignment_own_first"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} → {self.org_id}"


class Instalment(LoopRow):
    """One period of recurring work, or one milestone of several (任务期次). Retention class: as the task."""

    loop_code = INSTALMENT.code

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="instalments")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: Period key (``2026-11``) or the milestone's number (``m2``); unique in its assignment.
    key = models.CharField(max_length=20)
    label = models.CharField(_("期次"), max_length=120)
    due_date = models.DateField(_("完成时限"))
    strive = models.BooleanField(_("力争目标"), default=False)
    text = models.TextField(_("完成情况"), blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Instalment"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "key"], name="instalment_once"),
            models.CheckConstraint(condition=Q(status__in=INSTALMENT.codes), name="instalment_status_known"),
        ]

    def __str__(self) -> str:
        return self.label


class Progress(models.Model):
    """One report of progress on an assignment (进展), with its evidence (files held by this row).

    Only ever added. Retention class: as the task.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="reports")
    percent = models.PositiveSmallIntegerField(_("进度"))
    text = models.TextField(_("进展情况"))
    problems = models.TextField(_("存在问题"), blank=True)
    next_steps = models.TextField(_("下步打算"), blank=True)
    figures = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["assignment", "at"], name="progress_by_assignment")]
        constraints = [models.CheckConstraint(condition=Q(percent__lte=100), name="progress_percent")]

    def __str__(self) -> str:
        return self.text[:40]


class Extension(LoopRow):
    """A unit asks for more time, with its reason (延期申请). Retention class: as the task."""

    loop_code = EXTENSION.code

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="extensions")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    from_date = models.DateField(_("原时限"))
    to_date = models.DateField(_("申请延至"))
    reason = models.TextField(_("延期理由"))
    asked_at = models.DateTimeField()

    objects = ScopedQuerySet["Extension"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(to_date__gt=F("from_date")), name="extension_later"),
            models.CheckConstraint(condition=Q(status__in=EXTENSION.codes), name="extension_status_known"),
            models.UniqueConstraint(fields=["assignment"], condition=Q(status="ASKED"), name="extension_one_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} → {self.to_date}"
