"""What stands between a stop and running again: the review report (审查报告) and the application (复产申请)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.resumption import RESUMPTION
from quancheng.domains.hazards.models.findings import Finding
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Maker(models.TextChoices):
    """Who made a report (出具方)."""

    EXPERT = "expert", _("专家")
    AGENCY = "agency", _("服务机构")


class ReviewReport(models.Model):
    """An expert's or agency's report that a danger is gone (审查报告); its file hangs on the danger, role ``review``.

    Only ever added: what counts is the newest since it was last put right. Read through the danger. Retention class:
    as the danger.
    """

    append_only = True

    class Verdict(models.TextChoices):
        """What the report concludes (审查结论)."""

        REMOVED = "removed", _("隐患已消除")
        STANDS = "stands", _("隐患未消除")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="review_reports")
    maker_kind = models.CharField(_("出具方"), max_length=6, choices=Maker.choices)
    maker = models.CharField(_("专家或机构名称"), max_length=120)
    made_date = models.DateField(_("出具日期"))
    verdict = models.CharField(_("审查结论"), max_length=8, choices=Verdict.choices)
    conclusion = models.TextField(_("结论说明"), max_length=2000)
    by_name = models.CharField(_("提交人"), max_length=130)
    at = models.DateTimeField(_("提交时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(maker_kind__in=Maker.values), name="review_report_maker_known"),
            models.CheckConstraint(
                condition=Q(verdict__in=("removed", "stands")), name="review_report_verdict_known"
            ),
            models.CheckConstraint(condition=~Q(maker="") & ~Q(conclusion=""), name="review_report_names_its_maker"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["finding", "-at"], name="review_report_newest")]

    def __str__(self) -> str:
        return f"{self.maker} {self.made_date}"


class Resumption(LoopRow):
    """One application to run again after a stop for a danger (复产申请). ``owner_org`` is the enterprise.

    The assessment report (评估报告) and the photos of the review are files that it holds. Retention class: as the
    danger.
    """

    loop_code = RESUMPTION.code

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="resumptions")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="resumptions")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("申请事项"), max_length=340)
    #: What stood still when it was applied for: ``part`` or ``all``.
    stop = models.CharField(_("停产范围"), max_length=4)
    text = models.TextField(_("申请内容"), max_length=4000)
    assessor_kind = models.CharField(_("评估方"), max_length=6, choices=Maker.choices)
    assessor = models.CharField(_("评估专家或机构"), max_length=120)
    assessment = models.TextField(_("评估结论"), max_length=2000)
    visited_date = models.DateField(_("现场审查日期"), null=True, blank=True)
    review = models.TextField(_("审查意见"), max_length=2000, blank=True)
    reviewer_name = models.CharField(_("审查人"), max_length=130, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("申请时间"))

    objects = ScopedQuerySet["Resumption"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RESUMPTION.codes), name="resumption_status_known"),
            models.CheckConstraint(condition=Q(stop__in=("part", "all")), name="resumption_stop_known"),
            models.CheckConstraint(
                condition=Q(assessor_kind__in=Maker.values), name="resumption_assessor_known"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("ALLOWED", "REFUSED")) | (Q(visited_date__isnull=False) & ~Q(review="")),
                name="resumption_decided_on_site",
            ),
            models.UniqueConstraint(
                fields=["finding"], condition=Q(closed_at__isnull=True), name="resumption_one_open"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                F("closed_at").desc(nulls_first=True), F("created_at").desc(), F("id"), name="resumption_open_first"
            ),
        ]

    def __str__(self) -> str:
        return self.title
