"""Distance checks (间距核查) worked out anew: every enterprise against the zones and sensitive places near it.

A grid by degrees finds what may be near, a box rules out what is not; distances are measured edge to edge. Only rows
that differ from what stands are written.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from math import floor
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from quancheng.domains.registry.geometry import Shape, apart_m, around, read_ring, shape_of
from quancheng.domains.registry.models import Enterprise, SensitivePlace
from quancheng.domains.registry.queries.places import NEAR_M, is_around
from quancheng.domains.risk.models import ExternalDistance, LayoutCheck, PlanningZone
from quancheng.domains.risk.queries.layout import Required, counting_distances, required_on
from quancheng.domains.risk.queries.zones import in_box, in_force
from quancheng.kernel.calendar import Calendar
from quancheng.standards.risk import layout as standard

#: Files whose checks are written in one transaction.
BATCH = 500
#: Side of a square of the grid, in degrees: about a kilometre.
_CELL = 0.01
#: Squares of one target; a larger one is looked at for every file.
_MOST_CELLS = 2000
_WORKED_OUT = (
    "zone_id", "place_id", "source", "target", "metres", "required_m", "own_id", "rule_id", "verdict", "missing",
    "is_conflict",
)  # fmt: skip
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Target:
    """A zone or a place as it is measured to; ``kind`` is the zone's, empty for a place."""

    key: str
    shape: Shape
    box: Box
    has_edge: bool
    object_class: str
    assumed: bool
    kind: str
    zone_id: uuid.UUID | None = None
    place_id: uuid.UUID | None = None


@dataclass
class Surroundings:
    """All targets of a day by squares of a grid, and the distances that are required on it."""

    required: dict[tuple[str, str], Required]
    cells: dict[tuple[int, int], list[Target]] = field(default_factory=dict)
    everywhere: list[Target] = field(default_factory=list)
    #: Whether what lies around every file is among them, or only around those that were asked for.
    is_whole: bool = True

    def add(self, target: Target) -> None:
        cells = list(_cells(target.box, _MOST_CELLS))
        if not cells:
            self.everywhere.append(target)
        for cell in cells:
            self.cells.setdefault(cell, []).append(target)

    def near(self, shape: Shape, metres: int) -> Iterator[Target]:
        """Targets whose box touches the box of everything within so many metres."""
        west, south, east, north = box = around(shape, metres)
        found = {one.key: one for cell in _cells(box, 10**9) for one in self.cells.get(cell, ())}
        for one in (*found.values(), *self.everywhere):
            if one.box[0] <= east and one.box[2] >= west and one.box[1] <= north and one.box[3] >= south:
                yield one


def _cells(box: Box, most: int) -> Iterator[tuple[int, int]]:
    west, south, east, north = (floor(one / _CELL) for one in box)
    if (east - west + 1) * (north - south + 1) <= most:
        for across in range(west, east + 1):
            for up in range(south, north + 1):
                yield across, up


def look_around(day: date, boxes: Sequence[Box] | None = None) -> Surroundings:
    """Read what lies around on a day: zones in force whose kind is a protected object, and sensitive places.

    :param boxes: only what may touch one of these; None: everything.
    """
    found = Surroundings(required_on(day), is_whole=boxes is None)
    kinds = standard.zone_kinds()
    zones = PlanningZone.objects.filter(in_force(day))
    places = SensitivePlace.objects.filter(ended_date__isnull=True)
    if boxes is not None:
        # Of none at all where no file has a place.
        zones = zones.filter(_any(in_box(box) for box in boxes))
        places = places.filter(_any(is_around(box) for box in boxes))
    for zone in zones.order_by("pk"):
        told = kinds[zone.kind].object_class
        ring = read_ring(zone.polygon)
        if not told or ring is None:
            continue
        object_class, assumed = standard.class_of(told, zone.population)
        found.add(Target(f"zone:{zone.code}", ring, around(ring, 0), True, object_class, assumed, zone.kind,
                         zone_id=zone.pk))  # fmt: skip
    for place in places.order_by("pk"):
        shape = shape_of(place.boundary, place.lon, place.lat)
        if shape is None:
            continue
        object_class, assumed = standard.class_of_place(place.kind, place.population)
        found.add(Target(f"place:{place.pk}", shape, around(shape, 0), len(shape) > 1, object_class, assumed, "",
                         place_id=place.pk))  # fmt: skip
    return found


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q(pk__in=[]))


