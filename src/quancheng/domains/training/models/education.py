"""What people learned (培训记录): hours by day and programme, and the house's rules of counting them."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.persons import Person
from quancheng.domains.training.models.programmes import Programme
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class EducationLevel(models.TextChoices):
    """At which of the three levels (教育级别)."""

    PLANT = "plant", _("厂级")
    WORKSHOP = "workshop", _("车间级")
    TEAM = "team", _("班组级")


class RecordSource(models.TextChoices):
    """How hours came to be known (记录来源)."""

    SESSION = "session", _("培训班签到")
    PAPER = "paper", _("纸质记录补录")
    ONLINE = "online", _("网络课程")
    SHEET = "sheet", _("表格导入")


class TrainingRecord(Scoped):
    """Hours that a person learned on a day (培训记录). Retention class: as the person.

    Hours are lessons, in halves. One entered wrongly is struck out with a reason and stays; struck out ones count
    nowhere.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="training_records")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", verbose_name=_("培训大纲"))
    order = models.ForeignKey("training.RetrainingOrder", models.SET_NULL, null=True, blank=True,
                              related_name="records")  # fmt: skip
    level = models.CharField(_("教育级别"), max_length=8, choices=EducationLevel.choices, blank=True)
    held_date = models.DateField(_("培训日期"))
    hours = models.DecimalField(_("学时"), max_digits=4, decimal_places=1)
    teacher = models.CharField(_("授课人"), max_length=60)
    place = models.CharField(_("培训地点"), max_length=120)
    content = models.CharField(_("培训内容"), max_length=500)
    #: Out of 100, where there was an exam or a practical assessment.
    score = models.PositiveSmallIntegerField(_("成绩"), null=True, blank=True)
    #: By whose material it was taught, where a course was told.
    course = models.ForeignKey("training.Course", models.PROTECT, null=True, blank=True, related_name="+",
                               verbose_name=_("所用课程"))  # fmt: skip
    #: Whether that was the one material of the four main posts on that day (四个统一).
    is_unified = models.BooleanField(_("按统一教材"), default=False)
    #: The practical part: how somebody else judged what he did with his hands, out of 100; whether that passed.
    practice_score = models.PositiveSmallIntegerField(_("实操成绩"), null=True, blank=True)
    is_practised = models.BooleanField(_("实操合格"), default=False)
    practice_date = models.DateField(_("实操考核日期"), null=True, blank=True)
    assessor = models.CharField(_("实操考核人"), max_length=60, blank=True)
    assessor_person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    practice_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    source = models.CharField(_("记录来源"), max_length=8, choices=RecordSource.choices)
    #: How whoever keeps the source knows it: number of an online course's certificate, of a sign-in sheet.
    source_number = models.CharField(_("来源编号"), max_length=60, blank=True)
    #: When and how the person signed: the paper that the file holds, the scan at the door, the teacher's device.
    signed_at = models.DateTimeField(_("签字时间"), null=True, blank=True)
    signature = models.CharField(_("签字方式"), max_length=60, blank=True)
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    #: The office that taught them and entered them by a sheet; it may strike them out too. Empty: the enterprise.
    office = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+",
                               verbose_name=_("组织培训的部门"))  # fmt: skip
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_reason = models.CharField(_("作废原因"), max_length=200, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["TrainingRecord"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=24), name="training_record_hours"),
            models.CheckConstraint(
                condition=Q(level="") | Q(level__in=EducationLevel.values), name="training_record_level"
            ),
            models.CheckConstraint(condition=Q(source__in=RecordSource.values), name="training_record_source"),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True) | ~Q(struck_reason=""), name="training_record_struck_why"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__lte=100), name="training_record_score"
            ),
            models.CheckConstraint(
                condition=Q(practice_score__isnull=True, is_practised=False)
                | Q(practice_score__lte=100, practice_date__isnull=False) & ~Q(assessor=""),
                name="training_record_practice",
            ),
            models.CheckConstraint(
                condition=Q(assessor_person__isnull=True) | ~Q(assessor_person=models.F("person")),
                name="training_record_other_assessor",
            ),
            models.UniqueConstraint(
                fields=["person", "source_number"], condition=Q(struck_at__isnull=True) & ~Q(source_number=""),
                name="training_record_source_once",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "programme", "held_date"], name="training_record_by_person"),
            models.Index(fields=["-held_date", "id"], name="training_record_newest"),
            models.Index(fields=["enterprise", "held_date"], name="training_record_by_unit"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class EducationRules(models.Model):
    """How the district counts hours (学时规则). Only ever added; the newest counts. Retention class: permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    most_hours_a_day = models.DecimalField(_("每人每天最多学时"), max_digits=3, decimal_places=1, default=Decimal(10))
    late_minutes = models.PositiveSmallIntegerField(_("开课后多少分钟内签到不算迟到"), default=15)
    code_seconds = models.PositiveSmallIntegerField(_("签到码多少秒更换一次"), default=30)
    absent_months = models.PositiveSmallIntegerField(_("离岗多少个月以上复岗须重新教育"), default=12)
    set_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("修改原因"), max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(most_hours_a_day__gte=1, most_hours_a_day__lte=24), name="education_rules_day"
            ),
            models.CheckConstraint(
                condition=Q(code_seconds__gte=10, code_seconds__lte=600), name="education_rules_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}"
