"""Figures that an enterprise may set, each within what the standard leaves it (参数).

``lower``: at most the default; ``higher``: at least the least; ``between`` and ``free``: from ``low`` to ``high``;
``wider_from`` and ``wider_to``: the night may begin earlier and end later; ``fixed``: not at all. The bounds of
figures that the standard does not give are ours [D].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import time
from decimal import Decimal
from functools import cache
from typing import Any

from quancheng.standards.gb30871.basis import BadInput, clause, plain, table, text_of
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class Bound:
    """One figure: its default, what may become of it, and by which clause."""

    name: str
    default: Decimal | time
    unit: str
    change: str
    low: Decimal | time
    high: Decimal | time
    clause: str
    mark: str
    text: Text


class Loosened(BadInput):
    """A figure looser than the standard allows; tells the bound and its clause."""

    def __init__(self, bound: Bound, value: Decimal | time) -> None:
        self.bound, self.clause, self.value = bound, bound.clause, value
        least, most = _said(bound.low), _said(bound.high)
        super().__init__(
            f"parameters.{bound.name}",
            Text(
                f"{bound.text.zh}{_said(value)}不允许：{bound.clause}只许{least}到{most}{bound.unit}",
                f"{bound.text.en}: {_said(value)} may not be set; {bound.clause} leaves {least} to {most} {bound.unit}",
            ),
        )


def _said(value: Decimal | time) -> str:
    return f"{value:%H:%M}" if isinstance(value, time) else plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """All figures at what the standard says; units stand in the names (``_h`` hours, ``_d`` days, ``_min`` minutes,
    ``_s`` seconds, ``_m`` metres), gas in %vol, wind in Beaufort.

    :raises Loosened: a figure beyond its bound, so that no looser set can exist.
    """

    hw_valid_h_special: Decimal = Decimal(8)
    hw_valid_h_1: Decimal = Decimal(8)
    hw_valid_h_2: Decimal = Decimal(72)
    cs_valid_h: Decimal = Decimal(24)
    wh_valid_d: Decimal = Decimal(7)
    te_valid_d: Decimal = Decimal(15)
    te_valid_max_d: Decimal = Decimal(30)
    bl_valid_h: Decimal = Decimal(24)
    lf_valid_h: Decimal = Decimal(24)
    ex_valid_d: Decimal = Decimal(15)
    rc_valid_d: Decimal = Decimal(15)
    max_gas_age_min: Decimal = Decimal(30)
    break_min_hw_1: Decimal = Decimal(30)
    break_min_hw_2: Decimal = Decimal(60)
    break_min_cs: Decimal = Decimal(60)
    cs_log_min: Decimal = Decimal(120)
    comb_limit_ge4: Decimal = Decimal("0.5")
    comb_limit_lt4: Decimal = Decimal("0.2")
    o2_min: Decimal = Decimal("19.5")
    o2_max: Decimal = Decimal(21)
    o2_max_rich: Decimal = Decimal("23.5")
    night_from: time = time(20)
    night_to: time = time(6)
    sign_radius_m: Decimal = Decimal(15)
    guard_radius_m: Decimal = Decimal(15)
    cs_guard_m: Decimal = Decimal(5)
    guardian_absent_s: Decimal = Decimal(120)
    fire_watch_min: Decimal = Decimal(30)
    wind_hw: Decimal = Decimal(5)
    wind_wh: Decimal = Decimal(5)
    wind_lf: Decimal = Decimal(6)
    tandem_percent: Decimal = Decimal(80)
    cs_people_max: Decimal = Decimal(9)
    position_age_s: Decimal = Decimal(60)
    position_accuracy_m: Decimal = Decimal(30)
    sign_spread_s: Decimal = Decimal(60)
    clock_skew_s: Decimal = Decimal(120)
    late_upload_min: Decimal = Decimal(30)
    entry_education_months: Decimal = Decimal(12)
    absence_months: Decimal = Decimal(6)
    medical_months: Decimal = Decimal(12)
    age_min: Decimal = Decimal(18)
    age_max: Decimal = Decimal(60)
    jsa_age_h: Decimal = Decimal(24)
    retention_ticket_d: Decimal = Decimal(1095)
    retention_video_d: Decimal = Decimal(90)
    upload_delay_s: Decimal = Decimal(60)
    preparation_min: Decimal = Decimal(30)
    isolation_review_d: Decimal = Decimal(30)
    #: What the house asks besides the standard; whatever bars is off (0) until an enterprise sets it [D].
    lessons_read: Decimal = Decimal(0)
    plan_required: Decimal = Decimal(0)
    zone_hw_max: Decimal = Decimal(0)
    zone_special_max: Decimal = Decimal(0)
    zone_jobs_max: Decimal = Decimal(0)
    risk_department_from: Decimal = Decimal(0)
    risk_leader_from: Decimal = Decimal(0)
    risk_high: Decimal = Decimal(30)
    risk_middle: Decimal = Decimal(20)
    risk_odd_hours: Decimal = Decimal(10)
    risk_contractor: Decimal = Decimal(10)
    risk_red: Decimal = Decimal(20)
    risk_orange: Decimal = Decimal(10)
    risk_alarm: Decimal = Decimal(10)
    risk_met: Decimal = Decimal(10)
    risk_new_crew: Decimal = Decimal(10)
    load_yellow: Decimal = Decimal(3)
    load_orange: Decimal = Decimal(5)
    load_red: Decimal = Decimal(8)
    load_stop: Decimal = Decimal(0)
    test_most_h: Decimal = Decimal(4)
    rescue_asked: Decimal = Decimal(0)
    rescue_air_sets: Decimal = Decimal(2)
    rescue_drill_d: Decimal = Decimal(180)
    stay_usual_min: Decimal = Decimal(60)
    stay_hot_min: Decimal = Decimal(30)
    stay_apparatus_min: Decimal = Decimal(30)
    fire_photos_asked: Decimal = Decimal(0)
    paired_log_min: Decimal = Decimal(30)
    paired_silent_min: Decimal = Decimal(5)
    impairment_check: Decimal = Decimal(0)
    open_stop: Decimal = Decimal(0)
    impairment_radius_m: Decimal = Decimal(15)
    hand_over_min: Decimal = Decimal(0)
    revalidate_min: Decimal = Decimal(0)
    talk_min: Decimal = Decimal(0)
    advice: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for bound in bounds().values():
            _check(bound, getattr(self, bound.name))


@cache
def bounds() -> dict[str, Bound]:
    """Every figure by name."""
    return {
        row["name"]: Bound(
            row["name"],
            _value(row["default"]),
            row["unit"],
            row["change"],
            _value(row["low"]),
            _value(row["high"]),
            clause(row["clause"]),
            row["mark"],
            text_of(row),
        )
        for row in table("parameters")
    }


#: What the standard says, untouched.
STANDARD: Parameters


def with_changes(changes: Mapping[str, Decimal | time], base: Parameters | None = None) -> Parameters:
    """Figures of an enterprise or district.

    What was tightened before may be loosened again, as far as the standard.

    :raises Loosened: a value looser than the standard allows, with the clause.
    :raises BadInput: no such figure, or a value of the wrong sort.
    """
    known = {field.name for field in fields(Parameters)}
    for name, value in changes.items():
        if name not in known:
            raise BadInput(f"parameters.{name}", Text("没有这一参数", "there is no such parameter"))
        is_clock = isinstance(bounds()[name].default, time)
        if is_clock is not isinstance(value, time) or not isinstance(value, (Decimal, time)):
            wanted = Text("应为时刻", "must be a clock time") if is_clock else Text("应为数", "must be a number")
            raise BadInput(f"parameters.{name}", wanted)
    values: dict[str, Any] = dict(changes)
    return replace(base or STANDARD, **values)


def _value(cell: str) -> Decimal | time:
    return time.fromisoformat(cell) if ":" in cell else Decimal(cell)


def _check(bound: Bound, value: Decimal | time) -> None:
    if isinstance(value, Decimal) and not value.is_finite():
        raise BadInput(f"parameters.{bound.name}", Text("应为有限的数", "must be a finite number"))
    if not bound.low <= value <= bound.high:  # type: ignore[operator]
        raise Loosened(bound, value)


STANDARD = Parameters()
