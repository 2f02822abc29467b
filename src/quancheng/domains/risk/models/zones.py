"""Planning zones (规划分区): what the ground around enterprises is planned for, edition by edition."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.access.models import Scoped, ScopedQuerySet


class PlanningZone(Scoped):
    """One edition of a planning zone (规划分区) of a city plan, known to everybody who is signed in.

    A plan that changes makes a new edition under the same code; the one before ends the day before and stays. One that
    ends before it began was replaced before it counted. ``owner_org`` is the department that answers for it.
    ``polygon`` is a GeoJSON polygon of one ring, CGCS2000. ``kind`` is a code of ``standards.risk.layout``.
    Retention class: register, permanent.
    """

    code = models.CharField(_("分区编号"), max_length=40)
    name = models.CharField(_("分区名称"), max_length=120)
    kind = models.CharField(_("规划用途"), max_length=20)
    polygon = models.JSONField(pgettext_lazy("zone", "范围"))
    #: The box around the polygon, degrees; what a file's surroundings are looked up by. Empty: not known.
    west = models.FloatField(null=True, editable=False)
    south = models.FloatField(null=True, editable=False)
    east = models.FloatField(null=True, editable=False)
    north = models.FloatField(null=True, editable=False)
    document = models.CharField(_("规划文件"), max_length=200)
    document_no = models.CharField(_("文件编号"), max_length=80, blank=True)
    from_date = models.DateField(_("生效日期"))
    #: The last day on which it counts.
    to_date = models.DateField(_("失效日期"), null=True, blank=True)
    end_reason = models.CharField(pgettext_lazy("zone", "失效原因"), max_length=300, blank=True)
    population_day = models.PositiveIntegerField(_("白天人口"), null=True, blank=True)
    population_night = models.PositiveIntegerField(_("夜间人口"), null=True, blank=True)
    population_source = models.CharField(_("人口数据来源"), max_length=120, blank=True)
    population_date = models.DateField(_("人口数据日期"), null=True, blank=True)
    entered_by = models.CharField(_("登记人"), max_length=130)
    entered_at = models.DateTimeField()

    objects = ScopedQuerySet["PlanningZone"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(to_date__isnull=True), name="planning_zone_one_open"),
            models.CheckConstraint(condition=Q(reach="public"), name="planning_zone_public"),
            models.CheckConstraint(
                condition=Q(population_day__isnull=True, population_night__isnull=True)
                | (Q(population_date__isnull=False) & ~Q(population_source="")),
                name="planning_zone_population",
            ),
        ]
        indexes = [models.Index(fields=["code", "-from_date"], name="planning_zone_editions")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def population(self) -> int | None:
        """People at the busier time; None where nobody said."""
        known = [one for one in (self.population_day, self.population_night) if one is not None]
        return max(known) if known else None
