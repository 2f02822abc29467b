"""Weekly running effect of dual prevention (双重预防机制运行效果): what was counted, what follows, what is disputed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.running import RUNNING_ACTION, RUNNING_APPEAL
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.risk.running_effect import Parameters

#: Figures that a district may set, names of ``standards.risk.running_effect.Parameters``.
PARAMETERS: tuple[str, ...] = tuple(Parameters.__slots__)


class RunningGrade(models.TextChoices):
    """Grade of a week (运行等级), codes of ``standards.risk.running_effect``."""

    EXCELLENT = "excellent", _("优")
    GOOD = "good", _("良")
    MEDIUM = "medium", _("中")
    POOR = "poor", _("差")


class Counted(models.TextChoices):
    """What is counted in a week (评价计数)."""

    PLANNED = "planned", _("应完成的排查任务")
    DONE = "done", _("已完成的排查任务")
    DUE = "due", _("到期未验收的隐患")
    ACCEPTED = "accepted", _("其中已验收的隐患")
    REGISTERED = "registered_4w", _("四周内企业登记的隐患")
    HAZARDS = "hazards", _("重大危险源")
    MISSED_MAIN = "missed_main", _("主要负责人未履职任务")
    MISSED_TECHNICAL = "missed_technical", _("技术负责人未履职任务")
    MISSED_OPERATION = "missed_operation", _("操作负责人未履职任务")


class RunningRule(models.Model):
    """Parameters of the weekly evaluation (运行效果评价参数) from a Monday on. Retention class: permanent.

    Only ever added: the newest that is in force counts, and weeks that were evaluated keep theirs.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Of :data:`PARAMETERS`.
    figures = models.JSONField(_("参数"))
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="running_rule_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.figures}"


class RunningVeto(models.Model):
    """A regulator found what makes a week nought and no count can tell (否决事实): V4.

    Read through the enterprise's file. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="running_vetoes")
    monday = models.DateField(_("所属周"))
    code = models.CharField(_("否决项"), max_length=4)
    reason = models.CharField(_("事实"), max_length=500)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(code="V4"), name="running_veto_code"),
            models.UniqueConstraint(
                fields=["file", "monday", "code"], condition=Q(cancelled_at__isnull=True), name="running_veto_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.monday}"


class RunningWeek(models.Model):
    """The evaluation of one enterprise in one week (周运行效果评价). Read through the enterprise's file.

    The inputs are kept beside the result, so that anybody gets the same by the published formula; after it was frozen
    only an objection that was upheld changes it, by a correction that is shown. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="running_weeks")
    monday = models.DateField(_("评价周"))
    #: ``{code of Counted: number}`` as the clock counted.
    counts = models.JSONField(_("计数"))
    #: ``{code of Counted: number}`` as objections corrected it, and ``{"V1": 0}`` for a veto that was lifted.
    corrections = models.JSONField(default=dict)
    #: ``[{"code", "zh", "en"}]``: the vetoes with what shows each.
    vetoes = models.JSONField(default=list)
    #: Parameters that it was evaluated by.
    figures = models.JSONField(default=dict)
    #: ``{code of an indicator: [numerator, denominator]}``.
    indicators = models.JSONField(default=dict)
    e = models.DecimalField(_("运行效果得分"), max_digits=5, decimal_places=1)
    grade = models.CharField(_("运行等级"), max_length=10, choices=RunningGrade.choices)
    is_vetoed = models.BooleanField(_("一票否决"), default=False)
    #: Shares in per cent of tasks done and of dangers accepted, for lists; empty where nothing was due.
    task_share = models.DecimalField(_("任务完成率（%）"), max_digits=5, decimal_places=1, null=True)
    danger_share = models.DecimalField(_("隐患整改率（%）"), max_digits=5, decimal_places=1, null=True)
    #: E less that of the week before; empty where that was not evaluated.
    change = models.DecimalField(_("较上周"), max_digits=5, decimal_places=1, null=True)
    counted_at = models.DateTimeField(_("统计时间"))
    frozen_at = models.DateTimeField(_("封存时间"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "monday"], name="running_week_once"),
            models.CheckConstraint(condition=Q(grade__in=RunningGrade.values), name="running_week_grade"),
            models.CheckConstraint(condition=Q(monday__iso_week_day=1), name="running_week_monday"),
        ]
        indexes = [
            models.Index(fields=["-monday", "e", "id"], name="running_week_newest"),
            models.Index(fields=["monday"], condition=Q(frozen_at__isnull=True), name="running_week_not_frozen"),
        ]

    def __str__(self) -> str:
        return f"{self.monday} {self.e}"

    @property
    def settled(self) -> dict[str, Any]:
        """The counts with what objections corrected."""
        return {**self.counts, **{name: one for name, one in self.corrections.items() if name in self.counts}}

    @property
    def standing_vetoes(self) -> list[dict[str, str]]:
        """The vetoes that no objection lifted."""
        return [one for one in self.vetoes if one["code"] not in self.corrections]


class RunningAction(LoopRow):
    """What a regulator owes after a week (运行效果处置): remind, interview, visit, enforce.

    ``owner_org`` is the office. Retention class: as the file.
    """

    loop_code = RUNNING_ACTION.code

    week = models.ForeignKey(RunningWeek, models.PROTECT, related_name="actions")
    #: A code of ``standards.risk.running_effect.actions``.
    code = models.CharField(_("处置方式"), max_length=12)
    title = models.CharField(_("处置事项"), max_length=340)
    due_date = models.DateField(_("处置时限"))
    #: Records drawn to be looked at from afar (线上抽查): reproducible from the key of the week.
    sample = ArrayField(models.UUIDField(), default=list)
    text = models.TextField(_("处置结果"), max_length=2000, blank=True)
    closed_at = models.DateTimeField(_("处置时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["RunningAction"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RUNNING_ACTION.codes), name="running_action_status_known"),
            models.UniqueConstraint(fields=["week", "code"], name="running_action_once"),
        ]
        indexes = [models.Index(F("closed_at").desc(nulls_first=True), F("id"), name="running_action_open_first")]

    def __str__(self) -> str:
        return self.title


class RunningAppeal(LoopRow):
    """An enterprise objects to a count or a veto of a week (运行效果异议). ``owner_org`` is the office.

    Retention class: as the file.
    """

    loop_code = RUNNING_APPEAL.code

    week = models.ForeignKey(RunningWeek, models.PROTECT, related_name="appeals")
    #: A code of :class:`Counted`, or of a veto.
    about = models.CharField(_("异议事项"), max_length=20)
    #: What the enterprise says it is; nought for a veto that it says is none.
    claimed = models.PositiveIntegerField(_("企业主张"))
    title = models.CharField(_("异议"), max_length=340)
    text = models.TextField(_("理由"), max_length=2000)
    answer = models.TextField(_("核查意见"), max_length=2000, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["RunningAppeal"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RUNNING_APPEAL.codes), name="running_appeal_status_known"),
            models.UniqueConstraint(
                fields=["week", "about"], condition=Q(closed_at__isnull=True), name="running_appeal_one_open"
            ),
        ]
        indexes = [models.Index(F("closed_at").desc(nulls_first=True), F("id"), name="running_appeal_open_first")]

    def __str__(self) -> str:
        return self.title
