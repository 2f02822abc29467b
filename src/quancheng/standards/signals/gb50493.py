"""Legal limits of gas detectors (可燃气体和有毒气体检测报警) by GB/T 50493-2019, and whether an enterprise's own may
stand.

Flammable gas 25 and 50 %LEL [V]; open path 1 and 2 LEL·m [G]; toxic gas one and two times the limit of work, or 5 and
10 % of the IDLH where the detector cannot measure so little or so far [V]; oxygen 19.5 and 23.5 %vol [V]. Limits of
work and IDLH are those of the table found with the standard; they are older than GBZ 2.1 and NIOSH and stay together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from quancheng.standards.signals.basis import Problem, Refused, Step, number_of, table, text_of
from quancheng.standards.signals.tags import Limits
from quancheng.standards.signals.units import ppm_of_mg_m3
from quancheng.standards.wording import Text, weakest

#: Where the alarm values stand [G].
CLAUSE = "GB/T 50493-2019, 5.5.2"
#: Of air, by which a gas is light or heavy.
AIR_MOLAR_MASS = 28.96
KINDS: dict[str, Text] = {
    "flammable": Text("可燃气体", "flammable gas"),
    "flammable_path": Text("线型可燃气体", "flammable gas, open path"),
    "toxic": Text("有毒气体", "toxic gas"),
    "oxygen": Text("氧气", "oxygen"),
}
_UNITS = {"flammable": "%LEL", "flammable_path": "LEL.m", "toxic": "mg/m3", "oxygen": "%vol"}
#: Which limit of work a stage follows, in the order in which they are taken.
OELS: dict[str, Text] = {
    "mac": Text("最高容许浓度", "MAC"),
    "twa": Text("时间加权平均容许浓度", "PC-TWA"),
    "stel": Text("短时间接触容许浓度", "PC-STEL"),
}


_NO_NOTE = Text("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gas:
    """A toxic gas: limits of work (职业接触限值) and IDLH in mg/m3, None where there is none.

    ``stage_1`` and ``stage_2`` are the alarm values of the found table; of a gas of one's own they stay None.
    """

    cas: str
    name: Text
    molar_mass: float | None = None
    mac: float | None = None
    twa: float | None = None
    stel: float | None = None
    idlh: float | None = None
    stage_1: float | None = None
    stage_2: float | None = None
    note: Text = _NO_NOTE
    mark: str = "G"

    def oel(self) -> tuple[str, float] | None:
        """The limit of work that counts and its name: MAC, else PC-TWA, else PC-STEL."""
        return next(((name, value) for name in OELS if (value := getattr(self, name)) is not None), None)

    def ppm(self, mg_m3: float) -> float | None:
        """Its concentration in ppm at 20 °C; None where the molar mass is not known."""
        return None if self.molar_mass is None else ppm_of_mg_m3(mg_m3, self.molar_mass)


@cache
def gases() -> dict[str, Gas]:
    """Toxic gases of the found table, by CAS number."""
    return {
        row["cas"]: Gas(
            cas=row["cas"],
            name=text_of(row),
            molar_mass=number_of(row["molar_mass"]),
            mac=number_of(row["mac"]),
            twa=number_of(row["twa"]),
            stel=number_of(row["stel"]),
            idlh=number_of(row["idlh"]),
            stage_1=number_of(row["stage_1"]),
            stage_2=number_of(row["stage_2"]),
            note=text_of(row, "note"),
            mark=row["mark"],
        )
        for row in table("toxic_gases")
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalLimits:
    """The farthest that alarms may be set: ``h`` and ``hh`` from above, ``l`` (oxygen) from below; ``unit`` of all."""

    kind: str
    unit: str
    h: float
    hh: float | None
    l: float | None = None  # noqa: E741 - the name of the limit everywhere in the trade
    basis: str
    steps: tuple[Step, ...]
    doubts: tuple[Text, ...] = ()

    @property
    def mark(self) -> str:
        return weakest(*(step.mark for step in self.steps))


def legal_limits(
    kind: str, *, gas: Gas | None = None, smallest: float | None = None, range_high: float | None = None
) -> LegalLimits:
    """Legal limits of a detector of a kind of :data:`KINDS`.

    :param gas: what a toxic detector measures.
    :param smallest: smallest concentration in mg/m3 that a toxic detector tells.
    :param range_high: the end of its range. A detector that cannot tell the limit of work, or whose range ends below
        twice it, is set by the IDLH where that fits; where neither does, the limit of work stands with a doubt. Where
        neither is told, it is taken to fit.
    :raises Refused: ``UNKNOWN_KIND``, ``NEEDS_GAS``, ``NO_LIMIT`` for a gas without any limit.
    """
    if kind not in KINDS:
        raise Refused("UNKNOWN_KIND", Text(f"没有探测器类型“{kind}”", f"there is no detector of {kind!r}"))
    if kind == "flammable":
        step = Step("FLAMMABLE", Text("一级≤25%LEL，二级≤50%LEL", "stage 1 ≤ 25 %LEL, stage 2 ≤ 50 %LEL"), "V")
        return LegalLimits(kind=kind, unit=_UNITS[kind], h=25.0, hh=50.0, basis="lel", steps=(step,))
    if kind == "flammable_path":
        step = Step("OPEN_PATH", Text("一级1LEL·m，二级2LEL·m", "stage 1: 1 LEL·m, stage 2: 2 LEL·m"), "G")
        return LegalLimits(kind=kind, unit=_UNITS[kind], h=1.0, hh=2.0, basis="lel", steps=(step,))
    if kind == "oxygen":
        step = Step("OXYGEN", Text("欠氧19.5%，过氧23.5%", "too little: 19.5 %vol, too much: 23.5 %vol"), "V")
        return LegalLimits(kind=kind, unit=_UNITS[kind], h=23.5, hh=None, l=19.5, basis="oxygen", steps=(step,))
    if gas is None:
        raise Refused("NEEDS_GAS", Text("应说明气体", "the gas must be told"))
    return _toxic(gas, smallest, range_high)


def _toxic(gas: Gas, smallest: float | None, range_high: float | None) -> LegalLimits:
    by_oel, by_idlh = _by_oel(gas), _by_idlh(gas)
    if by_oel is None and by_idlh is None:
        raise Refused("NO_LIMIT", Text(f"{gas.name.zh}没有限值", f"{gas.name.en} has no limit"))
    if by_oel is None or by_idlh is None:
        (found,) = [one for one in (by_oel, by_idlh) if one is not None]
    elif not _fits(by_oel, smallest, range_high) and _fits(by_idlh, smallest, range_high):
        steps = (*by_oel.steps, Step("RANGE", _TOO_SMALL, "V"), *by_idlh.steps)
        found = replace(by_idlh, steps=steps)
    else:
        found = by_oel
    doubts = (gas.note,) if gas.note.zh else ()
    return replace(found, doubts=doubts if _fits(found, smallest, range_high) else (*doubts, _NO_FIT))


def _by_oel(gas: Gas) -> LegalLimits | None:
    told = gas.oel()
    if told is None:
        return None
    name, value = told
    text = Text(
        f"{OELS[name].zh}{value:g}mg/m³：一级≤100%，二级≤200%",
        f"{OELS[name].en} {value:g} mg/m³: stage 1 ≤ 100 %, stage 2 ≤ 200 %",
    )
    step = Step("OEL", text, gas.mark)
    return LegalLimits(kind="toxic", unit=_UNITS["toxic"], h=value, hh=2 * value, basis="oel", steps=(step,))


def _by_idlh(gas: Gas) -> LegalLimits | None:
    if gas.idlh is None:
        return None
    text = Text(
        f"IDLH为{gas.idlh:g}mg/m³：一级≤5%，二级≤10%", f"IDLH {gas.idlh:g} mg/m³: stage 1 ≤ 5 %, stage 2 ≤ 10 %"
    )
    return LegalLimits(kind="toxic", unit=_UNITS["toxic"], h=gas.idlh / 20, hh=gas.idlh / 10, basis="idlh",
                       steps=(Step("IDLH", text, gas.mark),))  # fmt: skip


def _fits(limits: LegalLimits, smallest: float | None, range_high: float | None) -> bool:
    is_told = smallest is None or smallest <= limits.h
    return is_told and (range_high is None or limits.hh is None or limits.hh <= range_high)


_TOO_SMALL = Text(
    "探测器测量范围不满足职业接触限值，改按IDLH", "the detector cannot measure the limit of work: by IDLH"
)
_NO_FIT = Text("探测器测量范围不满足报警值，应更换", "the detector cannot measure what it must alarm at: replace it")


# What an enterprise may set -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether limits of an enterprise may stand, and everything that speaks against."""

    may: bool
    problems: tuple[Problem, ...]


