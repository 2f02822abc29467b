"""Zones, places and enterprises so many metres from each other, for tests of space layout."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.domains.registry.factories import make_file
from tests.factories import NOW, District, house_actor, make_actor, make_org

from quancheng.domains.registry.geometry import DEGREE_M
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import PlanningZone
from quancheng.domains.risk.services.zones import put_zone
from quancheng.kernel.access.actor import Actor
from quancheng.standards import gb32100

#: On the equator a metre is as long to the east as to the north.
LAT = Decimal("0.000000")


def lon(metres: float) -> float:
    """The longitude so many metres east of nought."""
    return round(metres / DEGREE_M, 6)


def block(west: float, east: float, high: float = 100) -> dict[str, Any]:
    """A rectangle between two longitudes in metres, so many metres to the north and to the south."""
    up, down = round(high / DEGREE_M, 6), -round(high / DEGREE_M, 6)
    corners = [[lon(west), down], [lon(east), down], [lon(east), up], [lon(west), up]]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def planner(district: District) -> Actor:
    """The housing department, which keeps zones and supervises users."""
    return make_actor(make_org("示例区住建局", area=district.area, links=("use",), code="HUB"), "department.officer")


def known_zone(**changed: Any) -> dict[str, Any]:
    return {
        "code": "A-01", "name": "示例居住片区", "kind": "residential", "polygon": block(500, 900),
        "document": "示例片区详细规划", "document_no": "示规〔2026〕1号", "from_date": NOW.date(),
        "population_day": 300, "population_night": 900, "population_source": "规划测算",
        "population_date": NOW.date(), **changed,
    }  # fmt: skip


def make_zone(actor: Actor, **changed: Any) -> PlanningZone:
    return put_zone(actor=actor, known=known_zone(**changed), system="cgcs2000", now=NOW)


def make_site(district: District, name: str = "示例使用单位", *, kind: str = "user", plot: Any = None) -> Enterprise:
    """An enterprise whose ground reaches from 0 to 100 m east, or as told; False for a bare point at 100 m."""
    at: dict[str, Any] = {"lon": Decimal(str(lon(100))), "lat": LAT}
    if plot is not False:
        at["boundary"] = plot or block(0, 100)
    code = f"91990102MA00Q{Enterprise.objects.count():03d}"
    code += gb32100.organisation_check_character(code[8:])
    code += gb32100.check_character(code)
    return make_file(house_actor(), area=district.street_area, name=name, kind=kind, code=code, **at)
