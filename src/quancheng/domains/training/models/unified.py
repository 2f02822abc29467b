"""What the four main posts learned by, and when (四个统一设定)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.programmes import Programme
from quancheng.kernel.ids import uuid7


class UnifiedWay(models.Model):
    """One material, one paper and one certifying office of a programme, with the days on which they were the ones.

    The programme keeps the present one; here is what hours and exams of a past day are asked by. On the day of a change
    both count, since what was taught in the morning is not undone in the afternoon. Retention class: register,
    permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="ways")
    course = models.ForeignKey("training.Course", models.PROTECT, related_name="+", verbose_name=_("统一教材"))
    rule = models.ForeignKey("training.PaperRule", models.PROTECT, related_name="+", verbose_name=_("统一试卷"))
    office = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+",
                               verbose_name=_("统一发证单位"))  # fmt: skip
    from_date = models.DateField(_("统一培训启用日期"))
    #: The last day; empty for the one that goes on.
    to_date = models.DateField(_("统一培训停用日期"), null=True, blank=True)

    #: When it was set; empty for those of an earlier release. What was begun before it on its first day stands.
    set_at = models.DateTimeField(_("设定时间"), null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gte=F("from_date")), name="unified_way_in_order"
            ),
            models.UniqueConstraint(
                fields=["programme"], condition=Q(to_date__isnull=True), name="unified_way_one_goes_on"
            ),
        ]
        indexes = [models.Index(fields=["programme", "from_date"], name="unified_way_by_day")]

    def __str__(self) -> str:
        return str(self.pk)
