"""Simultaneous work (交叉作业): operations beside permits, and conflicts that the house found."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.outside import OutsidePermit
from quancheng.domains.permits.models.permits import Permit
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class OperationNotice(Scoped):
    """An operation beside permits that special work must know of (作业活动通报), e.g. sampling, venting, loading.

    Told by the shift of the enterprise, whose row it is. Retention class: 3 years after its end.
    """

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所在单元"))
    #: A code of ``standards.gb30871.simops.ACTIVITIES``.
    activity = models.CharField(_("作业活动"), max_length=20)
    place = models.CharField(_("地点"), max_length=200)
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6)
    lat = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6)
    radius_m = models.DecimalField(_("范围半径，m"), max_digits=5, decimal_places=1, null=True, blank=True)
    ties = models.JSONField(default=dict, blank=True)
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    contact = models.CharField(_("联系方式"), max_length=60)
    told_by = models.CharField(_("通报人"), max_length=130)
    told_at = models.DateTimeField(_("通报时间"))

    objects = ScopedQuerySet["OperationNotice"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="operation_in_order"),
            models.CheckConstraint(
                condition=Q(lon__range=(-180, 180), lat__range=(-90, 90)), name="operation_point"
            ),
        ]
        indexes = [
            models.Index(fields=["-starts_at", "id"], name="operation_newest"),
            models.Index(fields=["ends_at"], name="operation_by_end"),
        ]

    def __str__(self) -> str:
        return self.place


class SimopsConflict(models.Model):
    """A permit that meets other work under a rule (交叉作业冲突), seen from that permit; and how it is coordinated.

    Found by the clock and kept; read through the permit. One of ``other``, ``operation`` and ``outside`` is the other
    side; none where too much hot work is in one zone. Retention class: as the permit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="meetings")
    other = models.ForeignKey(Permit, models.CASCADE, null=True, related_name="+")
    operation = models.ForeignKey(OperationNotice, models.CASCADE, null=True, related_name="+")
    #: It stays as long as we keep what met it (``queries.outside.list_outside_gone``).
    outside = models.ForeignKey(OutsidePermit, models.PROTECT, null=True, related_name="+")
    #: As in ``data/simops.csv`` of the standard, with its result.
    rule = models.CharField(max_length=16)
    result = models.CharField(max_length=12)
    distance_m = models.DecimalField(_("间距，m"), max_digits=10, decimal_places=2)
    starts_at = models.DateTimeField(_("重叠开始"))
    ends_at = models.DateTimeField(_("重叠结束"))
    found_at = models.DateTimeField(_("发现时间"))
    #: Since when they meet no longer.
    gone_at = models.DateTimeField(null=True, blank=True)
    coordinator = models.CharField(_("协调人"), max_length=60, blank=True)
    measures = models.CharField(_("联合辨识的风险和措施"), max_length=1000, blank=True)
    decided_by = models.CharField(_("决定人"), max_length=130, blank=True)
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["permit", "other", "operation", "outside", "rule"], nulls_distinct=False,
                name="simops_conflict_once",
            ),
            models.CheckConstraint(
                condition=Q(result__in=("CONDITIONAL", "FORBID")), name="simops_conflict_result"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | (~Q(coordinator="") & ~Q(measures="")),
                name="simops_conflict_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["permit", "gone_at"], name="simops_conflict_open"),
            models.Index(fields=["id"], condition=Q(gone_at__isnull=True), name="simops_conflict_standing"),
        ]

    def __str__(self) -> str:
        return self.rule
