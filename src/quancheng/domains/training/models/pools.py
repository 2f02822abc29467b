"""Experts, inspectors, supervisors of society and agencies (专家库、机构库): who they are, what they did, how well."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.training.loops.assignment import ASSIGNMENT
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class MemberKind(models.TextChoices):
    """As what somebody stands in the pool (类别)."""

    EXPERT = "expert", pgettext_lazy("pool", "专家")
    RETIRED = "retired", _("退休技术人员")
    INSPECTOR = "inspector", _("技术检查员")
    SUPERVISOR = "supervisor", _("社会监督员")
    STEWARD = "steward", _("督查员")
    AGENCY = "agency", _("技术服务机构")


class PoolMember(Scoped):
    """Somebody, or an agency, whom the office may send (专家库成员). Retention class: register, permanent.

    The telephone number is sealed.
    """

    kind = models.CharField(_("类别"), max_length=10, choices=MemberKind.choices)
    name = models.CharField(_("姓名（机构名称）"), max_length=120)
    pinyin = models.CharField(max_length=800, editable=False)
    #: The agency's own, or that of a person's employer; by it conflicts of interest are found.
    unit_name = models.CharField(_("所在单位"), max_length=120, blank=True)
    unit_code = models.CharField(_("所在单位统一社会信用代码"), max_length=18, blank=True)
    title = models.CharField(_("职称、职务"), max_length=120, blank=True)
    #: Codes of the group ``field`` of the settings.
    fields = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("专业领域"))
    phone = models.TextField(_("联系电话"), blank=True)
    user = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    letter = models.CharField(_("聘书编号"), max_length=60)
    term_from = models.DateField(_("聘期起"))
    #: The last day.
    term_to = models.DateField(_("聘期止"))
    certificate = models.CharField(_("证书（资质）编号"), max_length=80, blank=True)
    certificate_to = models.DateField(_("证书（资质）有效期止"), null=True, blank=True)
    #: Of an agency: for what its qualification is good.
    scope = models.CharField(_("资质业务范围"), max_length=300, blank=True)
    excluded_at = models.DateTimeField(_("移出时间"), null=True, blank=True)
    excluded_reason = models.CharField(_("移出原因"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["PoolMember"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MemberKind.values), name="pool_member_kind"),
            models.CheckConstraint(condition=Q(term_to__gte=F("term_from")), name="pool_member_term"),
            models.CheckConstraint(
                condition=Q(excluded_at__isnull=True) | ~Q(excluded_reason=""), name="pool_member_excluded_why"
            ),
            models.UniqueConstraint(fields=["owner_org", "letter"], name="pool_member_letter_once"),
        ]
        indexes = [models.Index(fields=["pinyin", "id"], name="pool_member_by_name")]

    def __str__(self) -> str:
        return self.name


class InterestKind(models.TextChoices):
    """Why somebody stands back (回避情形)."""

    EMPLOYER = "employer", _("任职、受聘")
    SHARES = "shares", _("持股、投资")
    SERVED = "served", _("为其提供服务")
    FAMILY = "family", _("近亲属任职")


class PoolInterest(models.Model):
    """An interest that a member declared (利害关系申报). Read through him. Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member = models.ForeignKey(PoolMember, models.CASCADE, related_name="interests")
    kind = models.CharField(_("回避情形"), max_length=8, choices=InterestKind.choices)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    #: The last day on which it held; empty while it does.
    until_date = models.DateField(_("截止日期"), null=True, blank=True)
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=InterestKind.values), name="pool_interest_kind")]

    def __str__(self) -> str:
        return self.kind


class Purpose(models.TextChoices):
    """For what somebody is sent (任务)."""

    SCREENING = "screening", _("隐患排查")
    INSPECTION = "inspection", _("执法检查技术支持")
    GUIDANCE = "guidance", _("分类指导")
    REVIEW = "review", _("评审、验收")
    INCIDENT = "incident", _("应急、事故技术支持")


