"""Campaigns (专项行动): who leads them, whom they cover, the checklist and its answers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.loops.campaign import CAMPAIGN, CAMPAIGN_UNIT
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Campaign(LoopRow):
    """A campaign (专项行动) from preparation to closing report. Retention class: official document, permanent."""

    loop_code = CAMPAIGN.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("行动名称"), max_length=200)
    leader = models.CharField(_("组长"), max_length=60)
    #: What shall be reached, in words, e.g. 全年零事故.
    target = models.CharField(_("行动目标"), max_length=300)
    text = models.TextField(_("行动内容"), blank=True)
    period_from = models.DateField(_("开始日期"))
    period_to = models.DateField(_("结束日期"))
    plan = models.ForeignKey("duty.Plan", models.PROTECT, null=True, blank=True, related_name="+")
    #: The task of the plan that orders it.
    task = models.ForeignKey("duty.Task", models.PROTECT, null=True, blank=True, related_name="campaigns")
    #: How often each unit is covered (轮次).
    rounds = models.PositiveSmallIntegerField(_("轮次"), default=1)
    #: Whether each covered unit answers the checklist itself; else the campaign's office goes and answers.
    answers_itself = models.BooleanField(_("由覆盖单位自行填报"), default=True)
    #: Rises with each change of its scheme: whoever saves against an older number is told.
    version = models.PositiveIntegerField(default=1, db_default=1)
    orgs = models.ManyToManyField("people.Organisation", related_name="+", blank=True)
    report = models.TextField(_("行动总结"), blank=True)
    #: Coverage and findings as they stood when the report was handed in.
    figures = models.JSONField(default=dict, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Campaign"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CAMPAIGN.codes), name="campaign_status_known"),
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="campaign_period_in_order"),
            models.CheckConstraint(condition=Q(rounds__range=(1, 12)), name="campaign_rounds"),
            models.CheckConstraint(
                condition=~Q(status__in=("REPORTED", "CLOSED")) | ~Q(report=""), name="campaign_reported"
            ),
        ]
        indexes = [models.Index(fields=["status", "period_to", "id"], name="campaign_by_end")]

    def __str__(self) -> str:
        return self.title


class CampaignItem(models.Model):
    """One question of a campaign's checklist (检查项). Retention class: as the campaign."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(_("检查项"), max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "order"], name="campaign_item_order")]

    def __str__(self) -> str:
        return self.text


class CampaignUnit(LoopRow):
    """A unit that a campaign covers (覆盖单位), its answers and evidence. Retention class: as the campaign."""

    loop_code = CAMPAIGN_UNIT.code

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="units")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: Which round of the campaign, from 1.
    round = models.PositiveSmallIntegerField(_("轮次"), default=1)
    #: Who answers: the unit itself or the campaign's office.
    checker = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    due_date = models.DateField(_("完成时限"))
    submitted_at = models.DateTimeField(_("填报时间"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet["CampaignUnit"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "org", "round"], name="campaign_unit_once_a_round"),
            models.CheckConstraint(condition=Q(status__in=CAMPAIGN_UNIT.codes), name="campaign_unit_known"),
        ]
        indexes = [models.Index(fields=["checker", "status", "due_date"], name="campaign_unit_by_checker")]

    def __str__(self) -> str:
        return f"{self.campaign_id} → {self.org_id}"


class Answer(models.TextChoices):
    """The answer to a checklist question (检查结果)."""

    YES = "yes", _("符合")
    NO = "no", _("存在问题")
    NONE = "none", _("不涉及")


class CampaignAnswer(models.Model):
    """One answer of a unit (检查结果). Retention class: as the campaign."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(CampaignUnit, models.CASCADE, related_name="answers")
    item = models.ForeignKey(CampaignItem, models.PROTECT, related_name="+")
    answer = models.CharField(_("检查结果"), max_length=4, choices=Answer.choices)
    text = models.CharField(_("说明"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "item"], name="campaign_answer_once"),
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="campaign_answer_known"),
            models.CheckConstraint(condition=~Q(answer="no") | ~Q(text=""), name="campaign_answer_no_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.answer}"
