"""Check tasks (隐患排查任务), what of them is due, stoppages that cover them, and special periods that double them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.stop_review import STOP_REVIEW
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.hidden_dangers.kinds import code_list
from quancheng.standards.risk.check_cycles import DAYS, UNITS

#: Forms of screening (排查形式): the sources of a danger that an enterprise's own check can be.
FORMS = tuple(
    one.code
    for one in code_list("source").items
    if one.code not in ("measure_failed", "regulator", "design")
)


class WorkType(models.IntegerChoices):
    """Whose task it is (任务类型), ``workType`` of the exchange spec; all but the daily ones are of guarantors."""

    DAILY = 0, _("日常")
    MAIN = 1, _("主要负责人")
    TECHNICAL = 2, _("技术负责人")
    OPERATION = 3, _("操作负责人")


class CheckTask(models.Model):
    """What is looked at, how often, by whom (隐患排查任务). Read through the enterprise's file.

    It hangs on a control measure, on a checklist, on both, or on a unit alone. ``every``, ``cycle_unit`` and what
    follows are a ``standards.risk.check_cycles.Cycle``. With ``person`` it is his alone, else whoever holds the post
    may do it. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="check_tasks")
    #: The major hazard of a guarantor's task; otherwise that of the unit.
    object = models.ForeignKey("risk.RiskObject", models.PROTECT, null=True, blank=True, related_name="check_tasks")
    unit = models.ForeignKey("risk.RiskUnit", models.PROTECT, null=True, blank=True, related_name="check_tasks")
    measure = models.ForeignKey("risk.Measure", models.PROTECT, null=True, blank=True, related_name="check_tasks")
    #: A checklist of the law register; its items are those of the edition in force when somebody begins.
    checklist = models.ForeignKey("law.LegalText", models.PROTECT, null=True, blank=True, related_name="+")
    content = models.CharField(_("排查内容"), max_length=1000)
    every = models.DecimalField(_("周期"), max_digits=4, decimal_places=2)
    cycle_unit = models.CharField(_("周期单位"), max_length=5)
    starts_at = models.DateTimeField(_("首次执行时间"))
    #: Daily window of a task of hours, both ends included; empty for all others.
    window_start = models.TimeField(_("每日开始时间"), null=True, blank=True)
    window_end = models.TimeField(_("每日结束时间"), null=True, blank=True)
    days = models.CharField(_("工作日类型"), max_length=7, default="every")
    post = models.ForeignKey("risk.Post", models.PROTECT, null=True, blank=True, related_name="check_tasks")
    person = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    form = models.CharField(_("排查形式"), max_length=14, default="daily")
    work_type = models.PositiveSmallIntegerField(_("任务类型"), choices=WorkType.choices, default=WorkType.DAILY)
    #: Number of the item in the list of guarantors' tasks; empty for daily ones.
    task_number = models.PositiveSmallIntegerField(_("任务编号"), null=True, blank=True)
    #: A special period: the task is owed only while the district has it switched on.
    period = models.CharField(_("特殊时段"), max_length=20, blank=True)
    ended_date = models.DateField(_("终止日期"), null=True, blank=True)
    ended_reason = models.CharField(_("终止理由"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cycle_unit__in=[*UNITS]), name="check_task_unit_known"),
            models.CheckConstraint(condition=Q(days__in=[*DAYS]), name="check_task_days_known"),
            models.CheckConstraint(condition=Q(form__in=FORMS), name="check_task_form_known"),
            models.CheckConstraint(condition=Q(every__gt=0), name="check_task_every"),
            models.CheckConstraint(
                condition=Q(cycle_unit="hour", window_start__isnull=False, window_end__gt=F("window_start"))
                | (~Q(cycle_unit="hour") & Q(window_start__isnull=True, window_end__isnull=True)),
                name="check_task_window",
            ),
            models.CheckConstraint(
                condition=Q(post__isnull=False) | Q(person__isnull=False), name="check_task_somebodys"
            ),
            models.CheckConstraint(
                condition=Q(work_type=WorkType.DAILY, task_number__isnull=True)
                | (Q(work_type__in=(1, 2, 3)) & Q(task_number__gte=1)),
                name="check_task_number",
            ),
        ]
        indexes = [
            models.Index(fields=["file", "id"], name="check_task_by_file"),
            models.Index(fields=["id"], condition=Q(ended_date__isnull=True), name="check_task_standing"),
            models.Index(fields=["measure"], condition=Q(ended_date__isnull=True), name="check_task_of_measure"),
            models.Index(fields=["unit"], condition=Q(ended_date__isnull=True), name="check_task_of_unit"),
            models.Index(fields=["post"], condition=Q(ended_date__isnull=True), name="check_task_of_post"),
        ]

    def __str__(self) -> str:
        return self.content[:60]


