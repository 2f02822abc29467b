"""Formulas that several facility families share: tanks, saturation, the plume near a leak, the weather.

Everything takes and gives floats or arrays of them. Pressures are gauge pressures in kPa, temperatures in °C, times in
seconds of the epoch (UTC); the local day is that of China, eight hours ahead.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quancheng.standards.signals.tanks import CURVES, LyingTank

Floats = NDArray[np.float64]

DAY_S = 86_400.0
YEAR_S = 31_557_600.0
LOCAL_OFFSET_S = 8 * 3600
#: CAS numbers of the gases whose tanks are simulated.
_CAS = {"propane": "74-98-6", "butane": "106-97-8", "chlorine": "7782-50-5", "ammonia": "7664-41-7"}


def height_mm(tank: LyingTank, volume_m3: Any) -> Any:
    """Height of a volume, from a table of 1,001 heights; within 0.2 mm for fill grades of 1 to 99 %."""
    heights, volumes = _strapping(tank)
    return np.interp(volume_m3, volumes, heights)


@cache
def _strapping(tank: LyingTank) -> tuple[Floats, Floats]:
    heights = np.linspace(0.0, tank.diameter_m * 1000, 1001)
    return heights, np.array([tank.volume_m3(one) for one in heights.tolist()])


def saturation_kpa(substance: str, temperature_c: Any) -> Any:
    """Gauge pressure of the saturated vapour (饱和蒸气压). KeyError: unknown."""
    return CURVES[_CAS[substance]].curve_kpa(np.asarray(temperature_c))


def plume_mg_m3(source_kg_s: Any, x_m: Any, y_m: Any, wind_m_s: Any) -> Any:
    """Concentration at the ground from a leak at the ground: Gaussian, rural, class D of Briggs.

    Indicative only below 100 m and for dense gases, which is all that the simulator asks of it.
    """
    x = np.maximum(x_m, 1.0)
    sigma_y = 0.08 * x / np.sqrt(1 + 1e-4 * x)
    sigma_z = 0.06 * x / np.sqrt(1 + 1.5e-3 * x)
    return source_kg_s * 1e6 / (np.pi * wind_m_s * sigma_y * sigma_z) * np.exp(-0.5 * (y_m / sigma_y) ** 2)


def hour_of_day(at_s: float) -> float:
    """Local hour, 0 up to 24."""
    return ((at_s + LOCAL_OFFSET_S) % DAY_S) / 3600


def daily(at_s: float, peak_h: float) -> float:
    """Sine over the local day between -1 and 1, highest at an hour."""
    return math.cos(2 * math.pi * (hour_of_day(at_s) - peak_h) / 24)


def yearly(at_s: float, peak_day: float) -> float:
    """Sine over the year between -1 and 1, highest at a day of the year (0 is New Year)."""
    return math.cos(2 * math.pi * (at_s - peak_day * DAY_S) / YEAR_S)


def outdoor_c(at_s: float) -> float:
    """Temperature of the air: mean 14 °C, 13 K over the year, 5 K over the day."""
    return 14 + 13 * yearly(at_s, 205) + 5 * daily(at_s, 15)


def ground_c(at_s: float) -> float:
    """Temperature of buried products: mean 16 °C, 8 K over the year, 0.2 K over the day."""
    return 16 + 8 * yearly(at_s, 225) + 0.2 * daily(at_s, 18)


def sun(at_s: float) -> float:
    """Strength of the sun from 0 at night to 1 at noon."""
    return max(0.0, daily(at_s, 12.5))
