"""Who is told of an alarm, when and how (告知、升级): steps from a day on, each organisation's rules, what was told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models.alarms import Alarm
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField


class EscalationTable(models.Model):
    """After how many seconds each step of escalation is due, from a day on (升级时限). Retention class: permanent.

    Only ever added: the newest that is in force counts. Who a step tells is not in it.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    #: Step to priority to seconds, both as text: ``{"1": {"1": 60}}``; a priority left out never gets there.
    after_s = models.JSONField(_("升级时限（秒）"))
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="escalation_table_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.after_s}"


class TellingRule(Scoped):
    """Who of an organisation is told of which alarms, when and how (告知规则). ``owner_org`` sets it for itself.

    Empty priorities, types, steps, windows or channels mean all of them. Retention class: register, permanent.
    """

    name = models.CharField(_("规则名称"), max_length=100)
    priorities = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, verbose_name=_("优先级"))
    types = ArrayField(models.CharField(max_length=5), default=list, blank=True, verbose_name=_("报警类型"))
    steps = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, verbose_name=_("升级步骤"))
    #: Those of ``queries.telling.Window`` as JSON; one at least must be open.
    windows = models.JSONField(_("时段"), default=list)
    #: Names of channels besides the inbox.
    channels = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("渠道"))
    #: Notices to one person within an hour; further ones are gathered. Empty: as many as come.
    limit_per_hour = models.PositiveSmallIntegerField(_("每小时上限"), null=True, blank=True)
    #: Who hears: whoever holds this duty, and the persons below.
    duty = models.CharField(_("按职责告知"), max_length=80, blank=True)
    persons = models.ManyToManyField("people.User", blank=True, related_name="+", verbose_name=_("指定人员"))
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    objects = ScopedQuerySet["TellingRule"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner_org"], condition=Q(ended_at__isnull=True), name="telling_rule_standing")]

    def __str__(self) -> str:
        return self.name


class Outcome(models.TextChoices):
    """What became of telling somebody (告知结果)."""

    TOLD = "told", _("已告知")
    #: Joined others in one notice: the limit of the hour was reached, or alarms came as a flood.
    GATHERED = "gathered", _("合并告知")
    HOURS = "hours", _("不在告知时段")
    CHANNEL = "channel", _("渠道未接通")
    NOBODY = "nobody", _("没有可告知的人员")


class AlarmTold(models.Model):
    """Somebody was told of an alarm, or why not (告知记录). Only ever added; read through the alarm.

    Retention class: as the file.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    alarm = models.ForeignKey(Alarm, models.PROTECT, related_name="told")
    step = models.PositiveSmallIntegerField(_("升级步骤"))
    person = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, null=True, related_name="+")
    rule = models.ForeignKey(TellingRule, models.PROTECT, null=True, related_name="+")
    #: ``inbox``, the name of a channel, or ``city``.
    channel = models.CharField(_("渠道"), max_length=40)
    outcome = models.CharField(_("告知结果"), max_length=10, choices=Outcome.choices)
    at = models.DateTimeField(_("告知时间"))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="alarm_told_outcome")]
        indexes = [
            models.Index(fields=["alarm", "at"], name="alarm_told_by_alarm"),
            models.Index(fields=["rule", "person", "-at"], condition=Q(rule__isnull=False), name="alarm_told_by_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.step} {self.outcome}"


class FindingCause(models.TextChoices):
    """Why an alarm is a hidden danger (转隐患原因)."""

    REPEATED = "repeated", _("报警反复发生")
    STANDING = "standing", _("报警长时间未消除")
    INSTRUMENT = "instrument", _("安全关键仪表故障未修复")
    NO_ACTION = "no_action", _("一级报警确认后未采取措施")
    LOOSENED = "loosened", _("报警限值宽于法定且豁免已到期")
    BY_HAND = "by_hand", _("人工判断")


class TagFinding(models.Model):
    """A hidden danger that alarms of a tag became (报警转隐患); of one cause one is open at most. Only ever added.

    Retention class: as the file.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    tag = models.ForeignKey("monitoring.Tag", models.PROTECT, related_name="findings")
    cause = models.CharField(_("转隐患原因"), max_length=10, choices=FindingCause.choices)
    finding = models.OneToOneField("hazards.Finding", models.PROTECT, related_name="of_tag")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(cause__in=FindingCause.values), name="tag_finding_cause")]
        indexes = [models.Index(fields=["tag", "cause", "-at"], name="tag_finding_newest")]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.cause}"
