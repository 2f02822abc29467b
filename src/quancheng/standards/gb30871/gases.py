"""Gases and vapours that are tested before special work: lower explosive limits, limits of work, conversions.

Limits of combustible gas are those of GB 30871-2022, 5.3.2; explosive limits and limits of work (GBZ 2.1-2019) are
general knowledge and stand with their marks: the enterprise's own data sheets prevail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from quancheng.standards.gb30871.basis import BadInput, Why, clause, finite, several, table, text_of
from quancheng.standards.gb30871.parameters import STANDARD, Parameters
from quancheng.standards.wording import Text

#: Litres of one mole at 25 °C and 101.325 kPa, by which limits of work are told in ppm.
MOLAR_VOLUME_L = Decimal("24.45")
UNITS = ("%VOL", "%LEL", "ppm", "mg/m3")
#: At and above this explosive limit in %vol the higher of the two limits holds.
HIGH_LEL = Decimal(4)


class Unconvertible(ValueError):
    """A reading that says nothing without more: ``code`` for machines, ``text`` for people."""

    def __init__(self, code: str, text: Text) -> None:
        self.code, self.text = code, text
        super().__init__(f"{code}: {text.en}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gas:
    """One gas. ``lel`` in %vol, None where it does not burn or is not known; limits of work in mg/m³."""

    code: str
    cas: str
    name: Text
    molar_mass: Decimal | None = None
    lel: Decimal | None = None
    lel_mark: str = ""
    mac: Decimal | None = None
    twa: Decimal | None = None
    stel: Decimal | None = None
    toxic_mark: str = ""
    #: Formulas and further names by which instruments and people call it.
    aliases: tuple[str, ...] = ()


@cache
def gases() -> dict[str, Gas]:
    """All gases of the table by code."""
    return {
        row["code"]: Gas(
            code=row["code"],
            cas=row["cas"],
            name=text_of(row),
            molar_mass=_number(row["molar_mass"]),
            lel=_number(row["lel"]),
            lel_mark=row["lel_mark"],
            mac=_number(row["mac"]),
            twa=_number(row["twa"]),
            stel=_number(row["stel"]),
            toxic_mark=row["toxic_mark"],
            aliases=several(row["aliases"]),
        )
        for row in table("gases")
    }


def _number(cell: str) -> Decimal | None:
    return Decimal(cell) if cell else None


def gas_named(name: str) -> Gas | None:
    """A gas by code, CAS number, formula, Chinese or English name; None where the table has none."""
    wanted = name.strip().lower()
    return _names().get(wanted)


@cache
def _names() -> dict[str, Gas]:
    return {
        key.lower(): gas
        for gas in gases().values()
        for key in (gas.name.en, gas.name.zh, gas.cas, gas.code, *gas.aliases)
        if key
    }


# Limits --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be measured at most, in ``unit``, and why."""

    value: Decimal
    unit: str
    why: Why


def combustible_limit(of: Iterable[Gas], parameters: Parameters = STANDARD) -> Limit:
    """The limit in %vol where any of some gases may be there: the lowest. With none, or one whose LEL is not known,
    the lower limit holds [D]."""
    some = tuple(of)
    is_high = bool(some) and all(gas.lel is not None and gas.lel >= HIGH_LEL for gas in some)
    if is_high:
        value, text = parameters.comb_limit_ge4, Text("爆炸下限不低于4%", "an LEL of 4 % or more")
    elif some and all(gas.lel is not None for gas in some):
        value, text = parameters.comb_limit_lt4, Text("爆炸下限低于4%", "an LEL below 4 %")
    else:
        value, text = parameters.comb_limit_lt4, Text("气体未知，按较严的限值", "an unknown gas: the stricter limit")
    value = min(value, parameters.comb_limit_ge4)
    sure = "V" if some and all(gas.lel is not None for gas in some) else "D"
    return Limit(value, "%VOL", Why("GAS-COMBUSTIBLE", clause("5.3.2"), sure, text, "gas"))


def toxic_limit(gas: Gas, stay_min: Decimal | None = None) -> Limit | None:
    """The limit of work in mg/m³ for entry without breathing apparatus; None where the table has none.

    MAC where there is one; else PC-STEL for a stay of at most 15 minutes; else PC-TWA. ``stay_min`` None: not known,
    taken as long.
    """
    short = stay_min is not None and stay_min <= 15
    order = [("MAC", gas.mac), ("PC-STEL", gas.stel if short else None), ("PC-TWA", gas.twa), ("PC-STEL", gas.stel)]
    for name, value in order:
        if value is not None:
            text = Text(f"{gas.name.zh}{name} {value} mg/m³", f"{gas.name.en}: {name} {value} mg/m³")
            return Limit(value, "mg/m3", Why("GAS-TOXIC", clause("6.4"), gas.toxic_mark or "G", text, "gas"))
    return None


