"""Plans of a site with what is drawn on them, in the colours of any day (厂区四色分布图)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import ColourOf
from quancheng.domains.risk.models import Measure, PlanMark, RiskObject, RiskUnit, SitePlan
from quancheng.domains.risk.plan_geometry import bar_of, middle, written
from quancheng.domains.risk.queries import levels
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.pages.marks import RISKS
from quancheng.standards.risk.colours import Colour

_LEVELS = ((ColourOf.INHERENT, "inherent"), (ColourOf.RESIDUAL, "residual"), (ColourOf.PRESENT, "present"))


def get_plan(*, actor: Actor, plan_id: uuid.UUID) -> SitePlan:
    """Raise NotFound for absent and for out of scope alike; ended ones are read too."""
    found = SitePlan.objects.visible_to(actor).select_related("file__enterprise").filter(pk=plan_id).first()
    if found is None:
        raise NotFound
    return found


def plans_of(file: Enterprise) -> Sequence[SitePlan]:
    """All editions that stand, of a file that the caller got through its own query; by name, the newest first."""
    return list(SitePlan.objects.filter(file=file, ended_date__isnull=True).order_by("name", "-edition_date", "-pk"))


def editions_on(plans: Sequence[SitePlan], day: date) -> list[SitePlan]:
    """Of each name the edition that stood on a day; a plan whose first edition is younger shows that one."""
    found: dict[str, SitePlan] = {}
    for one in plans:
        # The newest comes first: an older one takes its place while that had not come into use.
        if one.name not in found or found[one.name].edition_date > day:
            found[one.name] = one
    return list(found.values())


def _siblings(plan: SitePlan) -> QuerySet[SitePlan]:
    return SitePlan.objects.filter(file=plan.file_id, name=plan.name, ended_date__isnull=True)


def is_newest(plan: SitePlan) -> bool:
    """Whether no newer edition of the plan stands."""
    return not _siblings(plan).filter(edition_date__gt=plan.edition_date).exists()


def newest_before(plan: SitePlan) -> SitePlan | None:
    """The edition before this one."""
    return _siblings(plan).filter(edition_date__lt=plan.edition_date).order_by("-edition_date", "-pk").first()


def picture_of(plan: SitePlan) -> Any:
    """The link of the plan's picture."""
    return files_of(plan, role="plan").first()


def get_mark(*, plan: SitePlan, mark_id: uuid.UUID) -> PlanMark:
    """A drawing on a plan that the caller got through its own query. :raises NotFound: there is none."""
    found = plan.marks.select_related("object", "unit").filter(pk=mark_id).first()
    if found is None:
        raise NotFound
    return found


# The site ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Place:
    """An object or a unit with its three levels, and whether it is drawn."""

    row: RiskObject | RiskUnit
    is_unit: bool
    inherent: int | None
    residual: int | None
    present: int | None
    #: Texts of the measures that have failed now; empty for days past.
    failed: list[str] = field(default_factory=list)
    is_drawn: bool = False
    units: list[Place] = field(default_factory=list)

    def level(self, of: ColourOf) -> int | None:
        found: int | None = getattr(self, str(of))
        return found


def places_of(file: Enterprise, day: date | None) -> list[Place]:
    """Objects of a file with their units, as they stood at the end of a day; one query a level."""
    objects = RiskObject.objects.filter(levels.stood(day), file=file).annotate(
        **{name: levels.object_level(of, day) for of, name in _LEVELS}
    )
    units = RiskUnit.objects.filter(levels.stood(day, "object"), object__file=file).annotate(
        **{name: levels.unit_level(of, day) for of, name in _LEVELS}
    )
    by_object = {one.pk: _place(one, is_unit=False) for one in objects.order_by("code", "pk")}
    by_unit: dict[uuid.UUID, Place] = {}
    for one in units.order_by("code", "pk"):
        if one.object_id in by_object:
            by_unit[one.pk] = _place(one, is_unit=True)
            by_object[one.object_id].units.append(by_unit[one.pk])
    if day is None:
        lost = Measure.objects.filter(
            failed_at__isnull=False, ended_date__isnull=True, event__ended_date__isnull=True,
            event__unit__in=list(by_unit),
        )  # fmt: skip
        for unit, text in lost.order_by("failed_at", "pk").values_list("event__unit", "text"):
            by_unit[unit].failed.append(text)
    return list(by_object.values())


