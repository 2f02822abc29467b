"""From a score to the colour of an enterprise (企业安全风险分级): limits, what makes red whatever it scores, what
forces at least a colour, what the colour then drives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TypeVar

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.risk.basis import BadInput, months_later, table, text_of
from quancheng.standards.risk.colours import Colour, at_least
from quancheng.standards.risk.points import Answer, GroupScore, Line, Scored
from quancheng.standards.wording import Text, weakest

_Case = TypeVar("_Case")
#: From which score a colour is milder than the one before [V]: blue, yellow, orange.
BLUE_FROM, YELLOW_FROM, ORANGE_FROM = 90, 75, 60
#: How long a grading counts.
VALID_YEARS = 3

#: Ways of grading.
SCHEMES: dict[str, Text] = {
    "guide19": Text("应急〔2018〕19号评估诊断分级", "Guide 2018 no. 19"),
    "station": Text("加油站评分", "Petrol stations"),
    "paper": Text("票据经营评分", "Trade without storage"),
    "trade": Text("工贸企业四色分级", "Trade enterprises"),
}


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A case that makes an enterprise red whatever it scores (直接判定红色)."""

    code: str
    text: Text
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """A case that forces at least a colour, for some ways of grading, while it is in force."""

    code: str
    colour: Colour
    text: Text
    schemes: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    basis: str
    clause: str
    mark: str

    def binds(self, scheme: str, on: date) -> bool:
        """Whether it counts in a way of grading on a day."""
        return scheme in self.schemes and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Trigger:
    """What calls for a new grading at once."""

    code: str
    text: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a colour drives. ``times`` in ``per_months`` where it is a rhythm."""

    colour: Colour
    code: str
    text: Text
    times: int | None
    per_months: int | None
    mark: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """The way of grading of a class of enterprise, with what is doubtful about it."""

    code: str
    doubts: tuple[Text, ...]
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradingResult:
    """A grading. ``raw`` may exceed 100, ``shown`` does not; ``reds`` and ``forced`` are what overrode the score."""

    scheme: str
    groups: tuple[GroupScore, ...]
    lines: tuple[Line, ...]
    bonuses: Decimal
    raw: Decimal
    shown: Decimal
    by_score: Colour
    colour: Colour
    reds: tuple[RedFlag, ...]
    forced: tuple[Forced, ...]
    unanswered: tuple[str, ...]
    why: tuple[Text, ...]
    doubts: tuple[Text, ...]
    valid_until: date
    mark: str


@cache
def red_flags() -> tuple[RedFlag, ...]:
    """R1 to R4 of the guide."""
    return tuple(RedFlag(row["code"], text_of(row), row["mark"]) for row in table("grading_red_flags"))


@cache
def forced_colours() -> tuple[Forced, ...]:
    """What forces at least a colour."""
    return tuple(
        Forced(
            code=row["code"],
            colour=Colour(int(row["colour"])),
            text=text_of(row),
            schemes=tuple(row["schemes"].split("|")),
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            basis=row["basis"],
            clause=row["clause"],
            mark=row["mark"],
        )
        for row in table("forced_colours")
    )


@cache
def triggers() -> tuple[Trigger, ...]:
    """What calls for a new grading before the old one ends."""
    return tuple(Trigger(row["code"], text_of(row), row["mark"]) for row in table("grading_triggers"))


@cache
def effects() -> tuple[Effect, ...]:
    """What the colours drive, red first."""
    return tuple(
        Effect(
            Colour(int(row["colour"])),
            row["code"],
            text_of(row),
            int(row["times"]) if row["times"] else None,
            int(row["per_months"]) if row["per_months"] else None,
            row["mark"],
        )
        for row in table("colour_effects")
    )


def effects_of(colour: Colour) -> tuple[Effect, ...]:
    """What one colour drives."""
    return tuple(one for one in effects() if one.colour is colour)


def check_rhythm(colour: Colour) -> Effect:
    """How often an enterprise of a colour is checked by the government; without numbers where by sampling."""
    return next(one for one in effects_of(colour) if one.code == "CHECK")


@cache
def _schemes() -> dict[str, Scheme]:
    return {
        row["class"]: Scheme(row["scheme"], (text_of(row, "doubt"),) if row["doubt_zh"] else (), row["mark"])
        for row in table("grading_schemes")
    }


def scheme_of(enterprise_class: str) -> Scheme | None:
    """The way of grading of a class of enterprise; None where none of them speaks of it."""
    return _schemes().get(enterprise_class)


def colour_of(score: Decimal) -> Colour:
    """The colour of a score: from 90 blue, from 75 yellow, from 60 orange, else red."""
    if score >= BLUE_FROM:
        return Colour.BLUE
    if score >= YELLOW_FROM:
        return Colour.YELLOW
    return Colour.ORANGE if score >= ORANGE_FROM else Colour.RED


def conclude(
    scheme: str,
    scored: Scored,
    *,
    red_answers: Mapping[str, Answer],
    forced_answers: Mapping[str, Answer],
    on: date,
    doubts: tuple[Text, ...] = (),
) -> GradingResult:
    """The colour of a score with what overrides it.

    :raises BadInput: an answer to a case that there is not, or that this way of grading does not know on that day.
    """
    reds = _held("red_flags", red_answers, {one.code: one for one in red_flags()} if scheme == "guide19" else {})
    binding = {one.code: one for one in forced_colours() if one.binds(scheme, on)}
    forced = _held("forced", forced_answers, binding)
    by_score = colour_of(scored.raw)
    shown = min(scored.raw, Decimal(100))
    why = [
        Text(
            f"得分{plain(shown)}，按分数为{by_score.colour_word.zh}色",
            f"{plain(shown)} points: {by_score.colour_word.en} by the score",
        )
    ]
    colour = by_score
    for red in reds:
        colour = Colour.RED
        why.append(Text(f"{red.code} {red.text.zh}：直接判定红色", f"{red.code} {red.text.en}: red directly"))
    for case in forced:
        colour = at_least(colour, case.colour)
        word = case.colour.colour_word
        why.append(
            Text(
                f"{case.text.zh}：不低于{word.zh}色（{case.basis}）",
                f"{case.text.en}: {word.en} at least ({case.basis})",
            )
        )
    if scored.unanswered:
        listed = scored.unanswered
        doubts += (
            Text(
                f"未回答的评分项按不扣分计：{'、'.join(listed)}",
                f"Not answered and counted without deduction: {', '.join(listed)}",
            ),
        )
    for known, given in (
        (red_flags() if scheme == "guide19" else (), red_answers),
        (binding.values(), forced_answers),
    ):
        doubts += tuple(
            Text(f"未判断：{one.text.zh}", f"Not judged: {one.text.en}") for one in known if one.code not in given
        )
    marks = [line.item.mark for line in scored.lines]
    marks += [red.mark for red in reds] + [case.mark for case in forced]
    return GradingResult(
        scheme=scheme,
        groups=scored.groups,
        lines=scored.lines,
        bonuses=scored.bonuses,
        raw=scored.raw,
        shown=shown,
        by_score=by_score,
        colour=colour,
        reds=reds,
        forced=forced,
        unanswered=scored.unanswered,
        why=tuple(why),
        doubts=doubts,
        valid_until=months_later(on, 12 * VALID_YEARS),
        mark=weakest("V" if scheme == "guide19" else "D", *marks),
    )


def _held(place: str, answers: Mapping[str, Answer], known: Mapping[str, _Case]) -> tuple[_Case, ...]:
    if unknown := sorted(set(answers) - set(known)):
        raise BadInput(f"{place}.{unknown[0]}", Text("此分级方法没有这一情形", "This way of grading has no such case"))
    return tuple(one for code, one in known.items() if code in answers and answers[code].count)
