"""Tags (点位): their kinds with usual settings, their limits and what makes these impossible, templates by facility,
and what must be monitored where.

Sources: usual starting values of the literature of alarms [G]; checks and parameters that must be monitored after
AQ 3035-2010 and GB 17681-2024 (marks by row). A district sets its own; nothing here is read at run time from code but
through these functions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from quancheng.standards.signals import units
from quancheng.standards.signals.basis import Problem, Refused, number_of, table, text_of
from quancheng.standards.wording import Text

#: Toxic gas at its second stage may not wait longer than this before it alarms [G].
TOXIC_ON_DELAY_S = 10.0
#: Limits from the lowest to the highest.
LEVELS = ("ll", "l", "h", "hh")
_SHARE_OF_GAP = 0.2


def stale_after_s(scan_s: float) -> float:
    """After how long without data a tag is stale: three scans, at least a minute [D]."""
    return max(3 * scan_s, 60.0)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of tag. ``unit`` is empty where it varies; ``deadband_pct`` is of the span."""

    code: str
    name: Text
    unit: str
    deadband_pct: float
    on_delay_s: float
    off_delay_s: float
    scan_s: float
    priority: int
    mark: str


@cache
def kinds() -> dict[str, Kind]:
    """Kinds of tags with their usual settings."""
    return {
        row["code"]: Kind(
            code=row["code"],
            name=text_of(row),
            unit=row["unit"],
            deadband_pct=float(row["deadband_pct"]),
            on_delay_s=float(row["on_delay_s"]),
            off_delay_s=float(row["off_delay_s"]),
            scan_s=float(row["scan_s"]),
            priority=int(row["priority"]),
            mark=row["mark"],
        )
        for row in table("tag_kinds")
    }


#: What a kind is measured in, dimensions of ``units``.
_MEASURED: dict[str, tuple[str, ...]] = {
    "level": ("level", "percent"),
    "temperature": ("temperature", "temperature_difference"),
    "pressure": ("pressure",),
    "flow": ("flow", "normal_flow", "mass_flow"),
    "flammable": ("flammable", "flammable_path"),
    "toxic": ("toxic",),
    "oxygen": ("oxygen",),
    "voc": ("voc",),
    "analyser": ("volume_fraction", "mass_fraction", "toxic", "obscuration", "ph", "solution"),
    "humidity": ("humidity",),
    "electrical": ("current", "voltage", "power", "resistance", "electric_field"),
    "position": ("level", "displacement"),
    "speed": ("speed",),
    "vibration": ("vibration_velocity", "vibration_acceleration", "displacement"),
    "ratio": ("ratio", "percent"),
    "rate": ("level_rate", "temperature_rate", "pressure_rate"),
    "quantity": ("mass",),
    "wind": ("wind_speed",),
    "gas_imaging": ("path_concentration",),
    "acoustic_leak": ("sound_level",),
    "discrete": ("discrete",),
    "lightning": ("distance", "electric_field"),
}


def dimension_of(kind: str, unit: str) -> str:
    """In which dimension a tag of a kind is that is told in a unit.

    Where several have the unit, the one whose base unit it is goes first: ``K`` of a temperature is a difference.

    :raises Refused: ``UNKNOWN_UNIT``; ``ppm`` and ``ppb`` of toxic gas are known, though they need the gas.
    """
    known = [one for one in _MEASURED[kind] if one in units.dimensions_of(unit)]
    if kind == "toxic" and unit.strip() in ("ppm", "ppb"):
        return "toxic"
    if not known:
        name = kinds()[kind].name
        raise Refused("UNKNOWN_UNIT", Text(f"{name.zh}没有单位“{unit}”", f"{unit!r} is no unit of {name.en.lower()}"))
    return next((one for one in known if units.base_unit(one) == unit.strip()), known[0])


def units_of(kind: str) -> tuple[str, ...]:
    """The units in which tags of a kind are kept, the usual one first."""
    bases = [units.base_unit(one) for one in _MEASURED[kind]]
    return tuple(dict.fromkeys([*filter(None, [kinds()[kind].unit]), *bases]))