def _place(row: Any, *, is_unit: bool) -> Place:
    return Place(row, is_unit, row.inherent, row.residual, row.present)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawing as the picture shows it."""

    place: Place
    is_area: bool
    #: Corners as an SVG has them.
    points: str
    x: float
    y: float
    level: int | None

    @property
    def colour(self) -> str:
        """Name of its hue and pattern; ``none`` where nobody assessed it."""
        return "none" if self.level is None else Colour(self.level).name.lower()

    @property
    def word(self) -> str:
        return str(_("未评估")) if self.level is None else str(RISKS[self.colour])


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with its drawings in their colours: what page and print show."""

    plan: SitePlan
    drawings: Sequence[Drawn]
    #: What stands in the list and is drawn on no plan of the site.
    missing: Sequence[Place]
    #: Metres and pixels of the bar of scale.
    bar: tuple[int, float] | None

    @property
    def em(self) -> float:
        """Height of the letters on it in pixels: what everything else is measured by."""
        return em_of(self.plan)

    @property
    def sizes(self) -> dict[str, float]:
        """Lengths in the drawing, by name; below the picture is room for the bar of scale."""
        em, plan = self.em, self.plan
        found = sizes_of(plan) | {
            "height": plan.height_px + 2 * em, "base": plan.height_px + em * 1.4, "tick": plan.height_px + em * 0.7,
            "text": plan.height_px + em * 1.5,
        }  # fmt: skip
        if self.bar is not None:
            found |= {"bar": self.bar[1] + em / 2, "after": self.bar[1] + em}
        return {name: round(value, 2) for name, value in found.items()}


class Sheet(Protocol):
    """A picture on which something is drawn."""

    width_px: Any
    height_px: Any


def em_of(sheet: Sheet) -> float:
    """Height of the letters on a picture in its pixels."""
    return round(max(sheet.width_px, sheet.height_px) / 65, 1)


def sizes_of(sheet: Sheet) -> dict[str, float]:
    """Lengths in a drawing, by name, as ``risk/_plan_svg.html`` asks for them."""
    em = em_of(sheet)
    found = {"width": sheet.width_px, "height": sheet.height_px, "half": em / 2, "line": em / 12, "tile": em * 0.7,
             "middle": em * 0.35, "dot": em * 0.12, "pin": em * 0.55, "below": em * 1.1}  # fmt: skip
    return {name: round(value, 2) for name, value in found.items()}


def plan_views(
    plans: Sequence[SitePlan], places: Sequence[Place], of: ColourOf, shown: SitePlan | None
) -> PlanView | None:
    """The plan that is shown with its drawings; ``places`` are told whether any of the plans has them.

    Objects are drawn below their units. One query.
    """
    flat = {one.row.pk: one for parent in places for one in (parent, *parent.units)}
    drawings: list[Drawn] = []
    marks = PlanMark.objects.filter(plan__in=[one.pk for one in plans]).order_by("object", "changed_at", "pk")
    for mark in marks:
        place = flat.get(mark.unit_id or mark.object_id)  # type: ignore[arg-type]
        if place is None:
            continue
        place.is_drawn = True
        if shown is not None and mark.plan_id == shown.pk:
            x, y = middle(mark.points)
            is_area = len(mark.points) > 1
            drawings.append(Drawn(place, is_area, written(mark.points), x, y, place.level(of)))
    if shown is None:
        return None
    drawings.sort(key=lambda one: one.place.is_unit)
    missing = [
        one for parent in places for one in (parent, *parent.units)
        if not one.is_drawn and (one.is_unit or not parent.units)
    ]  # fmt: skip
    bar = None
    if shown.scale_points and shown.scale_m:
        bar = bar_of(shown.scale_points, float(shown.scale_m), shown.width_px)
    return PlanView(shown, drawings, missing, bar)


def subjects_of(plan: SitePlan) -> list[tuple[RiskObject, list[RiskUnit]]]:
    """Objects and units that can be drawn on a plan, each with ``mark`` where it is."""
    marks: Mapping[Any, PlanMark] = {one.unit_id or one.object_id: one for one in plan.marks.all()}
    live = Q(ended_date__isnull=True)
    found = []
    for parent in RiskObject.objects.filter(live, file=plan.file_id).order_by("code", "pk").prefetch_related("units"):
        units = sorted((one for one in parent.units.all() if one.ended_date is None), key=lambda one: one.code)
        both: list[Any] = [parent, *units]
        for one in both:
            one.mark = marks.get(one.pk)
        found.append((parent, units))
    return found
