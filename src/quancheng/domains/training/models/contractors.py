"""Contractors (承包商): one file a company, its admission at an enterprise, its contracts, what is wrong with them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.training.loops.admission import ADMISSION, ENDED
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Contractor(Scoped):
    """A company that works at enterprises (承包商), one a code, for all. Retention class: register, permanent."""

    code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("承包商名称"), max_length=120)
    pinyin = models.CharField(max_length=800, editable=False)
    initials = models.CharField(max_length=240, editable=False)
    business = models.CharField(_("经营范围"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["Contractor"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["pinyin", "id"], name="contractor_by_name")]

    def __str__(self) -> str:
        return self.name


class ContractorQualification(models.Model):
    """A qualification of a company for a kind of work (企业资质), as printed. Retention class: register, permanent.

    Holder and code are entered as they stand on the certificate: that they differ from the company's is a finding.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contractor = models.ForeignKey(Contractor, models.PROTECT, related_name="qualifications")
    #: A code of the group ``work`` of the settings.
    work = models.CharField(_("承包作业类别"), max_length=40)
    name = models.CharField(_("资质名称和等级"), max_length=120)
    number = models.CharField(_("证书编号"), max_length=60)
    holder_name = models.CharField(_("证书持有单位"), max_length=120)
    holder_code = models.CharField(_("证书持有单位统一社会信用代码"), max_length=18, blank=True)
    valid_from = models.DateField(_("有效期起"))
    #: The last day; empty without end.
    valid_to = models.DateField(_("有效期止"), null=True, blank=True)
    entered_org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(_("注销原因"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contractor", "work", "number"], condition=Q(ended_at__isnull=True),
                name="contractor_qualification_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="contractor_qualification_in_order",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["number"], name="contractor_qualification_no")]

    def __str__(self) -> str:
        return self.name


class AgreementClause(models.TextChoices):
    """What a safety agreement must settle (安全管理协议内容)."""

    SCOPE = "scope", _("作业范围")
    DUTIES = "duties", _("双方安全职责")
    COORDINATION = "coordination", _("统一协调管理")
    TRAINING = "training", _("入厂教育和培训")
    PERMITS = "permits", _("作业许可")
    ACCIDENTS = "accidents", _("事故报告和处理")
    DEPOSIT = "deposit", _("保证金和违约处理")
    EXIT = "exit", _("退出条件")


class Admission(LoopRow):
    """A contractor's admission at an enterprise (承包商准入), with its agreement. Retention class: as the file."""

    loop_code = ADMISSION.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    contractor = models.ForeignKey(Contractor, models.PROTECT, related_name="admissions")
    title = models.CharField(_("事项"), max_length=200)
    #: Codes of the group ``work`` of the settings.
    works = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("承包作业类别"))
    text = models.CharField(_("准入意见"), max_length=2000, blank=True)
    valid_from = models.DateField(_("准入起"), null=True, blank=True)
    #: The last day.
    valid_to = models.DateField(_("准入止"), null=True, blank=True)
    suspended_until = models.DateField(_("暂停至"), null=True, blank=True)
    agreement_number = models.CharField(_("协议编号"), max_length=60, blank=True)
    agreement_signed_date = models.DateField(_("签订日期"), null=True, blank=True)
    agreement_from = models.DateField(_("协议期限起"), null=True, blank=True)
    agreement_to = models.DateField(_("协议期限止"), null=True, blank=True)
    agreement_scope = models.CharField(_("作业范围"), max_length=500, blank=True)
    agreement_clauses = ArrayField(models.CharField(max_length=12), default=list, verbose_name=_("协议内容"))
    deposit_yuan = models.DecimalField(_("安全保证金（元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    signed_own = models.CharField(_("本单位签字人"), max_length=60, blank=True)
    signed_contractor = models.CharField(_("承包商签字人"), max_length=60, blank=True)
    #: Ends that the enterprise was told of: which, and its day.
    told_ends = ArrayField(models.CharField(max_length=80), default=list, editable=False)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Admission"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ADMISSION.codes), name="admission_status_known"),
            models.UniqueConstraint(
                fields=["file", "contractor"], condition=~Q(status__in=ENDED), name="admission_once"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("ADMITTED", "RESTRICTED")) | Q(valid_to__isnull=False), name="admission_until"
            ),
            models.CheckConstraint(
                condition=Q(agreement_to__isnull=True) | Q(agreement_to__gte=F("agreement_from")),
                name="admission_agreement_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["file", "status"], name="admission_by_file"),
            models.Index(fields=["valid_to"], name="admission_by_end"),
        ]

    def __str__(self) -> str:
        return self.title


class CheckResult(models.TextChoices):
    """How an item was judged (审查结果)."""

    MET = "met", pgettext_lazy("admission", "符合")
    UNMET = "unmet", pgettext_lazy("admission", "不符合")
    NA = "na", _("不适用")


class AdmissionCheck(models.Model):
    """One item of the checklist as it was judged (准入审查项). Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    admission = models.ForeignKey(Admission, models.CASCADE, related_name="checks")
    #: A code of the group ``check`` of the settings.
    code = models.CharField(_("审查项目"), max_length=40)
    result = models.CharField(_("审查结果"), max_length=5, choices=CheckResult.choices)
    #: 0 to 100, of items that are scored.
    score = models.PositiveSmallIntegerField(_("得分"), null=True, blank=True)
    number = models.CharField(_("文件编号"), max_length=80, blank=True)
    #: The last day of the document.
    valid_to = models.DateField(_("文件有效期止"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    by_name = models.CharField(_("审查人"), max_length=130)
    at = models.DateTimeField(_("审查时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["admission", "code"], name="admission_check_once"),
            models.CheckConstraint(condition=Q(result__in=CheckResult.values), name="admission_check_result"),
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__lte=100), name="admission_check_score"),
        ]

    def __str__(self) -> str:
        return self.code


class WorkContract(models.Model):
    """A contract of work, or one under it (承包合同): who answers for what. Retention class: as the file.

    Read through the admission of the company that undertook the first layer.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    admission = models.ForeignKey(Admission, models.PROTECT, related_name="contracts")
    upper = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="lower")
    contractor = models.ForeignKey(Contractor, models.PROTECT, related_name="+")
    #: 1 for what the enterprise itself contracted out.
    layer = models.PositiveSmallIntegerField(_("层级"))
    name = models.CharField(_("工程（服务）名称"), max_length=120)
    number = models.CharField(_("合同编号"), max_length=60)
    work = models.CharField(_("承包作业类别"), max_length=40)
    amount_yuan = models.DecimalField(_("合同金额（元）"), max_digits=14, decimal_places=2)
    signed_date = models.DateField(_("签订日期"))
    from_date = models.DateField(_("开工日期"))
    to_date = models.DateField(_("完工日期"))
    manager = models.CharField(_("主管责任人（谁主管）"), max_length=120)
    issuer = models.CharField(_("发包责任人（谁发包）"), max_length=120)
    undertaker = models.CharField(_("承包责任人（谁承包）"), max_length=120)
    #: When the plan of the work was examined, and the workers were briefed on its risks.
    plan_date = models.DateField(_("作业方案审查日期"), null=True, blank=True)
    brief_date = models.DateField(_("安全交底日期"), null=True, blank=True)
    ended_date = models.DateField(_("终止日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(to_date__gte=F("from_date")), name="work_contract_in_order"),
            models.CheckConstraint(
                condition=Q(upper__isnull=True, layer=1) | Q(upper__isnull=False, layer__gt=1),
                name="work_contract_layer",
            ),
            models.UniqueConstraint(fields=["admission", "number"], name="work_contract_once"),
        ]

    def __str__(self) -> str:
        return self.name


class FindingCode(models.TextChoices):
    """What the rules found (承包管理问题)."""

    LAYERED = "layered", _("层层转包、违法分包")
    SPLIT = "split", _("涉嫌肢解发包")
    UNQUALIFIED = "unqualified", _("无相应资质")
    UNADMITTED = "unadmitted", _("未经准入")
    HOLDER = "holder", _("涉嫌借用资质：持有单位不一致")
    SHARED_QUALIFICATION = "shared_qual", _("涉嫌借用资质：一证多家")
    SHARED_PERSON = "shared_person", _("同一人员在两家单位名下")
    CODE = "code", _("人员所属单位代码不一致")
    UNCERTIFIED = "uncertified", _("无证人员")
    NO_MEASURES = "no_measures", _("安全措施不落实：方案未审查或未交底")


class ContractorFinding(Scoped):
    """What the rules found wrong with a contractor at an enterprise (承包管理问题). Retention class: as the file.

    Found and cleared by the house, at each act and each night.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    contractor = models.ForeignKey(Contractor, models.PROTECT, related_name="+")
    contract = models.ForeignKey(WorkContract, models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey("training.Person", models.CASCADE, null=True, related_name="+")
    code = models.CharField(_("问题"), max_length=14, choices=FindingCode.choices)
    #: What it was found by, for the sentence; no personal data.
    facts = models.JSONField(default=dict)
    key = models.CharField(max_length=200)
    found_date = models.DateField(_("发现日期"))
    cleared_date = models.DateField(_("消除日期"), null=True, blank=True)

    objects = ScopedQuerySet["ContractorFinding"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(code__in=FindingCode.values), name="contractor_finding_code"),
            models.UniqueConstraint(
                fields=["file", "key"], condition=Q(cleared_date__isnull=True), name="contractor_finding_once"
            ),
        ]
        indexes = [models.Index(fields=["-found_date", "id"], name="contractor_finding_newest")]

    def __str__(self) -> str:
        return self.code
