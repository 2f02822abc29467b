"""Process hazard grade of a reaction (精细化工反应工艺危险度): five grades by the order of four temperatures.

Source: GB 42300-2022 [G]. Equal temperatures, temperatures that nobody told and orders that cannot be are doubted; the
gravest grade that the rest allows is used meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import combinations, pairwise

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.risk.basis import Step, number, table, text_of, whole
from quancheng.standards.wording import Text

#: The temperatures in °C: process, highest of the runaway synthesis, technical limit, decomposition with 24 h to its
#: maximum rate.
TEMPERATURES: dict[str, Text] = {
    "tp": Text("工艺温度Tp", "Process temperature Tp"),
    "mtsr": Text("热失控时体系能达到的最高温度MTSR", "Highest temperature of the runaway synthesis MTSR"),
    "mtt": Text("技术最高温度MTT", "Technical limit MTT"),
    "td24": Text("24小时到达最大反应速率的温度TD24", "Decomposition with 24 h to maximum rate TD24"),
}
#: Grade by the order of the three above the process temperature, lowest first.
_GRADES = {
    ("mtsr", "mtt", "td24"): 1,
    ("mtsr", "td24", "mtt"): 2,
    ("mtt", "mtsr", "td24"): 3,
    ("mtt", "td24", "mtsr"): 4,
    ("td24", "mtsr", "mtt"): 5,
    ("td24", "mtt", "mtsr"): 5,
}
TOP = 5
_LOWEST, _HIGHEST = Decimal("-273.15"), Decimal(5000)


@dataclass(frozen=True, slots=True)
class Control:
    """What a grade demands at least, beside what the milder ones demand."""

    grade: int
    order: Text
    text: Text
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionResult:
    """The grade 1 (mildest) to 5. ``candidates`` are all grades that are possible with what was told; with more
    than one, or with an order that cannot be, it is not settled.
    """

    grade: int
    is_settled: bool
    candidates: tuple[int, ...]
    controls: tuple[Control, ...]
    is_top: bool
    steps: tuple[Step, ...]
    doubts: tuple[Text, ...]
    mark: str


@cache
def _controls() -> tuple[Control, ...]:
    return tuple(
        Control(int(row["grade"]), text_of(row, "order"), text_of(row), row["mark"])
        for row in table("reaction_controls")
    )


def controls(grade: int) -> tuple[Control, ...]:
    """The minimum control of a grade: its own and that of all milder ones, mildest first. BadInput for no grade."""
    return _controls()[: whole("grade", grade, low=1, high=TOP)]


def grade(
    *, tp: Decimal | int | None, mtsr: Decimal | int | None, mtt: Decimal | int | None, td24: Decimal | int | None
) -> ReactionResult:
    """The grade of a reaction from its temperatures in °C; None where nobody told one.

    :raises BadInput: a temperature below absolute zero, above 5000 °C, or no number.
    """
    given = {"tp": tp, "mtsr": mtsr, "mtt": mtt, "td24": td24}
    told = {name: number(name, value, low=_LOWEST, high=_HIGHEST) for name, value in given.items() if value is not None}
    doubts = [
        Text(f"未填写{name.zh}", f"Not told: {name.en}") for code, name in TEMPERATURES.items() if code not in told
    ]
    candidates = sorted({found for order, found in _GRADES.items() if _fits(order, told)})
    process, settled = told.get("tp"), not doubts
    for code in ("mtsr", "mtt", "td24"):
        if process is None or code not in told:
            continue
        name = TEMPERATURES[code]
        if told[code] < process:
            candidates, settled = [TOP], False
            doubts.append(
                Text(
                    f"{name.zh}低于工艺温度，不可能或须立即复核",
                    f"{name.en} lies below the process temperature: check it",
                )
            )
        elif told[code] == process and not (code == "mtt" and candidates[-1] in (3, 4)):
            settled = False
            doubts.append(Text(f"{name.zh}等于工艺温度", f"{name.en} equals the process temperature"))
            if code == "td24":
                candidates = [TOP]
    doubts += _ties(told)
    settled = settled and len(candidates) == 1 and not _ties(told)
    found = candidates[-1]
    shown = "，".join(f"{code.upper()}＝{plain(value)}℃" for code, value in told.items())
    in_english = shown.replace("，", ", ").replace("＝", " = ")
    own = _controls()[found - 1]
    step = Step(
        code="order",
        text=Text(
            f"{shown or '温度均未填写'}：工艺危险度{found}级（{own.order.zh}）",
            f"{in_english or 'No temperature told'}: grade {found} ({own.order.en})",
        ),
        value=Decimal(found),
        mark=own.mark,
    )
    return ReactionResult(
        grade=found,
        is_settled=settled,
        candidates=tuple(candidates),
        controls=controls(found),
        is_top=found == TOP,
        steps=(step,),
        doubts=tuple(doubts),
        mark=own.mark,
    )


def _fits(order: tuple[str, ...], told: dict[str, Decimal]) -> bool:
    """Whether the temperatures that were told may stand in an order; equal ones may stand either way."""
    values = [told[code] for code in order if code in told]
    return all(low <= high for low, high in pairwise(values))


def _ties(told: dict[str, Decimal]) -> list[Text]:
    return [
        Text(f"{TEMPERATURES[a].zh}等于{TEMPERATURES[b].zh}", f"{TEMPERATURES[a].en} equals {TEMPERATURES[b].en}")
        for a, b in combinations(("mtsr", "mtt", "td24"), 2)
        if a in told and b in told and told[a] == told[b]
    ]
