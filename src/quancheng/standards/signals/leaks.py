"""Several kinds of sensors of one leak (泄漏多手段监测): what their alarms say together.

A detector at a point, one along a line of light, a camera that sees gas and an ear that hears it leak tell of different
things; two kinds that tell at about the same time leave little doubt. The rule is data, ours [D].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quancheng.standards.wording import Text

#: Kinds of sensors (探测方式).
SENSORS: dict[str, Text] = {
    "point": Text("点型", "Point"),
    "line": Text("线型（开路式）", "Open path"),
    "imaging": Text("气体成像", "Gas imaging"),
    "acoustic": Text("声学", "Acoustic"),
}
#: What stands, the gravest first, and what it asks for.
STATES: dict[str, Text] = {
    "confirmed": Text("泄漏确认", "Leak confirmed"),
    "suspected": Text("疑似泄漏", "Leak suspected"),
    "check": Text("待核查", "To be checked"),
    "alarm": Text("一级报警", "First-stage alarm"),
    "normal": Text("正常", "Normal"),
}
ADVICE: dict[str, Text] = {
    "confirmed": Text("按泄漏处置：切断、疏散、报告", "Treat it as a leak: isolate, evacuate, report"),
    "suspected": Text("立即现场核实，准备切断", "Verify on site at once, be ready to isolate"),
    "check": Text("调看图像或派人核查", "Look at the picture or send somebody"),
    "alarm": Text("确认报警并查明原因", "Acknowledge the alarm and find the reason"),
    "normal": Text("", ""),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """``together_s``: so close alarms of different kinds are of one leak. ``alone``: kinds that by themselves are only
    to be checked, of whatever stage.
    """

    together_s: float = 300.0
    alone: tuple[str, ...] = ("imaging", "acoustic")


RULE = Rule()


@dataclass(frozen=True, slots=True)
class Sign:
    """A sensor that alarms: its kind of :data:`SENSORS`, since when (seconds of any clock), whether a second stage."""

    sensor: str
    since_s: float
    is_second: bool = False


def sensor_of(kind: str, unit: str) -> str:
    """The kind of sensor that a tag of a kind and unit is; empty where it tells of no leak."""
    if kind == "flammable" and unit == "LEL.m":
        return "line"
    return {"flammable": "point", "toxic": "point", "gas_imaging": "imaging", "acoustic_leak": "acoustic"}.get(kind, "")


def fused(signs: Iterable[Sign], *, rule: Rule = RULE) -> str:
    """What alarms that stand at one place say together, a code of :data:`STATES`.

    Two different kinds within the time: confirmed. Else a second stage of a kind that may stand alone: suspected; its
    first stage: alarm; a kind that may not stand alone: to be checked, which is graver than a first stage.
    """
    ordered = sorted(signs, key=lambda one: one.since_s)
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.since_s - one.since_s > rule.together_s:
                break
            if other.sensor != one.sensor:
                return "confirmed"
    if any(one.is_second and one.sensor not in rule.alone for one in ordered):
        return "suspected"
    if any(one.sensor in rule.alone for one in ordered):
        return "check"
    return "alarm" if ordered else "normal"
