"""How far ahead work is booked (预约规则), as the office set it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class BookingRuleChange(models.Model):
    """How far ahead a job is booked from a day on (预约规则). Only ever added: of those entered by the time of a
    booking that have begun on its day the newest counts, else what ships. Retention class: permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Days of the calendar before the first day of work; never fewer than the standard's.
    lead_days = models.PositiveSmallIntegerField(_("提前天数"))
    from_day = models.DateField(_("起用日期"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_by = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField(_("设置时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(lead_days__gte=1, lead_days__lte=30), name="booking_rule_in_bounds"),
        ]
        indexes = [models.Index(fields=["-entered_at", "-id"], name="booking_rule_newest")]

    def __str__(self) -> str:
        return f"{self.lead_days} {self.from_day}"
