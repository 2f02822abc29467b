"""Fixed hot-work areas (固定动火区): whether one counts on a day, so that hot work inside it needs no permit.

Source: GB 30871-2022, 5.5. A condition that is not known counts as not met: the area is a relief.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quancheng.standards.gb30871.basis import Why, all_finite, clause, shown
from quancheng.standards.wording import Text

#: Least metres from hazardous buildings, tanks, units, manholes, drains and water seals.
LEAST_M = Decimal(30)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedHotWorkArea:
    """One area as the enterprise set it aside. ``reviewed_on`` is the day of its last yearly review of risks;
    rooms and areas inside a unit have more to show."""

    approved_on: date | None = None
    reviewed_on: date | None = None
    in_hazard_place: bool | None = None
    nearest_m: Decimal | None = None
    well_placed_to_wind: bool | None = None
    is_marked: bool | None = None
    has_combustibles: bool | None = None
    responsible: str = ""
    is_indoor: bool = False
    fire_wall: bool | None = None
    in_unit: bool = False
    has_detector: bool | None = None

    def __post_init__(self) -> None:
        all_finite(self)


def problems(area: FixedHotWorkArea, day: date) -> tuple[Why, ...]:
    """What keeps an area from counting on a day; empty where it counts. A review counts for a year, its own day of the
    year after included."""
    found = []
    if area.approved_on is None or area.approved_on > day:
        found.append(_why("APPROVED", "5.5", "approved_on", "未经企业审批", "not approved by the enterprise"))
    if area.reviewed_on is None or not _a_year_before(day) <= area.reviewed_on <= day:
        found.append(_why("REVIEW", "5.5.1", "reviewed_on", "未按年度辨识风险", "its yearly review is overdue"))
    if area.in_hazard_place is not False:
        found.append(_why("PLACE", "5.5", "in_hazard_place", "不得在火灾爆炸危险场所内", "not in a hazard place"))
    if area.nearest_m is None or area.nearest_m < LEAST_M:
        least = shown(LEAST_M)
        zh, en = f"距危险设施应不小于{least} m", f"at least {least} m from what is dangerous"
        found.append(_why("DISTANCE", "5.5", "nearest_m", zh, en))
    flags = (
        ("MARKED", "is_marked", area.is_marked is True, "应有明显标识", "must be marked"),
        ("WIND", "well_placed_to_wind", area.well_placed_to_wind is True, "应位于最小频率风向的下风侧或侧风侧",
         "must lie downwind or sidewind of the least frequent wind"),
        ("COMBUSTIBLES", "has_combustibles", area.has_combustibles is False, "不得存放可燃物", "no combustibles"),
        ("RESPONSIBLE", "responsible", bool(area.responsible.strip()), "应指定负责人", "needs a person responsible"),
        ("WALL", "fire_wall", not area.is_indoor or area.fire_wall is True, "室内应有实体防火墙",
         "needs a solid fire wall indoors"),
        ("DETECTOR", "has_detector", not area.in_unit or area.has_detector is True, "装置区内应设固定可燃气体检测",
         "needs a fixed detector inside a unit"),
    )  # fmt: skip
    found += [_why(code, "5.5", fact, zh, en) for code, fact, holds, zh, en in flags if not holds]
    return tuple(found)


def _why(code: str, number: str, fact: str, zh: str, en: str) -> Why:
    return Why(f"HW-FIX-{code}", clause(number), "V", Text(zh, en), fact)


def _a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
