"""Small rooms of governance: duty lists, support, study, rules, proposals by rule, vetoes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.loops.governance import PROPOSAL, VETO
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.loops.models import LoopRow


class DutyListKind(models.TextChoices):
    """Which list a unit makes against the plan (清单类别)."""

    DUTIES = "duties", _("工作职责清单")
    TASKS = "tasks", _("年度任务清单")
    LEADER = "leader", _("领导责任清单")


class DutyList(Scoped):
    """The duty list or yearly task list of a unit (职责清单、年度任务清单), or that of one leader; owned by the unit.

    Retention class: official document, permanent.
    """

    year = models.PositiveSmallIntegerField(_("年度"))
    kind = models.CharField(_("清单类别"), max_length=10, choices=DutyListKind.choices)
    #: Whose list it is, for a leader's; empty for the unit's own.
    person = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("领导")
    )
    entries = ArrayField(models.CharField(max_length=500), verbose_name=_("清单内容"))
    filed_at = models.DateTimeField(_("制定时间"))

    objects = ScopedQuerySet["DutyList"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_org", "year", "kind"], condition=Q(person__isnull=True), name="duty_list_once"
            ),
            models.UniqueConstraint(
                fields=["owner_org", "year", "person"], condition=Q(person__isnull=False), name="duty_list_person_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="leader", person__isnull=False) | (~Q(kind="leader") & Q(person__isnull=True)),
                name="duty_list_person",
            ),
            models.CheckConstraint(condition=Q(kind__in=DutyListKind.values), name="duty_list_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_org_id} {self.year} {self.kind}"


class ActKind(models.TextChoices):
    """How somebody did his duty (履职方式)."""

    INSPECT = "inspect", _("检查")
    MEET = "meet", _("会议部署")
    COORDINATE = "coordinate", _("协调解决")
    TRAIN = "train", _("教育培训")
    DRILL = "drill", _("应急演练")
    INVEST = "invest", _("安全投入")
    OTHER = "other", _("其他")


class DutyRecord(Scoped):
    """What was done against an entry of a duty list (履职记录), its evidence held as files.

    Only ever added. Retention class: official document, permanent.
    """

    append_only = True

    duty_list = models.ForeignKey(DutyList, models.PROTECT, related_name="records")
    #: The entry as it stood: lists change, what was done for it does not.
    entry = models.CharField(_("对应职责"), max_length=500)
    kind = models.CharField(_("履职方式"), max_length=10, choices=ActKind.choices)
    done_date = models.DateField(_("履职日期"))
    place = models.CharField(_("地点或对象"), max_length=200, blank=True)
    text = models.TextField(_("履职情况"))
    found_count = models.PositiveSmallIntegerField(_("发现问题"), default=0)
    solved_count = models.PositiveSmallIntegerField(_("解决问题"), default=0)
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["DutyRecord"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ActKind.values), name="duty_record_kind"),
        ]
        indexes = [models.Index(fields=["duty_list", "-done_date"], name="duty_record_by_list")]

    def __str__(self) -> str:
        return f"{self.done_date} {self.entry}"


class SupportKind(models.TextChoices):
    """How a unit is supported (支持方式)."""

    PROJECT = "project", _("项目")
    FUNDS = "funds", _("资金")
    SERVICE = "service", _("技术服务")


class SupportItem(Scoped):
    """Support for a unit by project, funds or service (支持事项). Retention class: record of acts, 10 years."""

    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("受支持单位"))
    kind = models.CharField(_("支持方式"), max_length=10, choices=SupportKind.choices)
    title = models.CharField(_("支持事项"), max_length=200)
    #: Yuan.
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    given_date = models.DateField(_("日期"))
    text = models.TextField(_("说明"), blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["SupportItem"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SupportKind.values), name="support_item_kind"),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gte=0), name="support_item_amount"),
            models.CheckConstraint(condition=~Q(kind="funds") | Q(amount__isnull=False), name="support_item_funds"),
        ]

    def __str__(self) -> str:
        return self.title


class StudyRecord(Scoped):
    """A study session of a unit (学习记录), its evidence held as files. Retention class: record of acts, 5 years."""

    topic = models.CharField(_("学习主题"), max_length=200)
    held_date = models.DateField(_("学习日期"))
    attendees = models.CharField(_("参加人员"), max_length=500)
    material = models.CharField(_("学习材料"), max_length=300)
    text = models.TextField(_("学习情况"), blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["StudyRecord"].as_manager()

    def __str__(self) -> str:
        return self.topic


class RuleRecord(Scoped):
    """A rule that grew out of a task (制度成果): so that what a campaign achieved stays.

    Retention class: official document, permanent.
    """

    title = models.CharField(_("制度名称"), max_length=200)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    text = models.TextField(_("主要内容"))
    in_force_from = models.DateField(_("施行日期"))
    task = models.ForeignKey("duty.Task", models.PROTECT, related_name="+", verbose_name=_("来源任务"))
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["RuleRecord"].as_manager()

    def __str__(self) -> str:
        return self.title


class ProposalKind(models.TextChoices):
    """What the rules propose (建议类别)."""

    REWARD = "reward", _("表扬奖励")
    TALK = "talk", _("约谈")
    KEY = "key", _("重点监管")


class Proposal(LoopRow):
    """A proposal that a rule made from facts; a person decides (奖惩建议). Retention class: record of acts, 5 years."""

    loop_code = PROPOSAL.code

    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("单位"))
    year = models.PositiveSmallIntegerField(_("年度"))
    kind = models.CharField(_("建议类别"), max_length=10, choices=ProposalKind.choices)
    #: The rule in words, and the figures as they stood.
    rule = models.CharField(_("依据规则"), max_length=300)
    facts = models.JSONField(default=dict)
    proposed_at = models.DateTimeField(_("提出时间"))

    objects = ScopedQuerySet["Proposal"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PROPOSAL.codes), name="proposal_status_known"),
            models.UniqueConstraint(
                fields=["owner_org", "org", "year", "kind"], condition=Q(status="PROPOSED"), name="proposal_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.org_id} {self.year}"


class Veto(LoopRow):
    """An accident that overrides a unit's yearly score (一票否决). Retention class: official document, permanent."""

    loop_code = VETO.code

    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("单位"))
    year = models.PositiveSmallIntegerField(_("年度"))
    event_date = models.DateField(_("事故日期"))
    reason = models.TextField(_("否决理由"))
    #: The last day of the year, when it ends.
    review_date = models.DateField(_("年度截止"))
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Veto"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=VETO.codes), name="veto_status_known"),
            models.UniqueConstraint(fields=["org", "year", "event_date"], condition=~Q(status="LIFTED"),
                                    name="veto_once"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.org_id} {self.year}"
