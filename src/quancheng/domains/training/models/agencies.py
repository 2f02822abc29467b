"""What agencies do: reports of safety evaluation and their doubts (安全评价), services under contract (安全管家)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.training.models.pools import PoolMember
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class ReportKind(models.TextChoices):
    """Of which stage (评价类别)."""

    PRE = "pre", _("安全条件（预）评价")
    ACCEPTANCE = "acceptance", _("安全验收评价")
    CURRENT = "current", _("安全现状评价")
    SPECIAL = "special", _("专项评价")


class AgencyReport(Scoped):
    """A report of safety evaluation of a user (安全评价报告). Retention class: as the file.

    ``doubts`` are what rules found, each with code, points and facts; they are no proof of anything.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    agency = models.ForeignKey(PoolMember, models.PROTECT, related_name="reports")
    number = models.CharField(_("报告编号"), max_length=80)
    kind = models.CharField(_("评价类别"), max_length=10, choices=ReportKind.choices)
    #: A code of the group ``field`` of the settings, which the agency's qualification should cover.
    field = models.CharField(_("业务范围"), max_length=40)
    contract_date = models.DateField(_("合同签订日期"))
    report_date = models.DateField(_("报告日期"))
    site_date = models.DateField(_("现场勘验日期"))
    conclusion = models.CharField(_("评价结论"), max_length=2000)
    problem_count = models.PositiveSmallIntegerField(_("提出问题数"))
    rectified_count = models.PositiveSmallIntegerField(_("已整改数"), default=0)
    hazard_count = models.PositiveSmallIntegerField(_("报告载明的重大危险源数"))
    #: The main text, by which likeness to other reports is told.
    text = models.TextField(_("报告正文"), blank=True)
    filed_date = models.DateField(_("备案日期"), null=True, blank=True)
    next_due = models.DateField(_("下次评价期限"))
    doubts = models.JSONField(default=list)
    doubt_score = models.PositiveSmallIntegerField(_("疑点分"), default=0)
    entered_by_name = models.CharField(_("登记人"), max_length=130)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["AgencyReport"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "number"], name="agency_report_once"),
            models.CheckConstraint(condition=Q(kind__in=ReportKind.values), name="agency_report_kind"),
            models.CheckConstraint(condition=Q(report_date__gte=F("contract_date")), name="agency_report_in_order"),
            models.CheckConstraint(
                condition=Q(rectified_count__lte=F("problem_count")), name="agency_report_rectified"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["-doubt_score", "id"], name="agency_report_doubts"),
            models.Index(fields=["file", "-report_date"], name="agency_report_of_file"),
        ]

    def __str__(self) -> str:
        return self.number


class AgencyEvaluator(models.Model):
    """Somebody of the team of a report (评价人员). Read through it. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(AgencyReport, models.CASCADE, related_name="team")
    name = models.CharField(_("姓名"), max_length=60)
    certificate = models.CharField(_("证书编号"), max_length=60)
    #: The last day.
    certificate_to = models.DateField(_("证书有效期止"), null=True, blank=True)
    speciality = models.CharField(_("专业"), max_length=60, blank=True)

    def __str__(self) -> str:
        return self.name


class SpotResult(models.TextChoices):
    """What a spot check of a report found (抽查结果)."""

    TRUE = "true", _("属实")
    INACCURATE = "inaccurate", _("报告失实")
    FALSE = "false", _("虚假报告")
    RENTED = "rented", _("租借、骗取资质")


class SpotCheck(models.Model):
    """A report was checked by an office (抽查), and what was decided. Read through it. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(AgencyReport, models.CASCADE, related_name="spot_checks")
    checked_date = models.DateField(_("抽查日期"))
    result = models.CharField(_("抽查结果"), max_length=10, choices=SpotResult.choices)
    text = models.CharField(_("抽查情况"), max_length=2000)
    #: What followed, where anything did: text, number of the decision, fine.
    penalty = models.CharField(_("处罚（处理）"), max_length=500, blank=True)
    decision = models.CharField(_("决定书文号"), max_length=80, blank=True)
    fine_yuan = models.DecimalField(_("罚款（元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    by_name = models.CharField(_("登记人"), max_length=130)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(result__in=SpotResult.values), name="spot_check_result"),
            models.CheckConstraint(condition=~Q(result="true") | Q(penalty=""), name="spot_check_penalty"),
        ]

    def __str__(self) -> str:
        return self.result


class ServiceKind(models.TextChoices):
    """What is bought of an agency or an expert (服务内容)."""

    CONSULTING = "consulting", _("咨询")
    TRAINING = "training", pgettext_lazy("service", "培训")
    SCREENING = "screening", _("隐患排查")
    DRILL = "drill", _("应急演练")
    ASSESSMENT = "assessment", _("风险评估")
    OTHER = "other", pgettext_lazy("service", "其他")


class ServiceContract(Scoped):
    """An enterprise has an agency or expert come regularly (安全管家服务合同). Retention class: as the file."""

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    provider = models.ForeignKey(PoolMember, models.PROTECT, related_name="+")
    number = models.CharField(_("合同编号"), max_length=60)
    kinds = ArrayField(models.CharField(max_length=10), default=list, verbose_name=_("服务内容"))
    from_date = models.DateField(_("合同期限起"))
    #: The last day.
    to_date = models.DateField(_("合同期限止"))
    amount_yuan = models.DecimalField(_("合同金额（元）"), max_digits=12, decimal_places=2)
    #: How often they come in a year at least.
    visits_a_year = models.PositiveSmallIntegerField(_("每年服务次数"))
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["ServiceContract"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(to_date__gte=F("from_date")), name="service_contract_in_order"),
            models.UniqueConstraint(fields=["file", "number"], name="service_contract_once"),
        ]
        indexes = [models.Index(fields=["file", "-to_date"], name="service_contract_of_file")]

    def __str__(self) -> str:
        return self.number


class ServiceVisit(models.Model):
    """A visit under a contract (服务记录). Read through it. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contract = models.ForeignKey(ServiceContract, models.CASCADE, related_name="visits")
    kind = models.CharField(_("服务内容"), max_length=10, choices=ServiceKind.choices)
    visited_date = models.DateField(_("服务日期"))
    people = models.CharField(_("服务人员"), max_length=200)
    text = models.CharField(_("服务情况"), max_length=2000)
    found = models.PositiveSmallIntegerField(_("发现问题数"), default=0)
    by_name = models.CharField(_("登记人"), max_length=130)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=ServiceKind.values), name="service_visit_kind")]

    def __str__(self) -> str:
        return self.kind