def limit_in_percent_lel(gas: Gas, parameters: Parameters = STANDARD) -> Decimal | None:
    """The limit of a combustible gas as a detector shows it, in %LEL; None where its LEL is not known."""
    return None if gas.lel is None else combustible_limit([gas], parameters).value / gas.lel * 100


# Conversion ----------------------------------------------------------------------------------------------------------


def percent_volume(
    value: Decimal, unit: str, gas: Gas | None, *, calibrated_with: str = "", correction: Decimal | None = None
) -> Decimal:
    """A reading of combustible gas in %vol, exact.

    ``calibrated_with`` is the code of the gas that the instrument is calibrated with; where that is another one, a
    reading counts only with its maker's ``correction`` factor. Detectors that show %LEL are calibrated with methane as
    a rule, so that a reading in %LEL of another gas needs one of the two to be told.

    :raises Unconvertible: ``NEEDS_GAS`` where %LEL or mg/m³ stand without the gas, ``NEEDS_LEL``, ``NEEDS_MASS``,
        ``NEEDS_CALIBRATION``, ``NEEDS_CORRECTION``.
    :raises BadInput: no such unit, or no possible value.
    """
    check_reading(value, unit)
    factor = _correction(gas, calibrated_with, correction)
    if unit == "%VOL":
        return value * factor
    if unit == "ppm":
        return value * factor / 10_000
    if gas is None:
        text = Text(f"以{unit}表示的读数须注明气体", f"a reading in {unit} needs the name of the gas")
        raise Unconvertible("NEEDS_GAS", text)
    if unit == "%LEL":
        if gas.lel is None:
            text = Text(f"{gas.name.zh}的爆炸下限未知", f"the LEL of {gas.name.en} is not known")
            raise Unconvertible("NEEDS_LEL", text)
        if gas.code != "methane" and not calibrated_with.strip() and correction is None:
            text = Text(
                f"以%LEL表示的{gas.name.zh}读数须注明仪器标定气体或修正系数",
                f"a reading of {gas.name.en} in %LEL needs the gas of the calibration, or the correction factor",
            )
            raise Unconvertible("NEEDS_CALIBRATION", text)
        return value * factor * gas.lel / 100
    return ppm(value, gas) * factor / 10_000


def milligrams(
    value: Decimal, unit: str, gas: Gas | None, *, calibrated_with: str = "", correction: Decimal | None = None
) -> Decimal:
    """A reading of toxic gas in mg/m³, corrected as :func:`percent_volume` does it. A gas that is not known can be told
    in mg/m³ only. Unconvertible and BadInput as there."""
    check_reading(value, unit)
    if unit == "mg/m3":
        return value * _correction(gas, calibrated_with, correction)
    if gas is None:
        raise Unconvertible("NEEDS_GAS", Text("有毒气体须注明名称", "a toxic gas needs its name"))
    told = percent_volume(value, unit, gas, calibrated_with=calibrated_with, correction=correction)
    return told * 10_000 * _mass(gas) / MOLAR_VOLUME_L


def ppm(mg_m3: Decimal, gas: Gas) -> Decimal:
    """A concentration in ppm at 25 °C. Unconvertible where the molar mass is not known."""
    return mg_m3 * MOLAR_VOLUME_L / _mass(gas)


def check_reading(value: Decimal, unit: str, place: str = "value") -> None:
    """BadInput for a unit that is none, and for a value that no instrument tells."""
    if unit not in UNITS:
        said = ", ".join(UNITS)
        raise BadInput("unit", Text(f"应为以下之一：{said}", f"must be one of {said}"))
    most = {"%VOL": 100, "%LEL": 1000, "ppm": 10**6, "mg/m3": 10**8}[unit]
    finite(value, place, high=most)


def _correction(gas: Gas | None, calibrated_with: str, correction: Decimal | None) -> Decimal:
    if correction is not None:
        return finite(correction, "correction", low=Decimal("0.01"), high=100)
    other = gas_named(calibrated_with) if calibrated_with else None
    code = other.code if other else calibrated_with.strip()
    if not code or (gas is not None and code.lower() == gas.code.lower()):
        return Decimal(1)
    text = Text(
        f"仪器以{other.name.zh if other else calibrated_with}标定，须填厂家修正系数",
        f"the instrument is calibrated with {other.name.en if other else calibrated_with}: "
        "its maker's correction factor is needed",
    )
    raise Unconvertible("NEEDS_CORRECTION", text)


def _mass(gas: Gas) -> Decimal:
    if gas.molar_mass is None:
        text = Text(f"{gas.name.zh}的摩尔质量未知", f"the molar mass of {gas.name.en} is not known")
        raise Unconvertible("NEEDS_MASS", text)
    return gas.molar_mass
