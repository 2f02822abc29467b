"""Unsafe acts as the enterprise records them (反三违): the type, and the worker for itself alone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models.findings import Finding
from quancheng.kernel.ids import uuid7


class ViolationKind(models.TextChoices):
    """The three violations (三违)."""

    COMMAND = "command", _("违章指挥")
    WORK = "work", _("违章作业")
    DISCIPLINE = "discipline", _("违反劳动纪律")


class Violation(models.Model):
    """The violation behind a danger that is an unsafe act. Retention class: as the danger.

    Read by the enterprise alone; whoever supervises it gets counts by type.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    finding = models.OneToOneField(Finding, models.PROTECT, related_name="violation")
    kind = models.CharField(_("三违类型"), max_length=10, choices=ViolationKind.choices)
    worker = models.CharField(_("违章人员"), max_length=60)
    note = models.CharField(_("处理情况"), max_length=300, blank=True)
    by_name = models.CharField(_("登记人"), max_length=130)
    at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ViolationKind.values), name="violation_kind_known"),
        ]
        indexes = [models.Index(fields=["worker", "at"], name="violation_by_worker")]

    def __str__(self) -> str:
        return self.kind
