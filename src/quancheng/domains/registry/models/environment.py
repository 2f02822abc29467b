"""What the ecology office asks of chemicals and enterprises: lists, risk assessments, registrations, disposal."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import NewSubstance, RiskGrade, WasteWay
from quancheng.domains.registry.models.chemicals import Chemical
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.domains.registry.models.facilities import Unit
from quancheng.kernel.access.models import Scoped, ScopedQuerySet


class ChemicalEnvironment(models.Model):
    """How a chemical is managed for the environment (化学品环境管理属性). Retention class: register, permanent.

    ``mark`` says how sure it is: V, G or D. What ships carries G and stays as a person changed it.
    """

    chemical = models.OneToOneField(Chemical, models.CASCADE, primary_key=True, related_name="environment")
    is_key = models.BooleanField(_("重点环境管理危险化学品"), default=False)
    is_new_pollutant = models.BooleanField(_("重点管控新污染物"), default=False)
    #: Empty where it is no new substance.
    new_substance = models.CharField(_("新化学物质登记类别"), max_length=10, choices=NewSubstance.choices, blank=True)
    new_substance_no = models.CharField(_("新化学物质登记（备案）号"), max_length=60, blank=True)
    source = models.CharField(_("依据"), max_length=200)
    mark = models.CharField(_("可信程度"), max_length=1, choices=(("V", "V"), ("G", "G"), ("D", "D")), default="D")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mark__in=("V", "G", "D")), name="chemical_environment_mark"),
            models.CheckConstraint(
                condition=Q(new_substance_no="") | ~Q(new_substance=""), name="chemical_environment_new_substance"
            ),
        ]
        indexes = [
            models.Index(fields=["chemical"], condition=Q(is_key=True), name="chemical_environment_key"),
        ]

    def __str__(self) -> str:
        return str(self.chemical_id)


class EnvironmentRecord(Scoped):
    """Environmental hazard identification and risk assessment (环境危害识别、环境风险评估) of an enterprise, or of one
    unit of it, with its emergency plan and its registration. Retention class: as the file.

    Its links hold ``disposal`` beside those of the file, so that the ecology office sees it.
    """

    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="environment_records")
    #: Empty for the whole enterprise.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="environment_records")
    identified_date = models.DateField(_("环境危害识别日期"), null=True, blank=True)
    assessed_date = models.DateField(_("环境风险评估日期"), null=True, blank=True)
    institute = models.CharField(_("评估单位"), max_length=120, blank=True)
    grade = models.CharField(_("环境风险等级"), max_length=10, choices=RiskGrade.choices, blank=True)
    plan_no = models.CharField(_("突发环境事件应急预案备案编号"), max_length=60, blank=True)
    plan_date = models.DateField(_("预案备案日期"), null=True, blank=True)
    review_date = models.DateField(_("下次复核日期"), null=True, blank=True)
    registration_no = models.CharField(_("环境管理登记编号"), max_length=60, blank=True)
    registration_until = models.DateField(_("环境管理登记有效期至"), null=True, blank=True)
    remark = models.CharField(_("备注"), max_length=500, blank=True)
    verified_at = models.DateTimeField(_("核验时间"), null=True, blank=True)
    verified_by = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["EnvironmentRecord"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "unit"], nulls_distinct=False, name="environment_record_once"),
            models.CheckConstraint(condition=Q(grade__in=("", *RiskGrade.values)), name="environment_grade_known"),
            models.CheckConstraint(
                condition=Q(grade="") | Q(assessed_date__isnull=False), name="environment_graded_by_assessment"
            ),
            models.CheckConstraint(
                condition=Q(review_date__isnull=True) | Q(assessed_date__isnull=True)
                | Q(review_date__gte=F("assessed_date")),
                name="environment_review_after",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["review_date", "id"], name="environment_by_review")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.unit_id or ''}".strip()


class WasteArrangement(Scoped):
    """What becomes of a hazardous chemical that an enterprise throws away (废弃危险化学品处置安排). Retention class: as
    the file.
    """

    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="waste_arrangements")
    name = models.CharField(_("废弃危险化学品"), max_length=120)
    #: Of the national list of hazardous waste, as ``900-404-06``.
    waste_code = models.CharField(_("危险废物代码"), max_length=20, blank=True)
    way = models.CharField(_("处置方式"), max_length=10, choices=WasteWay.choices)
    how = models.CharField(_("处置方法和去向"), max_length=300)
    year_t = models.DecimalField(_("年产生量（吨）"), max_digits=14, decimal_places=6, null=True, blank=True)
    handler_name = models.CharField(_("受托单位"), max_length=120, blank=True)
    handler_licence_no = models.CharField(_("受托单位许可证编号"), max_length=80, blank=True)
    #: Until when the contract and the handler's licence both run.
    until_date = models.DateField(_("委托有效期至"), null=True, blank=True)
    ended_date = models.DateField(_("停止日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["WasteArrangement"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(way__in=WasteWay.values), name="waste_way_known"),
            models.CheckConstraint(
                condition=~Q(way="entrust") | (~Q(handler_name="") & ~Q(handler_licence_no="")),
                name="waste_entrusted_to_licensed",
            ),
            models.CheckConstraint(condition=Q(year_t__isnull=True) | Q(year_t__gte=0), name="waste_quantity"),
            models.UniqueConstraint(
                fields=["file", "name", "way", "handler_name"], condition=Q(ended_date__isnull=True),
                name="waste_arranged_once",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["until_date", "id"], name="waste_by_end")]

    def __str__(self) -> str:
        return self.name
