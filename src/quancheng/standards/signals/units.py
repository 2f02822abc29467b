"""Units of readings (计量单位): one base unit a dimension, everything else by a factor and an offset.

A conversion is ``value × factor + offset``, so it takes one number and a numpy column alike; the raw text is for the
caller to keep. Gauge pressure stays gauge. Whether ``mm/s`` is rms or peak, or ``um`` peak to peak, is *not* checked:
a tag says so itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from quancheng.standards.signals.basis import Refused, table
from quancheng.standards.wording import Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = TypeVar("Values", float, "NDArray[np.float64]")

#: Litres a mole at 20 °C and 101.325 kPa, by which ppm become mg/m3 [V].
MOLAR_VOLUME_L = 24.06
#: What a unit is measured in, in words.
DIMENSIONS: dict[str, Text] = {
    "level": Text("液位", "level"),
    "temperature": Text("温度", "temperature"),
    "temperature_difference": Text("温差", "temperature difference"),
    "temperature_rate": Text("温升速率", "rate of temperature"),
    "pressure": Text("表压", "gauge pressure"),
    "pressure_rate": Text("压力变化率", "rate of pressure"),
    "flow": Text("体积流量", "volume flow"),
    "normal_flow": Text("标况体积流量", "volume flow at normal conditions"),
    "mass_flow": Text("质量流量", "mass flow"),
    "flammable": Text("可燃气体浓度", "flammable gas"),
    "flammable_path": Text("线型可燃气体", "flammable gas, open path"),
    "toxic": Text("有毒气体浓度", "toxic gas"),
    "oxygen": Text("氧含量", "oxygen"),
    "humidity": Text("湿度", "humidity"),
    "current": Text("电流", "current"),
    "voltage": Text("电压", "voltage"),
    "power": Text("功率", "power"),
    "resistance": Text("电阻", "resistance"),
    "vibration_velocity": Text("振动速度", "vibration velocity"),
    "vibration_acceleration": Text("振动加速度", "vibration acceleration"),
    "displacement": Text("振动位移", "displacement"),
    "electric_field": Text("电场强度", "electric field"),
    "distance": Text("距离", "distance"),
    "voc": Text("挥发性有机物", "volatile organic compounds"),
    "wind_speed": Text("风速", "wind speed"),
    "speed": Text("转速", "speed of rotation"),
    "volume_fraction": Text("体积分数", "volume fraction"),
    "mass_fraction": Text("质量分数", "mass fraction"),
    "percent": Text("百分比", "share"),
    "ratio": Text("比值", "ratio"),
    "mass": Text("质量", "mass"),
    "level_rate": Text("液位变化率", "rate of level"),
    "obscuration": Text("减光率", "obscuration"),
    "ph": Text("酸碱度", "acidity"),
    "solution": Text("溶液浓度", "concentration of a solution"),
    "sound_level": Text("声压级", "sound level"),
    "path_concentration": Text("光程浓度", "concentration along a path"),
    "discrete": Text("开关量", "discrete"),
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """How values of one unit become the base unit of their dimension."""

    base: str
    factor: float
    offset: float = 0.0

    def apply(self, values: Values) -> Values:
        """A number or a column, in the base unit."""
        return values * self.factor + self.offset

    def reverse(self, values: Values) -> Values:
        """Back from the base unit."""
        return (values - self.offset) / self.factor


def base_unit(dimension: str) -> str:
    """The unit in which a dimension is kept.

    :raises Refused: ``UNKNOWN_DIMENSION``.
    """
    _known(dimension)
    return _bases()[dimension]


def dimensions_of(unit: str) -> tuple[str, ...]:
    """The dimensions that know a unit or an alias of it; none for an unknown one."""
    wanted = unit.strip()
    return tuple(dimension for dimension, names in _units().items() if wanted in names)


def conversion(
    unit: str,
    dimension: str,
    *,
    lel_vol: float | None = None,
    molar_mass: float | None = None,
    span: tuple[float, float] | None = None,
) -> Conversion:
    """From a unit, as a gateway writes it, to the base unit of the dimension.

    ``lel_vol``: lower explosive limit of the gas in %vol, for ``%vol`` of flammable gas. ``molar_mass`` in g/mol, for
    ``ppm`` of a toxic gas. ``span``: values of 0 and 100 % in the base unit, for ``%`` of a level gauge; a horizontal
    tank is not linear in volume, so this is height, not volume.

    :raises Refused: ``UNKNOWN_DIMENSION``, ``UNKNOWN_UNIT``, ``NEEDS_LEL``, ``NEEDS_MOLAR_MASS``, ``NEEDS_SPAN``.
    """
    _known(dimension)
    wanted = unit.strip()
    if found := _units()[dimension].get(wanted):
        return found
    base = _bases()[dimension]
    if dimension == "flammable" and wanted in ("%vol", "%VOL", "vol%"):
        return Conversion(base, 100 / _positive("NEEDS_LEL", lel_vol, _LEL_MISSING))
    if dimension == "flammable" and wanted == "ppm":
        return Conversion(base, 0.01 / _positive("NEEDS_LEL", lel_vol, _LEL_MISSING))
    if dimension == "toxic" and wanted in ("ppm", "ppb"):
        mass = _positive("NEEDS_MOLAR_MASS", molar_mass, _MASS_MISSING)
        return Conversion(base, mass / MOLAR_VOLUME_L * (1 if wanted == "ppm" else 0.001))
    if dimension == "level" and wanted == "%":
        if span is None or not all(map(math.isfinite, span)) or span[0] >= span[1]:
            raise Refused("NEEDS_SPAN", Text("缺少液位计量程", "the span of the gauge is missing"))
        return Conversion(base, (span[1] - span[0]) / 100, span[0])
    raise Refused(
        "UNKNOWN_UNIT", Text(f"{DIMENSIONS[dimension].zh}没有单位“{unit}”", f"{unit!r} is no unit of {dimension}")
    )


def to_base(
    values: Values,
    unit: str,
    dimension: str,
    *,
    lel_vol: float | None = None,
    molar_mass: float | None = None,
    span: tuple[float, float] | None = None,
) -> Values:
    """A number or a column in the base unit; parameters and refusals as of :func:`conversion`."""
    return conversion(unit, dimension, lel_vol=lel_vol, molar_mass=molar_mass, span=span).apply(values)


def mg_m3_of_ppm(ppm: float, molar_mass: float) -> float:
    """A volume fraction of a gas as mass in air at 20 °C and 101.325 kPa."""
    return conversion("ppm", "toxic", molar_mass=molar_mass).apply(ppm)


def ppm_of_mg_m3(mg_m3: float, molar_mass: float) -> float:
    """Back from :func:`mg_m3_of_ppm`."""
    return conversion("ppm", "toxic", molar_mass=molar_mass).reverse(mg_m3)


_LEL_MISSING = Text("缺少气体的爆炸下限", "the lower explosive limit of the gas is missing")
_MASS_MISSING = Text("缺少气体的摩尔质量", "the molar mass of the gas is missing")


def _known(dimension: str) -> None:
    if dimension not in DIMENSIONS:
        raise Refused("UNKNOWN_DIMENSION", Text(f"没有量纲“{dimension}”", f"there is no dimension {dimension!r}"))


def _positive(code: str, value: float | None, missing: Text) -> float:
    if value is None or not math.isfinite(value) or value <= 0:
        raise Refused(code, missing)
    return value


@cache
def _bases() -> dict[str, str]:
    bases: dict[str, str] = {}
    for row in table("units"):
        bases.setdefault(row["dimension"], row["code"])
    return bases


@cache
def _units() -> dict[str, dict[str, Conversion]]:
    found: dict[str, dict[str, Conversion]] = {dimension: {} for dimension in DIMENSIONS}
    for row in table("units"):
        dimension = row["dimension"]
        one = Conversion(_bases()[dimension], float(row["factor"]), float(row["offset"]))
        for name in (row["code"], *row["aliases"].split()):
            found[dimension][name] = one
    return found
