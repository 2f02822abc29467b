"""Risk colours (四色): one scale for risk points, units, hazards and enterprises; who must control a colour; what makes
a risk point red whatever it scores.

Source: general rules of the dual system, provincial [G].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from quancheng.standards.risk.basis import table, text_of, whole
from quancheng.standards.wording import Text, weakest

#: Workers in a place with danger of poisoning, explosion or fire from which it is red [G].
WORKERS_LIMIT = 10


class Colour(IntEnum):
    """Grade of a risk (风险等级), gravest first. Never green: blue is the lowest, since no risk is none."""

    RED = 1
    ORANGE = 2
    YELLOW = 3
    BLUE = 4

    @property
    def word(self) -> Text:
        """The grade in words: 重大, 较大, 一般, 低."""
        return _WORDS[self]

    @property
    def colour_word(self) -> Text:
        """The colour in words; it stands beside every coloured mark."""
        return _COLOUR_WORDS[self]

    @property
    def upload_code(self) -> int:
        """As the exchange format has it: 0 重大 to 3 低."""
        return self.value - 1

    @classmethod
    def of_upload(cls, code: int) -> Colour:
        """From the code of the exchange format. BadInput for a code that is none of 0 to 3."""
        return cls(whole("riskLevel", code, low=0, high=3) + 1)


_WORDS = {
    Colour.RED: Text("重大", "major"),
    Colour.ORANGE: Text("较大", "larger"),
    Colour.YELLOW: Text("一般", "general"),
    Colour.BLUE: Text("低", "low"),
}
_COLOUR_WORDS = {
    Colour.RED: Text("红", "red"),
    Colour.ORANGE: Text("橙", "orange"),
    Colour.YELLOW: Text("黄", "yellow"),
    Colour.BLUE: Text("蓝", "blue"),
}

#: Control levels (管控层级), highest first.
LEVELS: dict[str, Text] = {
    "company": Text("公司级", "company"),
    "plant": Text("厂级", "plant"),
    "workshop": Text("车间级", "workshop"),
    "team": Text("班组、岗位级", "team or post"),
}
#: The lowest level that may answer for a colour.
_LOWEST = {Colour.RED: "company", Colour.ORANGE: "plant", Colour.YELLOW: "workshop", Colour.BLUE: "team"}


def worst(colours: Iterable[Colour]) -> Colour | None:
    """The gravest of several: how a unit, an object and an enterprise take the colour of their parts. None for none."""
    return min(colours, default=None)


def at_least(colour: Colour, floor: Colour) -> Colour:
    """A colour made no milder than another."""
    return min(colour, floor)


def levels(colour: Colour, *, has_plants: bool = True) -> tuple[str, ...]:
    """The levels that control a risk of a colour, from the one that answers for it down to the team: what a higher
    level controls, those below it control too. An enterprise without plants has the company in their place.
    """
    lowest = _LOWEST[colour]
    if lowest == "plant" and not has_plants:
        lowest = "company"
    known = [level for level in LEVELS if has_plants or level != "plant"]
    return tuple(known[known.index(lowest) :])


def is_high_enough(colour: Colour, level: str) -> bool:
    """Whether a level may answer for a risk of a colour. KeyError for an unknown level."""
    order = list(LEVELS)
    if level not in LEVELS:
        raise KeyError(level)
    return order.index(level) <= order.index(_LOWEST[colour])


@dataclass(frozen=True, slots=True)
class RedRule:
    """One rule by which a risk point is red whatever it scores (直接判定重大风险)."""

    code: str
    text: Text
    mark: str


@cache
def red_rules() -> tuple[RedRule, ...]:
    """The rules (a) to (e)."""
    return tuple(RedRule(row["code"], text_of(row), row["mark"]) for row in table("direct_red"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFacts:
    """What is known of a risk point (风险点); None where nobody told. ``workers``: how many are there at work at once;
    ``dangerous_place``: poisoning, explosion or fire may happen there.

    :raises BadInput: a negative number of workers.
    """

    breaks_law: bool | None = None
    accident_conditions_remain: bool | None = None
    in_major_hazard: bool | None = None
    dangerous_place: bool | None = None
    workers: int | None = None
    top_grade: bool | None = None

    def __post_init__(self) -> None:
        if self.workers is not None:
            whole("workers", self.workers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The colour of a risk point, with the rules that made it red and what is not known."""

    colour: Colour
    by_score: Colour
    hits: tuple[RedRule, ...]
    doubts: tuple[Text, ...]
    mark: str


def settle(colour: Colour, facts: PointFacts, *, workers_limit: int = WORKERS_LIMIT, score_mark: str = "G") -> Settled:
    """The colour of a risk point that scored ``colour``: red where any direct rule holds.

    What nobody told does not make it red and is a doubt, unless it is red anyway.
    """
    crowded: bool | None
    if facts.dangerous_place is False or (facts.workers is not None and facts.workers < workers_limit):
        crowded = False
    elif facts.dangerous_place is None or facts.workers is None:
        crowded = None
    else:
        crowded = True
    told = {
        "a": facts.breaks_law,
        "b": facts.accident_conditions_remain,
        "c": facts.in_major_hazard,
        "d": crowded,
        "e": facts.top_grade,
    }
    hits = tuple(rule for rule in red_rules() if told[rule.code])
    final = Colour.RED if hits else colour
    doubts: tuple[Text, ...] = ()
    if final is not Colour.RED:
        doubts = tuple(
            Text(f"未填写：{rule.text.zh}", f"Not told: {rule.text.en}")
            for rule in red_rules()
            if told[rule.code] is None
        )
    mark = weakest(score_mark, *(rule.mark for rule in hits))
    return Settled(colour=final, by_score=colour, hits=hits, doubts=doubts, mark=mark)