def may_set(own: Limits, legal: LegalLimits) -> Verdict:
    """An enterprise may alarm earlier than the law asks, never later and never not at all.

    Units are those of ``legal``; that limits are in order and in range is checked by :func:`tags.problems`.
    """
    found = []
    for name, wanted, sign in (("h", legal.h, 1), ("hh", legal.hh, 1), ("l", legal.l, -1)):
        if wanted is None:
            continue
        value = getattr(own, name)
        word = name.upper()
        if value is None or not math.isfinite(value):
            found.append(Problem(name, "MISSING", Text(f"{word}报警值必须设置", f"{word} must be set")))
        elif (value - wanted) * sign > 0:
            zh, en = ("高于", "above") if sign > 0 else ("低于", "below")
            text = Text(
                f"{word}报警值{value:g}{zh}法定的{wanted:g}{legal.unit}",
                f"{word} {value:g} is {en} the legal {wanted:g} {legal.unit}",
            )
            found.append(Problem(name, "LOOSENED", text))
    if legal.hh is not None and own.h is not None and own.hh is not None and own.h >= own.hh:
        found.append(Problem("hh", "ORDER", Text("二级报警值应高于一级", "stage 2 must lie above stage 1")))
    return Verdict(not found, tuple(found))


def usual_range(kind: str, *, gas: Gas | None = None) -> tuple[float, float] | None:
    """The range that a detector should have [G]: to 100 %LEL, three times the limit of work (without one, 30 % of
    the IDLH), 25 %vol oxygen; None where nothing is said.
    """
    if kind == "toxic" and gas is not None:
        told = gas.oel()
        if told is not None:
            return (0.0, 3 * told[1])
        return None if gas.idlh is None else (0.0, 0.3 * gas.idlh)
    highs: Mapping[str, float] = {"flammable": 100.0, "oxygen": 25.0}
    return (0.0, highs[kind]) if kind in highs else None


DENSITIES: dict[str, Text] = {
    "heavier": Text("比空气重", "heavier than air"),
    "slightly_heavier": Text("略重于空气", "slightly heavier than air"),
    "slightly_lighter": Text("略轻于空气", "slightly lighter than air"),
    "lighter": Text("比空气轻", "lighter than air"),
}


def density_class(molar_mass: float) -> str:
    """How a gas lies in air, a code of :data:`DENSITIES`, by which detectors are hung [V]."""
    ratio = molar_mass / AIR_MOLAR_MASS
    if ratio >= 1.2:
        return "heavier"
    if ratio >= 1.0:
        return "slightly_heavier"
    return "lighter" if ratio <= 0.8 else "slightly_lighter"
