"""What a warning of weather does to work in the open (气象预警与露天作业).

Source: GB 30871-2022, 5.2.15, 8.2.6, 9.2.4, for wind, fog, snow and rain; which wind a colour of a warning means is
general knowledge [G], and what lightning stops by its colour our default [D]: the standard names no colours. Heat:
Administrative measures for heat at work of 2012, article 8 [G]. A house may set each row otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from quancheng.standards.gb30871.basis import clause, several, table, text_of
from quancheng.standards.gb30871.kinds import known_kind
from quancheng.standards.wording import Text

WARNINGS: dict[str, Text] = {
    "LIGHTNING": Text("雷电", "lightning"),
    "WIND": Text("大风", "strong wind"),
    "RAINSTORM": Text("暴雨", "rainstorm"),
    "SNOWSTORM": Text("暴雪", "snowstorm"),
    "FOG": Text("大雾", "dense fog"),
    "HEAT": Text("高温", "heat"),
}
#: From the mildest to the gravest.
COLOURS: dict[str, Text] = {
    "BLUE": Text("蓝色", "blue"),
    "YELLOW": Text("黄色", "yellow"),
    "ORANGE": Text("橙色", "orange"),
    "RED": Text("红色", "red"),
}
EFFECTS: dict[str, Text] = {
    "FORBID": Text("不得开始或恢复", "may not begin or go on"),
    "STOP": Text("停止作业", "stops"),
}


@dataclass(frozen=True, slots=True)
class WeatherRule:
    """What a warning of a colour does: kinds of work that may not begin while it is in force, and those of them that
    stop. ``mark`` tells how sure the row is."""

    warning: str
    colour: str
    forbids: frozenset[str]
    stops: frozenset[str]
    clause: str
    mark: str
    text: Text

    def effect(self, kind: str) -> str:
        """A code of :data:`EFFECTS`; empty where work of a kind is not touched. BadInput for no kind."""
        known_kind(kind)
        return "STOP" if kind in self.stops else "FORBID" if kind in self.forbids else ""


@cache
def weather_rules() -> Mapping[tuple[str, str], WeatherRule]:
    """The shipped rules by warning and colour; a colour that a warning does not have has none."""
    found = {}
    for row in table("weather_warnings"):
        stops = frozenset(several(row["stops"]))
        found[row["warning"], row["colour"]] = WeatherRule(
            row["warning"], row["colour"], stops | frozenset(several(row["forbids"])), stops, clause(row["clause"]),
            row["mark"], text_of(row),
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning in force where the work is, and what it does to it: ``effect`` is a code of :data:`EFFECTS`."""

    warning: str
    colour: str
    effect: str
    clause: str = ""

    @property
    def text(self) -> Text:
        """Its name in words."""
        kind, colour = WARNINGS[self.warning], COLOURS[self.colour]
        return Text(f"{kind.zh}{colour.zh}预警", f"{colour.en} warning of {kind.en}")
