"""Where each person stands in what he must learn (培训达标情况), and the exams that he passed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.persons import Person
from quancheng.domains.training.models.programmes import Programme
from quancheng.kernel.ids import uuid7


class ExamPass(models.Model):
    """An exam on a programme that a person passed (考试合格记录). Only ever added, but for a file that is forgotten.
    Retention class: as the person.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="exam_passes")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    passed_date = models.DateField(_("考试合格日期"))
    #: Out of 100.
    score = models.PositiveSmallIntegerField(_("考试成绩"))
    #: Whether it was held by the one paper of the four main posts, after the hours of the one syllabus (四个统一).
    is_unified = models.BooleanField(_("按统一试卷"), default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(score__lte=100), name="exam_pass_score")]
        indexes = [models.Index(fields=["person", "programme"], name="exam_pass_by_person")]

    def __str__(self) -> str:
        return str(self.pk)


class StandingState(models.TextChoices):
    """Whether somebody has learned what a programme demands of him (达标情况)."""

    DONE = "done", _("已达标")
    PENDING = "pending", _("期限内未完成")
    OVERDUE = "overdue", _("逾期未完成")
    EXPIRED = "expired", _("到期须复训")
    YEAR_SHORT = "year_short", _("本年学时不足")


class ProgrammeStanding(models.Model):
    """One person against one programme that he owes, as last measured (达标情况). Follows from his records and is never
    typed; read through the person. Retention class: as the person.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="standings")
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="standings")
    state = models.CharField(_("达标情况"), max_length=10, choices=StandingState.choices)
    #: First hours: what is demanded, what is there, until when, and since when all was there, exam included.
    needed = models.PositiveSmallIntegerField(_("初次学时"))
    had = models.DecimalField(_("已完成学时"), max_digits=6, decimal_places=1)
    exam_passed = models.BooleanField(_("考试合格"))
    #: True too where the programme asks for no practical part.
    practice_passed = models.BooleanField(_("实操合格"), default=True)
    due_date = models.DateField(_("完成期限"), null=True)
    done_date = models.DateField(_("初次培训完成日期"), null=True)
    #: The last day on which it holds without a repeat.
    until_date = models.DateField(_("有效期止"), null=True)
    year_needed = models.PositiveSmallIntegerField(_("本年应学时"))
    year_had = models.DecimalField(_("本年已完成学时"), max_digits=6, decimal_places=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "programme"], name="standing_once"),
            models.CheckConstraint(condition=Q(state__in=StandingState.values), name="standing_state_known"),
        ]
        indexes = [models.Index(fields=["programme", "state"], name="standing_by_programme")]

    def __str__(self) -> str:
        return str(self.pk)


class HoursReminder(models.Model):
    """That enterprises were told, so many days before the end of a year, whose hours are short (学时提醒). Only ever
    added. Retention class: permanent.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    year = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "days"], name="hours_reminder_once")]

    def __str__(self) -> str:
        return f"{self.year} {self.days}"
