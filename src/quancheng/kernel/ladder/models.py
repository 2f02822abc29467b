"""Rungs of the ladder (督办阶梯) as data, the proposals made from them, and which reminders were given."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.ladder.loops import ESCALATION
from quancheng.kernel.loops.models import LoopRow

REMINDER = 0


class LadderRung(models.Model):
    """One rung of one kind of ladder. Retention class: register, permanent.

    ``triggers`` is a list of conditions of which any suffices, each ``{"code": ..., "active": ...}`` with its
    figures; those that wait for a later part of the house stand there inactive with the reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("阶梯类别"), max_length=30)
    step = models.PositiveSmallIntegerField(_("级次"))
    name = models.CharField(_("名称"), max_length=40)
    triggers = models.JSONField(_("触发条件"), default=list)
    issuer = models.CharField(
        _("发出单位"),
        max_length=10,
        choices=[("system", _("系统")), ("office", _("协调机构办公室")), ("committee", _("议事协调机构"))],
    )
    #: Code of the form letter; empty for the reminder.
    template = models.CharField(_("文书模板"), max_length=40, blank=True)
    reply_working_days = models.PositiveSmallIntegerField(_("回复期限（工作日）"), null=True, blank=True)
    #: For the reminder: so many days before the due day.
    remind_days = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    #: ``D`` our design, ``V`` a published rule.
    mark = models.CharField(max_length=1, default="D")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "step"], name="ladder_rung_once"),
            models.CheckConstraint(
                condition=Q(step=REMINDER, issuer="system") | (Q(step__gt=REMINDER) & ~Q(issuer="system")),
                name="ladder_only_reminder_by_system",
            ),
        ]
        ordering = ["kind", "step"]

    def __str__(self) -> str:
        return f"{self.kind} {self.step} {self.name}"


class EscalationQuerySet(ScopedQuerySet["Escalation"]):
    def standing(self) -> Self:
        """Those that count for the next rung; what lapsed never happened."""
        return self.exclude(status="LAPSED")

    def undecided(self) -> Self:
        return self.filter(status__in=ESCALATION.open_states)


class Escalation(LoopRow):
    """One proposed rung against one unit for one late matter. ``owner_org`` decides; ``target`` is the unit.

    Facts and draft are frozen when it is proposed. Retention class: official record, permanent.
    """

    loop_code = "ladder.escalation"

    item = models.ForeignKey("work.WorkItem", models.PROTECT, related_name="+")
    #: The row that the item belongs to; ``row_type()`` names the escalation itself.
    about_type = models.CharField(max_length=60)
    about_id = models.UUIDField()
    target = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("督办对象"))
    ladder = models.CharField(max_length=30)
    step = models.PositiveSmallIntegerField(_("级次"))
    rung_name = models.CharField(pgettext_lazy("ladder", "措施"), max_length=40)
    #: In whose name the paper goes out.
    issuer = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("发文机关"))
    template = models.CharField(max_length=40)
    reply_working_days = models.PositiveSmallIntegerField(null=True)
    #: The due time that was missed: another one begins another climb.
    item_due_at = models.DateTimeField(_("办理期限"))
    days_late = models.IntegerField(_("超期天数"))
    #: The condition that held, or ``hand`` where a person proposed it.
    trigger = models.CharField(max_length=40)
    #: Title, unit, due day, days late, urged how often, earlier rungs with their numbers: as they stood.
    facts = models.JSONField(default=dict)
    draft_title = models.CharField(_("标题"), max_length=200)
    draft_body = models.TextField(_("正文"))
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    postponed_until = models.DateField(_("暂缓至"), null=True)
    reason = models.CharField(_("理由"), max_length=400, blank=True)
    paper = models.OneToOneField("papers.Paper", models.PROTECT, null=True, related_name="+", verbose_name=_("文书"))

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ESCALATION.codes), name="escalation_status_known"),
            models.CheckConstraint(condition=Q(step__gt=REMINDER), name="escalation_above_reminder"),
            models.CheckConstraint(
                condition=~Q(status="SIGNED") | Q(paper__isnull=False), name="escalation_signed_has_paper"
            ),
            models.CheckConstraint(
                condition=~Q(status="POSTPONED") | Q(postponed_until__isnull=False), name="escalation_postponed_until"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("POSTPONED", "DROPPED")) | ~Q(reason=""), name="escalation_reason"
            ),
            models.UniqueConstraint(
                fields=["about_type", "about_id", "target", "item_due_at", "step"],
                condition=~Q(status="LAPSED"),
                name="escalation_once",
            ),
        ]
        indexes = [
            models.Index(fields=["target", "-proposed_at"], name="escalation_target"),
            models.Index(fields=["about_id"], name="escalation_about"),
            models.Index(fields=["item"], condition=Q(status__in=["PROPOSED", "POSTPONED"]), name="escalation_open"),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.rung_name} → {self.target_id}"


class ReminderMark(models.Model):
    """A reminder of a step that was given, or passed over in an outage (已提醒). Retention class: as the item."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("work.WorkItem", models.CASCADE, related_name="+")
    #: Days before the due day.
    days_before = models.PositiveSmallIntegerField()
    #: The due day it spoke of: a new deadline is reminded of anew.
    due_date = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "due_date", "days_before"], name="reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} D-{self.days_before}"
