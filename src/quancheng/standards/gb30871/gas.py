"""Judging gas analysis (气体分析): each value against its limit, instruments against their calibration.

Source: GB 30871-2022, 5.2.7, 5.3.2, 6.4 (limits), 4.12 (instruments). Oxygen from above 21 to 23.5 %vol is CONDITIONAL:
allowed in an oxygen-rich setting only, with a reason that the approver confirms [D]. A toxic value above its limit is
CONDITIONAL where all who enter wear isolating breathing apparatus (6.6). A value that cannot be judged fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from quancheng.standards.gb30871.basis import BadInput, Why, all_finite, clause, finite, local, shown
from quancheng.standards.gb30871.gases import (
    Gas,
    Unconvertible,
    check_reading,
    combustible_limit,
    gas_named,
    milligrams,
    percent_volume,
    toxic_limit,
)
from quancheng.standards.gb30871.parameters import STANDARD, Parameters
from quancheng.standards.wording import Text

QUANTITIES: dict[str, Text] = {
    "COMBUSTIBLE": Text("可燃气体", "combustible gas"),
    "TOXIC": Text("有毒气体", "toxic gas"),
    "OXYGEN": Text("氧含量", "oxygen"),
}
POSITIONS: dict[str, Text] = {
    "UPPER": Text("上部", "upper"),
    "MIDDLE": Text("中部", "middle"),
    "LOWER": Text("下部", "lower"),
    "LEFT": Text("左部", "left"),
    "CENTRE": Text("中间", "centre"),
    "RIGHT": Text("右部", "right"),
    "INSIDE": Text("内部", "inside"),
    "OUTSIDE": Text("外部10 m内", "outside, within 10 m"),
}
#: Phases of a test, as stored with it.
PHASES = ("PRE", "RETEST", "PERIODIC", "CONTINUOUS", "RESUME", "DAILY")
VERDICTS = ("PASS", "CONDITIONAL", "FAIL")
_OWN_RANGES = (
    ("lel", Decimal("0.1"), 100),
    ("molar_mass", 1, 2000),
    ("own_limit_mg_m3", Decimal("1e-6"), 10**5),
    ("correction", Decimal("0.01"), 100),
)
#: Where a sample is drawn decides what oxygen may be.
SETTINGS = ("OPEN", "CONFINED_SPACE", "OXYGEN_EQUIPMENT")


@dataclass(frozen=True, slots=True, kw_only=True)
class GasSample:
    """One value at one point. ``gas`` is a code, CAS number or name; empty where it is not known.

    ``distance_m`` from the work point, told for samples outside. ``calibration_due`` is the last day on which the
    instrument counts; None where the register does not know it. ``lel`` in %vol, ``molar_mass`` and ``own_limit_mg_m3``
    (a limit of work) are those of the enterprise's data sheet, which prevail over our table; of two limits of work the
    lower holds.

    :raises BadInput: a unit, quantity, position or phase that is none, an impossible value, a time without zone.
    """

    quantity: str
    value: Decimal
    unit: str
    sampled_at: datetime
    gas: str = ""
    position: str = "OUTSIDE"
    point: str = ""
    phase: str = "PRE"
    distance_m: Decimal | None = None
    calibrated_with: str = ""
    correction: Decimal | None = None
    lel: Decimal | None = None
    molar_mass: Decimal | None = None
    own_limit_mg_m3: Decimal | None = None
    instrument: str = ""
    calibration_due: date | None = None
    analyst: str = ""
    is_manual: bool = False

    def __post_init__(self) -> None:
        choices = (("quantity", QUANTITIES), ("position", POSITIONS), ("phase", PHASES))
        for name, known in choices:
            if getattr(self, name) not in known:
                said = ", ".join(known)
                raise BadInput(name, Text(f"应为以下之一：{said}", f"must be one of {said}"))
        check_reading(self.value, self.unit)
        all_finite(self)
        for name, low, high in _OWN_RANGES:
            if (value := getattr(self, name)) is not None:
                finite(value, name, low=low, high=high)
        local(self.sampled_at, "sampled_at")


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one sample: PASS, CONDITIONAL or FAIL, value and limit in ``unit``, and the rule.

    ``value`` is None where the reading could not be converted. ``demands`` is what a CONDITIONAL result asks for.
    """

    verdict: str
    value: Decimal | None
    limit: Decimal | None
    unit: str
    why: Why
    demands: Text | None = None


def judge(
    sample: GasSample,
    parameters: Parameters = STANDARD,
    *,
    setting: str = "OPEN",
    others: Iterable[str] = (),
    stay_min: Decimal | None = None,
    breathing_apparatus: bool = False,
) -> Judged:
    """Judge one sample.

    :param setting: one of :data:`SETTINGS`.
    :param others: further combustible gases that may be there: the lowest limit of all holds.
    :param stay_min: minutes that people stay, for the choice of the toxic limit.
    """
    if setting not in SETTINGS:
        raise BadInput("setting", Text(f"应为以下之一：{', '.join(SETTINGS)}", f"must be one of {', '.join(SETTINGS)}"))
    gas = _gas_of(sample)
    try:
        if sample.quantity == "OXYGEN":
            return _oxygen(sample, parameters, setting)
        if sample.quantity == "COMBUSTIBLE":
            return _combustible(sample, gas, parameters, others)
        return _toxic(sample, gas, stay_min, breathing_apparatus, sample.own_limit_mg_m3)
    except Unconvertible as stuck:
        number = "6.4" if sample.quantity == "TOXIC" else "5.3.2"
        return Judged("FAIL", None, None, "", Why(f"GAS-{stuck.code}", clause(number), "D", stuck.text, "gas"))


