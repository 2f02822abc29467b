"""Portable detectors that go with a permit (便携检测仪配对)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Permit
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.ids import uuid7


class DetectorPairing(models.Model):
    """A portable detector that goes with a permit (便携检测仪配对), with one at a time. Read through the permit.
    Retention class: as the permit.

    What it tells while work runs is recorded by the clock. ``heard_at`` is the time of its newest message that counted,
    as the clock last saw it; ``trouble`` why what came since counts as no test, told at ``told_at``; empty: it counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="pairings")
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    #: Its code in the register of the room that reads it.
    instrument = models.CharField(_("检测仪器"), max_length=64)
    name = models.CharField(_("仪器名称"), max_length=100, blank=True)
    quantity = models.CharField(_("分析项目"), max_length=12)
    gas = models.CharField(_("气体"), max_length=40, blank=True)
    position = models.CharField(_("取样位置"), max_length=8)
    point = models.CharField(_("取样点"), max_length=60)
    distance_m = models.DecimalField(_("距作业点，m"), max_digits=7, decimal_places=2, null=True, blank=True)
    #: Who carries it and stands for what it tells.
    analyst = models.CharField(_("分析人"), max_length=60)
    #: A message older than so many seconds is none of now; the instrument's own setting.
    fresh_s = models.PositiveIntegerField(_("无数据判定（秒）"))
    heard_at = models.DateTimeField(_("最近报文"), null=True, blank=True)
    trouble = models.CharField(_("读数不计入的原因"), max_length=300, blank=True)
    told_at = models.DateTimeField(_("提醒时间"), null=True, blank=True)
    paired_by = models.CharField(_("配对人"), max_length=130)
    paired_at = models.DateTimeField(_("配对时间"))
    ended_by = models.CharField(_("解除人"), max_length=130, blank=True)
    ended_at = models.DateTimeField(_("解除时间"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "instrument"], condition=Q(ended_at__isnull=True), name="permit_pairing_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("paired_at")), name="permit_pairing_order"
            ),
        ]
        indexes = [models.Index(fields=["permit", "-paired_at"], name="permit_pairings")]

    def __str__(self) -> str:
        return f"{self.instrument} {self.point}"
