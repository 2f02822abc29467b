"""What an enterprise's wall shows (企业实时监测墙): its facilities with their tags, last values, limits that stand.

The states of a value, as pages and browsers tell them: ``live``; ``stale``, too old; ``bad``, of a quality that does
not count; ``service``, the tag is under repair; ``none``, nothing was ever told; ``away``, the store does not answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from quancheng.domains.monitoring.models import Tag, TagStatus
from quancheng.domains.monitoring.queries import readings
from quancheng.domains.monitoring.queries.levels import Standing, gravest, standing
from quancheng.domains.monitoring.queries.readings import Last, StoreAway
from quancheng.domains.registry.kinds import FacilityKind
from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.kernel.access.actor import Actor
from quancheng.standards.signals.quality import GOOD_CLASS, UNCERTAIN_CLASS, Quality

#: Kinds of tags that watch the air: shown apart from what they hang at.
AIR = ("flammable", "toxic", "oxygen", "voc")
#: From this gauge pressure on a tank is drawn as a sphere or a bullet [D]; a sphere from this volume on.
_PRESSURISED_MPA, _SPHERE_M3 = 0.1, 400


@dataclass(frozen=True, slots=True)
class Shown:
    """A tag with what is known of it now."""

    tag: Tag
    last: Last | None
    standing: Standing | None
    state: str

    @property
    def limit(self) -> str:
        """The gravest limit that stands passed; empty for none."""
        return "" if self.standing is None else self.standing.limit

    @property
    def fill(self) -> float | None:
        """How full by this level, 0 to 1; None where its span or its value is not known."""
        return None if self.last is None else share(self.tag, self.last.value)


@dataclass(frozen=True, slots=True)
class Group:
    """A facility, or what stands for one, with its tags; ``shape`` of the drawing, empty where none is drawn.

    ``level`` is the tag that tells how full it is.
    """

    key: str
    name: str
    code: str
    shape: str
    level: Shown | None
    tags: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Section:
    """A unit of the enterprise with its facilities; the last one, without a name, holds what is in no unit."""

    name: str
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class Wall:
    sections: Sequence[Section]
    air: Sequence[Shown]
    is_away: bool

    @property
    def shown(self) -> list[Shown]:
        tags = [one for section in self.sections for group in section.groups for one in group.tags]
        return [*tags, *self.air]


def tags_of(*, actor: Actor, file: Enterprise) -> QuerySet[Tag]:
    """Tags of a file that a query gave, as far as the actor may see them, that are in use or under repair."""
    rows: QuerySet[Tag] = Tag.objects.visible_to(actor)
    return rows.filter(file=file, status__in=(TagStatus.LIVE, TagStatus.SERVICE)).order_by("code", "pk")


def wall_of(*, actor: Actor, file: Enterprise, now: datetime, most: int) -> Wall:
    """The wall of a file that a query gave, of its first ``most`` tags. Three queries and one of the store."""
    rows = tags_of(actor=actor, file=file)
    tags = list(rows.select_related("unit_place", "facility__unit")[:most])
    shown, is_away = shown_of(tags, rows, now=now)
    places = Facility.objects.filter(unit__file=file, kind=FacilityKind.TANK, decommissioned_date__isnull=True)
    tanks = list(places.select_related("unit").order_by("unit__code", "code", "pk"))
    air = [one for one in shown if one.tag.kind in AIR]
    rest = [one for one in shown if one.tag.kind not in AIR]
    return Wall(_sections(rest, tanks, file), air, is_away)


def shown_of(tags: Sequence[Tag], rows: QuerySet[Tag], *, now: datetime) -> tuple[list[Shown], bool]:
    """Tags with what is known of each now, and whether the store is away. ``rows``: a query that gives them."""
    found: Mapping[int, Last] = {}
    is_away = False
    try:
        found = readings.last_of(tags)
    except StoreAway:
        is_away = True
    worst = gravest(standing(rows))
    shown = [
        Shown(tag, found.get(tag.number), worst.get(tag.number), state_of(tag, found.get(tag.number), now, is_away))
        for tag in tags
    ]
    return shown, is_away


def state_of(tag: Tag, last: Last | None, now: datetime, is_away: bool) -> str:
    if tag.status == TagStatus.SERVICE:
        return "service"
    if last is None:
        return "away" if is_away else "none"
    if last.quality & 0xC0 not in (GOOD_CLASS, UNCERTAIN_CLASS) or last.quality & 0xFC == Quality.LAST_USABLE:
        return "bad"
    return "stale" if (now - last.at).total_seconds() > tag.stale_after_s else "live"


def share(tag: Tag, value: float | None) -> float | None:
    """Where a value lies in the span of its tag, 0 to 1."""
    if (
        value is None
        or math.isnan(value)
        or tag.range_lo is None
        or tag.range_hi is None
        or tag.range_hi <= tag.range_lo
    ):
        return None
    return min(1.0, max(0.0, (value - tag.range_lo) / (tag.range_hi - tag.range_lo)))


def _sections(shown: Sequence[Shown], tanks: Sequence[Facility], file: Enterprise) -> list[Section]:
    by_unit: dict[str, tuple[str, dict[str, tuple[Facility | None, str, list[Shown]]]]] = {}
    for tank in tanks:
        _unit, groups = by_unit.setdefault(tank.unit.code, (str(tank.unit), {}))
        groups[str(tank.pk)] = (tank, "", [])
    for one in shown:
        place = one.tag.facility
        unit = place.unit if place is not None else one.tag.unit_place
        _name, groups = by_unit.setdefault(
            "\uffff" if unit is None else unit.code, ("" if unit is None else str(unit), {})
        )
        key = str(place.pk) if place is not None else _told_place(one.tag)
        groups.setdefault(key, (place, key, []))[2].append(one)
    ordered = sorted(by_unit.items())
    return [
        Section(name, [_group(key, *group, file) for key, group in groups.items()]) for _code, (name, groups) in ordered
    ]


def _told_place(tag: Tag) -> str:
    """Where a tag without a facility is: by its place, else by the middle of its code (site.unit.loop.attribute)."""
    parts = tag.code.split(".")
    return tag.place or (parts[1] if len(parts) > 2 else "")


def _group(key: str, place: Facility | None, told: str, tags: list[Shown], file: Enterprise) -> Group:
    level = _level_of(tags)
    shape = ""
    if place is not None and place.kind == FacilityKind.TANK:
        shape = _shape(place, file)
    elif place is None and level is not None:
        shape = "bullet" if file.kind == "petrol_station" else "roof"
    name, code = (place.name, place.code) if place is not None else (told, "")
    return Group(key, name, code, shape, level if shape else None, tags)


def _level_of(tags: Sequence[Shown]) -> Shown | None:
    """The tag of the level: of several that told something the one with the widest span, since the others tell water
    or the interface."""
    known = [one for one in tags if "level" in (one.tag.kind, one.tag.parameter) and share(one.tag, 0) is not None]
    return max(
        known,
        key=lambda one: (one.last is not None, (one.tag.range_hi or 0) - (one.tag.range_lo or 0)),
        default=None,
    )


def _shape(place: Facility, file: Enterprise) -> str:
    if float(place.pressure_mpa or 0) >= _PRESSURISED_MPA:
        return "sphere" if float(place.volume_m3 or 0) >= _SPHERE_M3 else "bullet"
    return "bullet" if file.kind == "petrol_station" else "roof"
