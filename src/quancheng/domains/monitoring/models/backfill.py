"""What was found in readings that came too late to call anybody (补传报警)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models.events import LimitName

#: Limits that are looked for in the past; nothing else of a tag is.
PAST_LIMITS = (LimitName.LL, LimitName.L, LimitName.H, LimitName.HH)


class PastAlarm(models.Model):
    """A limit was passed in what a source filled up afterwards (补传报警): a report, and never an alarm.

    Read through the tag. ``ended_at`` is empty where what came does not show the end. Retention class: as the file.
    """

    id = models.BigAutoField(primary_key=True)
    tag = models.ForeignKey("monitoring.Tag", models.PROTECT, related_name="past_alarms")
    limit = models.CharField(_("报警类型"), max_length=5, choices=[(one.value, one.label) for one in PAST_LIMITS])
    #: By the device's clock.
    began_at = models.DateTimeField(_("发生时间"))
    ended_at = models.DateTimeField(_("恢复时间"), null=True)
    #: In the tag's unit, as the limit, which is that of the day on which it was found.
    value = models.FloatField(_("数值"))
    limit_value = models.FloatField(_("限值"), null=True)
    found_at = models.DateTimeField(_("补传发现时间"))
    #: When those on duty were told; empty: not yet.
    told_at = models.DateTimeField(_("告知时间"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag", "limit", "began_at"], name="past_alarm_once"),
            models.CheckConstraint(
                condition=Q(limit__in=[one.value for one in PAST_LIMITS]), name="past_alarm_limit_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="past_alarm_ends_after"
            ),
        ]
        indexes = [
            models.Index(fields=["-began_at", "id"], name="past_alarm_newest"),
            models.Index(fields=["tag", "limit", "-began_at"], name="past_alarm_by_tag"),
            models.Index(fields=["id"], condition=Q(told_at__isnull=True), name="past_alarm_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.limit} {self.began_at}"
