"""Work plans (作业计划): a day's jobs of an enterprise, what its meeting decided of each, and the sealed minutes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Permit
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class WorkPlan(Scoped):
    """The plan of one day (作业计划) and the minutes of its meeting (作业计划会). Retention class: register, permanent.

    What is sealed is never written again: ``jobs`` holds each job with its decision as it stood, ``seal`` the digest
    of all of it.
    """

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    day = models.DateField(_("计划日期"))
    minutes = models.TextField(_("会议纪要"), blank=True)
    participants = models.JSONField(_("参会人员"), default=list, blank=True)
    jobs = models.JSONField(default=list, editable=False)
    seal = models.CharField(max_length=64, blank=True, editable=False)
    sealed_by = models.CharField(_("封存人"), max_length=130, blank=True)
    sealed_at = models.DateTimeField(_("封存时间"), null=True, blank=True)
    made_at = models.DateTimeField(_("建立时间"))

    objects = ScopedQuerySet["WorkPlan"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "day"], name="work_plan_once_a_day"),
            models.CheckConstraint(condition=Q(sealed_at__isnull=True) | ~Q(seal=""), name="work_plan_sealed_whole"),
        ]
        indexes = [models.Index(fields=["-day", "id"], name="work_plan_newest")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class PlanChoice(models.TextChoices):
    """What the meeting decides of a job (作业计划决定); as ``standards.gb30871.checks.planning.DECISIONS``."""

    AGREED = "AGREED", _("同意")
    PUT_OFF = "PUT_OFF", _("改期")
    REFUSED = "REFUSED", _("不同意")


class PlanDecision(models.Model):
    """What was decided of one job for one day (作业计划决定). Only ever added: the newest of a day counts for that day.
    Read through the plan. Retention class: as the permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(WorkPlan, models.PROTECT, related_name="decisions")
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="plan_decisions")
    choice = models.CharField(_("决定"), max_length=8, choices=PlanChoice.choices)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    put_off_to = models.DateField(_("改至"), null=True, blank=True)
    #: Digest of the job as it was decided of: an agreement counts for that job alone.
    content = models.CharField(max_length=64, editable=False)
    #: Given after the minutes were sealed: no part of what they seal.
    is_later = models.BooleanField(_("封存后补充"), default=False)
    by_name = models.CharField(_("决定人"), max_length=130)
    decided_at = models.DateTimeField(_("决定时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(choice__in=PlanChoice.values), name="plan_decision_known"),
            models.CheckConstraint(condition=Q(choice="AGREED") | ~Q(reason=""), name="plan_decision_with_reason"),
        ]
        indexes = [
            models.Index(fields=["permit", "-decided_at"], name="plan_decision_newest"),
            models.Index(fields=["content"], name="plan_decision_of_like"),
        ]

    def __str__(self) -> str:
        return self.get_choice_display()
