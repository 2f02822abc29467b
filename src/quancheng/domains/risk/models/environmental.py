"""Key environmental facilities (重点环保设施) and how their safety was assessed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import Screening
from quancheng.domains.risk.loops.environmental import ENVIRONMENTAL
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class EnvironmentalFacility(LoopRow):
    """A key environmental facility with its assessment state (重点环保设施安全风险评估), S3-4.8e.

    ``owner_org`` is the enterprise; the columns repeat the newest :class:`EnvironmentalAssessment`. ``kind`` is a code
    of ``standards.risk.environmental``. Retention class: as the file.
    """

    loop_code = ENVIRONMENTAL.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="environmental_facilities")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("设施名称"), max_length=200)
    kind = models.CharField(_("环保设施类别"), max_length=20)
    facility = models.ForeignKey(
        "registry.Facility", models.PROTECT, null=True, blank=True, related_name="environmental",
        verbose_name=_("登记设施"),
    )  # fmt: skip
    place = models.CharField(_("位置"), max_length=200, blank=True)
    media = models.CharField(_("涉及的危险物质"), max_length=300, blank=True)
    in_use_date = models.DateField(_("投用日期"), null=True, blank=True)
    due_date = models.DateField(_("评估期限"))
    assessed_date = models.DateField(_("评估日期"), null=True, blank=True)
    assessed_by = models.CharField(_("评估单位"), max_length=200, blank=True)
    report_no = models.CharField(_("评估报告编号"), max_length=80, blank=True)
    screening = models.CharField(_("排查结果"), max_length=10, choices=Screening.choices, blank=True)
    screening_text = models.CharField(_("发现的问题和处置"), max_length=2000, blank=True)
    review_date = models.DateField(_("下次评估日期"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["EnvironmentalFacility"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ENVIRONMENTAL.codes), name="environmental_status_known"),
            models.CheckConstraint(
                condition=Q(screening="") | Q(screening__in=Screening.values), name="environmental_screening_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="ASSESSED")
                | Q(assessed_date__isnull=False, review_date__isnull=False, screening__in=Screening.values),
                name="environmental_assessed",
            ),
            models.UniqueConstraint(fields=["file", "title"], condition=~Q(status="ENDED"), name="environmental_once"),
        ]
        indexes = [
            models.Index(fields=["file", "title"], name="environmental_by_file"),
            models.Index(fields=["review_date", "id"], condition=Q(status="ASSESSED"), name="environmental_by_review"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class EnvironmentalAssessment(models.Model):
    """One assessment and screening of a facility (环保设施评估记录). Only ever added; read through the facility.

    Retention class: as the file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    facility = models.ForeignKey(EnvironmentalFacility, models.PROTECT, related_name="assessments")
    assessed_date = models.DateField(_("评估日期"))
    assessed_by = models.CharField(_("评估单位"), max_length=200)
    report_no = models.CharField(_("评估报告编号"), max_length=80, blank=True)
    screening = models.CharField(_("排查结果"), max_length=10, choices=Screening.choices)
    screening_text = models.CharField(_("发现的问题和处置"), max_length=2000, blank=True)
    review_date = models.DateField(_("下次评估日期"))
    by_name = models.CharField(_("登记人"), max_length=130)
    entered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["facility", "-assessed_date"], name="environmental_assessments")]

    def __str__(self) -> str:
        return f"{self.assessed_date} {self.screening}"
