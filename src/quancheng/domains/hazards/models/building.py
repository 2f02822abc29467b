"""Building dual prevention (双重预防机制建设): papers that show a step, and the regulator's acceptance."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.building import BUILDING
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class PaperKind(models.TextChoices):
    """What a paper shows (材料类别)."""

    LEADERS = "leaders", _("领导小组成立文件")
    RULE_RISK = "rule_risk", _("风险分级管控制度")
    RULE_CHECK = "rule_check", _("隐患排查治理制度")
    RULE_INCENTIVE = "rule_incentive", _("激励约束制度")
    RULE_RUNNING = "rule_running", _("运行评估制度")
    TRAINING = "training", _("全员培训记录")
    POINTS = "points", _("扫码点布设情况")
    INCENTIVE = "incentive", _("奖惩兑现记录")


#: Papers by the step of ``standards.risk.building`` that they show.
PAPERS_OF: dict[int, tuple[PaperKind, ...]] = {
    1: (PaperKind.LEADERS,),
    2: (PaperKind.RULE_RISK, PaperKind.RULE_CHECK, PaperKind.RULE_INCENTIVE, PaperKind.RULE_RUNNING),
    3: (PaperKind.TRAINING,),
    9: (PaperKind.POINTS,),
    12: (PaperKind.INCENTIVE,),
}


class BuildingPaper(models.Model):
    """A paper of a step with its files (建设材料). Read through the enterprise's file. Retention class: as the file."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="building_papers")
    kind = models.CharField(_("材料类别"), max_length=14, choices=PaperKind.choices)
    title = models.CharField(_("材料名称"), max_length=200)
    dated = models.DateField(_("文件日期"))
    text = models.CharField(_("说明"), max_length=1000, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    by_name = models.CharField(_("登记人"), max_length=130)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="building_paper_kind")]
        indexes = [models.Index(fields=["file", "kind", "-dated"], name="building_paper_newest")]

    def __str__(self) -> str:
        return self.title


class BuildingAcceptance(LoopRow):
    """An enterprise asks to be accepted, the office that supervises it looks (建设验收). ``owner_org`` is the office.

    Retention class: as the file.
    """

    loop_code = BUILDING.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="building_acceptances")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("验收事项"), max_length=300)
    #: What the enterprise says of its trial run.
    told = models.CharField(_("试运行情况"), max_length=2000)
    text = models.CharField(_("验收意见"), max_length=2000, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["BuildingAcceptance"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=BUILDING.codes), name="building_acceptance_status_known"),
            models.UniqueConstraint(
                fields=["file"], condition=Q(status__in=("ASKED", "ACCEPTED")), name="building_accepted_once"
            ),
        ]
        indexes = [models.Index(F("closed_at").desc(nulls_first=True), F("id"), name="building_acceptance_open_first")]

    def __str__(self) -> str:
        return self.title
