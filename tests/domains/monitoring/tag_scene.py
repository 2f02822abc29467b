"""What the tests of tags share: an enterprise with two tanks and a warehouse, and tags of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.domains.monitoring.factories import make_source, own_file
from tests.domains.registry.factories import make_facility, make_unit
from tests.factories import NOW, District, make_district

from quancheng.domains.monitoring.models import Source, Tag
from quancheng.domains.monitoring.services.tags import enter_tag
from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.kernel.access.actor import Actor


@dataclass
class Scene:
    """The district, a file of its first enterprise, a unit with a tank and a store, a source."""

    district: District
    file: Enterprise
    unit: Unit
    tank: Facility
    store: Facility
    source: Source


def make_scene() -> Scene:
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, file, code="G1", name="埋地罐区")
    tank = make_facility(district.enterprise, unit, code="T-1", name="1号罐")
    store = make_facility(district.enterprise, unit, code="K-1", name="1号库", kind="bay")
    return Scene(district, file, unit, tank, store, make_source(district))


LEVEL: dict[str, Any] = {
    "name": "1号罐液位", "kind": "level", "range_lo": 0.0, "range_hi": 2520.0, "ll": 150.0, "l": 250.0, "h": 2126.0,
    "hh": 2275.0,
}  # fmt: skip
GAS: dict[str, Any] = {
    "name": "卸油口可燃气体", "kind": "flammable", "range_lo": 0.0, "range_hi": 100.0, "h": 25.0, "hh": 50.0,
}  # fmt: skip
CHLORINE: dict[str, Any] = {
    "name": "氯气探测", "kind": "toxic", "medium": "7782-50-5", "range_lo": 0.0, "range_hi": 30.0, "h": 1.0, "hh": 2.0,
}  # fmt: skip


def make_tag(scene: Scene, code: str = "JYZ001.G1.LT101.PV", *, actor: Actor | None = None, **known: Any) -> Tag:
    given = known if "kind" in known else {**LEVEL, **known}
    return enter_tag(actor=actor or scene.district.enterprise, file=scene.file, code=code, known=given, now=NOW)
