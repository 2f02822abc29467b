"""What phones told from the place (现场记录): when it happened, when it came in, and whether it counted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Permit
from quancheng.kernel.ids import uuid7


class FieldKind(models.TextChoices):
    """What somebody did at the place."""

    MEASURE = "MEASURE", _("确认安全措施")
    GAS = "GAS", _("气体分析")
    LOOK = "LOOK", _("监护检查")
    ENTER = "ENTER", _("进入受限空间登记")
    LEAVE = "LEAVE", _("离开受限空间登记")
    SITE = "SITE", _("现场核查")
    STOP = "STOP", _("现场叫停")


class FieldRecord(models.Model):
    """One act that a phone brought home, with or without signal (现场记录). Only ever added. Retention class: as the
    permit.

    What counts lies besides where the page would have put it; this row keeps what was told as it was, also where it
    came too late to count (``outcome`` KEPT, with its ``reason``): nothing is lost, and nothing makes a permit look
    better than it was.
    """

    class Outcome(models.TextChoices):
        COUNTED = "COUNTED", _("已计入")
        PARTLY = "PARTLY", _("部分计入")
        KEPT = "KEPT", _("未计入，留存")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="field_records")
    kind = models.CharField(_("现场记录类别"), max_length=8, choices=FieldKind.choices)
    #: As the phone told it; people by their row on the permit.
    body = models.JSONField()
    outcome = models.CharField(_("处理结果"), max_length=8, choices=Outcome.choices)
    #: A code of ``services.field.REASONS``; empty where all of it counted.
    reason = models.CharField(max_length=16, blank=True)
    by_user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("记录人"), max_length=130)
    #: By our clock; ``device_at`` as the device showed it.
    happened_at = models.DateTimeField(_("发生时间"))
    device_at = models.DateTimeField(_("设备时间"))
    received_at = models.DateTimeField(_("送达时间"))
    #: Where the device was: degrees (WGS 84), metres of accuracy, metres to the edge of the place of work.
    lon = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    accuracy_m = models.DecimalField(max_digits=7, decimal_places=1, null=True)
    distance_m = models.DecimalField(_("距作业点，m"), max_digits=10, decimal_places=1, null=True)
    #: Which device, and the running number that it gave the act.
    device = models.UUIDField(null=True)
    number = models.PositiveBigIntegerField(null=True)
    #: What somebody should know who judges it, in both languages.
    doubts = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=FieldKind.values), name="field_record_kind"),
            models.CheckConstraint(
                condition=Q(outcome="COUNTED", reason="") | (Q(outcome__in=("PARTLY", "KEPT")) & ~Q(reason="")),
                name="field_record_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["permit", "-happened_at"], name="field_record_newest"),
            models.Index(fields=["device", "number"], condition=Q(device__isnull=False), name="field_record_device"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
