"""Drawings of pipes (管道仪表流程图), and where points of isolation lie on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.isolations import IsolationPoint
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class PipeDrawing(Scoped):
    """One edition of a piping and instrument diagram (P&ID, 工艺管道及仪表流程图). Retention class: as the file.

    Drawings of one number are editions of one another: the newest is marked, older ones stand as they were. The picture
    is a file that the row holds in the role ``plan``, what it was drawn from in the role ``source``.
    """

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    #: Of what it draws; None: of several units.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所在单元"))
    number = models.CharField(_("图号"), max_length=80)
    title = models.CharField(_("图名"), max_length=120)
    edition_date = models.DateField(_("版本日期"))
    width_px = models.PositiveIntegerField(editable=False)
    height_px = models.PositiveIntegerField(editable=False)
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    added_by = models.CharField(_("上传人"), max_length=130)
    added_at = models.DateTimeField(_("上传时间"))

    objects = ScopedQuerySet["PipeDrawing"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "number", "edition_date"], condition=Q(ended_date__isnull=True),
                name="pipe_drawing_once",
            ),
            models.CheckConstraint(condition=Q(width_px__gt=0, height_px__gt=0), name="pipe_drawing_size"),
        ]
        indexes = [models.Index(fields=["enterprise", "number", "-edition_date"], name="pipe_drawing_by_enterprise")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class DrawingSpot(models.Model):
    """Where a point of isolation lies on a drawing (图上位置), in pixels from the upper left corner.

    A point that ended keeps its place. Retention class: as the point.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drawing = models.ForeignKey(PipeDrawing, models.PROTECT, related_name="spots")
    point = models.ForeignKey(IsolationPoint, models.CASCADE, related_name="spots")
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    set_by = models.CharField(_("标注人"), max_length=130)
    set_at = models.DateTimeField(_("标注时间"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["drawing", "point"], name="drawing_spot_once")]

    def __str__(self) -> str:
        return f"{self.drawing_id} {self.point_id}"
