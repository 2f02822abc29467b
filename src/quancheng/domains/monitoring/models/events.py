"""What limits did (报警事件): each time one was passed or left again, as processors saw it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

#: Kinds of events that are told to pages: limits were passed or left again at an enterprise; a source was connected, or
#: cut off.
LIMIT_PASSED = "monitoring.limit.passed"
CONNECTED, CUT_OFF = "monitoring.source.connected", "monitoring.source.cut_off"


class LimitName(models.TextChoices):
    """Which condition of a tag (报警类型): a limit, or what is wrong with its signal."""

    LL = "LL", _("低低报")
    L = "L", _("低报")
    H = "H", _("高报")
    HH = "HH", _("高高报")
    ROC = "ROC", _("变化率报警")
    STALE = "STALE", _("数据中断")
    FLAT = "FLAT", _("数值卡滞")
    INSTR = "INSTR", _("仪表故障")
    DEV = "DEV", _("偏差报警")
    DISC = "DISC", _("指令反馈不符")


#: Whose value says nothing in the tag's unit: its signal is away, stuck or faulty, or a command is not followed.
VALUELESS = (LimitName.STALE, LimitName.FLAT, LimitName.INSTR, LimitName.DISC)
#: Of a tag and its partner together.
COMPARED = (LimitName.DEV, LimitName.DISC)


class LimitEvent(models.Model):
    """A limit was passed, or left again (报警、恢复事件). Only ever added, once; read through the tag.

    Retention class: as the file.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    tag = models.ForeignKey("monitoring.Tag", models.PROTECT, related_name="events")
    limit = models.CharField(_("报警类型"), max_length=5, choices=LimitName.choices)
    is_raised = models.BooleanField(_("报警"))
    #: By the device's clock.
    at = models.DateTimeField(_("发生时间"))
    #: In the tag's unit; of ROC in units a minute, of STALE seconds without a reading, of INSTR the quality that came.
    #: Of DEV and DISC how far the tag and its partner are apart; the limit of DISC is in seconds.
    value = models.FloatField(_("数值"))
    limit_value = models.FloatField(_("限值"), null=True)
    #: Told so late that nobody is called for it any more.
    is_late = models.BooleanField(_("补传"), default=False)
    noted_at = models.DateTimeField(_("记录时间"))
    #: Of the stream, as told when it was written down; empty of what came before alarms did.
    partition = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag", "limit", "is_raised", "at"], name="limit_event_once"),
            models.CheckConstraint(condition=Q(limit__in=LimitName.values), name="limit_event_known"),
        ]
        indexes = [
            models.Index(fields=["-at", "id"], name="limit_event_newest"),
            models.Index(fields=["tag", "-at"], name="limit_event_by_tag"),
            # One writer a partition, so that numbers grow in the order in which they are committed.
            models.Index(fields=["partition", "id"], condition=Q(partition__isnull=False),
                         name="limit_event_by_partition"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.limit} {self.at}"