def _gas_of(sample: GasSample) -> Gas | None:
    """The gas of the table with what the enterprise's data sheet says of it, or one of its own."""
    gas = gas_named(sample.gas) if sample.gas else None
    if gas is None and sample.gas and (sample.lel is not None or sample.molar_mass is not None):
        gas = Gas(code=sample.gas, cas="", name=Text(sample.gas, sample.gas))
    if gas is None:
        return None
    if sample.lel is not None:
        gas = replace(gas, lel=sample.lel, lel_mark="D")
    return gas if sample.molar_mass is None else replace(gas, molar_mass=sample.molar_mass)


def _combustible(sample: GasSample, gas: Gas | None, parameters: Parameters, others: Iterable[str]) -> Judged:
    value = percent_volume(
        sample.value, sample.unit, gas, calibrated_with=sample.calibrated_with, correction=sample.correction
    )
    some = [gas] if gas is not None else []
    named = [gas_named(other) for other in others]
    limit = combustible_limit([*some, *(one for one in named if one is not None)], parameters)
    if any(one is None for one in named):
        limit = min(limit, combustible_limit([], parameters), key=lambda one: one.value)
    verdict = "PASS" if value <= limit.value else "FAIL"
    return Judged(verdict, value, limit.value, "%VOL", limit.why)


def _oxygen(sample: GasSample, parameters: Parameters, setting: str) -> Judged:
    if sample.unit != "%VOL":
        raise Unconvertible("NEEDS_VOL", Text("氧含量应以%vol表示", "oxygen is told in %vol"))
    value = sample.value
    rich = parameters.o2_max_rich
    if setting != "CONFINED_SPACE":
        number = "5.2.7" if setting == "OXYGEN_EQUIPMENT" else "6.4"
        text = Text(f"氧含量不应高于{shown(rich)}%", f"oxygen at most {shown(rich)} %")
        why = Why("GAS-O2-RICH", clause(number), "V" if setting == "OXYGEN_EQUIPMENT" else "D", text, "value")
        return Judged("PASS" if value <= rich else "FAIL", value, rich, "%VOL", why)
    least, most = parameters.o2_min, parameters.o2_max
    text = Text(
        f"受限空间氧含量应为{shown(least)}%至{shown(most)}%，富氧环境不高于{shown(rich)}%",
        f"oxygen in a confined space {shown(least)} to {shown(most)} %, at most {shown(rich)} % where oxygen-rich",
    )
    why = Why("GAS-O2", clause("6.4"), "V", text, "value")
    if value < least:
        return Judged("FAIL", value, least, "%VOL", why)
    if value <= most:
        return Judged("PASS", value, most, "%VOL", why)
    if value <= rich:
        demands = Text("须说明富氧原因并经审批人确认", "a reason for the oxygen, confirmed by the approver")
        return Judged("CONDITIONAL", value, most, "%VOL", why, demands)
    return Judged("FAIL", value, rich, "%VOL", why)


def _toxic(
    sample: GasSample, gas: Gas | None, stay_min: Decimal | None, apparatus: bool, own_limit: Decimal | None
) -> Judged:
    if gas is None and (own_limit is None or sample.unit != "mg/m3"):
        raise Unconvertible("NEEDS_GAS", Text("有毒气体须注明名称", "a toxic gas needs its name"))
    known = toxic_limit(gas, stay_min) if gas is not None else None
    if own_limit is not None and (known is None or own_limit < known.value):
        limit = own_limit
        text = Text(f"企业限值{shown(own_limit)} mg/m³", f"the enterprise's limit, {shown(own_limit)} mg/m³")
        why = Why("GAS-TOXIC", clause("6.4"), "D", text, "own_limit_mg_m3")
    elif known is not None:
        limit, why = known.value, known.why
    else:
        raise Unconvertible("NO_LIMIT", Text("该气体没有接触限值，应填写", "no limit of work is known: tell one"))
    value = milligrams(
        sample.value, sample.unit, gas, calibrated_with=sample.calibrated_with, correction=sample.correction
    )
    if value <= limit:
        return Judged("PASS", value, limit, "mg/m3", why)
    if apparatus:
        why = Why("GAS-TOXIC-APPARATUS", clause("6.6"), "V", why.text, "breathing_apparatus")
        demands = Text("全部进入人员佩戴隔绝式呼吸器并系安全绳", "isolating breathing apparatus and life line for all")
        return Judged("CONDITIONAL", value, limit, "mg/m3", why, demands)
    return Judged("FAIL", value, limit, "mg/m3", why)


def worst(judged: Iterable[Judged]) -> str:
    """The gravest of several verdicts; PASS of none. Whether enough was sampled is told elsewhere."""
    return max((one.verdict for one in judged), key=VERDICTS.index, default="PASS")


def calibration_problem(sample: GasSample) -> Why | None:
    """Whether the instrument may be believed: its calibration is known and not past on the day of the sample (4.12)."""
    if sample.calibration_due is None:
        text = Text("仪器检定有效期未知", "the instrument's calibration is not known")
    elif sample.calibration_due < local(sample.sampled_at).date():
        due = f"{sample.calibration_due:%Y-%m-%d}"
        text = Text(f"仪器检定有效期至{due}，取样时已过期", f"the calibration ended on {due}, before the sample")
    else:
        return None
    return Why("GAS-CALIBRATION", clause("4.12"), "D", text, "calibration_due")
