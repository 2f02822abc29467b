"""How a permit ends, stops or is taken back (验收、作废、撤销、暂停), and weather that stops work.

Source: GB 30871-2022, 4.8, 4.10, 4.14 to 4.17, 5.2.15, 8.2.6, 9.2.4; AQ 3064.2-2025, 5.7 and table A.1 (codes of
status). Names of states are ours [D].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.gb30871.basis import BadInput, Why, clause, several, table, text_of
from quancheng.standards.gb30871.kinds import known_kind
from quancheng.standards.gb30871.parameters import STANDARD, Parameters
from quancheng.standards.wording import Text

#: Names of states with the status that the exchange tells; None before there is a ticket.
STATES: dict[str, str | None] = {
    "BOOKING_DRAFT": None, "BOOKED": None, "BOOKING_OK": None, "BOOKING_REJECTED": None,
    "APPLIED": "0", "RISK_DONE": "0", "MEASURES_DONE": "0", "GAS_OK": "0", "BRIEFED": "0", "SIGNING": "0",
    "ISSUED": "1", "READY": "1", "WORKING": "2", "SUSPENDED": "6", "FINISHED": "2", "ACCEPTED": "3", "ARCHIVED": "3",
    "VOID": "4", "CANCELLED": "5",
}  # fmt: skip
#: Why work is suspended.
STOP_REASONS: dict[str, Text] = {
    "BREAK": Text("中断休息", "break"),
    "GAS_ALARM": Text("气体报警", "gas alarm"),
    "UNIT_UPSET": Text("装置异常", "upset of the unit"),
    "EVACUATION": Text("紧急撤离", "evacuation"),
    "GUARDIAN_ABSENT": Text("监护人离岗", "guardian absent"),
    "WORKER_UNKNOWN": Text("无关人员", "unknown person"),
    "OUT_OF_ZONE": Text("越出作业区域", "out of the zone"),
    "VIDEO_LOST": Text("视频中断", "video lost"),
    "WEATHER": Text("天气", "weather"),
    "SIMOPS": Text("交叉作业冲突", "conflict with other work"),
    "VIOLATION": Text("违章", "violation"),
    "EXPIRED": Text("到达有效期", "end of validity"),
    "INSPECTOR_ORDER": Text("监管指令", "order of an inspector"),
    "SOS": Text("求救", "call for help"),
    "TRAIN": Text("危险货物列车通过", "train with dangerous goods"),
    "TEST": Text("试运，隔离临时解除", "test with isolation lifted for a time"),
}
#: After these the gas is tested anew before work goes on, however short the break (4.8, 6.5); after a test with lifted
#: isolation what was kept out may have come in [D].
RETEST_AFTER = frozenset({"GAS_ALARM", "UNIT_UPSET", "EVACUATION", "TEST"})


@dataclass(frozen=True, slots=True)
class Ending:
    """What one event does to a permit in one of ``states``: its ``result``, the status of the exchange, and whether a
    new permit or a new analysis is needed to go on."""

    code: str
    states: frozenset[str]
    result: str
    new_permit: bool
    new_analysis: bool
    ticket_status: str
    why: Why


@cache
def endings() -> dict[str, Ending]:
    """All events by code."""
    return {
        row["code"]: Ending(
            row["code"],
            frozenset(several(row["states"])),
            row["result"],
            row["new_permit"] == "1",
            row["new_analysis"] == "1",
            row["ticket_status"],
            Why(f"END-{row['code']}", clause(row["clause"]), row["mark"], text_of(row), "event"),
        )
        for row in table("endings")
    }


def ending(event: str, state: str) -> Ending | None:
    """What an event does in a state; None where it can do nothing there. BadInput for an unknown event or state."""
    for place, value, known in (("event", event, endings()), ("state", state, STATES)):
        if value not in known:
            raise BadInput(place, Text(f"没有代码{value}", f"there is no code {value}"))
    found = endings()[event]
    return found if state in found.states else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """The weather at the place; None is not known. ``wind_beaufort`` counts gusts. Any ``rain`` or ``snow`` raises the
    level of work at height, heavy ones stop lifting."""

    wind_beaufort: int | None = None
    fog: bool | None = None
    heavy_snow: bool | None = None
    rainstorm: bool | None = None
    rain: bool | None = None
    snow: bool | None = None

    def __post_init__(self) -> None:
        if self.wind_beaufort is not None and not 0 <= self.wind_beaufort <= 17:
            raise BadInput("wind_beaufort", Text("应在0到17之间", "must lie between 0 and 17"))


_STOPS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "HW": ("wind_hw", "5.2.15", ()),
    "WH": ("wind_wh", "8.2.6", ("fog",)),
    "LF": ("wind_lf", "9.2.4", ("fog", "heavy_snow", "rainstorm")),
}
_WORDS = {
    "fog": Text("浓雾", "dense fog"),
    "heavy_snow": Text("大雪", "heavy snow"),
    "rainstorm": Text("暴雨", "rainstorm"),
}


def weather_facts(kind: str) -> tuple[str, ...]:
    """Names of the facts of :class:`Weather` on which work of a kind turns."""
    known_kind(kind)
    return ("wind_beaufort", *_STOPS[kind][2]) if kind in _STOPS else ()


def weather_stop(kind: str, weather: Weather, parameters: Parameters = STANDARD) -> Why | None:
    """The rule by which the weather stops work in the open; None where it may go on, as far as is known."""
    if not weather_facts(kind):
        return None
    figure, number, others = _STOPS[kind]
    limit = getattr(parameters, figure)
    if weather.wind_beaufort is not None and weather.wind_beaufort >= limit:
        wind = weather.wind_beaufort
        text = Text(f"风力{wind}级，达到{limit}级停止作业", f"wind of Beaufort {wind}; work stops at {limit}")
        return Why(f"WEATHER-{kind}", clause(number), "V", text, "wind_beaufort")
    for fact in others:
        if getattr(weather, fact):
            text = Text(f"{_WORDS[fact].zh}，停止作业", f"{_WORDS[fact].en}: work stops")
            return Why(f"WEATHER-{kind}", clause(number), "V", text, fact)
    return None
