"""Four colours of trade enterprises (工贸企业): no score, but criteria of which the gravest that holds gives the
colour.

There is no national table; the criteria are ours [D].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from quancheng.standards.risk.basis import BadInput, Step, months_later, number, table, text_of
from quancheng.standards.risk.colours import Colour, worst
from quancheng.standards.risk.verdict import VALID_YEARS, Forced, forced_colours
from quancheng.standards.wording import Text, weakest

SCHEME = "trade"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion: holds where its fact is true, or a number from ``limit`` on."""

    code: str
    colour: Colour
    fact: str
    limit: Decimal | None
    text: Text
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeResult:
    """The colour with what holds of the criteria and of the cases that force one."""

    colour: Colour
    hits: tuple[Criterion, ...]
    forced: tuple[Forced, ...]
    steps: tuple[Step, ...]
    doubts: tuple[Text, ...]
    valid_until: date
    mark: str


@cache
def criteria() -> tuple[Criterion, ...]:
    """All criteria, red first."""
    return tuple(
        Criterion(
            code=row["code"],
            colour=Colour(int(row["colour"])),
            fact=row["fact"],
            limit=Decimal(row["limit"]) if row["kind"] == "number" else None,
            text=text_of(row),
            mark=row["mark"],
        )
        for row in table("trade_grading")
    )


def grade(
    facts: Mapping[str, bool | int | Decimal | None],
    *,
    forced: Mapping[str, bool | None] | None = None,
    on: date,
) -> TradeResult:
    """The colour of an enterprise on a day: blue where no criterion holds. What nobody told does not hold and is a
    doubt where it could make the colour graver.

    :raises BadInput: an unknown fact or case; a number where a yes or no is asked, and the other way round.
    """
    known = {one.fact for one in criteria()}
    binding = {one.code: one for one in forced_colours() if one.binds(SCHEME, on)}
    told_cases = forced or {}
    for unknown in sorted((set(facts) - known) | (set(told_cases) - set(binding))):
        raise BadInput(unknown, Text("分级标准没有这一情形", "The criteria do not know it"))
    hits = tuple(one for one in criteria() if _holds(one, facts.get(one.fact)))
    cases = tuple(one for code, one in binding.items() if told_cases.get(code))
    holding: list[Criterion | Forced] = [*hits, *cases]
    colour = worst(one.colour for one in holding) or Colour.BLUE
    steps = [
        Step(
            code=one.code,
            text=Text(f"{one.text.zh}：{one.colour.colour_word.zh}色", f"{one.text.en}: {one.colour.colour_word.en}"),
            mark=one.mark,
        )
        for one in holding
    ]
    untold: list[Criterion | Forced] = [one for one in criteria() if facts.get(one.fact) is None]
    untold += [one for code, one in binding.items() if told_cases.get(code) is None]
    doubts = tuple(Text(f"未填写：{one.text.zh}", f"Not told: {one.text.en}") for one in untold if one.colour < colour)
    return TradeResult(
        colour=colour,
        hits=hits,
        forced=cases,
        steps=tuple(steps),
        doubts=doubts,
        valid_until=months_later(on, 12 * VALID_YEARS),
        mark=weakest("D", *(step.mark for step in steps)),
    )


def _holds(one: Criterion, told: bool | int | Decimal | None) -> bool:
    if told is None:
        return False
    if one.limit is None:
        if not isinstance(told, bool):
            raise BadInput(one.fact, Text("应为是或否", "must be yes or no"))
        return told
    return number(one.fact, told) >= one.limit
