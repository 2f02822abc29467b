"""Looking back for responsibility (责任倒查): what set it off, the records as they stood, who answers for what."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.lookback import LOOKBACK
from quancheng.domains.hazards.models.findings import Finding
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.hidden_dangers.clearing import TRIGGERS


class Fault(models.TextChoices):
    """What somebody did not do (责任情形)."""

    BLIND = "blind", _("失察")
    UNCHECKED = "unchecked", _("未查")
    FAKED = "faked", _("假查")
    UNMENDED = "unmended", _("未改")
    UNURGED = "unurged", _("未督")


class Blamed(models.TextChoices):
    """Who answers for it (责任主体)."""

    PERSON = "person", _("个人")
    UNIT = "unit", _("单位")
    AGENCY = "agency", _("服务机构")
    AUTHORITY = "authority", _("监管部门")


class Suggestion(models.TextChoices):
    """What is suggested (处理建议)."""

    TEACH = "teach", _("教育")
    TALK = "talk", _("约谈")
    CIRCULATE = "circulate", _("通报")
    PUNISH = "punish", _("处罚")
    TRANSFER = "transfer", _("移送")


class Link(models.TextChoices):
    """A link of the chain that is looked into (倒查环节)."""

    POST = "post", _("岗位巡查")
    WORKSHOP = "workshop", _("车间周查")
    PLANT = "plant", _("厂级月查")
    MAIN = "main", _("主要负责人检查")
    MONEY = "money", _("资金和审批")
    AGENCY = "agency", _("服务、设计、检测机构")
    OFFICE = "office", _("监管部门检查")
    FOLLOW_UP = "follow_up", _("到期跟踪督促")
    TOWN = "town", _("镇街")


class Lookback(LoopRow):
    """One look back at how a danger came to stand (责任倒查). ``owner_org`` conducts it; nobody else reads it before it
    was approved, then those who are blamed read what concerns them.

    ``frozen`` holds ``{"kind", "id", "at", "zh", "en", "digest"}`` of each record as it stood when it was opened.
    Retention class: official record, permanent.
    """

    loop_code = LOOKBACK.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("倒查事项"), max_length=300)
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="lookbacks")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="lookbacks")
    reason = models.CharField(_("启动理由"), max_length=500)
    frozen = models.JSONField(default=list, editable=False)
    frozen_digest = models.CharField(_("封存摘要"), max_length=64)
    frozen_at = models.DateTimeField(_("封存时间"))
    text = models.TextField(_("倒查结论"), max_length=4000, blank=True)
    approver_name = models.CharField(_("批准人"), max_length=130, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Lookback"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LOOKBACK.codes), name="lookback_status_known"),
            models.UniqueConstraint(fields=["finding"], condition=Q(closed_at__isnull=True), name="lookback_one_open"),
        ]
        indexes = [
            models.Index(
                F("closed_at").desc(nulls_first=True), F("created_at").desc(), F("id"), name="lookback_open_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class LookbackCause(models.Model):
    """Why one was opened (启动情形): one event is used once. Retention class: as the look back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    lookback = models.ForeignKey(Lookback, models.PROTECT, related_name="causes")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="+")
    trigger = models.CharField(_("启动情形"), max_length=16)
    #: What exactly: the check that said normal, the listing, the danger reopened, the accident as it was told.
    event = models.CharField(_("事件"), max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(trigger__in=list(TRIGGERS)), name="lookback_trigger_known"),
            models.UniqueConstraint(fields=["finding", "trigger", "event"], name="lookback_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.trigger} {self.event}"


class Conclusion(models.Model):
    """One conclusion on one link of the chain (倒查认定). Retention class: as the look back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    lookback = models.ForeignKey(Lookback, models.PROTECT, related_name="conclusions")
    link = models.CharField(_("倒查环节"), max_length=10, choices=Link.choices)
    fault = models.CharField(_("责任情形"), max_length=10, choices=Fault.choices)
    level = models.CharField(_("责任主体"), max_length=10, choices=Blamed.choices)
    #: The organisation that answers, or to which the person belongs; a body outside the house is named in the text.
    org = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+",
                            verbose_name=_("责任单位"))  # fmt: skip
    who = models.CharField(_("责任人或机构"), max_length=120)
    suggestion = models.CharField(_("处理建议"), max_length=10, choices=Suggestion.choices)
    evidence = models.TextField(_("认定依据"), max_length=2000)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(link__in=Link.values), name="conclusion_link_known"),
            models.CheckConstraint(condition=Q(fault__in=Fault.values), name="conclusion_fault_known"),
            models.CheckConstraint(condition=Q(level__in=Blamed.values), name="conclusion_level_known"),
            models.CheckConstraint(condition=Q(suggestion__in=Suggestion.values), name="conclusion_suggestion_known"),
        ]

    def __str__(self) -> str:
        return f"{self.link} {self.who}"