class UnitStop(models.Model):
    """A stoppage or overhaul of a unit (停用、检修), which covers its check tasks. Read through the enterprise's file.

    Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="unit_stops")
    unit = models.ForeignKey("risk.RiskUnit", models.PROTECT, related_name="stops")
    begins_at = models.DateTimeField(_("开始时间"))
    #: Until before; empty while it goes on.
    ends_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    reason = models.CharField(_("停用原因"), max_length=300)
    by_name = models.CharField(_("登记人"), max_length=130)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("begins_at")), name="unit_stop_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "begins_at"], name="unit_stop_of_unit"),
            models.Index(fields=["file", "-begins_at"], name="unit_stop_by_file"),
        ]

    def __str__(self) -> str:
        return self.reason


class CheckDue(models.Model):
    """One instance of a task (待排查): when it is to be done, and whether it was. Read through the enterprise's file.

    Made in bulk by the clock, some hundred thousand a day, so it carries what lists and counts ask for. Its state is
    derived: done, covered by a stoppage, else open until ``closes_at`` and missed from then on. Retention class: 3
    years after it closed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(CheckTask, models.PROTECT, related_name="dues")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    post = models.ForeignKey("risk.Post", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    work_type = models.PositiveSmallIntegerField(choices=WorkType.choices, default=WorkType.DAILY)
    #: Names it for good within its task: its own day or moment, also where a stoppage moved it.
    key = models.CharField(max_length=40)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField(_("应查时间"))
    closes_at = models.DateTimeField(_("截止时间"))
    #: Its own day was skipped.
    is_moved = models.BooleanField(default=False)
    #: Added by a special period (加密).
    is_extra = models.BooleanField(default=False)
    done_at = models.DateTimeField(_("完成时间"), null=True)
    covered_by = models.ForeignKey(UnitStop, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "key"], name="check_due_once"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="check_due_in_order"),
        ]
        indexes = [
            models.Index(fields=["file", "due_at"], name="check_due_by_file"),
            models.Index(fields=["-due_at", "id"], name="check_due_newest"),
            models.Index(fields=["closes_at"], name="check_due_by_end"),
            models.Index(
                fields=["post", "closes_at"],
                condition=Q(done_at__isnull=True, covered_by__isnull=True, post__isnull=False),
                name="check_due_of_post",
            ),
            models.Index(
                fields=["person", "closes_at"],
                condition=Q(done_at__isnull=True, covered_by__isnull=True, person__isnull=False),
                name="check_due_of_person",
            ),
            models.Index(
                fields=["file", "closes_at"],
                condition=Q(done_at__isnull=True, covered_by__isnull=True),
                name="check_due_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.key}"


class CheckRun(models.Model):
    """Until when instances were made (生成进度), one row for tasks of hours and one for all others.

    Retention class: permanent.
    """

    code = models.CharField(primary_key=True, max_length=10)
    until = models.DateTimeField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.code} {self.until:%Y-%m-%d %H:%M}"


class StopReview(LoopRow):
    """The regulator looks at a stoppage that is long, or at many at once (停用核查). ``owner_org`` is the office.

    Retention class: as the file.
    """

    loop_code = STOP_REVIEW.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    object = models.ForeignKey("risk.RiskObject", models.PROTECT, related_name="+")
    #: The stoppage that is too long; empty where too many units of one object are stopped.
    stop = models.ForeignKey(UnitStop, models.PROTECT, null=True, related_name="reviews")
    code = models.CharField(max_length=4, choices=(("LONG", _("停用过长")), ("MANY", _("停用过多"))))
    title = models.CharField(_("核查事项"), max_length=300)
    #: ``{"zh", "en"}``: what the rule found.
    text = models.JSONField()
    answer = models.CharField(_("企业说明"), max_length=1000, blank=True)
    comment = models.CharField(_("核查意见"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["StopReview"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STOP_REVIEW.codes), name="stop_review_status_known"),
            models.UniqueConstraint(fields=["stop"], condition=Q(stop__isnull=False), name="stop_review_once"),
            models.UniqueConstraint(
                fields=["object"], condition=Q(code="MANY", closed_at__isnull=True), name="stop_review_one_many"
            ),
        ]
        indexes = [models.Index(F("closed_at").desc(nulls_first=True), F("id"), name="stop_review_open_first")]

    def __str__(self) -> str:
        return self.title


class SpecialPeriod(models.Model):
    """A special period that was switched on (特殊时段): who checks, checks twice as often.

    For the whole district, for one town (``area``), or for one enterprise (``file``), which is read by who sees the
    enterprise; the others are everybody's to read. Retention class: permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: A period of ``standards.risk.rhythm``.
    code = models.CharField(_("时段类别"), max_length=20)
    name = models.CharField(_("名称"), max_length=80)
    first_date = models.DateField(_("开始日期"))
    last_date = models.DateField(_("结束日期"))
    area = models.ForeignKey("areas.Area", models.PROTECT, null=True, blank=True, related_name="+")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, null=True, blank=True, related_name="+")
    #: Whether tasks get extra instances; otherwise only tasks of this period are owed.
    doubles = models.BooleanField(_("加密排查"), default=True)
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)
    by_name = models.CharField(_("启用人"), max_length=130)
    #: Whose people switched it on; empty of those that the district did before this was kept.
    by_org = models.ForeignKey("people.Organisation", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_date__gte=F("first_date")), name="special_period_in_order"),
            models.CheckConstraint(
                condition=Q(area__isnull=True) | Q(file__isnull=True), name="special_period_of_one_place"
            ),
        ]
        indexes = [models.Index(fields=["last_date"], name="special_period_by_end")]

    def __str__(self) -> str:
        return self.name

    def is_for(self, file: uuid.UUID, area_path: str) -> bool:
        """Whether it concerns an enterprise in a division."""
        if self.file_id is not None:
            return self.file_id == file
        return self.area is None or area_path.startswith(self.area.path)
