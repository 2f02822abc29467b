"""Sensitive places (敏感目标): where people are whom a release would reach."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import PlaceKind
from quancheng.kernel.areas.models import Area
from quancheng.kernel.ids import uuid7


class SensitivePlace(models.Model):
    """A school, a hospital, a housing estate, a market (敏感目标), known to everybody who is signed in.

    Points are CGCS2000, degrees, six decimals. Retention class: register, permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("类别"), max_length=12, choices=PlaceKind.choices)
    name = models.CharField(_("名称"), max_length=120)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("所在镇街"))
    address = models.CharField(_("地址"), max_length=200, blank=True)
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6)
    lat = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6)
    #: Its boundary (边界): a GeoJSON polygon, CGCS2000.
    boundary = models.JSONField(_("边界"), null=True, blank=True)
    #: People there at the busiest time; empty where nobody counted them.
    population = models.PositiveIntegerField(_("人数"), null=True, blank=True)
    source = models.CharField(_("数据来源"), max_length=120)
    source_date = models.DateField(_("数据日期"))
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    pinyin = models.CharField(max_length=600, editable=False)
    initials = models.CharField(max_length=120, editable=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PlaceKind.values), name="place_kind_known"),
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name="place_point"
            ),
            models.UniqueConstraint(
                fields=["area", "name"], condition=Q(ended_date__isnull=True), name="place_once_in_area"
            ),
        ]
        indexes = [
            models.Index(fields=["lon", "lat"], condition=Q(ended_date__isnull=True), name="place_by_point"),
            models.Index(fields=["pinyin", "id"], name="place_by_pinyin"),
            GinIndex(OpClass(F("name"), name="gin_trgm_ops"), name="place_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name
