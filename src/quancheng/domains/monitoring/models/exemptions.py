"""Exemptions (报警限值豁免): limits beyond those of the standard, granted for one tag by the office in charge."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class TagExemption(models.Model):
    """One decision about the limits of a tag: how far they may go until a day, or that an earlier one ends (限值豁免).

    The newest decision of a tag counts. Limits are in the tag's unit; None leaves the standard's. Only ever added; read
    through the tag. Retention class: as the file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tag = models.ForeignKey("monitoring.Tag", models.PROTECT, related_name="exemptions")
    is_granted = models.BooleanField(default=True)
    l = models.FloatField(_("允许低限"), null=True)  # noqa: E741 - the field's own name of this limit
    h = models.FloatField(_("允许高限"), null=True)
    hh = models.FloatField(_("允许高高限"), null=True)
    until_date = models.DateField(_("豁免截止日期"), null=True)
    reason = models.CharField(_("理由"), max_length=500)
    document_no = models.CharField(_("批准文号"), max_length=80)
    office = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    by_name = models.CharField(_("登记人"), max_length=130)
    decided_at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_granted=False) | Q(until_date__isnull=False) & ~Q(document_no=""),
                name="tag_exemption_documented",
            ),
        ]
        indexes = [models.Index(fields=["tag", "-decided_at"], name="tag_exemption_newest")]

    def __str__(self) -> str:
        return f"{self.document_no} {self.until_date}"
