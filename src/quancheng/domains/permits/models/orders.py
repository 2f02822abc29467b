"""Stop orders of offices and enterprises (停工指令)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.loops.order import STOP_ORDER
from quancheng.domains.permits.models.permits import Permit
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow

#: What an order is for: one permit, one unit, one enterprise, or a circle whatever the enterprise.
_TARGET = (
    Q(permit__isnull=False, file__isnull=False, unit__isnull=True, lon__isnull=True)
    | Q(permit__isnull=True, file__isnull=False, lon__isnull=True)
    | Q(permit__isnull=True, file__isnull=True, unit__isnull=True, lon__isnull=False, radius_m__gt=0)
)  # fmt: skip


class StopOrder(LoopRow):
    """An order by which work stops at once and may not begin (停工指令). Retention class: permanent.

    ``owner_org`` is who gave it and alone releases it. For one permit, one unit, a whole enterprise, or a circle (then
    everybody reads it). Degrees are CGCS2000.
    """

    loop_code: ClassVar[str] = STOP_ORDER.code

    number = models.CharField(_("指令编号"), max_length=60)
    file = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+", verbose_name=_("企业"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("单元"))
    permit = models.ForeignKey(Permit, models.SET_NULL, null=True, related_name="+", verbose_name=_("作业票"))
    lon = models.DecimalField(_("中心经度"), max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField(_("中心纬度"), max_digits=9, decimal_places=6, null=True)
    radius_m = models.PositiveIntegerField(_("半径，m"), null=True)
    #: A code of ``standards.gb30871.endings.STOP_REASONS``.
    cause = models.CharField(_("停工原因"), max_length=20)
    reason = models.CharField(_("情况说明"), max_length=500)
    #: Permits whose work it stopped when it was given.
    stopped_count = models.PositiveIntegerField(_("停止作业数"), default=0)
    issued_by = models.CharField(_("下达人"), max_length=130)
    issued_at = models.DateTimeField(_("下达时间"))
    released_at = models.DateTimeField(_("解除时间"), null=True)
    release_note = models.CharField(_("解除说明"), max_length=500, blank=True)

    objects = ScopedQuerySet["StopOrder"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_org", "number"], name="stop_order_number_once"),
            models.CheckConstraint(condition=Q(status__in=STOP_ORDER.codes), name="stop_order_status_known"),
            models.CheckConstraint(condition=_TARGET | Q(status="RELEASED"), name="stop_order_one_target"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="stop_order_point",
            ),
        ]
        indexes = [
            models.Index(fields=["-issued_at", "id"], name="stop_order_newest"),
            models.Index(fields=["id"], condition=Q(status="IN_FORCE"), name="stop_order_in_force"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        return f"{self.number} {self.reason}"[:300]