# Limits -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a tag alarms (报警限值), in its base unit; None: not set. Delays and windows in seconds.

    ``roc_limit`` is a rate in units a second, taken upwards and downwards; ``stale_after_s`` and the window of a stuck
    value (卡滞) of 0 switch these off. Nothing is checked here: :func:`problems` does.
    """

    low: float | None = None
    high: float | None = None
    ll: float | None = None
    l: float | None = None  # noqa: E741 - the name of the limit everywhere in the trade
    h: float | None = None
    hh: float | None = None
    deadband: float = 0.0
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    roc_limit: float | None = None
    roc_window_s: float = 0.0
    stale_after_s: float = 0.0
    flatline_samples: int = 0
    flatline_eps: float = 0.0

    def levels(self) -> dict[str, float]:
        """The limits that are set, from the lowest to the highest."""
        return {name: value for name in LEVELS if (value := getattr(self, name)) is not None}


_NUMBERS = ("low", "high", *LEVELS, "deadband", "on_delay_s", "off_delay_s", "roc_limit", "roc_window_s",
            "stale_after_s", "flatline_samples", "flatline_eps")  # fmt: skip
_NOT_NEGATIVE = _NUMBERS[_NUMBERS.index("deadband") :]


def problems(limits: Limits, *, kind: str = "") -> list[Problem]:
    """What keeps limits from being saved without a documented exemption; empty where nothing does.

    ``kind`` ``toxic`` is checked for its delay. What the law of gas detectors says is checked by ``gb50493``.
    """
    found = [
        Problem(name, "NOT_FINITE", Text("应为有限的数", "must be a finite number"))
        for name in _NUMBERS
        if (value := getattr(limits, name)) is not None and not math.isfinite(value)
    ]
    if found:
        return found
    found += [
        Problem(name, "NEGATIVE", Text("不能为负", "must not be negative"))
        for name in _NOT_NEGATIVE
        if (getattr(limits, name) or 0) < 0
    ]
    return found + _range_problems(limits) + _order_problems(limits) + _clear_problems(limits) + _other(limits, kind)


def _range_problems(limits: Limits) -> list[Problem]:
    if limits.low is not None and limits.high is not None and limits.low >= limits.high:
        return [Problem("high", "RANGE", Text("量程上限应大于下限", "the span must end above its start"))]
    return [
        Problem(name, "OUT_OF_RANGE", Text(f"{name.upper()}限值超出量程", f"{name.upper()} lies outside the span"))
        for name, value in limits.levels().items()
        if (limits.low is not None and value < limits.low) or (limits.high is not None and value > limits.high)
    ]


def _order_problems(limits: Limits) -> list[Problem]:
    levels = list(limits.levels().items())
    return [
        Problem(
            upper,
            "ORDER",
            Text(f"{upper.upper()}限值应大于{lower.upper()}限值", f"{upper.upper()} must lie above {lower.upper()}"),
        )
        for (lower, below), (upper, above) in pairwise(levels)
        if below >= above
    ]


def _clear_problems(limits: Limits) -> list[Problem]:
    """A deadband so wide that an alarm could not end: past the other end of the span, or into the opposite alarm."""
    tops = [value for value in (limits.h, limits.hh) if value is not None]
    bottoms = [value for value in (limits.l, limits.ll) if value is not None]
    floor = max(bottoms, default=limits.low)
    ceiling = min(tops, default=limits.high)
    never = (tops and floor is not None and min(tops) - limits.deadband <= floor) or (
        bottoms and ceiling is not None and max(bottoms) + limits.deadband >= ceiling
    )
    if not never or not limits.deadband:
        return []
    return [Problem("deadband", "NEVER_CLEARS", Text("死区过大，报警无法消除", "so wide that an alarm cannot end"))]


def _other(limits: Limits, kind: str) -> list[Problem]:
    found = []
    if kind == "toxic" and limits.on_delay_s > TOXIC_ON_DELAY_S:
        text = Text("有毒气体报警延时不得超过10秒", "toxic gas may not wait for more than 10 s")
        found.append(Problem("on_delay_s", "TOXIC_DELAY", text))
    if limits.roc_limit is not None and limits.roc_window_s <= 0:
        text = Text("变化率需要时间窗", "a rate of change needs a window")
        found.append(Problem("roc_window_s", "NO_WINDOW", text))
    if limits.flatline_samples == 1:
        text = Text("卡滞判断至少需要2个样本", "a stuck value needs at least 2 samples")
        found.append(Problem("flatline_samples", "NO_WINDOW", text))
    return found


# Templates ----------------------------------------------------------------------------------------------------------

#: Facilities that have a template.
FACILITIES: dict[str, Text] = {
    "petrol_station": Text("加油站", "Petrol station"),
    "gas_station": Text("加气站", "LPG and LNG filling station"),
    "chlorine_ammonia_store": Text("液氯、液氨储存", "Liquid chlorine or ammonia store"),
    "tank_farm": Text("罐区", "Tank farm"),
    "warehouse": Text("仓库", "Warehouse"),
    "batch_reactor": Text("间歇反应釜", "Batch reactor"),
    "valve_station": Text("管道阀室、站场", "Pipeline valve station"),
}
REPORTS = ("periodic", "event", "change", "sale", "calc", "manual")
_RELATIVE = re.compile(r"([a-z_]+)(?:([*+-])([0-9.]+))?")


@dataclass(frozen=True, slots=True)
class Relative:
    """A limit by something that the facility knows: ``of`` × ``factor`` + ``add``."""

    of: str
    factor: float = 1.0
    add: float = 0.0

    def value(self, known: Mapping[str, float]) -> float:
        return known[self.of] * self.factor + self.add


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A tag that such a facility usually has.

    ``levels`` by name: a number, or what it is relative to, of several the smallest. ``alarm_on`` of a discrete tag:
    ``true``, ``false``, ``discrepancy`` or nothing. ``priorities`` are those that differ from the kind's; ``unit`` is
    as written, ``span`` None where it depends. ``parameter`` of :data:`PARAMETERS` is what it monitors, empty where
    nothing prescribed; ``cas`` is the gas of a toxic detector. Delays, scan, deadband None where the kind's apply.
    ``partner`` is the code of a row before it with which it is compared, ``partner_as`` a ``sensor``, ``setpoint`` or
    ``command``: farther ``apart``, in its unit, for ``apart_s`` alarms, or a command not followed in ``travel_s``.
    """

    facility: str
    code: str
    name: Text
    kind: str
    parameter: str
    cas: str
    unit: str
    span: tuple[float, float] | None
    scan_s: float | None
    report: str
    levels: Mapping[str, float | tuple[Relative, ...]]
    alarm_on: str
    priorities: Mapping[str, int]
    on_delay_s: float | None
    off_delay_s: float | None
    deadband: float | None
    is_latched: bool
    partner: str
    partner_as: str
    apart: float | None
    apart_s: float | None
    travel_s: float | None
    note: Text
    mark: str

    def parameters(self) -> frozenset[str]:
        """What must be told before its limits are numbers; ``span`` it knows itself."""
        every = (one for value in self.levels.values() if isinstance(value, tuple) for one in value)
        return frozenset(one.of for one in every) - {"span"}

    def priority(self, level: str) -> int:
        """Priority of an alarm of a level: as the row has it, else the kind's, second levels one graver [D]."""
        usual = kinds()[self.kind].priority
        return self.priorities.get(level, max(usual - 1, 1) if level in ("ll", "hh") else usual)

    def limits(self, known: Mapping[str, float] | None = None) -> Limits:
        """Its limits as numbers, in its own unit.

        A deadband that no row gives is :func:`usual_deadband`, so that an alarm can end.

        :param known: values of :meth:`parameters`.
        :raises Refused: ``MISSING`` where one of them is.
        """
        told = dict(known or {}) | ({} if self.span is None else {"span": self.span[1]})
        if missing := sorted(self.parameters() - told.keys()):
            raise Refused("MISSING", Text(f"缺少参数{'、'.join(missing)}", f"missing: {', '.join(missing)}"))
        levels = {
            name: value if isinstance(value, float) else min(one.value(told) for one in value)
            for name, value in self.levels.items()
        }
        kind = kinds()[self.kind]
        low, high = self.span or (None, None)
        limits = Limits(
            low=low,
            high=high,
            ll=levels.get("ll"),
            l=levels.get("l"),
            h=levels.get("h"),
            hh=levels.get("hh"),
            on_delay_s=kind.on_delay_s if self.on_delay_s is None else self.on_delay_s,
            off_delay_s=kind.off_delay_s if self.off_delay_s is None else self.off_delay_s,
            stale_after_s=stale_after_s(self.scan_s or kind.scan_s),
        )
        usual = usual_deadband(limits, kind.deadband_pct)
        return replace(limits, deadband=usual if self.deadband is None else self.deadband)


