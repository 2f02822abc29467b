"""Drawings of pipes (管道仪表流程图) with the points of isolation upon them, each in the state of the register."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from quancheng.domains.permits.loops.isolation import OPEN_STATES
from quancheng.domains.permits.models import DrawingSpot, IsolationPoint, PipeDrawing
from quancheng.domains.permits.queries.isolation_maps import IsolationSpot, symbol_of
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.risk.queries.plans import em_of, sizes_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.queries import files_of

#: Points offered for a drawing at most.
MOST = 300


def list_drawings(*, actor: Actor) -> QuerySet[PipeDrawing]:
    """Editions that the actor may see, the newest first, ended ones too; each says whether it is used
    (``is_current``)."""
    actor.require(VIEW)
    rows: QuerySet[PipeDrawing] = PipeDrawing.objects.visible_to(actor)
    rows = rows.select_related("enterprise", "area", "unit", "file__enterprise").annotate(is_current=current())
    return rows.order_by("-edition_date", "number", "pk")


def current() -> Q:
    """Drawings that stand and have no newer edition."""
    newer = PipeDrawing.objects.filter(
        file=OuterRef("file"), number=OuterRef("number"), ended_date__isnull=True,
        edition_date__gt=OuterRef("edition_date"),
    )  # fmt: skip
    return Q(ended_date__isnull=True) & ~Q(Exists(newer))


def counted(rows: QuerySet[PipeDrawing]) -> QuerySet[PipeDrawing]:
    """With how many points that did not end lie upon each."""
    return rows.annotate(spot_count=Count("spots", filter=Q(spots__point__status__in=OPEN_STATES)))


def get_drawing(*, actor: Actor, drawing_id: uuid.UUID) -> PipeDrawing:
    """Raise NotFound for absent and for out of scope alike; ended ones are read too."""
    found = list_drawings(actor=actor).filter(pk=drawing_id).first()
    if found is None:
        raise NotFound
    return found


def unit_choices(*, actor: Actor) -> list[tuple[str, str]]:
    """Units of drawings that the actor sees; with the enterprise for whoever sees several. One query."""
    rows = list_drawings(actor=actor).filter(unit__isnull=False).order_by("enterprise__pinyin", "unit__code")
    told = rows.values_list("unit_id", "unit__code", "unit__name", "enterprise__name").distinct()
    return [
        (str(pk), f"{code} {name}" if actor.organisation_id and not actor.supervises else f"{whose} {code} {name}")
        for pk, code, name, whose in told
    ]  # fmt: skip


def editions_of(drawing: PipeDrawing) -> Sequence[PipeDrawing]:
    """All editions that stand of a drawing that the caller got through its own query, the newest first. One query."""
    rows = PipeDrawing.objects.filter(file=drawing.file_id, number=drawing.number, ended_date__isnull=True)
    return list(rows.order_by("-edition_date", "-pk"))


def is_newest(drawing: PipeDrawing) -> bool:
    """Whether it stands, and no newer edition does. One query."""
    return PipeDrawing.objects.filter(current(), pk=drawing.pk).exists()


def newest_before(drawing: PipeDrawing) -> PipeDrawing | None:
    """The edition before this one."""
    return next((one for one in editions_of(drawing) if one.edition_date < drawing.edition_date), None)


def picture_of(drawing: PipeDrawing) -> Any:
    """The link of its picture."""
    return files_of(drawing, role="plan").first()


def spots_of(drawing: PipeDrawing) -> Sequence[DrawingSpot]:
    """Where points lie on a drawing that the caller got through its own query, by their tags, ended ones too.
    One query."""
    rows = DrawingSpot.objects.filter(drawing=drawing).select_related("point__unit", "point__facility")
    return list(rows.order_by("point__tag", "pk"))


def fitting(drawing: PipeDrawing) -> QuerySet[IsolationPoint]:
    """Points that may lie on a drawing: of its enterprise, of its unit or of none, and not ended."""
    rows = IsolationPoint.objects.filter(file=drawing.file_id, status__in=OPEN_STATES)
    if drawing.unit_id is not None:
        rows = rows.filter(Q(unit=drawing.unit_id) | Q(unit__isnull=True))
    return rows.select_related("unit", "facility").order_by("tag", "pk")


def drawings_of_point(*, actor: Actor, point: IsolationPoint) -> Sequence[PipeDrawing]:
    """Drawings in use on which a point lies. One query."""
    rows = PipeDrawing.objects.visible_to(actor).filter(current(), spots__point=point)
    return list(rows.order_by("number", "pk"))


@dataclass(frozen=True, slots=True)
class DrawingView:
    """A drawing as ``risk/_plan_svg.html`` shows a picture: nothing but what is laid over it."""

    plan: PipeDrawing
    drawings: ClassVar[tuple[()]] = ()
    bar: ClassVar[None] = None

    @property
    def em(self) -> float:
        return em_of(self.plan)

    @property
    def sizes(self) -> dict[str, float]:
        return sizes_of(self.plan)


def pins_of(drawing: PipeDrawing, spots: Sequence[DrawingSpot]) -> list[IsolationSpot]:
    """Symbols of the points that did not end, as on the plan of the site."""
    size = round(em_of(drawing) * 1.1, 1)
    return [
        IsolationSpot(one.point, symbol_of(one.point.device), one.x, one.y, size, True)
        for one in spots if not one.point.is_closed
    ]  # fmt: skip
