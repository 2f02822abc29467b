"""Plans that units make themselves (企业自定计划) because a plan above demands it, and what they must contain."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.loops.own_plan import OWN_PLAN
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class PlanCall(Scoped):
    """A demand that units make a plan of their own (制定计划要求): on what, for which period, by when.

    Retention class: official document, permanent.
    """

    title = models.CharField(_("计划名称"), max_length=200)
    plan = models.ForeignKey("duty.Plan", models.PROTECT, null=True, blank=True, related_name="+")
    #: What each plan must answer (须覆盖的内容), each by one task at least.
    topics = ArrayField(models.CharField(max_length=200), verbose_name=_("须覆盖的内容"))
    text = models.TextField(_("要求"), blank=True)
    period_from = models.DateField(_("计划起始"))
    period_to = models.DateField(_("计划截止"))
    due_date = models.DateField(_("提交时限"))
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["PlanCall"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="plan_call_period_in_order"),
            models.CheckConstraint(condition=~Q(topics=[]), name="plan_call_has_topics"),
        ]

    def __str__(self) -> str:
        return self.title


class OwnPlan(LoopRow):
    """One unit's own plan (自定计划), its document held as a file. ``owner_org`` demands it, ``org`` makes it.

    Retention class: official document, permanent.
    """

    loop_code = OWN_PLAN.code

    call = models.ForeignKey(PlanCall, models.PROTECT, related_name="plans")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("制定单位"))
    due_date = models.DateField(_("提交时限"))
    #: Rises with each saved draft: whoever saves over an older one is told.
    version = models.PositiveIntegerField(default=1)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    is_late = models.BooleanField(_("迟交"), default=False)
    returned_count = models.PositiveSmallIntegerField(_("退回次数"), default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["OwnPlan"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "org"], name="own_plan_once"),
            models.CheckConstraint(condition=Q(status__in=OWN_PLAN.codes), name="own_plan_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=("DUE", "CANCELLED")) | Q(submitted_at__isnull=False),
                name="own_plan_submitted_at",
            ),
        ]
        indexes = [models.Index(fields=["status", "due_date", "id"], name="own_plan_by_due")]

    def __str__(self) -> str:
        return f"{self.call_id} → {self.org_id}"


class OwnPlanItem(models.Model):
    """One task of a unit's own plan (计划任务). May stand incomplete until the plan is handed in.

    Retention class: as the plan.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(OwnPlan, models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField()
    topic = models.CharField(_("对应内容"), max_length=200, blank=True)
    task = models.CharField(_("任务"), max_length=300)
    measure = models.TextField(_("措施"), blank=True)
    person = models.CharField(_("责任人"), max_length=60, blank=True)
    due_date = models.DateField(_("完成时间"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "order"], name="own_plan_item_order")]

    def __str__(self) -> str:
        return self.task