def usual_deadband(limits: Limits, share_pct: float) -> float:
    """A share of the span, at most a fifth of the room between lower and upper alarm [D]; 0 without a span."""
    if limits.low is None or limits.high is None:
        return 0.0
    top = min((one for one in (limits.h, limits.hh) if one is not None), default=limits.high)
    bottom = max((one for one in (limits.l, limits.ll) if one is not None), default=limits.low)
    return min(share_pct / 100 * (limits.high - limits.low), _SHARE_OF_GAP * max(top - bottom, 0.0))


@cache
def templates(facility: str) -> tuple[Template, ...]:
    """The tags that a facility of a kind of :data:`FACILITIES` usually has.

    :raises Refused: ``UNKNOWN_FACILITY``.
    """
    _known(facility, FACILITIES)
    return tuple(_template(row) for row in table("tag_templates") if row["facility"] == facility)


def _template(row: Mapping[str, str]) -> Template:
    low, high = number_of(row["low"]), number_of(row["high"])
    return Template(
        facility=row["facility"],
        code=row["code"],
        name=text_of(row),
        kind=row["kind"],
        parameter=row["parameter"],
        cas=row["cas"],
        unit=row["unit"],
        span=None if low is None or high is None else (low, high),
        scan_s=number_of(row["scan_s"]),
        report=row["report"],
        levels={name: _level(row[name]) for name in LEVELS if row[name]},
        alarm_on=row["alarm_on"],
        priorities={name: int(priority) for name in LEVELS if (priority := row[f"p_{name}"])},
        on_delay_s=number_of(row["on_s"]),
        off_delay_s=number_of(row["off_s"]),
        deadband=number_of(row["deadband"]),
        is_latched=row["latched"] == "1",
        partner=row["partner"],
        partner_as=row["partner_as"],
        apart=number_of(row["apart"]),
        apart_s=number_of(row["apart_s"]),
        travel_s=number_of(row["travel_s"]),
        note=text_of(row, "note"),
        mark=row["mark"],
    )