def check_all(*, now: datetime) -> int:
    """Work the checks of every enterprise out anew. Returns how many rows changed."""
    around_us = look_around(Calendar().local_date(now))
    ids = list(Enterprise.objects.order_by("pk").values_list("pk", flat=True))
    return sum(_check(ids[at : at + BATCH], around_us, now) for at in range(0, len(ids), BATCH))


def check_files(*, ids: Sequence[uuid.UUID], now: datetime) -> int:
    """The same of a few enterprises: what lies far from them is not read."""
    day = Calendar().local_date(now)
    required = required_on(day)
    boxes = []
    for one in _sites(ids, Enterprise.objects.all()).values():
        shape = _shape(one.file)
        if shape is not None:
            boxes.append(around(shape, _reach(one, required)))
    return _check(ids, look_around(day, boxes), now)


@dataclass(frozen=True, slots=True)
class _Site:
    """A file and the reports on it, as they are measured; equal ones are measured the same."""

    file: Enterprise = field(compare=False)
    reports: Sequence[ExternalDistance] = field(compare=False)
    said: tuple[Any, ...]


#: What a check asks of a file.
_ASKED = ("kind", "life", "links", "legal_grade", "lon", "lat", "boundary", "merged_into_id")


def _sites(ids: Sequence[uuid.UUID], rows: QuerySet[Enterprise]) -> dict[uuid.UUID, _Site]:
    files = list(rows.filter(pk__in=ids).order_by("pk").only(*(name.removesuffix("_id") for name in _ASKED)))
    own = counting_distances(ids)
    return {
        one.pk: _Site(one, own.get(one.pk, []), (
            *(getattr(one, name) for name in _ASKED), [report.pk for report in own.get(one.pk, [])],
        ))
        for one in files
    }  # fmt: skip


def _check(ids: Sequence[uuid.UUID], around_us: Surroundings, now: datetime) -> int:
    """Measure without a lock, then lock, measure anew what changed meanwhile, and write."""
    before = _sites(ids, Enterprise.objects.all())
    measured = {pk: _checks_of(one, around_us) for pk, one in before.items()}
    with transaction.atomic():
        # Two at once write one after the other.
        sites = _sites(ids, Enterprise.objects.select_for_update(no_key=True))
        wanted: dict[tuple[uuid.UUID, str], dict[str, Any]] = {}
        for pk, one in sites.items():
            if before.get(pk) == one:
                stands = measured[pk]
            else:
                # It may have moved to where nothing was read.
                around_us = around_us if around_us.is_whole else look_around(Calendar().local_date(now))
                stands = _checks_of(one, around_us)
            wanted |= {(pk, key): found for key, found in stands.items()}
        return _write(ids, wanted, now)


def _write(ids: Sequence[uuid.UUID], wanted: dict[tuple[uuid.UUID, str], dict[str, Any]], now: datetime) -> int:
    gone, changed = [], []
    for row in LayoutCheck.objects.filter(file__in=ids):
        found = wanted.pop((row.file_id, row.key), None)
        if found is None:
            gone.append(row.pk)
        elif any(getattr(row, name) != found[name] for name in _WORKED_OUT):
            for name in _WORKED_OUT:
                setattr(row, name, found[name])
            row.checked_at = now
            changed.append(row)
    LayoutCheck.objects.filter(pk__in=gone).delete()
    LayoutCheck.objects.bulk_update(changed, [name.removesuffix("_id") for name in _WORKED_OUT] + ["checked_at"],
                                    batch_size=1000)  # fmt: skip
    made = [LayoutCheck(file_id=file, key=key, checked_at=now, **found) for (file, key), found in wanted.items()]
    LayoutCheck.objects.bulk_create(made, batch_size=1000)
    return len(gone) + len(changed) + len(made)