class Assignment(LoopRow):
    """A member is sent to an enterprise (派遣), with fee, hours and score. Retention class: as the file."""

    loop_code = ASSIGNMENT.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    member = models.ForeignKey(PoolMember, models.PROTECT, related_name="assignments")
    title = models.CharField(_("事项"), max_length=200)
    purpose = models.CharField(_("任务"), max_length=12, choices=Purpose.choices)
    field = models.CharField(_("专业领域"), max_length=40)
    visit_date = models.DateField(_("到场日期"))
    #: Where he was drawn by lot: the seed and how many stood in it, by which the draw can be made again.
    seed = models.CharField(_("抽取种子"), max_length=40, blank=True)
    drawn_from = models.PositiveSmallIntegerField(_("候选人数"), default=0)
    hours = models.DecimalField(_("工作小时"), max_digits=5, decimal_places=1, null=True, blank=True)
    report = models.CharField(_("履职情况"), max_length=5000, blank=True)
    score = models.PositiveSmallIntegerField(_("评分"), null=True, blank=True)
    opinion = models.CharField(_("评价意见"), max_length=1000, blank=True)
    fee_yuan = models.DecimalField(_("劳务费（元）"), max_digits=10, decimal_places=2, null=True, blank=True)
    cost_yuan = models.DecimalField(_("其他费用（元）"), max_digits=10, decimal_places=2, null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Assignment"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ASSIGNMENT.codes), name="pool_assignment_status"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="pool_assignment_purpose"),
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__lte=100), name="pool_assignment_score"),
        ]
        indexes = [
            models.Index(fields=["-visit_date", "id"], name="pool_assignment_newest"),
            models.Index(fields=["member", "visit_date"], name="pool_assignment_of_member"),
        ]

    def __str__(self) -> str:
        return self.title


class DiagnosisPart(models.TextChoices):
    """What a finding is about (诊断部分)."""

    DESIGN = "design", _("设计")
    OPERATION = "operation", _("运行")


class DiagnosisFinding(models.Model):
    """What a member found (诊断问题). Read through the assignment. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="findings")
    part = models.CharField(_("部分"), max_length=9, choices=DiagnosisPart.choices)
    field = models.CharField(_("专业领域"), max_length=40)
    place = models.CharField(_("部位"), max_length=120)
    text = models.CharField(_("问题"), max_length=1000)
    basis = models.CharField(_("依据"), max_length=300, blank=True)
    advice = models.CharField(_("建议"), max_length=1000)
    is_major = models.BooleanField(_("疑似重大隐患"), default=False)
    entered_at = models.DateTimeField()
    by_name = models.CharField(max_length=130)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(part__in=DiagnosisPart.values), name="diagnosis_part")]

    def __str__(self) -> str:
        return self.text


class AppraisalResult(models.TextChoices):
    """How a year was (年度考核结果)."""

    EXCELLENT = "excellent", _("优秀")
    GOOD = "good", pgettext_lazy("appraisal", "合格")
    POOR = "poor", pgettext_lazy("appraisal", "不合格")


class PoolAppraisal(models.Model):
    """A member's year (年度考核): assignments, average, reward or penalty. Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member = models.ForeignKey(PoolMember, models.CASCADE, related_name="appraisals")
    year = models.PositiveSmallIntegerField(_("年度"))
    count = models.PositiveSmallIntegerField(_("履职次数"))
    average = models.DecimalField(_("平均分"), max_digits=5, decimal_places=1, null=True)
    result = models.CharField(_("年度考核结果"), max_length=9, choices=AppraisalResult.choices)
    reward = models.CharField(_("奖惩"), max_length=500)
    by_name = models.CharField(_("考核人"), max_length=130)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "year"], name="pool_appraisal_once"),
            models.CheckConstraint(condition=Q(result__in=AppraisalResult.values), name="pool_appraisal_result"),
        ]

    def __str__(self) -> str:
        return str(self.year)
