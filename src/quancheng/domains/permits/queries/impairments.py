"""Detectors that do not work and what is bypassed near a place of work (探测器失效、联锁旁路). Rooms above register
what they know; a permit asks for its own enterprise.

Both are demands of this system and not of the standard [D]: how near is a figure of the enterprise, and whether a
detector that does not work refuses anything is switched on by it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from quancheng.domains.permits.models import Permit
from quancheng.standards.coordinates import Point, distance_m
from quancheng.standards.gb30871.facts import Impaired
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Impairment:
    """Something at a site that does not do what it is there for.

    :ivar code: of the tag, or of the interlock. :ivar is_detector: a fixed detector of gas or fire: it tells nothing
        that may be relied on. :ivar quantity: of ``standards.gb30871.gas.QUANTITIES``, what a portable one must measure
        to stand in for it. :ivar is_bypass: somebody put it out of use on purpose, and the register knows of it.
    :ivar unit_id: where it hangs; None: not told. :ivar lon: degrees, CGCS2000, with ``lat``; None: not told.
    :ivar why: in words.
    """

    code: str
    name: str
    is_detector: bool
    is_bypass: bool
    unit_id: uuid.UUID | None
    lon: float | None
    lat: float | None
    why: Text
    quantity: str = "COMBUSTIBLE"

    @property
    def text(self) -> Text:
        """What it is and why, in both languages."""
        return Text(f"{self.code} {self.name}：{self.why.zh}", f"{self.code} {self.name}: {self.why.en}")


#: Of these enterprises, at a moment, by their files. In no scope: whoever asks was given the permit.
Provider = Callable[[Collection[uuid.UUID], datetime], Mapping[uuid.UUID, Sequence[Impairment]]]
_providers: dict[str, Provider] = {}


def register_impairments(name: str, provider: Provider) -> None:
    """Let a room tell what does not work; called from an app's ``ready``."""
    _providers[name] = provider


def impairments_of(files: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, list[Impairment]]:
    """Everything of these enterprises."""
    found: dict[uuid.UUID, list[Impairment]] = {file: [] for file in files}
    for provider in _providers.values():
        for file, rows in provider(files, now).items():
            found[file] += rows
    return found


def distance_to(one: Impairment, permit: Permit) -> Decimal | None:
    """How far it is from where the work reaches, in m; None where one of both points is not told."""
    if one.lon is None or one.lat is None or permit.lon is None or permit.lat is None:
        return None
    middle = Point(float(permit.lon), float(permit.lat))
    away = distance_m(Point(one.lon, one.lat), middle) - float(permit.radius_m or 0)
    return Decimal(f"{max(away, 0):.1f}")


def is_of_unit(one: Impairment, permit: Permit) -> bool:
    """Whether it is in the unit in which the work is; of which nobody told the unit may be there."""
    return one.unit_id is None or permit.unit_id is None or one.unit_id == permit.unit_id


def impaired(one: Impairment, permit: Permit) -> Impaired:
    """The same as checks read it, seen from a permit."""
    return Impaired(
        zh=one.text.zh, en=one.text.en, is_detector=one.is_detector, is_bypass=one.is_bypass, quantity=one.quantity,
        distance_m=distance_to(one, permit), is_of_unit=is_of_unit(one, permit),
    )  # fmt: skip
