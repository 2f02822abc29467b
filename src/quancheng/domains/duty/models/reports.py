"""Report duties (报告制度) of a committed plan, the reports that fall due, who writes them, and situation packs."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.loops.report import REPORT
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.loops.models import LoopRow


class ReportKind(models.TextChoices):
    """How often a report falls due (报告类型)."""

    MONTHLY = "monthly", _("月报")
    QUARTERLY = "quarterly", _("季报")
    HALF_YEARLY = "half_yearly", _("半年报")
    YEARLY = "yearly", _("年度总结")
    FINAL = "final", _("总结评估报告")
    ONCE = "once", _("一次性报告")
    OTHER = "other", _("定期报告")


class ReportDuty(Scoped):
    """One report that a plan demands of its units (报告要求): what, of whom, to whom, how often.

    ``owner_org`` receives it. The days follow from ``rule``; a plan may demand several. Retention class: as the plan.
    """

    plan = models.ForeignKey("duty.Plan", models.PROTECT, related_name="report_duties")
    draft = models.OneToOneField("duty.DraftTask", models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.OneToOneField("schedule.RecurringRule", models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("报告类型"), max_length=12, choices=ReportKind.choices)
    title = models.CharField(_("报告名称"), max_length=200)
    #: As printed.
    text = models.TextField(_("原文要求"))
    line = models.PositiveIntegerField(null=True, blank=True)
    #: Whom the document names as the receiver.
    to_name = models.CharField(_("报送对象"), max_length=200, blank=True)
    needs_approval = models.BooleanField(_("须经单位内部审核"), default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["ReportDuty"].as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=ReportKind.values), name="report_duty_kind_known")]

    def __str__(self) -> str:
        return self.title


class Report(LoopRow):
    """One unit's report for one period (进展报告). Its figures are filled in by the house and stand from submission.

    ``owner_org`` receives it, ``org`` writes it. Retention class: as the plan.
    """

    loop_code = REPORT.code

    duty = models.ForeignKey(ReportDuty, models.PROTECT, related_name="reports")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("报告单位"))
    #: Period key of the rule: ``2026-11``, ``2026-Q4``, ``2026``, or the day itself.
    period = models.CharField(max_length=12)
    label = models.CharField(_("期次"), max_length=60)
    #: The days it reports on, both inclusive: from the day after the last one was due.
    first_date = models.DateField(_("起始日期"))
    last_date = models.DateField(_("截止日期"))
    due_date = models.DateField(_("报送时限"))
    reporter = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    progress = models.TextField(_("工作进展"), blank=True)
    results = models.TextField(_("主要成效"), blank=True)
    problems = models.TextField(_("存在问题"), blank=True)
    next_steps = models.TextField(_("下步打算"), blank=True)
    good_practice = models.TextField(_("经验做法"), blank=True)
    #: Empty until submitted; then what the house counted at that moment, for good.
    figures = models.JSONField(default=dict, blank=True)
    #: Rises with each saved draft: whoever saves over an older one is told.
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(null=True, blank=True)
    #: The first time it was handed in, and whether that was after its due day.
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    is_late = models.BooleanField(_("迟报"), default=False)
    returned_count = models.PositiveSmallIntegerField(_("退回次数"), default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Report"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["duty", "org", "period"], name="report_once"),
            models.CheckConstraint(condition=Q(status__in=REPORT.codes), name="report_status_known"),
            models.CheckConstraint(condition=Q(last_date__gte=F("first_date")), name="report_days_in_order"),
            models.CheckConstraint(
                condition=Q(status__in=("DUE", "APPROVAL", "CANCELLED")) | Q(submitted_at__isnull=False),
                name="report_submitted_at",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_date", "id"], name="report_by_due"),
            models.Index(fields=["org", "status", "due_date"], name="report_by_org"),
        ]

    def __str__(self) -> str:
        return f"{self.duty_id} {self.period} {self.org_id}"


class Reporter(Scoped):
    """Who writes an organisation's reports by name (信息报送员). ``owner_org`` is that organisation.

    One at a time; a former one stays with the day he ended. Retention class: as the plan.
    """

    user = models.ForeignKey("people.User", models.PROTECT, related_name="+", verbose_name=_("信息报送员"))
    named_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    named_at = models.DateTimeField(_("确定时间"))
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet["Reporter"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_org"], condition=Q(ended_at__isnull=True), name="reporter_one_now"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("named_at")), name="reporter_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_org_id}: {self.user_id}"


class Pack(Scoped):
    """A situation pack (情况通报): the figures and texts of a period, frozen when it was made.

    ``content`` holds the blocks of the document as plain values; DOCX and PDF are drawn from it. Retention class:
    official document, permanent.
    """

    title = models.CharField(_("标题"), max_length=200)
    plans = ArrayField(models.UUIDField(), default=list)
    first_date = models.DateField(_("起始日期"))
    last_date = models.DateField(_("截止日期"))
    content = models.JSONField()
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("生成时间"))

    objects = ScopedQuerySet["Pack"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_date__gte=F("first_date")), name="pack_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.title
