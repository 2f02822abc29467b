"""Courses, yearly plans, sessions and who sat in them (课程、培训计划、培训班)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.loops.session import SESSION
from quancheng.domains.training.models.education import EducationLevel, TrainingRecord
from quancheng.domains.training.models.persons import Person
from quancheng.domains.training.models.programmes import Programme
from quancheng.domains.training.models.study import StudyRecord
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Course(Scoped):
    """A course that an enterprise or an office gives (课程). Retention class: register, permanent.

    Its materials are files that it holds. One that ended is offered no more.
    """

    title = models.CharField(_("课程名称"), max_length=120)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", verbose_name=_("培训大纲"))
    #: Of education at three levels, which of them.
    level = models.CharField(_("教育级别"), max_length=8, choices=EducationLevel.choices, blank=True)
    hours = models.DecimalField(_("学时"), max_digits=4, decimal_places=1)
    teacher = models.CharField(_("授课人"), max_length=60)
    content = models.TextField(_("课程内容"), max_length=4000)
    is_practical = models.BooleanField(_("含实操考核"), default=False)
    ended_date = models.DateField(_("停开日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Course"].as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(hours__gt=0), name="course_hours")]
        indexes = [models.Index(fields=["owner_org", "title"], name="course_by_owner")]

    def __str__(self) -> str:
        return self.title


class TrainingPlan(Scoped):
    """What an enterprise or an office means to teach in a year (年度培训计划). Retention class: official record,
    permanent.
    """

    title = models.CharField(_("计划名称"), max_length=120)
    year = models.PositiveSmallIntegerField(_("年度"))
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["TrainingPlan"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_org", "year", "title"], name="training_plan_once"),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2100), name="training_plan_year"),
        ]
        indexes = [models.Index(fields=["-year", "id"], name="training_plan_newest")]

    def __str__(self) -> str:
        return f"{self.year} {self.title}"


class PlanLine(models.Model):
    """One class that a plan foresees (计划班次). Read through the plan. Retention class: as the plan."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(TrainingPlan, models.CASCADE, related_name="lines")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", verbose_name=_("培训大纲"))
    title = models.CharField(_("班次名称"), max_length=120)
    month = models.PositiveSmallIntegerField(_("计划月份"))
    audience = models.CharField(_("培训对象"), max_length=200)
    people = models.PositiveIntegerField(_("计划人数"))
    hours = models.PositiveSmallIntegerField(_("计划学时"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="plan_line_month"),
        ]
        indexes = [models.Index(fields=["plan", "month"], name="plan_line_by_plan")]

    def __str__(self) -> str:
        return self.title


