"""Gradings of enterprises (企业安全风险评估诊断分级), the colour that follows, and the plan that it calls for."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import GradingCause, Level
from quancheng.domains.risk.loops.grading import GRADING, POLICY
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class Grading(LoopRow):
    """One round of one enterprise (企业分级). Retention class: as the file.

    ``owner_org`` is the enterprise. ``answers`` holds by the code of a question ``{"value", "source", "day", "who",
    "comment", "rows"}``, and ``"before"`` with ``"reason"`` where the office changed it. ``result`` is the outcome with
    each line in both languages, computed anew at each act and frozen when it is published.
    """

    loop_code = GRADING.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="gradings")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("事项"), max_length=200)
    #: A way of grading of ``standards.risk.verdict``.
    scheme = models.CharField(_("分级方法"), max_length=10)
    round_no = models.PositiveSmallIntegerField(_("轮次"))
    cause = models.CharField(_("启动原因"), max_length=20, choices=GradingCause.choices)
    cause_text = models.CharField(_("原因说明"), max_length=300, blank=True)
    due_date = models.DateField(_("填报期限"))
    answers = models.JSONField(default=dict, editable=False)
    #: Units that were a major hazard when it was submitted, by id with their grade: what a later change is told by.
    hazards = models.JSONField(default=dict, editable=False)
    #: Expert or third-party body that assessed it.
    assessed_by = models.CharField(_("评估专家、机构"), max_length=200, blank=True)
    assessed_date = models.DateField(_("评估日期"), null=True, blank=True)
    result = models.JSONField(null=True, editable=False)
    #: Raw score, which may exceed 100; empty where the scheme has none.
    score = models.DecimalField(_("原始得分"), max_digits=7, decimal_places=2, null=True, editable=False)
    level = models.PositiveSmallIntegerField(_("分级结果"), choices=Level.choices, null=True, editable=False)
    published_at = models.DateTimeField(_("公布时间"), null=True, blank=True)
    valid_to = models.DateField(_("有效期止"), null=True, blank=True)
    #: When it is to be looked at again: 60 days before it ends.
    review_date = models.DateField(_("下次评估日期"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Grading"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=GRADING.codes), name="grading_status_known"),
            models.CheckConstraint(condition=Q(cause__in=GradingCause.values), name="grading_cause_known"),
            models.CheckConstraint(condition=Q(level__isnull=True) | Q(level__in=Level.values), name="grading_level"),
            models.CheckConstraint(
                condition=~Q(status__in=["PUBLISHED", "SUPERSEDED", "EXPIRED"])
                | Q(published_at__isnull=False, valid_to__isnull=False, level__isnull=False, result__isnull=False),
                name="grading_published",
            ),
            models.UniqueConstraint(
                fields=["file"], condition=Q(status__in=["DRAFT", "SUBMITTED"]), name="grading_one_open"
            ),
            models.UniqueConstraint(fields=["file"], condition=Q(status="PUBLISHED"), name="grading_one_in_force"),
            models.UniqueConstraint(fields=["file", "round_no"], name="grading_round_once"),
        ]
        indexes = [
            models.Index(fields=["status", "due_date", "id"], name="grading_by_due"),
            models.Index(fields=["valid_to", "id"], condition=Q(status="PUBLISHED"), name="grading_by_end"),
        ]

    def __str__(self) -> str:
        return self.code


class EnterpriseRisk(models.Model):
    """The colour of an enterprise as it stands (企业风险等级). Retention class: as the file.

    ``graded_level`` is that of the published grading; ``present_level`` the same, raised where a case that forces a
    colour holds now. Points of the risk list have a scale of their own and do not enter it. Kept by
    ``services.enterprise_colours``.
    """

    file = models.OneToOneField("registry.Enterprise", models.PROTECT, primary_key=True, related_name="graded")
    grading = models.ForeignKey(Grading, models.PROTECT, null=True, related_name="+")
    graded_level = models.PositiveSmallIntegerField(_("分级结果"), choices=Level.choices, null=True)
    present_level = models.PositiveSmallIntegerField(_("企业风险等级"), choices=Level.choices, null=True)
    #: ``{"code", "zh", "en"}`` of each case that forces a colour now.
    forced = models.JSONField(default=list)
    valid_to = models.DateField(_("有效期止"), null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(graded_level__isnull=True, present_level__isnull=True)
                | Q(graded_level__in=Level.values, present_level__gte=1, present_level__lte=F("graded_level")),
                name="enterprise_risk_levels",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["present_level"], name="enterprise_risk_by_level")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.present_level}"


class Policy(LoopRow):
    """One plan for one enterprise (一企一策). Retention class: as the file.

    ``owner_org`` is the enterprise. ``measures`` holds ``{"text", "owner", "due"}`` each; ``because`` says in both
    languages what calls for the plan.
    """

    loop_code = POLICY.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="policies")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("事项"), max_length=200)
    because = models.JSONField(default=list, editable=False)
    due_date = models.DateField(_("制定期限"))
    goal = models.TextField(_("管控目标"), blank=True)
    measures = models.JSONField(default=list, editable=False)
    approved_at = models.DateTimeField(_("审定时间"), null=True, blank=True)
    review_date = models.DateField(_("年度复审日期"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Policy"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=POLICY.codes), name="policy_status_known"),
            models.CheckConstraint(
                condition=~Q(status="STANDING") | Q(approved_at__isnull=False, review_date__isnull=False),
                name="policy_approved",
            ),
            models.UniqueConstraint(fields=["file"], condition=~Q(status="ENDED"), name="policy_one_open"),
        ]
        indexes = [models.Index(fields=["status", "due_date", "id"], name="policy_by_due")]

    def __str__(self) -> str:
        return self.code
