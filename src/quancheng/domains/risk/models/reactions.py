"""Reactions of fine chemistry (精细化工): how safe each is, and the four clearings of their enterprises."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import ClearingKind
from quancheng.domains.risk.loops.analysis import CLEARING, REACTION
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class Reaction(LoopRow):
    """The safety risk assessment of one reaction (反应安全风险评估). Retention class: as the file.

    ``owner_org`` is the enterprise. Temperatures in °C, empty where nobody told one. ``controls`` are what the grade
    demands: ``{"grade", "zh", "en", "mark", "is_done", "text", "day", "who"}``.
    """

    loop_code = REACTION.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="reactions")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("反应名称"), max_length=200)
    facility = models.ForeignKey(
        "registry.Facility", models.PROTECT, null=True, blank=True, related_name="reactions", verbose_name=_("登记设施")
    )
    #: Code of a key regulated process, or empty.
    process = models.CharField(_("重点监管工艺"), max_length=4, blank=True)
    tp = models.DecimalField(_("工艺温度Tp（℃）"), max_digits=6, decimal_places=1, null=True, blank=True)
    mtsr = models.DecimalField(_("MTSR（℃）"), max_digits=6, decimal_places=1, null=True, blank=True)
    mtt = models.DecimalField(_("MTT（℃）"), max_digits=6, decimal_places=1, null=True, blank=True)
    td24 = models.DecimalField(_("TD24（℃）"), max_digits=6, decimal_places=1, null=True, blank=True)
    grade = models.PositiveSmallIntegerField(_("工艺危险度"), null=True, editable=False)
    is_settled = models.BooleanField(_("等级已确定"), default=False, editable=False)
    #: Steps and doubts in both languages.
    result = models.JSONField(null=True, editable=False)
    controls = models.JSONField(default=list, editable=False)
    missing = models.PositiveSmallIntegerField(_("未落实措施数"), default=0, editable=False)
    assessed_by = models.CharField(_("评估单位"), max_length=200, blank=True)
    assessed_date = models.DateField(_("评估日期"), null=True, blank=True)
    report_no = models.CharField(_("评估报告编号"), max_length=80, blank=True)
    due_date = models.DateField(_("完成期限"))
    approved_by = models.CharField(_("审核人"), max_length=130, blank=True)
    review_date = models.DateField(_("下次评估日期"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Reaction"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=REACTION.codes), name="reaction_status_known"),
            models.CheckConstraint(
                condition=Q(grade__isnull=True) | Q(grade__gte=1, grade__lte=5), name="reaction_grade"
            ),
            models.CheckConstraint(
                condition=~Q(status="IN_FORCE")
                | Q(grade__isnull=False, assessed_date__isnull=False, review_date__isnull=False),
                name="reaction_in_force",
            ),
            models.UniqueConstraint(fields=["file", "title"], condition=~Q(status="ENDED"), name="reaction_once"),
        ]
        indexes = [
            models.Index(fields=["file", "-created_at"], name="reaction_by_file"),
            models.Index(fields=["review_date", "id"], condition=Q(status="IN_FORCE"), name="reaction_by_review"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Clearing(LoopRow):
    """One of the four clearings of one fine-chemical enterprise (四个清零). Retention class: as the file.

    ``owner_org`` is the enterprise; the office verifies on site.
    """

    loop_code = CLEARING.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="clearings")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(_("清零事项"), max_length=12, choices=ClearingKind.choices)
    title = models.CharField(_("事项"), max_length=240)
    due_date = models.DateField(_("清零期限"))
    evidence_text = models.TextField(_("清零情况"), max_length=2000, blank=True)
    verified_date = models.DateField(_("现场核查日期"), null=True, blank=True)
    verified_text = models.TextField(_("核查情况"), max_length=2000, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Clearing"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CLEARING.codes), name="clearing_status_known"),
            models.CheckConstraint(condition=Q(kind__in=ClearingKind.values), name="clearing_kind_known"),
            models.CheckConstraint(
                condition=~Q(status="CLEARED") | Q(verified_date__isnull=False), name="clearing_verified_on_site"
            ),
            models.UniqueConstraint(fields=["file", "kind"], name="clearing_once"),
        ]
        indexes = [models.Index(fields=["status", "due_date", "id"], name="clearing_by_due")]

    def __str__(self) -> str:
        return self.title
