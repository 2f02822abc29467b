"""Exams (考试): rules by which papers are built, who sits when, what was asked and answered, and what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.persons import Person
from quancheng.domains.training.models.programmes import Programme
from quancheng.domains.training.models.questions import Question, QuestionVersion
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7

#: Every paper has so many marks in all.
FULL_MARKS = 100
#: How long after the end an answer still comes in that was on its way. [D]
GRACE = timedelta(seconds=90)


class ExamPolicy(models.Model):
    """What the district demands of every exam (考试规定), one row. Retention class: register, permanent.

    Source: S1-5b and S2-16c name no share, S2-16d no numbers of a spot exam; all are defaults of ours [D].
    """

    key = models.PositiveSmallIntegerField(primary_key=True, default=1)
    #: Per cent of the questions of a paper.
    major_share = models.PositiveSmallIntegerField(_("重大事故隐患试题最低占比（%）"), default=10)
    resit_days = models.PositiveSmallIntegerField(_("补考期限（天）"), default=30)
    spot_questions = models.PositiveSmallIntegerField(_("抽考题数"), default=10)
    spot_minutes = models.PositiveSmallIntegerField(_("抽考时间（分钟）"), default=10)
    spot_pass = models.PositiveSmallIntegerField(_("抽考合格分数"), default=80)
    spot_least = models.PositiveSmallIntegerField(_("每次至少抽考人数"), default=3)
    spot_most = models.PositiveSmallIntegerField(_("每次最多抽考人数"), default=5)
    #: Off the post, after a spot exam that was failed.
    spot_hours = models.PositiveSmallIntegerField(_("抽考不合格离岗再培训学时"), default=8)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(key=1), name="exam_policy_once"),
            models.CheckConstraint(condition=Q(major_share__lte=100, spot_pass__lte=100), name="exam_policy_shares"),
            models.CheckConstraint(
                condition=Q(spot_least__gte=1, spot_most__gte=F("spot_least")), name="exam_policy_drawn"
            ),
            models.CheckConstraint(condition=Q(spot_questions__gte=1, spot_minutes__gte=1), name="exam_policy_spot"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class PaperRuleQuerySet(ScopedQuerySet["PaperRule"]):
    """Rules, those that count told from those that were put away."""

    def in_use(self) -> PaperRuleQuerySet:
        return self.filter(retired_at__isnull=True)


class PaperRule(Scoped):
    """How papers are built (组卷规则): so many questions of each kind, at least so many of a subject, 100 marks in all.

    An office's rule is open to every enterprise of the district, an enterprise's is its own.
    Retention class: register, permanent.
    """

    name = models.CharField(_("规则名称"), max_length=80)
    minutes = models.PositiveSmallIntegerField(_("考试时间（分钟）"))
    #: By kind of question, in the order of the paper: how many, and marks of each.
    counts = models.JSONField(_("各题型题数"))
    marks = models.JSONField(_("各题型每题分值"))
    #: By subject: at least so many.
    least = models.JSONField(_("各知识点最少题数"), default=dict, blank=True)
    major_share = models.PositiveSmallIntegerField(_("重大事故隐患试题占比（%）"))
    #: Chosen from questions for this role (and for every role) alone; empty for all.
    role = models.CharField(_("适用岗位角色"), max_length=40, blank=True)
    is_partial = models.BooleanField(_("多选题少选按比例给分"), default=False)
    version = models.PositiveIntegerField(default=1)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = PaperRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=60, minutes__lte=120), name="paper_rule_minutes"),
            models.CheckConstraint(condition=Q(major_share__lte=100), name="paper_rule_share"),
        ]
        indexes = [models.Index(fields=["owner_org", "name"], name="paper_rule_of")]

    def __str__(self) -> str:
        return self.name


class ExamKind(models.TextChoices):
    """What an exam is held for (考试类别)."""

    FORMAL = "formal", _("培训考试")
    SPOT = "spot", _("现场抽考")


class ExamQuerySet(ScopedQuerySet["Exam"]):
    """Exams."""


class Exam(Scoped):
    """An exam (考试) in a window of time, or one drawn at an inspection (逢查必考).

    ``paper`` is the demand as the rule said it then: counts, marks, least, major_share, role, is_partial.
    Retention class: register, permanent.
    """

    kind = models.CharField(_("考试类别"), max_length=8, choices=ExamKind.choices)
    name = models.CharField(_("考试名称"), max_length=120)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    rule = models.ForeignKey(PaperRule, models.PROTECT, null=True, blank=True, related_name="+")
    paper = models.JSONField()
    pass_mark = models.PositiveSmallIntegerField(_("合格分数"))
    minutes = models.PositiveSmallIntegerField(_("考试时间（分钟）"))
    opens_at = models.DateTimeField(_("开始时间"))
    closes_at = models.DateTimeField(_("结束时间"))
    #: Opens the door to candidates, in the address and the QR code.
    door = models.CharField(max_length=16, unique=True)
    #: Of a spot exam: the enterprise, what the persons were drawn by, among how many, and what the visit was for.
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, null=True, blank=True, related_name="+")
    draw_seed = models.CharField(max_length=32, blank=True)
    drawn_from = models.PositiveIntegerField(_("抽取范围人数"), null=True, blank=True)
    occasion = models.CharField(_("检查事由"), max_length=200, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(_("取消原因"), max_length=200, blank=True)
    created_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = ExamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ExamKind.values), name="exam_kind_known"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="exam_in_order"),
            models.CheckConstraint(condition=Q(pass_mark__gte=1, pass_mark__lte=FULL_MARKS), name="exam_pass_mark"),
            models.CheckConstraint(condition=~Q(kind="spot") | Q(file__isnull=False), name="exam_spot_of_file"),
        ]
        indexes = [models.Index(fields=["-opens_at", "id"], name="exam_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_spot(self) -> bool:
        return self.kind == ExamKind.SPOT

    def is_open(self, now: datetime) -> bool:
        return self.cancelled_at is None and self.opens_at <= now < self.closes_at


class HandedIn(models.TextChoices):
    """How a paper came in (交卷方式)."""

    SELF = "self", _("本人交卷")
    CLOCK = "clock", _("到时自动交卷")


class SittingState(models.TextChoices):
    """Where somebody stands in an exam (应考状态); it follows from the times and the marks."""

    WAITING = "waiting", _("未开考")
    ABSENT = "absent", _("不在场")
    RUNNING = "running", _("答题中")
    MARKING = "marking", _("待阅卷")
    PASSED = "passed", _("合格")
    FAILED = "failed", _("不合格")
    MISSED = "missed", _("缺考")
    NOT_COUNTED = "not_counted", _("成绩不计入")


class NotCounted(models.TextChoices):
    """Why an exam that was passed stands for nothing (不计入原因)."""

    PAPER = "paper", _("未使用统一试卷")
    HOLDER = "holder", _("不是统一发证单位组织")
    SYLLABUS = "syllabus", _("未完成统一大纲学时")


class SittingQuerySet(ScopedQuerySet["ExamSitting"]):
    """Who sits."""

    def in_state(self, state: str, now: datetime) -> SittingQuerySet:
        """The same as :meth:`ExamSitting.state_at`, asked of the database."""
        return self.filter(state_q(state, now))


def state_q(state: str, now: datetime) -> Q:
    begun = Q(started_at__isnull=False)
    handed = Q(handed_in_at__isnull=False)
    over = Q(exam__closes_at__lte=now) | Q(exam__cancelled_at__isnull=False)
    waits = Q(started_at__isnull=True, absent_at__isnull=True)
    return {
        SittingState.ABSENT: Q(absent_at__isnull=False),
        SittingState.WAITING: waits & ~over,
        SittingState.MISSED: waits & over,
        SittingState.RUNNING: begun & ~handed,
        SittingState.MARKING: handed & Q(marked_at__isnull=True),
        SittingState.PASSED: Q(is_passed=True, not_counted=""),
        SittingState.NOT_COUNTED: Q(is_passed=True) & ~Q(not_counted=""),
        SittingState.FAILED: Q(is_passed=False),
    }[SittingState(state)]


class ExamSitting(Scoped):
    """One person's exam (应考记录): a person of an enterprise by badge and code, or a user signed in.

    Retention class: as the person.
    """

    exam = models.ForeignKey(Exam, models.PROTECT, related_name="sittings")
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    user = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    #: Sealed, so that slips can be printed again, and its digest; a code works on one device.
    code = models.TextField()
    code_digest = models.CharField(max_length=80)
    #: The paper follows from it and the bank; what was asked stands in the items.
    seed = models.CharField(max_length=32)
    is_resit = models.BooleanField(_("补考"), default=False)
    absent_at = models.DateTimeField(null=True, blank=True)
    absent_reason = models.CharField(_("不在场原因"), max_length=200, blank=True)
    #: Digest of the key that the browser keeps in which it was begun.
    device = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField(_("开考时间"), null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    handed_in_at = models.DateTimeField(_("交卷时间"), null=True, blank=True)
    handed_in_by = models.CharField(_("交卷方式"), max_length=5, choices=HandedIn.choices, blank=True)
    score = models.DecimalField(_("成绩"), max_digits=5, decimal_places=1, null=True, blank=True)
    is_passed = models.BooleanField(_("合格"), null=True)
    marked_at = models.DateTimeField(null=True, blank=True)
    #: Of one passed that certifies nothing.
    not_counted = models.CharField(_("不计入原因"), max_length=8, choices=NotCounted.choices, blank=True)
    certificate_no = models.CharField(_("合格证明编号"), max_length=120, blank=True)
    #: When the page lost the foreground, told by the page.
    left_count = models.PositiveSmallIntegerField(_("切屏次数"), default=0)
    #: The order to be taught anew that followed.
    retraining_id = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField()

    objects = SittingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, user__isnull=False) | Q(person__isnull=False, user__isnull=True),
                name="sitting_of_one",
            ),
            models.UniqueConstraint(fields=["exam", "person"], name="sitting_person_once"),
            models.UniqueConstraint(fields=["exam", "user"], name="sitting_user_once"),
            models.UniqueConstraint(fields=["exam", "code_digest"], name="sitting_code_once"),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True, handed_in_at__isnull=True)
                | Q(started_at__isnull=False, ends_at__isnull=False),
                name="sitting_begun",
            ),
            models.CheckConstraint(
                condition=Q(marked_at__isnull=True) | Q(score__isnull=False, is_passed__isnull=False),
                name="sitting_marked",
            ),
            models.CheckConstraint(condition=Q(certificate_no="") | Q(is_passed=True), name="sitting_certified"),
        ]
        indexes = [
            models.Index(fields=["person", "-started_at"], name="sitting_of_person"),
            models.Index(fields=["enterprise", "-created_at"], name="sitting_of_enterprise"),
            models.Index(
                fields=["ends_at"], condition=Q(started_at__isnull=False, handed_in_at__isnull=True),
                name="sitting_running",
            ),
            models.Index(fields=["-created_at", "id"], name="sitting_newest"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.person or self.user)

    @property
    def who(self) -> str:
        return self.person.name if self.person else self.user.name if self.user else ""

    def state_at(self, now: datetime) -> SittingState:
        if self.absent_at is not None:
            return SittingState.ABSENT
        if self.started_at is None:
            over = self.exam.cancelled_at is not None or self.exam.closes_at <= now
            return SittingState.MISSED if over else SittingState.WAITING
        if self.handed_in_at is None:
            return SittingState.RUNNING
        if self.marked_at is None:
            return SittingState.MARKING
        if self.not_counted:
            return SittingState.NOT_COUNTED
        return SittingState.PASSED if self.is_passed else SittingState.FAILED


class SittingItem(models.Model):
    """A question on somebody's paper with his answer (答卷). Retention class: as the person.

    ``answer`` has the letters of the bank's order under ``""``, or by number of the part of a case.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sitting = models.ForeignKey(ExamSitting, models.CASCADE, related_name="items")
    place = models.PositiveSmallIntegerField()
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="+")
    #: Places of the options in the bank, in the order in which he saw them.
    order = ArrayField(models.PositiveSmallIntegerField(), default=list)
    marks = models.DecimalField(max_digits=4, decimal_places=1)
    answer = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True)
    #: Empty until it is marked.
    got = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    remark = models.CharField(max_length=500, blank=True)
    marked_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sitting", "place"], name="sitting_item_once"),
            models.CheckConstraint(
                condition=Q(got__isnull=True) | Q(got__lte=F("marks"), got__gte=0), name="sitting_item_got"
            ),
        ]
        indexes = [models.Index(fields=["question"], name="sitting_item_question")]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.place}"

    @property
    def share(self) -> Decimal:
        """Of its marks, 0 to 1."""
        return (self.got or Decimal(0)) / self.marks


class FactKind(models.TextChoices):
    """What is noted while somebody sits (考试过程记录)."""

    ENTERED = "entered", _("进入考场")
    BEGAN = "began", _("开始答题")
    RESUMED = "resumed", _("重新进入")
    LEFT = "left", _("离开答题页面")
    BACK = "back", _("回到答题页面")
    OFFLINE = "offline", _("网络中断")
    ONLINE = "online", _("网络恢复")
    PHOTO = "photo", _("上传照片")
    OTHER_DEVICE = "other_device", _("另一设备尝试进入")
    RELEASED = "released", _("允许更换设备")
    HANDED_IN = "handed_in", _("交卷")


class SittingFact(models.Model):
    """What happened while somebody sat (考试过程记录). Retention class: as the person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sitting = models.ForeignKey(ExamSitting, models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=12, choices=FactKind.choices)
    at = models.DateTimeField()
    #: The browser as it calls itself, or how long the page was away.
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=FactKind.values), name="sitting_fact_known")]
        indexes = [models.Index(fields=["sitting", "at", "id"], name="sitting_fact_order")]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.kind}"
