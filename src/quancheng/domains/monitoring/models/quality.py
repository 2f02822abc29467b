"""How good the alarm system of a site was in a month (报警系统绩效): sums, of which figures are made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.arrays import ArrayField


class AlarmMonth(models.Model):
    """Sums of the alarms that came at a site in a month (报警绩效月汇总). Read through the enterprise.

    Names and meanings are those of ``queries.alarm_quality.Sums``, from which a row is written; seconds where a name
    ends in ``_s``. Retention class: as the file.
    """

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="alarm_months")
    #: First day, in the district's time.
    month = models.DateField(_("月份"))
    #: Up to when alarms count, and when it was worked out: answers that came later are not in it.
    until_at = models.DateTimeField(_("统计截至"))
    worked_out_at = models.DateTimeField(_("计算时间"))
    days = models.FloatField()
    points = models.PositiveIntegerField()
    point_days = models.FloatField()
    count = models.PositiveIntegerField()
    high = models.PositiveIntegerField()
    medium = models.PositiveIntegerField()
    hours = models.PositiveIntegerField()
    hours_over = models.PositiveIntegerField()
    tens = models.PositiveIntegerField()
    tens_over = models.PositiveIntegerField()
    p95_tens = models.FloatField()
    peak = models.PositiveIntegerField()
    floods = models.PositiveIntegerField()
    flood_s = models.FloatField()
    flood_longest_s = models.FloatField()
    top = models.PositiveIntegerField()
    chattering = models.PositiveIntegerField()
    fleeting = models.PositiveIntegerField()
    standing = models.PositiveIntegerField()
    duplicates = models.PositiveIntegerField()
    in_60 = models.PositiveIntegerField()
    acknowledged = models.PositiveIntegerField()
    acknowledging_s = models.FloatField()
    ack_p95_s = models.FloatField(null=True)
    ack_p99_s = models.FloatField(null=True)
    ack_judged = models.PositiveIntegerField()
    ack_on_time = models.PositiveIntegerField()
    answer_judged = models.PositiveIntegerField()
    answer_on_time = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()
    false = models.PositiveIntegerField()
    in_alarm_s = models.FloatField()
    overstayed = models.PositiveIntegerField()
    loosened = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "month"], name="alarm_month_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="alarm_month_first"),
        ]
        indexes = [models.Index(fields=["month", "file"], name="alarm_month_by_month")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.month:%Y-%m} {self.count}"


class AlarmMonthRows(models.Model):
    """The alarms that a figure of a kept month opens (报警绩效月明细), as they were when its sums were worked out.

    ``code`` is one of ``queries.alarm_quality.rows_to_keep``; ``events`` are keys of limits that were passed. A figure
    that opens nothing has no row. Retention class: as the file.
    """

    id = models.BigAutoField(primary_key=True)
    month = models.ForeignKey(AlarmMonth, models.CASCADE, related_name="rows")
    code = models.CharField(max_length=20)
    events = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "month"], name="alarm_month_rows_once")]

    def __str__(self) -> str:
        return f"{self.month_id} {self.code} {len(self.events)}"
