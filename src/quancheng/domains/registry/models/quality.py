"""Inspections of products and packages (产品质量检验), with what followed where one failed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import InspectionKind, InspectionResult
from quancheng.domains.registry.loops.quality import QUALITY
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.domains.registry.models.products import Product
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class Inspection(LoopRow):
    """One sample of a product, or of its package, as an institute found it (产品质量检验). ``owner_org`` recorded it.

    Retention class: register, permanent.
    """

    loop_code = QUALITY.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("检验对象"), max_length=160)
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="inspections")
    #: Empty where what was sampled is none of the products on file.
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="inspections")
    product_name = models.CharField(_("样品名称"), max_length=120)
    kind = models.CharField(_("检验类别"), max_length=10, choices=InspectionKind.choices)
    batch = models.CharField(_("批号"), max_length=60, blank=True)
    sampled_date = models.DateField(_("抽样日期"))
    institute = models.CharField(_("检验机构"), max_length=120)
    standard = models.CharField(_("检验依据"), max_length=200)
    report_no = models.CharField(_("报告编号"), max_length=60)
    reported_date = models.DateField(_("报告日期"), null=True, blank=True)
    #: Whose result it is: the office that recorded it, or customs (海关) and others that only told it.
    issuer = models.CharField(_("出具单位"), max_length=120)
    result = models.CharField(_("检验结论"), max_length=6, choices=InspectionResult.choices)
    failed_items = models.CharField(_("不合格项目"), max_length=500, blank=True)
    disposal = models.CharField(_("处置措施"), max_length=500, blank=True)
    due_date = models.DateField(_("整改时限"), null=True, blank=True)
    #: What the enterprise says that it did.
    measures = models.TextField(_("整改情况"), blank=True)
    retest_due_date = models.DateField(_("复检时限"), null=True, blank=True)
    #: Of the last re-test.
    retest_date = models.DateField(_("复检日期"), null=True, blank=True)
    retest_institute = models.CharField(_("复检机构"), max_length=120, blank=True)
    retest_no = models.CharField(_("复检报告编号"), max_length=60, blank=True)
    case = models.CharField(_("案件编号或链接"), max_length=200, blank=True)
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    void_reason = models.CharField(_("作废理由"), max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Inspection"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=QUALITY.codes), name="inspection_status_known"),
            models.CheckConstraint(condition=Q(kind__in=InspectionKind.values), name="inspection_kind_known"),
            models.CheckConstraint(condition=Q(result__in=InspectionResult.values), name="inspection_result_known"),
            models.CheckConstraint(
                condition=Q(result="passed", failed_items="") | (Q(result="failed") & ~Q(failed_items="")),
                name="inspection_names_what_failed",
            ),
            models.CheckConstraint(
                condition=Q(result="passed") | Q(due_date__isnull=False, retest_due_date__gte=models.F("due_date")),
                name="inspection_failed_by_a_day",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(void_reason=""), name="inspection_void_with_reason"
            ),
            models.UniqueConstraint(
                fields=["issuer", "report_no"], condition=Q(voided_at__isnull=True), name="inspection_report_once"
            ),
        ]
        indexes = [
            models.Index(fields=["file", "-sampled_date"], name="inspection_by_file"),
            models.Index(fields=["status", "due_date", "id"], name="inspection_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
