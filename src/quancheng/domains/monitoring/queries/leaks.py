"""Leak objects (泄漏监测对象): a facility and what may leak there, with every kind of sensor that watches it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from quancheng.domains.monitoring.models import AlarmCondition, Tag, TagStatus
from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.kernel.access.actor import Actor
from quancheng.standards.signals import leaks

_KINDS = ("flammable", "toxic", "gas_imaging", "acoustic_leak")


@dataclass(frozen=True, slots=True)
class Sensor:
    """A tag that watches, what kind of sensor it is, what of it alarms since when (None: nothing)."""

    tag: Tag
    sensor: str
    type: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeakObject:
    """``medium`` is a CAS number, empty where no sensor says one; ``state`` of ``standards.signals.leaks.STATES``."""

    facility: Facility
    file: Enterprise
    medium: str
    sensors: Sequence[Sensor]
    state: str

    @property
    def kinds(self) -> list[str]:
        """Kinds of sensors that it has."""
        return [code for code in leaks.SENSORS if any(one.sensor == code for one in self.sensors)]


def leak_objects(*, actor: Actor, town: str = "", file: uuid.UUID | None = None) -> list[LeakObject]:
    """What the actor may see, the gravest first. Two queries.

    A sensor that says no medium, such as a camera or an ear, watches every medium of its facility.
    """
    rows: QuerySet[Tag] = Tag.objects.visible_to(actor).filter(kind__in=_KINDS, facility__isnull=False)
    rows = rows.filter(status=TagStatus.LIVE)
    if town:
        rows = rows.filter(area__path__startswith=town)
    if file is not None:
        rows = rows.filter(file=file)
    tags = list(
        rows.select_related("file__enterprise", "facility").order_by("file__pinyin", "facility__code", "code", "pk")
    )
    standing: dict[uuid.UUID, list[AlarmCondition]] = defaultdict(list)
    active = AlarmCondition.objects.filter(tag__in=[tag.pk for tag in tags], is_active=True)
    for one in active.filter(type__in=("H", "HH", "L", "LL")).order_by("at", "pk"):
        standing[one.tag_id].append(one)
    places: dict[uuid.UUID, list[Tag]] = defaultdict(list)
    for tag in tags:
        if tag.facility_id is not None:
            places[tag.facility_id].append(tag)
    found = [one for ones in places.values() for one in _objects(ones, standing)]
    order = list(leaks.STATES)
    return sorted(found, key=lambda one: order.index(one.state))


def _objects(tags: Sequence[Tag], standing: dict[uuid.UUID, list[AlarmCondition]]) -> list[LeakObject]:
    made = []
    for medium in sorted({tag.medium for tag in tags if tag.medium}) or [""]:
        mine = [tag for tag in tags if tag.medium in ("", medium)]
        sensors, signs = [], []
        for tag in mine:
            sensor, active = leaks.sensor_of(tag.kind, tag.unit), standing.get(tag.pk, ())
            signs += [leaks.Sign(sensor, one.at.timestamp(), one.type in ("HH", "LL")) for one in active]
            first = active[0] if active else None
            types = "、".join(one.type for one in active)
            sensors.append(Sensor(tag, sensor, types, None if first is None else first.at))
        facility = mine[0].facility
        if facility is not None:
            made.append(LeakObject(facility, mine[0].file, medium, sensors, leaks.fused(signs)))
    return made
