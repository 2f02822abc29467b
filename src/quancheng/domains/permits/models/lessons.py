"""Lessons learnt (作业小结): what went well and wrong at a job, and who read it before the next."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.permits.models.permits import Permit
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class LessonPart(models.TextChoices):
    """Whose note it is (小结人)."""

    LEADER = "LEADER", _("作业负责人")
    GUARDIAN = "GUARDIAN", pgettext_lazy("special work", "监护人")
    UNIT = "UNIT", _("所在单位")


class WorkLesson(Scoped):
    """One note after a job (作业小结). Only ever added. Retention class: as the permit."""

    permit = models.ForeignKey(Permit, models.CASCADE, related_name="lessons")
    part = models.CharField(_("小结人"), max_length=8, choices=LessonPart.choices)
    name = models.CharField(_("姓名"), max_length=60)
    went_well = models.CharField(_("做得好的"), max_length=500, blank=True)
    went_wrong = models.CharField(_("出现的问题"), max_length=500, blank=True)
    suggestion = models.CharField(_("建议"), max_length=500, blank=True)
    entered_by = models.CharField(_("录入人"), max_length=130)
    entered_at = models.DateTimeField(_("录入时间"))

    objects = ScopedQuerySet["WorkLesson"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(part__in=LessonPart.values), name="work_lesson_part_known"),
            models.CheckConstraint(
                condition=~Q(went_well="", went_wrong="", suggestion=""), name="work_lesson_says_something"
            ),
        ]
        indexes = [models.Index(fields=["enterprise", "-entered_at"], name="work_lesson_newest")]

    def __str__(self) -> str:
        return (self.went_wrong or self.went_well or self.suggestion)[:60]


class LessonReading(models.Model):
    """Who confirmed for a request that he read a note (小结阅读确认). Read through the permit. Retention class: as the
    permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="lesson_readings")
    lesson = models.ForeignKey(WorkLesson, models.CASCADE, related_name="+")
    by_name = models.CharField(_("阅读人"), max_length=130)
    read_at = models.DateTimeField(_("阅读时间"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["permit", "lesson"], name="lesson_read_once")]

    def __str__(self) -> str:
        return self.by_name
