"""Where somebody stands when he signs (签字定位), and where the work is (作业点): C-14, GB 30871-2022, 4.11."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.checking import locked, note, require_own
from quancheng.domains.permits.services.upward import tell_ticket
from quancheng.domains.registry.points import point_fault
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.standards.coordinates import Point, distance_m

#: Names that join jobs wherever they stand, as ``standards.gb30871.simops.Job`` has them. "无" says that there is none.
TIES = ("line", "space", "dike", "structure", "system", "serves")
#: Metres of a place: its reach in the plan, and heights above any common level.
_MOST = {"radius_m": (Decimal(0), Decimal(500)), "z_min_m": (Decimal(-100), Decimal(300)),
         "z_max_m": (Decimal(-100), Decimal(300))}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One fix: degrees (WGS 84, taken as CGCS2000), accuracy in metres, age in seconds at the sending, by how many
    seconds the device's clock may differ, and its source."""

    lon: Decimal
    lat: Decimal
    accuracy_m: Decimal
    age_s: Decimal
    device_ms: Decimal | None = None
    source: str = "BROWSER"

    @classmethod
    def told(
        cls, *, lon: Decimal, lat: Decimal, accuracy_m: Decimal, age_s: Decimal, device_ms: Decimal
    ) -> Position:
        """:raises ValueError: no point of the earth, or a figure that none can be."""
        if not (abs(lon) <= 180 and abs(lat) <= 90 and 0 <= accuracy_m < 100_000 and 0 <= age_s < 1_000_000):
            raise ValueError("no position")
        if not 0 < device_ms < Decimal("1e14"):
            raise ValueError("no clock")
        return cls(lon=round(lon, 6), lat=round(lat, 6), accuracy_m=accuracy_m, age_s=age_s, device_ms=device_ms)

    def skew_s(self, now: datetime) -> Decimal:
        """Seconds between the device's clock and ours."""
        if self.device_ms is None:
            return Decimal(0)
        return round(self.device_ms / 1000 - Decimal(str(now.timestamp())), 1)

    def distance_m(self, permit: Permit) -> Decimal | None:
        """Metres to the edge of the place of work; None where nobody told where that is."""
        if permit.lon is None or permit.lat is None:
            return None
        apart = distance_m(Point(float(self.lon), float(self.lat)), Point(float(permit.lon), float(permit.lat)))
        return round(max(Decimal(str(apart)) - (permit.radius_m or 0), Decimal(0)), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the work is: its middle in degrees (CGCS2000), how far it reaches, between which heights, and names of what
    it touches."""

    lon: Decimal
    lat: Decimal
    radius_m: Decimal | None = None
    z_min_m: Decimal | None = None
    z_max_m: Decimal | None = None
    ties: dict[str, str] | None = None


def place_permit(*, actor: Actor, permit: Permit, place: Place, now: datetime) -> Permit:
    """Tell where the work is, until it is presented: signers are measured against it, and other work.

    :raises Invalid: no point of the district, figures out of range. :raises StaleState: it was presented.
    """
    require_own(actor, permit.file, WORK)
    wrong: dict[str, Text] = {}
    if (fault := point_fault(place.lon, place.lat)) is not None:
        wrong["lon"] = fault
    for name, (least, most) in _MOST.items():
        value = getattr(place, name)
        if value is not None and not least <= value <= most:
            wrong[name] = _("应在%(least)s到%(most)s之间。") % {"least": least, "most": most}
    if place.z_min_m is not None and place.z_max_m is not None and place.z_max_m < place.z_min_m:
        wrong["z_max_m"] = _("上限不能低于下限。")
    ties = {name: clean(value)[:60] for name, value in (place.ties or {}).items() if clean(value)}
    if set(ties) - set(TIES):
        wrong["ties"] = _("没有这个选项。")
    if wrong:
        raise Invalid(fields=wrong)
    told: dict[str, Any] = {name: getattr(place, name) for name in ("lon", "lat", "radius_m", "z_min_m", "z_max_m")}
    with transaction.atomic():
        locked(permit, "DRAFT", "REQUESTED", "PREPARING")
        Permit.objects.filter(pk=permit.pk).update(**told, ties=ties, updated_at=now)
        note(actor, "permits.permit.place", permit, now, {**told, "ties": ties})
        tell_ticket(permit=permit, by=actor.name, now=now)
    permit.refresh_from_db()
    return permit
