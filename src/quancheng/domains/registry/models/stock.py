"""What is held (存量): licensed, by design and at present, and each movement of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.chemicals import Chemical
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.domains.registry.models.facilities import Facility
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class Holding(models.Model):
    """One chemical in one facility (设施存量), in tonnes. Retention class: as the file.

    ``concentration`` is a mass fraction above 0 and up to 1; empty means as the chemical is named.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Copied from the facility, so that a chemical is found across the district by one index.
    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="holdings")
    facility = models.ForeignKey(Facility, models.CASCADE, related_name="holdings")
    chemical = models.ForeignKey(Chemical, models.PROTECT, related_name="+")
    #: The trade name, where it differs.
    product = models.CharField(_("商品名称"), max_length=120, blank=True)
    concentration = models.DecimalField(_("含量（质量分数）"), max_digits=7, decimal_places=6, null=True, blank=True)
    #: Of the mixture, where they differ from the chemical's own.
    hazard_classes = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name=_("混合物危险性类别")
    )
    #: Of the goods as kept; empty means the chemical's own.
    density = models.DecimalField(_("密度（吨/立方米）"), max_digits=9, decimal_places=3, null=True, blank=True)
    licensed_t = models.DecimalField(_("许可量（吨）"), max_digits=18, decimal_places=6, null=True, blank=True)
    design_t = models.DecimalField(_("设计最大量（吨）"), max_digits=18, decimal_places=6, null=True, blank=True)
    present_t = models.DecimalField(_("实际存量（吨）"), max_digits=18, decimal_places=6, null=True, blank=True)
    #: When the present quantity was last told, and by whom.
    present_at = models.DateTimeField(_("存量时间"), null=True, blank=True)
    present_by = models.CharField(_("存量填报人"), max_length=60, blank=True)
    ended_date = models.DateField(_("停止储存日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "chemical", "product"], condition=Q(ended_date__isnull=True), name="holding_once"
            ),
            models.CheckConstraint(
                condition=(Q(licensed_t__isnull=True) | Q(licensed_t__gte=0))
                & (Q(design_t__isnull=True) | Q(design_t__gte=0))
                & (Q(present_t__isnull=True) | Q(present_t__gte=0)),
                name="holding_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(concentration__isnull=True) | Q(concentration__gt=0, concentration__lte=1),
                name="holding_concentration",
            ),
        ]
        indexes = [
            # How much of a chemical is held, without a look at the rows.
            models.Index(
                fields=["chemical", "file"],
                include=["present_t", "design_t", "licensed_t"],
                condition=Q(ended_date__isnull=True),
                name="holding_by_chemical",
            ),
            # Where a chemical is held, most first, without sorting all its holdings.
            models.Index(
                "chemical",
                F("present_t").desc(nulls_last=True),
                "id",
                condition=Q(ended_date__isnull=True),
                name="holding_most_first",
            ),
            models.Index(fields=["file", "id"], name="holding_by_file"),
        ]

    def __str__(self) -> str:
        return f"{self.chemical_id} @ {self.facility_id}"


class MovementKind(models.TextChoices):
    """How stock changed (变动类别)."""

    IN = "in", _("入库")
    OUT = "out", _("出库")
    COUNT = "count", _("盘点")


class StockMovement(models.Model):
    """One change of a stock (出入库、盘点记录), in tonnes. Retention class: as the file."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holding = models.ForeignKey(Holding, models.PROTECT, related_name="movements")
    kind = models.CharField(_("变动类别"), max_length=5, choices=MovementKind.choices)
    #: Of goods in and out the quantity moved; of a count the difference that it showed, which may be negative.
    quantity_t = models.DecimalField(_("数量（吨）"), max_digits=18, decimal_places=6)
    balance_t = models.DecimalField(_("结存（吨）"), max_digits=18, decimal_places=6)
    at = models.DateTimeField(_("发生时间"))
    by_name = models.CharField(_("填报人"), max_length=60)
    by_user = models.UUIDField(null=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="movement_kind_known"),
            models.CheckConstraint(condition=Q(kind="count") | Q(quantity_t__gt=0), name="movement_quantity"),
            models.CheckConstraint(condition=Q(balance_t__gte=0), name="movement_balance"),
        ]
        indexes = [models.Index(fields=["holding", "at", "id"], name="movement_by_holding")]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity_t}"
