"""Retraining that somebody owes (再培训令): hours, an exam, off the job or not."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.loops.retraining import RETRAINING
from quancheng.domains.training.models.persons import Person
from quancheng.domains.training.models.programmes import Programme
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class OrderReason(models.TextChoices):
    """Why somebody must learn again (再培训原因)."""

    EXAM_FAILED = "exam_failed", _("考试不合格")
    SPOT_FAILED = "spot_failed", _("现场抽考不合格")
    CHANGED_POST = "changed_post", _("调整岗位")
    KEY_PERSON = "key_person", _("主要负责人、分管负责人、安全管理人员变更")
    ABSENT = "absent", _("离岗一年以上复岗")
    VIOLATION = "violation", _("违章作业")
    OTHER = "other", _("其他")


class RetrainingOrder(LoopRow):
    """What one person must learn again until a day (再培训令). Retention class: as the person.

    ``owner_org`` is the enterprise that must see to it; ``ordered_org`` alone may withdraw it. It is done when the
    hours are there and, where one is needed, the exam was passed after it was ordered.
    """

    loop_code = RETRAINING.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="retraining_orders")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", verbose_name=_("培训大纲"))
    reason = models.CharField(_("再培训原因"), max_length=12, choices=OrderReason.choices)
    #: In words, where the code alone does not say it.
    note = models.CharField(_("说明"), max_length=300, blank=True)
    hours = models.PositiveSmallIntegerField(_("要求学时"))
    hours_done = models.DecimalField(_("已完成学时"), max_digits=5, decimal_places=1, default=0)
    #: He holds no post and does no work until it is done.
    off_post = models.BooleanField(_("离岗培训"), default=False)
    needs_exam = models.BooleanField(_("须考试合格"), default=False)
    exam_passed_at = models.DateTimeField(_("考试合格时间"), null=True, blank=True)
    exam_score = models.PositiveSmallIntegerField(_("考试成绩"), null=True, blank=True)
    due_date = models.DateField(_("完成期限"))
    ordered_date = models.DateField(_("下达日期"))
    ordered_org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    ordered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    #: What set it off, told by the room that did.
    source_type = models.CharField(max_length=60, blank=True)
    source_id = models.UUIDField(null=True, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["RetrainingOrder"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RETRAINING.codes), name="retraining_status_known"),
            models.CheckConstraint(condition=Q(reason__in=OrderReason.values), name="retraining_reason_known"),
            models.CheckConstraint(
                condition=Q(hours__gte=1, hours__lte=1000) | Q(hours=0, needs_exam=True),
                name="retraining_owes_something",
            ),
            models.UniqueConstraint(
                fields=["person", "source_type", "source_id"], condition=Q(source_id__isnull=False),
                name="retraining_once_a_cause",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["person"], condition=Q(status="OPEN"), name="retraining_open_by_person"),
            models.Index(fields=["due_date", "id"], name="retraining_by_due"),
        ]

    def __str__(self) -> str:
        return self.code
