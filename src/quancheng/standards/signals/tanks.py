"""Tanks: volume of a lying cylinder by its level, and the vapour pressure that a liquefied gas must show.

Ends of a lying tank are taken as flat. Constants of Antoine in mmHg and °C; pressures computed by them agree with the
table of the domain within 0.01 MPa [V].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from quancheng.standards.signals.basis import Refused
from quancheng.standards.wording import Text

STANDARD_PRESSURE_KPA = 101.325
_MMHG_KPA = 0.133322
#: A pair of pressure and temperature farther from the curve than this share of the absolute pressure, for longer than
#: :data:`DEPARTURE_S`, tells of a bad sensor, of air or of another composition [D].
DEPARTURE, DEPARTURE_S = 0.10, 1800


@dataclass(frozen=True, slots=True)
class LyingTank:
    """A lying cylinder (卧式储罐): inner diameter and straight length in metres.

    :raises Refused: ``BAD_TANK`` where one is not above 0.
    """

    diameter_m: float
    length_m: float

    def __post_init__(self) -> None:
        if not (self.diameter_m > 0 and self.length_m > 0 and math.isfinite(self.diameter_m * self.length_m)):
            raise Refused("BAD_TANK", Text("直径和长度应大于0", "diameter and length must be above 0"))

    @property
    def capacity_m3(self) -> float:
        return math.pi * self.diameter_m**2 / 4 * self.length_m

    def volume_m3(self, level_mm: float) -> float:
        """What stands below a level; levels beyond the tank count as empty and full."""
        radius = self.diameter_m / 2
        height = min(max(level_mm / 1000, 0.0), self.diameter_m)
        rest = radius - height
        chord = math.sqrt(max(2 * radius * height - height**2, 0.0))
        return max(self.length_m * (radius**2 * math.atan2(chord, rest) - rest * chord), 0.0)

    def level_mm(self, share: float) -> float:
        """The level at which a share of the volume, 0 to 1, is filled.

        :raises Refused: ``BAD_SHARE`` outside 0 to 1.
        """
        if not 0 <= share <= 1:
            raise Refused("BAD_SHARE", Text("比例应在0到1之间", "the share must lie between 0 and 1"))
        low, high, wanted = 0.0, self.diameter_m * 1000, share * self.capacity_m3
        for _ in range(60):
            middle = (low + high) / 2
            if self.volume_m3(middle) < wanted:
                low = middle
            else:
                high = middle
        return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Antoine:
    """Constants of log10 p = a − b / (t + c), p in mmHg absolute, t in °C, within a range of temperatures."""

    name: Text
    a: float
    b: float
    c: float
    low_c: float
    high_c: float

    def gauge_kpa(self, temperature_c: float) -> float:
        """Saturation gauge pressure.

        :raises Refused: ``OUT_OF_RANGE`` for a temperature for which the constants were not checked.
        """
        if not self.low_c <= temperature_c <= self.high_c:
            raise Refused(
                "OUT_OF_RANGE",
                Text(
                    f"温度应在{self.low_c:g}到{self.high_c:g}℃之间", f"not within {self.low_c:g} to {self.high_c:g} °C"
                ),
            )
        return float(self.curve_kpa(temperature_c))

    def curve_kpa(self, temperature_c: Any) -> Any:
        """The same of a temperature or an array of them, whose range is not looked at."""
        return 10 ** (self.a - self.b / (temperature_c + self.c)) * _MMHG_KPA - STANDARD_PRESSURE_KPA


#: Liquefied gases by CAS number.
CURVES: dict[str, Antoine] = {
    "74-98-6": Antoine(Text("丙烷", "propane"), 6.80398, 803.81, 246.99, -40, 60),
    "106-97-8": Antoine(Text("正丁烷", "n-butane"), 6.80896, 935.86, 238.73, -40, 60),
    "7782-50-5": Antoine(Text("氯", "chlorine"), 6.93790, 861.34, 246.33, -40, 60),
    "7664-41-7": Antoine(Text("氨", "ammonia"), 7.36050, 926.132, 240.17, -40, 60),
}


def saturation_kpa(fractions: dict[str, float], temperature_c: float) -> float:
    """Gauge pressure of a liquefied gas or of a blend: the mean by the fractions (CAS number to 0 to 1, sum 1).

    :raises Refused: ``NO_CURVE`` for another substance, ``BAD_SHARE`` for fractions that do not sum up,
        ``OUT_OF_RANGE``.
    """
    if unknown := [cas for cas in fractions if cas not in CURVES]:
        raise Refused("NO_CURVE", Text(f"没有{unknown[0]}的饱和蒸气压曲线", f"there is no curve of {unknown[0]}"))
    if min(fractions.values(), default=0) < 0 or not math.isclose(sum(fractions.values()), 1, abs_tol=0.001):
        raise Refused("BAD_SHARE", Text("各组分之和应为1", "the fractions must sum up to 1"))
    return math.fsum(share * CURVES[cas].gauge_kpa(temperature_c) for cas, share in fractions.items())


def departs(gauge_kpa: float, expected_gauge_kpa: float) -> bool:
    """Whether a pressure lies farther from its curve than :data:`DEPARTURE` of the absolute pressure."""
    expected = expected_gauge_kpa + STANDARD_PRESSURE_KPA
    return not abs(gauge_kpa + STANDARD_PRESSURE_KPA - expected) <= DEPARTURE * expected