def _level(cell: str) -> float | tuple[Relative, ...]:
    try:
        return float(cell)
    except ValueError:
        return tuple(map(_relative, cell.split("|")))


def _relative(part: str) -> Relative:
    found = _RELATIVE.fullmatch(part)
    if found is None:
        raise ValueError(f"no limit: {part!r}")
    of, sign, number = found.groups()
    if sign is None:
        return Relative(of)
    return Relative(of, float(number)) if sign == "*" else Relative(of, add=float(sign + number))


# What must be monitored -----------------------------------------------------------------------------------------------

#: Facilities for which it is prescribed what is monitored (AQ 3035-2010, GB 17681-2024).
MONITORED: dict[str, Text] = {
    "fixed_roof_tank": Text("固定顶常压储罐", "Fixed-roof atmospheric tank"),
    "floating_roof_tank": Text("内浮顶、外浮顶储罐", "Floating-roof tank"),
    "low_pressure_tank": Text("低压储罐", "Low-pressure tank"),
    "pressurised_tank": Text("全压力式球罐、卧罐", "Pressurised sphere or bullet"),
    "refrigerated_tank": Text("低温储罐", "Refrigerated tank"),
    "cylinder_store": Text("钢瓶库、充装间", "Cylinder store or filling shed"),
    "warehouse": Text("库区", "Warehouse"),
    "plant": Text("生产场所", "Production plant"),
    "loading_rack": Text("装卸站台", "Loading rack"),
}
PARAMETERS: dict[str, Text] = {
    "level": Text("液位", "level"),
    "pressure": Text("压力", "pressure"),
    "temperature": Text("温度", "temperature"),
    "flammable": Text("可燃气体", "flammable gas"),
    "toxic": Text("有毒气体", "toxic gas"),
    "flow": Text("流量", "flow"),
    "inlet_flow": Text("进料流量", "inlet flow"),
    "valve_position": Text("阀位", "valve position"),
    "density": Text("密度", "density"),
    "room_temperature": Text("室内温度", "room temperature"),
    "humidity": Text("湿度", "humidity"),
    "room_pressure": Text("室内压力", "room pressure"),
    "smoke": Text("烟雾", "smoke"),
    "fire": Text("明火", "fire"),
    "seal_fire": Text("密封圈火灾", "fire at the seal"),
    "gas_under_deck": Text("浮盘下可燃气体", "gas under the deck"),
    "emergency_valve": Text("紧急切断", "emergency shut-off"),
    "water_injection": Text("注水", "water injection"),
    "absorber": Text("吸收装置", "absorber"),
    "earthing": Text("静电接地", "static earthing"),
    "overfill": Text("防溢流", "overfill protection"),
    "video": Text("视频", "video"),
    "entry": Text("人员出入", "entry of persons"),
}
#: What decides whether a parameter is due.
TRAITS: dict[str, Text] = {
    "sealed": Text("氮封或低压", "nitrogen seal or low pressure"),
    "toxic": Text("有毒介质", "toxic medium"),
    "flammable": Text("可燃介质", "flammable medium"),
    "large": Text("大型储罐", "large tank"),
    "ammonia_or_chlorine": Text("液氨或液氯", "ammonia or chlorine"),
    "lpg": Text("液化烃", "liquefied hydrocarbon"),
    "lng": Text("液化天然气", "LNG"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A parameter that must be monitored; ``is_mandatory`` False: recommended [D]."""

    parameter: str
    is_mandatory: bool
    note: Text
    mark: str


def monitored(facility: str, *, traits: Collection[str]) -> tuple[Due, ...]:
    """What is monitored at a facility of :data:`MONITORED` that has such :data:`TRAITS`.

    :raises Refused: ``UNKNOWN_FACILITY``, ``UNKNOWN_TRAIT``.
    """
    _known(facility, MONITORED)
    if strange := sorted(set(traits) - TRAITS.keys()):
        raise Refused("UNKNOWN_TRAIT", Text(f"没有特征“{strange[0]}”", f"there is no trait {strange[0]!r}"))
    return tuple(
        Due(row["parameter"], row["needed"] != "recommended", text_of(row), row["mark"])
        for row in table("monitored")
        if row["facility"] == facility
        and (not row["needed"].startswith("if_") or row["needed"].removeprefix("if_") in traits)
    )


def missing(facility: str, present: Collection[str], *, traits: Collection[str]) -> tuple[Due, ...]:
    """Mandatory parameters that nothing monitors. Refusals as of :func:`monitored`."""
    return tuple(one for one in monitored(facility, traits=traits) if one.is_mandatory and one.parameter not in present)


def _known(facility: str, facilities: Mapping[str, Text]) -> None:
    if facility not in facilities:
        raise Refused("UNKNOWN_FACILITY", Text(f"没有设施类型“{facility}”", f"there is no facility {facility!r}"))