def _checks_of(site: _Site, around_us: Surroundings) -> dict[str, dict[str, Any]]:
    """What is found of each target near a file, by its key; nothing where the file has no place or no danger."""
    file, shape = site.file, _shape(site.file)
    if shape is None:
        return {}
    source, reach = standard.source_of(file.kind, file.legal_grade), _reach(site, around_us.required)
    found: dict[str, dict[str, Any]] = {}
    for target in around_us.near(shape, reach):
        metres = floor(apart_m(shape, target.shape))
        if metres <= reach:
            found[target.key] = _judged(file, source, shape, metres, target, site.reports, around_us)
    return found


def _shape(file: Enterprise) -> Shape | None:
    """Where it is measured from; None where it has no place, no danger, or is none any more."""
    if not standard.source_of(file.kind, file.legal_grade) or file.life == "closed" or file.merged_into_id is not None:
        return None
    return shape_of(file.boundary, file.lon, file.lat)


def _reach(site: _Site, required: Mapping[tuple[str, str], Required]) -> int:
    """How far around a file anything may be asked, in metres."""
    source = standard.source_of(site.file.kind, site.file.legal_grade)
    asked = [one.required_m(name) or 0 for one in site.reports for name in ("first", "second", "third")]
    ruled = [one.metres for (name, _target), one in required.items() if name in (source, "conflict")]
    return max(NEAR_M, *asked, *ruled)


def has_other_source(file_id: uuid.UUID) -> bool:
    """Whether a file may ask other distances than those by which its checks were made: its kind or grade changed."""
    file = Enterprise.objects.filter(pk=file_id).only("kind", "legal_grade").first()
    if file is None:
        return False
    made_by = set(LayoutCheck.objects.filter(file=file_id).values_list("source", flat=True))
    return made_by != {standard.source_of(file.kind, file.legal_grade)}


def _judged(
    file: Enterprise, source: str, shape: Shape, metres: int, target: Target, reports: Sequence[ExternalDistance],
    around_us: Surroundings,
) -> dict[str, Any]:  # fmt: skip
    best, measured, own_m = _most_demanding(metres, target, reports)
    rule = around_us.required.get((source, target.object_class))
    judged = standard.judge(
        metres=measured, own_m=own_m, rule_m=rule.metres if rule else None, has_report=bool(reports),
        at_start=best is not None and best.lon is not None, of_unit=best is not None and best.unit_id is not None,
        has_boundary=len(shape) > 1, has_edge=target.has_edge, assumed=target.assumed,
    )  # fmt: skip
    range_m = around_us.required.get(standard.CONFLICT)
    uses = "use" in file.links and standard.is_conflict(file.kind, target.kind)
    by_rule = rule if best is None else None
    return {
        "zone_id": target.zone_id, "place_id": target.place_id, "source": source, "target": target.object_class,
        "metres": measured, "required_m": own_m if best is not None else rule.metres if rule else None,
        "own_id": best.pk if best is not None else None,
        "rule_id": by_rule.rule.pk if by_rule is not None and by_rule.rule is not None else None,
        "verdict": int(judged.verdict), "missing": list(judged.missing),
        "is_conflict": uses and range_m is not None and metres <= range_m.metres,
    }  # fmt: skip


def _most_demanding(
    metres: int, target: Target, reports: Sequence[ExternalDistance]
) -> tuple[ExternalDistance | None, int, int | None]:
    """The report that leaves the least room at a target, what is measured by it, and what it asks."""
    best: tuple[ExternalDistance | None, int, int | None] = (None, metres, None)
    least = None
    for one in reports:
        wanted = one.required_m(target.object_class)
        if wanted is None:
            continue
        measured = metres
        if one.lon is not None and one.lat is not None:
            measured = floor(apart_m([(float(one.lon), float(one.lat))], target.shape))
        if least is None or measured - wanted < least:
            least, best = measured - wanted, (one, measured, wanted)
    return best
