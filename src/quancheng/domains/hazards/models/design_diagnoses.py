"""Design diagnoses (安全设计诊断) and proofs of regular design (正规设计证明): by whom, when, of which units."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class DiagnosisKind(models.TextChoices):
    """What shows that an installation was designed (设计依据类别)."""

    DIAGNOSIS = "diagnosis", _("安全设计诊断")
    FORMAL = "formal", _("正规设计")


class DesignDiagnosis(models.Model):
    """A diagnosis with its report, or the document of a regular design (安全设计诊断). Read through the file.

    Its defects are hidden dangers (``Finding.diagnosis``), closed by their loop. Never written over: one that was
    entered by mistake is ended with a reason. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="design_diagnoses")
    kind = models.CharField(_("类别"), max_length=9, choices=DiagnosisKind.choices)
    year = models.PositiveSmallIntegerField(_("年度"))
    institute = models.CharField(_("设计单位"), max_length=120)
    #: Grade of the institute's qualification and number of its certificate.
    qualification = models.CharField(_("设计资质"), max_length=120)
    report_number = models.CharField(_("报告（文件）编号"), max_length=80)
    dated = models.DateField(_("报告（文件）日期"))
    #: Units that it is about; none: the whole enterprise.
    units = models.ManyToManyField("registry.Unit", related_name="+", blank=True)
    text = models.CharField(_("说明"), max_length=1000, blank=True)
    by_name = models.CharField(_("登记人"), max_length=130)
    by_org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("登记时间"))
    ended_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    ended_reason = models.CharField(_("作废理由"), max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DiagnosisKind.values), name="design_diagnosis_kind"),
            models.CheckConstraint(condition=Q(year__gte=1980, year__lte=2200), name="design_diagnosis_year"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(ended_reason=""), name="design_diagnosis_ended_why"
            ),
            models.UniqueConstraint(
                fields=["file", "report_number"], condition=Q(ended_at__isnull=True), name="design_diagnosis_once"
            ),
        ]
        indexes = [models.Index(fields=["-year", "-dated", "id"], name="design_diagnosis_newest")]

    def __str__(self) -> str:
        return f"{self.institute} {self.report_number}"
