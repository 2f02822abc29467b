"""Identification and grading of major hazards (重大危险源辨识分级), and the file of each major hazard."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Basis
from quancheng.domains.registry.loops.hazard_check import HAZARD_CHECK
from quancheng.domains.registry.loops.major_hazard import MAJOR_HAZARD
from quancheng.domains.registry.models.facilities import Unit
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Assessment(models.Model):
    """One calculation of a unit under GB 18218-2018 (辨识分级计算书), as it was made. Retention class: as the file.

    A grade is never written over: each calculation is a row of its own, with everything that went into it.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assessments")
    basis = models.CharField(_("辨识口径"), max_length=8, choices=Basis.choices)
    at = models.DateTimeField(_("计算时间"))
    #: The act that caused it, e.g. ``registry.stock.set``.
    because = models.CharField(max_length=60)
    by_name = models.CharField(_("操作人"), max_length=60)
    edition = models.CharField(_("标准版本"), max_length=40)
    table_version = models.CharField(max_length=20)
    s = models.DecimalField("S", max_digits=22, decimal_places=10, null=True)
    r = models.DecimalField("R", max_digits=22, decimal_places=10, null=True)
    alpha = models.DecimalField("α", max_digits=3, decimal_places=1, null=True)
    grade = models.PositiveSmallIntegerField(_("等级"), null=True)
    is_major = models.BooleanField()
    #: The legal result stays at a higher grade until a decommissioning record or a decision lets it fall.
    is_held = models.BooleanField(default=False)
    #: What went in and each term with its clause and reason, in both languages.
    inputs = models.JSONField()
    steps = models.JSONField()
    doubts = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="assessment_basis_known"),
            models.CheckConstraint(
                condition=Q(grade__isnull=True) | Q(grade__gte=1, grade__lte=4), name="assessment_grade"
            ),
        ]
        indexes = [models.Index(fields=["unit", "basis", "-at"], name="assessment_by_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.basis} {self.grade}"


class MajorHazard(LoopRow):
    """The file of one major hazard (重大危险源档案), from its finding to its removal. Retention class: as the file.

    ``owner_org`` is the enterprise, ``supervisor`` the office with which it is filed.
    """

    loop_code = MAJOR_HAZARD.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="hazards")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: As found by the calculation that last called for a filing.
    grade = models.PositiveSmallIntegerField(_("辨识等级"))
    r = models.DecimalField("R", max_digits=22, decimal_places=10)
    found_date = models.DateField(_("辨识日期"))
    due_date = models.DateField(_("备案时限"))
    #: The safety assessment report (安全评估报告).
    report_date = models.DateField(_("安全评估报告日期"), null=True, blank=True)
    report_by = models.CharField(_("评估单位"), max_length=120, blank=True)
    filed_at = models.DateTimeField(_("备案提交时间"), null=True, blank=True)
    #: Number of the filing, given when it was accepted (备案编号).
    number = models.CharField(_("备案编号"), max_length=80, blank=True)
    filed_grade = models.PositiveSmallIntegerField(_("备案等级"), null=True, blank=True)
    reassess_date = models.DateField(_("下次评估日期"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["MajorHazard"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MAJOR_HAZARD.codes), name="major_hazard_status_known"),
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=4), name="major_hazard_grade"),
            models.UniqueConstraint(fields=["unit"], condition=~Q(status="DELISTED"), name="major_hazard_one_file"),
            models.CheckConstraint(
                condition=Q(status="FOUND") | Q(status="DELISTING") | Q(status="DELISTED") | Q(filed_at__isnull=False),
                name="major_hazard_filed_at",
            ),
            models.CheckConstraint(
                condition=~Q(status="STANDING") | Q(reassess_date__isnull=False), name="major_hazard_reassess"
            ),
        ]
        indexes = [models.Index(fields=["status", "due_date", "id"], name="major_hazard_by_due")]

    def __str__(self) -> str:
        return self.code


class HazardCheck(LoopRow):
    """The supervising office's look at a major hazard that was newly found or rose (现场核实).

    ``owner_org`` is the office. Retention class: as the file.
    """

    loop_code = HAZARD_CHECK.code

    hazard = models.ForeignKey(MajorHazard, models.PROTECT, related_name="checks")
    grade = models.PositiveSmallIntegerField(_("辨识等级"))
    #: What was seen, or what differs.
    text = models.TextField(_("核实情况"), blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["HazardCheck"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=HAZARD_CHECK.codes), name="hazard_check_status_known"),
            models.UniqueConstraint(fields=["hazard"], condition=Q(status="OPEN"), name="hazard_check_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.hazard_id} {self.status}"
