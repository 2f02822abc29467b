"""Who supplies whom with alcohol-based fuel (醇基燃料供用关系)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.kernel.ids import uuid7


class FuelSupply(models.Model):
    """One user supplied by one supplier, how much a month and how it is stored. Retention class: as the file.

    The supplier may be known here or only by name, e.g. one from another district. Who ended stays with the day.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: The user (使用单位).
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="fuel_supplies")
    supplier = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="fuel_users")
    supplier_name = models.CharField(_("供应单位"), max_length=120)
    monthly_t = models.DecimalField(_("月用量（吨）"), max_digits=12, decimal_places=3)
    #: The most that is kept there at once.
    stored_t = models.DecimalField(_("最大储存量（吨）"), max_digits=12, decimal_places=3)
    storage = models.CharField(_("储存方式"), max_length=120)
    since_date = models.DateField(_("开始日期"), null=True, blank=True)
    ended_date = models.DateField(_("停用日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(monthly_t__gt=0, stored_t__gte=0), name="fuel_supply_quantities"),
            models.CheckConstraint(
                condition=Q(supplier__isnull=True) | ~Q(supplier=F("file")), name="fuel_supply_of_another"
            ),
            models.UniqueConstraint(
                fields=["file", "supplier_name"], condition=Q(ended_date__isnull=True), name="fuel_supply_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_name} → {self.file_id}"
