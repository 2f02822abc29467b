"""Checks led by the main person (主要负责人带队排查), how often they are owed, and rules of self-checking."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.self_check import SELF_CHECK
from quancheng.domains.hazards.models.check_records import AnswerCode
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.hidden_dangers.self_checks import RHYTHMS


class CheckSide(models.TextChoices):
    """Who leads the check (带队责任人): the three persons who answer for an enterprise, clause S4-B3.1.1."""

    ENTERPRISE = "enterprise", _("企业主要负责人")
    DEPARTMENT = "department", _("监管部门责任人")
    TOWN = "town", _("属地镇街责任人")


class SelfCheckRule(models.Model):
    """Which trades are high-risk and how often the main person leads a check (带队排查周期), from a day on.

    Only ever added: the newest that is in force counts, and what was owed before stays as it was owed.
    Retention class: permanent.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Classes of enterprises, codes of ``registry.kinds.Kind``.
    high_kinds = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("高危行业"))
    #: Every so many months.
    high_months = models.PositiveSmallIntegerField(_("高危行业周期（月）"))
    other_months = models.PositiveSmallIntegerField(_("其他行业周期（月）"))
    #: Beside the enterprise's own, department and town owe a check of each high-risk enterprise every month.
    three_persons = models.BooleanField(_("三方责任人每月排查"), default=False)
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(high_months__in=RHYTHMS, other_months__in=RHYTHMS), name="self_check_rule_months"
            ),
        ]
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="self_check_rule_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.high_months}/{self.other_months}"


class SelfCheck(LoopRow):
    """The check of an enterprise for major hidden dangers that its main person owes in a period (带队排查), or the
    person of its department or town. ``owner_org`` is whose person it is. Retention class: as the file.
    """

    loop_code = SELF_CHECK.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="self_checks")
    side = models.CharField(_("带队责任人"), max_length=10, choices=CheckSide.choices, default=CheckSide.ENTERPRISE)
    title = models.CharField(_("排查事项"), max_length=300)
    #: Length of the period.
    months = models.PositiveSmallIntegerField(_("周期（月）"))
    first_date = models.DateField(_("期间起"))
    last_date = models.DateField(_("期间止"))
    #: The last day on which it is in time: that of the period.
    due_date = models.DateField(_("排查时限"))
    #: Whom the main person sends in his place, and why.
    deputy = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    deputed_reason = models.CharField(_("委托原因"), max_length=300, blank=True)
    checked_date = models.DateField(_("排查日期"), null=True, blank=True)
    #: Who led it and signed for it, as he was called then.
    leader = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    signed_name = models.CharField(_("带队并签字"), max_length=130, blank=True)
    places = models.CharField(_("排查部位"), max_length=500, blank=True)
    note = models.CharField(_("排查情况"), max_length=1000, blank=True)
    #: Declared where there is nothing to report (零报告).
    none_found = models.BooleanField(_("未发现重大事故隐患"), default=False)
    findings = models.ManyToManyField("hazards.Finding", related_name="self_checks", blank=True)
    #: The check itself was made after the period: the period went without one.
    is_late = models.BooleanField(_("逾期补查"), default=False)
    #: Criteria gone through, of those that hold for the enterprise.
    gone_through = models.PositiveSmallIntegerField(_("已对照判定标准"), default=0)
    closed_at = models.DateTimeField(_("登记时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["SelfCheck"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SELF_CHECK.codes), name="self_check_status_known"),
            models.CheckConstraint(condition=Q(last_date__gte=F("first_date")), name="self_check_in_order"),
            models.CheckConstraint(condition=Q(side__in=CheckSide.values), name="self_check_side_known"),
            models.CheckConstraint(
                condition=~Q(status="DONE")
                | (Q(checked_date__isnull=False, leader__isnull=False, gone_through__gt=0) & ~Q(signed_name="")),
                name="self_check_signed",
            ),
            models.CheckConstraint(
                condition=~Q(status="DEPUTED") | (Q(deputy__isnull=False) & ~Q(deputed_reason="")),
                name="self_check_deputed",
            ),
            models.UniqueConstraint(
                fields=["file", "side", "first_date", "last_date"],
                condition=Q(status__in=("DUE", "DEPUTED")),
                name="self_check_owed_once",
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("last_date").desc(), F("id"),
                         name="self_check_open_first"),
            models.Index(fields=["file", "-last_date"], name="self_check_by_file"),
            models.Index(fields=["last_date", "status"], name="self_check_by_period"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class SelfCheckItem(models.Model):
    """One criterion for major hidden dangers that was gone through in a check (对照的判定标准).

    Retention class: as the check.
    """

    id = models.BigAutoField(primary_key=True)
    check_row = models.ForeignKey(SelfCheck, models.CASCADE, related_name="items")
    clause = models.ForeignKey("law.Clause", models.PROTECT, related_name="+")
    answer = models.PositiveSmallIntegerField(_("结果"), choices=AnswerCode.choices)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_row", "clause"], name="self_check_item_once"),
            models.CheckConstraint(condition=Q(answer__in=AnswerCode.values), name="self_check_item_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.check_row_id} {self.clause_id} {self.answer}"


class Matter(models.TextChoices):
    """What an enterprise confirms to have set up (机制类别), clause S2-1a."""

    SELF_CHECK = "self_check", _("重大事故隐患自查自改机制")
    POSTS = "posts", _("全员安全生产责任制")


class Mechanism(models.Model):
    """An enterprise confirms that its rules stand, with the documents (自查自改机制建立情况). The newest of a matter
    counts. Read through the enterprise's file. Retention class: as the file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="mechanisms")
    matter = models.CharField(_("机制类别"), max_length=10, choices=Matter.choices)
    title = models.CharField(_("制度名称"), max_length=200)
    issued_date = models.DateField(_("印发日期"))
    #: What it says of who checks, reports and corrects.
    text = models.CharField(_("主要内容"), max_length=1000, blank=True)
    confirmed_date = models.DateField(_("确认日期"))
    confirmed_at = models.DateTimeField(_("确认时间"))
    confirmed_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    by_name = models.CharField(_("确认人"), max_length=130)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(matter__in=Matter.values), name="mechanism_matter_known"),
            models.CheckConstraint(condition=Q(issued_date__lte=F("confirmed_date")), name="mechanism_in_order"),
        ]
        indexes = [models.Index(fields=["file", "matter", "-confirmed_at"], name="mechanism_newest")]

    def __str__(self) -> str:
        return self.title
