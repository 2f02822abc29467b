"""Whom an inspector looks at (抽查): the score of a running permit, the daily draw, the list for the place [D].

Chance comes from a seed that is stored with the draw: whoever has it draws the same again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil

from quancheng.standards.gb30871.basis import BadInput, clause, several, table, text_of
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class SpotPoint:
    """One line of the score."""

    code: str
    points: int
    mark: str
    text: Text


@cache
def spot_points() -> Mapping[str, SpotPoint]:
    """All lines by code; ``HW:S`` is a kind with its level."""
    return {
        row["code"]: SpotPoint(row["code"], int(row["points"]), row["mark"], text_of(row))
        for row in table("spot_scores")
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotFacts:
    """What the score of one permit turns on. ``key`` is any name of it that stays the same."""

    key: str
    kind: str
    level: str = ""
    is_night_or_holiday: bool = False
    is_contractor: bool = False
    risk: str = ""
    open_alarms: int = 0
    is_new_crew: bool = False
    failed_before: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """A permit with its score: the codes that gave points, in order, and how many each."""

    key: str
    score: int
    lines: tuple[tuple[str, int], ...]


def spot_score(facts: SpotFacts, seed: str) -> Scored:
    """The score of one permit: its kind and level, what makes it graver, and chance."""
    known = spot_points()
    base = next((code for code in (f"{facts.kind}:{facts.level}", f"{facts.kind}:") if code in known), "OTHER")
    lines = [(base, known[base].points)]
    for code, holds in (
        ("NIGHT", facts.is_night_or_holiday), ("CONTRACTOR", facts.is_contractor),
        ("RISK_RED", facts.risk == "RED"), ("RISK_ORANGE", facts.risk == "ORANGE"),
        ("NEW_CREW", facts.is_new_crew), ("FAILED", facts.failed_before),
    ):  # fmt: skip
        if holds:
            lines.append((code, known[code].points))
    if facts.open_alarms > 0:
        lines.append(("ALARM", facts.open_alarms * known["ALARM"].points))
    lines.append(("CHANCE", _number(seed, facts.key, "chance") % (known["CHANCE"].points + 1)))
    return Scored(facts.key, sum(points for _code, points in lines), tuple(lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How many are drawn: shares in percent of those from ``high`` on, from ``middle`` on, and of the rest.

    :raises BadInput: a share beyond 0 to 100, or bounds out of order.
    """

    high: int = 80
    middle: int = 50
    high_percent: int = 100
    middle_percent: int = 20
    low_percent: int = 5

    def __post_init__(self) -> None:
        for name in ("high_percent", "middle_percent", "low_percent"):
            if not 0 <= getattr(self, name) <= 100:
                raise BadInput(name, Text("应在0到100之间", "must lie between 0 and 100"))
        if not 0 <= self.middle <= self.high:
            raise BadInput("middle", Text("不能高于高分界限", "must not exceed the upper bound"))


def draw(scored: tuple[Scored, ...], seed: str, rates: Rates | None = None) -> frozenset[str]:
    """Keys of those drawn. Of each band a share is taken, rounded up, by an order that the seed gives; the order in
    which permits are told does not matter."""
    given = rates or Rates()
    chosen: set[str] = set()
    parts = (
        ([one for one in scored if one.score >= given.high], given.high_percent),
        ([one for one in scored if given.middle <= one.score < given.high], given.middle_percent),
        ([one for one in scored if one.score < given.middle], given.low_percent),
    )
    for band, percent in parts:
        count = ceil(len(band) * percent / 100)
        ordered = sorted(band, key=lambda one: (_number(seed, one.key, "draw"), one.key))
        chosen.update(one.key for one in ordered[:count])
    return frozenset(chosen)


def _number(seed: str, key: str, what: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {what} {key}".encode()).digest()[:8])


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the list for the place (现场检查项); ``severity`` of the finding where the answer is no."""

    code: str
    kinds: tuple[str, ...]
    severity: str
    clause: str
    mark: str
    text: Text


@cache
def all_questions() -> tuple[Question, ...]:
    """The thirty questions."""
    return tuple(
        Question(
            row["code"], several(row["kinds"]), row["severity"], clause(row["clause"]), row["mark"], text_of(row)
        )
        for row in table("spot_questions")
    )


def questions(kind: str) -> tuple[Question, ...]:
    """Those that concern a kind."""
    return tuple(one for one in all_questions() if "*" in one.kinds or kind in one.kinds)
