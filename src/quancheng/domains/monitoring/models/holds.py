"""Alarms kept silent for a time, and suppressed by design (报警搁置、停用、设计抑制)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.monitoring.loops.hold import HOLD
from quancheng.domains.monitoring.models.events import LimitName
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class HoldKind(models.TextChoices):
    """How an alarm is kept silent (停报方式)."""

    SHELF = "shelf", _("搁置")
    OOS = "oos", pgettext_lazy("alarm", "停用")


class AlarmHold(LoopRow):
    """An alarm of a tag kept silent with reason and end (报警搁置、停用); what it would tell is kept as events.

    ``type`` empty: every condition of the tag. ``owner_org`` is the enterprise. Retention class: as the file.
    """

    loop_code = HOLD.code

    tag = models.ForeignKey("monitoring.Tag", models.PROTECT, related_name="holds")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="alarm_holds")
    kind = models.CharField(_("停报方式"), max_length=5, choices=HoldKind.choices)
    type = models.CharField(_("报警类型"), max_length=5, choices=LimitName.choices, blank=True)
    title = models.CharField(_("事项"), max_length=300)
    reason = models.CharField(_("理由"), max_length=500)
    #: How the danger is watched meanwhile; needed out of service, and of what is safety critical.
    measure = models.CharField(_("替代措施"), max_length=1000, blank=True)
    #: Number of the ticket under which it is out of service.
    ticket = models.CharField(_("作业票或工单号"), max_length=60, blank=True)
    #: It ends when the condition is next normal.
    is_once = models.BooleanField(_("至下次恢复"), default=False)
    needs_second = models.BooleanField(_("需第二人批准"), default=False)
    asked_at = models.DateTimeField(_("申请时间"))
    asked_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    allowed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField(_("截止时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    #: What the test told before it went back into service; needed of what is safety critical.
    test_record = models.CharField(_("恢复前试验记录"), max_length=1000, blank=True)

    objects = ScopedQuerySet["AlarmHold"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=HOLD.codes), name="alarm_hold_status_known"),
            models.UniqueConstraint(
                fields=["tag", "type"], condition=Q(status__in=["ASKED", "STANDING"]), name="alarm_hold_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["tag"], condition=Q(status="STANDING"), name="alarm_hold_standing"),
            models.Index(fields=["file", "-asked_at"], name="alarm_hold_by_file"),
        ]

    def __str__(self) -> str:
        return self.title


class Comparison(models.TextChoices):
    """When the other tag silences (抑制条件)."""

    ACTIVE = "active", _("另一点位正在报警")
    AT_MOST = "at_most", _("另一点位数值不大于")
    AT_LEAST = "at_least", _("另一点位数值不小于")


class SuppressionRule(Scoped):
    """An alarm that says nothing while something else stands (设计抑制): low flow while the pump is stopped.

    Never of a gas detector. ``owner_org`` is the enterprise. Retention class: as the file.
    """

    tag = models.ForeignKey("monitoring.Tag", models.PROTECT, related_name="suppressions")
    #: Empty: every limit of the tag.
    type = models.CharField(_("报警类型"), max_length=5, choices=LimitName.choices, blank=True)
    by_tag = models.ForeignKey("monitoring.Tag", models.PROTECT, related_name="suppresses", verbose_name=_("条件点位"))
    comparison = models.CharField(_("抑制条件"), max_length=10, choices=Comparison.choices)
    value = models.FloatField(_("数值"), null=True, blank=True)
    reason = models.CharField(_("设计依据"), max_length=500)
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    objects = ScopedQuerySet["SuppressionRule"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(comparison="active") | Q(value__isnull=False), name="suppression_value_told"
            ),
            models.CheckConstraint(condition=~Q(by_tag=models.F("tag")), name="suppression_by_another"),
        ]
        indexes = [models.Index(fields=["tag"], condition=Q(ended_at__isnull=True), name="suppression_of_tag")]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.type} {self.by_tag_id}"
