"""Audit of permits (作业票审计): rules as they stand, each run with its evidence, what was found, who broke a rule."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.permits.loops.audit import FINDING
from quancheng.domains.permits.models.permits import Kind, Permit
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Severity(models.TextChoices):
    """How grave a finding is (严重程度)."""

    CRITICAL = "C", _("严重")
    MAJOR = "M", pgettext_lazy("severity", "较大")
    GENERAL = "G", pgettext_lazy("severity", "一般")
    HINT = "I", _("提示")


class Moment(models.TextChoices):
    """When an audit ran (审计时机); codes of ``standards.gb30871.audit``."""

    ISSUE = "ISSUE", _("签发时")
    START = "START", _("开始作业时")
    ALARM = "ALARM", _("报警时")
    CLOSE = "CLOSE", _("关闭时")
    NIGHT = "NIGHT", _("每日")
    INTAKE = "INTAKE", _("接入时")


class AuditRuleChange(models.Model):
    """A rule of the audit as the office set it from a day on (审计规则设置). Retention class: permanent.

    Only ever added: the newest of a rule counts. Points follow from the severity.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: A code of ``data/audit_rules`` or ``data/audit_enterprise_rules`` of the standard.
    code = models.CharField(_("规则编号"), max_length=8)
    is_on = models.BooleanField(_("启用"))
    severity = models.CharField(_("严重程度"), max_length=1, choices=Severity.choices)
    params = models.JSONField(_("参数"), default=dict)
    valid_from = models.DateField(_("起用日期"))
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=300)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="audit_rule_severity_known"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="audit_rule_days_in_order"
            ),
        ]
        indexes = [models.Index(fields=["code", "-entered_at", "-id"], name="audit_rule_newest")]

    def __str__(self) -> str:
        return self.code


class PermitAudit(Scoped):
    """One run of the audit over one permit, with what every rule said (审计结果). Retention class: as the permit.

    A run that finds what the newest found only moves ``confirmed_at``. ``is_newest`` marks the one that counts.
    """

    permit = models.ForeignKey(Permit, models.CASCADE, related_name="audits")
    kind = models.CharField(_("作业类别"), max_length=2, choices=Kind.choices)
    moment = models.CharField(_("审计时机"), max_length=6, choices=Moment.choices)
    score = models.PositiveSmallIntegerField(_("审计得分"))
    #: ``{code, outcome, severity, points, alarm, clause, mark, fact, value, limit}`` of what failed or is not known.
    verdicts = models.JSONField(default=list)
    #: Codes of the rules that failed, and of those that passed.
    failed = ArrayField(models.CharField(max_length=8), default=list)
    passed = ArrayField(models.CharField(max_length=8), default=list)
    worst = models.CharField(_("最严重问题"), max_length=1, choices=Severity.choices, blank=True)
    no_data_count = models.PositiveSmallIntegerField(_("无数据项"), default=0)
    is_newest = models.BooleanField(default=True)
    #: When the work that is judged began, or was to begin: the day of statistics.
    work_at = models.DateTimeField(_("作业开始时间"))
    audited_at = models.DateTimeField(_("审计时间"))
    confirmed_at = models.DateTimeField(_("最近核对时间"))

    objects = ScopedQuerySet["PermitAudit"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__lte=100), name="permit_audit_score"),
            models.UniqueConstraint(fields=["permit"], condition=Q(is_newest=True), name="permit_audit_one_newest"),
        ]
        indexes = [
            models.Index(fields=["-work_at", "id"], condition=Q(is_newest=True), name="permit_audit_by_work"),
            models.Index(fields=["enterprise", "-work_at"], condition=Q(is_newest=True), name="permit_audit_of_one"),
            models.Index(fields=["permit", "-audited_at"], name="permit_audit_history"),
        ]

    def __str__(self) -> str:
        return f"{self.permit} {self.score}"


class AuditFinding(LoopRow):
    """One thing that is wrong with one permit, owed to be put right (审计问题). Retention class: as the permit.

    ``owner_org`` is the office that supervises; a rule is held against a permit once.
    """

    loop_code: ClassVar[str] = FINDING.code

    permit = models.ForeignKey(Permit, models.CASCADE, related_name="findings")
    kind = models.CharField(_("作业类别"), max_length=2, choices=Kind.choices)
    #: Code of the rule that failed; of an inspector's finding the code of his question, or empty.
    rule = models.CharField(_("规则编号"), max_length=8, blank=True)
    severity = models.CharField(_("严重程度"), max_length=1, choices=Severity.choices)
    alarm = models.CharField(_("报警代码"), max_length=4, blank=True)
    clause = models.CharField(_("条款"), max_length=120, blank=True)
    title = models.CharField(_("问题"), max_length=300)
    #: As the rule told it: fact, value and limit in both languages.
    evidence = models.JSONField(default=dict)
    #: What an inspector saw.
    note = models.CharField(_("情况说明"), max_length=500, blank=True)
    is_by_inspector = models.BooleanField(_("监管人员发现"), default=False)
    answer = models.TextField(_("整改情况"), max_length=2000, blank=True)
    comment = models.CharField(_("复查意见"), max_length=500, blank=True)
    found_at = models.DateTimeField(_("发现时间"))
    answer_by = models.DateTimeField(_("答复期限"))
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("闭环时间"), null=True, blank=True)

    objects = ScopedQuerySet["AuditFinding"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=FINDING.codes), name="audit_finding_status_known"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="audit_finding_severity_known"),
            models.UniqueConstraint(
                fields=["permit", "rule"], condition=Q(is_by_inspector=False), name="audit_finding_once"
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("found_at").desc(), F("id"),
                         name="audit_finding_open_first"),
            models.Index(fields=["enterprise", "-found_at"], name="audit_finding_of_one"),
            models.Index(fields=["rule", "-found_at"], name="audit_finding_by_rule"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class PermitViolation(Scoped):
    """A rule broken, held against permit, person and contractor (违章记录). Retention class: as the permit.

    ``person`` is whom the evidence names, or whom a person entered; ``contractor`` the working unit where it is one.
    """

    permit = models.ForeignKey(Permit, models.CASCADE, related_name="violations")
    finding = models.OneToOneField(
        AuditFinding, models.CASCADE, null=True, blank=True, related_name="violation"
    )  # fmt: skip
    rule = models.CharField(_("规则编号"), max_length=8, blank=True)
    text = models.CharField(_("违章情形"), max_length=300)
    severity = models.CharField(_("严重程度"), max_length=1, choices=Severity.choices)
    person = models.ForeignKey("training.Person", models.PROTECT, null=True, blank=True, related_name="+")
    contractor = models.CharField(_("承包商"), max_length=80, blank=True)
    note = models.CharField(_("处理情况"), max_length=300, blank=True)
    at = models.DateTimeField(_("发现时间"))
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet["PermitViolation"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="permit_violation_severity"),
        ]
        indexes = [
            models.Index(fields=["-at", "id"], name="permit_violation_newest"),
            models.Index(fields=["person", "-at"], name="permit_violation_person"),
            models.Index(fields=["enterprise", "contractor", "-at"], name="permit_violation_house"),
        ]

    def __str__(self) -> str:
        return self.text
