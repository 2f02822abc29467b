"""What colours are drawn on: outlines of towns, plans of sites, and where a site's objects and units lie on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import Shape
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class TownOutline(models.Model):
    """Outline of a street or town on the map (镇街边界): one ring, CGCS2000. Retention class: register, permanent."""

    area = models.OneToOneField("areas.Area", models.PROTECT, primary_key=True, related_name="+")
    #: A GeoJSON polygon of one ring.
    ring = models.JSONField(_("边界"))
    #: Whence it comes, as every map says beside it.
    source = models.CharField(_("来源"), max_length=120)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.area_id)


class SitePlan(Scoped):
    """One edition of a plan of an enterprise's site (厂区平面图). Retention class: as the file.

    ``owner_org`` is the enterprise. Plans of one name are editions of one another: the newest whose day has come is
    shown and drawn on, older ones stand as they were. The picture is a file that the row holds in the role ``plan``,
    what it was drawn from in the role ``source``. Coordinates are pixels of the picture from its upper left corner.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="site_plans")
    name = models.CharField(_("平面图名称"), max_length=80)
    edition_date = models.DateField(_("版本日期"))
    width_px = models.PositiveIntegerField(editable=False)
    height_px = models.PositiveIntegerField(editable=False)
    #: Two known points, x and y each, and the metres between them: what gives the bar of scale.
    scale_points = models.JSONField(_("比例尺两点"), null=True, blank=True)
    scale_m = models.DecimalField(_("两点间距离（米）"), max_digits=8, decimal_places=2, null=True, blank=True)
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["SitePlan"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "name", "edition_date"], condition=Q(ended_date__isnull=True), name="site_plan_once"
            ),
            models.CheckConstraint(
                condition=Q(scale_points__isnull=True, scale_m__isnull=True)
                | Q(scale_points__isnull=False, scale_m__gt=0),
                name="site_plan_scale",
            ),
            models.CheckConstraint(condition=Q(width_px__gt=0, height_px__gt=0), name="site_plan_size"),
        ]
        indexes = [models.Index(fields=["file", "name", "-edition_date"], name="site_plan_by_file")]

    def __str__(self) -> str:
        return self.name


class PlanMark(models.Model):
    """Where an object or a unit of the risk list lies on a plan (图上位置). Retention class: as the file.

    What leaves the risk list keeps its place, so that the plan of an earlier day shows it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(SitePlan, models.PROTECT, related_name="marks")
    object = models.ForeignKey("risk.RiskObject", models.PROTECT, null=True, related_name="plan_marks")
    unit = models.ForeignKey("risk.RiskUnit", models.PROTECT, null=True, related_name="plan_marks")
    shape = models.CharField(_("图形"), max_length=6, choices=Shape.choices)
    #: ``[x, y]`` each.
    points = models.JSONField(_("坐标"))
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(object__isnull=True, unit__isnull=False) | Q(object__isnull=False, unit__isnull=True),
                name="plan_mark_of_one",
            ),
            models.CheckConstraint(condition=Q(shape__in=Shape.values), name="plan_mark_shape"),
            models.UniqueConstraint(fields=["plan", "object"], name="plan_mark_object_once"),
            models.UniqueConstraint(fields=["plan", "unit"], name="plan_mark_unit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.unit_id or self.object_id}"
