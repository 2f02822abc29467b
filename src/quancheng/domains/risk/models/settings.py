"""What the district set about grading risks, where it differs from what ships."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class GradingRule(models.Model):
    """One setting of how risks are graded (风险分级口径), from a day on. Retention class: permanent.

    Only ever added: the newest that is in force counts, and old assessments keep theirs.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Limits of the 5×5 matrix, a code of ``standards.risk.ls``.
    ls_limits = models.CharField(_("LS法分级界限"), max_length=20)
    #: Convention of colours of LEC, a code of ``standards.risk.lec``.
    lec_convention = models.CharField(_("LEC法分级口径"), max_length=20)
    #: Levels by which each failed measure raises its event.
    raise_per_failure = models.PositiveSmallIntegerField(_("每条措施失效升高的等级数"))
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(raise_per_failure__lte=3), name="grading_rule_raise"),
        ]
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="grading_rule_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.ls_limits} {self.lec_convention}"
