"""Yearly assessment of dual prevention on site (双重预防机制运行成效评估), with the points of every element."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.site_assessment import SITE_ASSESSMENT
from quancheng.domains.hazards.models.running import RunningGrade
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class SiteAssessment(LoopRow):
    """The assessment of one enterprise in one year. ``owner_org`` is the office. Points are of 100, with 10 extra.

    What the office gave is told to the enterprise when it is confirmed. Retention class: as the file.
    """

    loop_code = SITE_ASSESSMENT.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="site_assessments")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("评估年度"))
    #: The table by which it is assessed, a code of ``standards.risk.running_assessment.templates``.
    template = models.CharField(_("评估标准"), max_length=10)
    title = models.CharField(_("评估事项"), max_length=300)
    self_total = models.DecimalField(_("自评得分"), max_digits=4, decimal_places=1, null=True, blank=True)
    visited_date = models.DateField(_("现场评估日期"), null=True, blank=True)
    assessors = models.CharField(_("评估人员"), max_length=300, blank=True)
    note = models.CharField(_("评估意见"), max_length=2000, blank=True)
    #: Of the 100, of the 10, and both; the total is nought where a veto applies.
    base = models.DecimalField(_("基本分"), max_digits=4, decimal_places=1, null=True, blank=True)
    extra = models.DecimalField(_("附加分"), max_digits=4, decimal_places=1, null=True, blank=True)
    total = models.DecimalField(_("评估得分"), max_digits=4, decimal_places=1, null=True, blank=True)
    grade = models.CharField(_("评估等级"), max_length=10, choices=RunningGrade.choices, blank=True)
    #: ``[{"code", "reason"}]``: vetoes of the weekly evaluation that were found on site.
    vetoes = models.JSONField(_("否决项"), default=list)
    closed_at = models.DateTimeField(_("评定时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["SiteAssessment"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SITE_ASSESSMENT.codes), name="site_assessment_status_known"),
            models.CheckConstraint(
                condition=Q(grade__in=["", *RunningGrade.values]), name="site_assessment_grade_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="DONE") | (Q(total__isnull=False, closed_at__isnull=False) & ~Q(grade="")),
                name="site_assessment_graded",
            ),
            models.UniqueConstraint(
                fields=["file", "year"], condition=~Q(status="DROPPED"), name="site_assessment_once_a_year"
            ),
        ]
        indexes = [
            models.Index(F("year").desc(), F("closed_at").desc(nulls_first=True), F("id"),
                         name="site_assessment_newest"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class Side(models.TextChoices):
    """Who gave the points (评分方)."""

    SELF = "self", _("企业自评")
    SITE = "site", _("现场评估")


class SiteScore(models.Model):
    """Points of one element by one side (要素得分); its evidence files hang on the assessment under side and element.

    Retention class: as the assessment.
    """

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(SiteAssessment, models.CASCADE, related_name="scores")
    side = models.CharField(_("评分方"), max_length=4, choices=Side.choices)
    #: Code of a B element.
    element = models.CharField(_("B级要素"), max_length=6)
    points = models.DecimalField(_("得分"), max_digits=4, decimal_places=1)
    reason = models.CharField(_("扣分原因"), max_length=500, blank=True)
    evidence = models.CharField(_("证据说明"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "side", "element"], name="site_score_once"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="site_score_side_known"),
            models.CheckConstraint(condition=Q(points__gte=0), name="site_score_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.side} {self.element} {self.points}"
