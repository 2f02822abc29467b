"""Points as people type them: which system they are in, and whether they can lie in the district (坐标核对)."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.errors import Text
from quancheng.standards.coordinates import Box, Point, looks_like, to_wgs84

_GRAIN = Decimal("0.000001")


class System(models.TextChoices):
    """Systems in which a point may be given (坐标系); CGCS2000 and WGS-84 differ by less than a metre."""

    CGCS2000 = "cgcs2000", gettext_lazy("CGCS2000")
    WGS84 = "wgs84", gettext_lazy("WGS84")
    GCJ02 = "gcj02", gettext_lazy("GCJ-02（火星坐标）")
    BD09 = "bd09", gettext_lazy("BD-09（百度）")


#: Other words for them.
SYSTEM_WORDS = {
    "国家2000": "cgcs2000", "2000坐标系": "cgcs2000", "大地2000": "cgcs2000", "WGS-84": "wgs84", "GPS": "wgs84",
    "GCJ02": "gcj02", "GCJ-02": "gcj02", "火星坐标": "gcj02", "高德": "gcj02", "腾讯": "gcj02", "BD09": "bd09",
    "BD-09": "bd09", "百度": "bd09",
}  # fmt: skip


def district_box() -> Box | None:
    """The box in which the district lies, in degrees; None where the installation has not said.

    :raises ValueError: the setting is no box.
    """
    said: str = settings.DISTRICT_BOX
    if not said:
        return None
    west, south, east, north = (float(part) for part in said.split(","))
    return Box(west, south, east, north)


def converted(lon: Decimal, lat: Decimal, system: str) -> tuple[Decimal, Decimal]:
    """A point in CGCS2000, six decimals. :raises ValueError: no point of the earth."""
    if system in (System.CGCS2000, System.WGS84):
        Point(float(lon), float(lat))
        return lon.quantize(_GRAIN), lat.quantize(_GRAIN)
    point = to_wgs84(Point(float(lon), float(lat)), system=system)
    return Decimal(repr(point.longitude)).quantize(_GRAIN), Decimal(repr(point.latitude)).quantize(_GRAIN)


def point_fault(lon: Decimal, lat: Decimal, system: str = System.CGCS2000) -> Text | None:
    """Why a point given in a system cannot be one of this district, and what it looks like instead; None where it can.

    Where the district's box is not known only numbers that are no point of the earth are told.
    """
    box = district_box()
    plain = "wgs84" if system == System.CGCS2000 else system
    try:
        point = to_wgs84(Point(float(lon), float(lat)), system=plain)
    except ValueError:
        if abs(lat) > 90 and abs(lon) <= 90:
            return _("纬度不能超过90度，经度和纬度似乎填反了。")
        return _("不是经纬度（十进制度），请核对；如为平面坐标（米），请先换算。")
    if box is None or box.holds(point):
        return None
    for reading in looks_like(float(lon), float(lat), box).readings:
        if reading.is_swapped:
            return _("不在本区范围内，经度和纬度似乎填反了。")
        said = {"wgs84": System.CGCS2000, "gcj02": System.GCJ02, "bd09": System.BD09}[reading.system]
        return _("按“%(system)s”换算后不在本区范围内，似乎是%(other)s坐标，请核对坐标系。") % {
            "system": System(system).label, "other": said.label
        }  # fmt: skip
    return _("不在本区范围内（东经%(west)s至%(east)s度，北纬%(south)s至%(north)s度），请核对。") % {
        "west": f"{box.west:g}", "east": f"{box.east:g}", "south": f"{box.south:g}", "north": f"{box.north:g}",
    }  # fmt: skip