class TrainingSession(LoopRow):
    """A course held at a place and time (培训班), one day of it. Retention class: official record, permanent.

    A class of several days is a session a day, since people sign in and are credited by the day.
    """

    loop_code = SESSION.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    course = models.ForeignKey(Course, models.PROTECT, related_name="sessions")
    plan_line = models.ForeignKey(PlanLine, models.SET_NULL, null=True, blank=True, related_name="sessions",
                                  verbose_name=_("计划班次"))  # fmt: skip
    place = models.CharField(_("培训地点"), max_length=120)
    teacher = models.CharField(_("授课人"), max_length=60)
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    #: What who was there is credited with.
    hours = models.DecimalField(_("学时"), max_digits=4, decimal_places=1)
    capacity = models.PositiveSmallIntegerField(_("名额"))
    #: Of a class of several days: its first day, empty in that one; which day it is, of how many.
    first_day = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="further_days")
    day_number = models.PositiveSmallIntegerField(_("第几天"), default=1)
    day_count = models.PositiveSmallIntegerField(_("共几天"), default=1)
    #: When the last day of its class that is held ends; empty of a session of one day.
    class_ends_at = models.DateTimeField(_("培训班结束时间"), null=True, blank=True, editable=False)
    #: It became the last of its class when it was closed already: the days after it were cancelled.
    is_last_late = models.BooleanField(default=False, editable=False)
    closed_at = models.DateTimeField(_("结班时间"), null=True, blank=True)
    #: Whether it had an effect (效果检查): how that was found out, and what came of it.
    effect_method = models.CharField(_("检查方式"), max_length=60, blank=True)
    effect_rate = models.PositiveSmallIntegerField(_("达到要求的比例（%）"), null=True, blank=True)
    effect_text = models.CharField(_("检查情况和改进"), max_length=1000, blank=True)
    effect_by = models.CharField(_("检查人"), max_length=130, blank=True)
    effect_date = models.DateField(_("检查日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["TrainingSession"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SESSION.codes), name="session_status_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_in_order"),
            models.CheckConstraint(condition=Q(hours__gt=0), name="session_hours"),
            models.CheckConstraint(
                condition=Q(first_day__isnull=True, day_number=1)
                | Q(first_day__isnull=False, day_number__gt=1, day_number__lte=F("day_count")),
                name="session_day_of_class",
            ),
            models.CheckConstraint(
                condition=Q(effect_rate__isnull=True) | Q(effect_rate__lte=100), name="session_effect_rate"
            ),
        ]
        indexes = [models.Index(fields=["-starts_at", "id"], name="session_newest")]

    @property
    def is_last_day(self) -> bool:
        """The last of its class that is held, the days after it being cancelled; a session of one day is that day."""
        return self.class_ends_at is None or self.ends_at == self.class_ends_at

    @property
    def takes_practice(self) -> bool:
        """Whether marks of practice are taken now: until it is closed, and on a day that had been closed already when
        the days after it were cancelled of who has none."""
        late = self.status == "HELD" and self.is_last_late
        return self.asks_practice and (self.status == "PLANNED" or late)

    @property
    def asks_practice(self) -> bool:
        """Whether people show here what they learned with their hands: on the last day of a practical course. The days
        before it count by themselves."""
        return self.course.is_practical and self.is_last_day

    def __str__(self) -> str:
        return self.code


class SignedBy(models.TextChoices):
    """How somebody signed in (签到方式)."""

    CODE = "code", _("扫码签到")
    DESK = "desk", _("现场登记签到")


class Outcome(models.TextChoices):
    """What came of a seat when the session was closed (结班结果)."""

    CREDITED = "credited", _("已计学时")
    ABSENT = "absent", _("未到")
    PRACTICE = "practice", _("实操未合格，不计学时")
    FULL = "full", _("当日学时已满、已离岗或未按级别顺序，不计学时")


class Enrolment(models.Model):
    """A seat in a session (报名), of a person at work or of a regulator. Read through the session. Retention class: as
    the session.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(TrainingSession, models.CASCADE, related_name="enrolments")
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="enrolments")
    user = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    #: The organisation that sent him.
    sent_by = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("签到时间"), null=True, blank=True)
    signed_by = models.CharField(_("签到方式"), max_length=4, choices=SignedBy.choices, blank=True)
    is_late = models.BooleanField(_("迟到"), default=False)
    practice_score = models.PositiveSmallIntegerField(_("实操成绩"), null=True, blank=True)
    #: Who judged it; never who sits there.
    assessed_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(_("结班结果"), max_length=8, choices=Outcome.choices, blank=True)
    record = models.OneToOneField(TrainingRecord, models.SET_NULL, null=True, related_name="enrolment")
    study = models.OneToOneField(StudyRecord, models.SET_NULL, null=True, related_name="enrolment")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, user__isnull=True) | Q(person__isnull=True, user__isnull=False),
                name="enrolment_of_one",
            ),
            models.UniqueConstraint(
                fields=["session", "person"], condition=Q(person__isnull=False), name="enrolment_person_once"
            ),
            models.UniqueConstraint(
                fields=["session", "user"], condition=Q(user__isnull=False), name="enrolment_user_once"
            ),
            models.CheckConstraint(
                condition=Q(practice_score__isnull=True) | Q(practice_score__lte=100), name="enrolment_practice"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_judged(self) -> bool:
        """Whether marks of practice stand where they count: in the hours, or at the seat where it was credited none."""
        if self.record is not None:
            return self.record.practice_score is not None
        return (self.study.score if self.study is not None else self.practice_score) is not None
