"""The LEC method (作业条件危险性分析): D = L × E × C, with two conventions of colours.

Limits and texts of D [V]; the values of the factors are the classic ones [G]. Which convention counts is set per
district: A begins a colour at its limit, B only above it and one step earlier. Of the five texts only the last says on
which side its limit lies (below 20) and the first (above 320); 70 and 160 count as the graver here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.risk.basis import BadInput, Step, number, table, text_of
from quancheng.standards.risk.colours import Colour
from quancheng.standards.wording import Text, weakest

VERSION = "1"

#: The factors.
FACTORS: dict[str, Text] = {
    "L": Text("事故发生的可能性", "Likelihood of an accident"),
    "E": Text("暴露于危险环境的频繁程度", "Exposure"),
    "C": Text("事故后果", "Consequence"),
}


@dataclass(frozen=True, slots=True)
class Factor:
    """One value that a factor may take."""

    value: Decimal
    text: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Danger:
    """One of the five classic texts, with what it calls for."""

    code: str
    text: Text
    action: Text
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """Which D is which colour. ``includes``: a limit belongs to the graver colour; otherwise only what lies above it.

    :raises BadInput: limits that do not fall from red to yellow.
    """

    code: str
    name: Text
    red: Decimal
    orange: Decimal
    yellow: Decimal
    includes: bool
    mark: str

    def __post_init__(self) -> None:
        if not 0 < self.yellow < self.orange < self.red:
            raise BadInput("red", Text("红、橙、黄的界限应依次递减", "The limits must fall from red to yellow"))

    def colour_of(self, score: Decimal) -> Colour:
        """The colour of a D."""
        for colour, limit in ((Colour.RED, self.red), (Colour.ORANGE, self.orange), (Colour.YELLOW, self.yellow)):
            if score > limit or (self.includes and score == limit):
                return colour
        return Colour.BLUE


A = Convention(
    code="A",
    name=Text("甲种分级（320、160、70，含本数）", "Convention A (320, 160, 70, limits included)"),
    red=Decimal(320),
    orange=Decimal(160),
    yellow=Decimal(70),
    includes=True,
    mark="V",
)
B = Convention(
    code="B",
    name=Text("乙种分级（160、70、20，不含本数）", "Convention B (160, 70, 20, limits excluded)"),
    red=Decimal(160),
    orange=Decimal(70),
    yellow=Decimal(20),
    includes=False,
    mark="V",
)
CONVENTIONS: dict[str, Convention] = {"A": A, "B": B}


@dataclass(frozen=True, slots=True, kw_only=True)
class LecResult:
    """D with its colour and its classic text. ``exposure`` is None in the variant without it."""

    likelihood: Decimal
    exposure: Decimal | None
    consequence: Decimal
    score: Decimal
    colour: Colour
    danger: Danger
    convention: Convention
    is_top: bool
    steps: tuple[Step, ...]
    doubts: tuple[Text, ...]
    mark: str


@cache
def factors() -> dict[str, tuple[Factor, ...]]:
    """The values of each factor, highest first."""
    found: dict[str, list[Factor]] = {code: [] for code in FACTORS}
    for row in table("lec_factors"):
        found[row["factor"]].append(Factor(Decimal(row["value"]), text_of(row), row["mark"]))
    return {code: tuple(values) for code, values in found.items()}


@cache
def _dangers() -> tuple[tuple[Decimal | None, Danger], ...]:
    return tuple(
        (
            Decimal(row["above"]) if row["above"] else None,
            Danger(row["code"], text_of(row), text_of(row, "action"), row["mark"]),
        )
        for row in table("lec_dangers")
    )


def dangers() -> tuple[Danger, ...]:
    """The five texts, gravest first."""
    return tuple(danger for _, danger in _dangers())


def danger_of(score: Decimal) -> Danger:
    """The text of a D: above 320 the gravest, below 20 the mildest, at 20, 70 and 160 the graver of the two."""
    for limit, danger in _dangers():
        if limit is None or score > limit or (score == limit and danger.code != "EXTREME"):
            return danger
    raise AssertionError("the last text has no limit")


def assess(
    *,
    likelihood: int | Decimal,
    exposure: int | Decimal,
    consequence: int | Decimal,
    convention: Convention = A,
) -> LecResult:
    """D of a job. Each factor takes a value of its table.

    :raises BadInput: at ``likelihood``, ``exposure`` or ``consequence``, a value that its table has not.
    """
    return _assess(likelihood, exposure, consequence, convention)


def assess_lc(*, likelihood: int | Decimal, consequence: int | Decimal, convention: Convention = A) -> LecResult:
    """The variant without exposure, D = L × C, of some rules for traffic and parks. No limits of its own are known:
    those of the convention are used and doubted.

    :raises BadInput: a value that its table has not.
    """
    return _assess(likelihood, None, consequence, convention)


def _assess(
    likelihood: int | Decimal, exposure: int | Decimal | None, consequence: int | Decimal, convention: Convention
) -> LecResult:
    chosen = [("L", _factor("likelihood", "L", likelihood))]
    if exposure is not None:
        chosen.append(("E", _factor("exposure", "E", exposure)))
    chosen.append(("C", _factor("consequence", "C", consequence)))
    steps, score = [], Decimal(1)
    for code, factor in chosen:
        shown = plain(factor.value)
        text = Text(
            f"{FACTORS[code].zh}{code}＝{shown}：{factor.text.zh}",
            f"{FACTORS[code].en} {code} = {shown}: {factor.text.en}",
        )
        steps.append(Step(code=code, text=text, value=factor.value, mark=factor.mark))
        score *= factor.value
    colour, danger = convention.colour_of(score), danger_of(score)
    product = "×".join(plain(factor.value) for _, factor in chosen)
    said = Text(
        f"危险性D＝{product}＝{plain(score)}，{danger.text.zh}，{colour.word.zh}风险（{convention.name.zh}）",
        f"D = {product} = {plain(score)}, {danger.text.en.lower()}, {colour.word.en} risk ({convention.name.en})",
    )
    steps.append(Step(code="D", text=said, value=score, mark=convention.mark))
    doubts: tuple[Text, ...] = ()
    if exposure is None:
        doubts = (
            Text(
                "LC法没有自己的分级界限，借用LEC法的界限，须由本区确定",
                "The LC variant has no limits of its own; those of LEC are used until the district sets them",
            ),
        )
    return LecResult(
        likelihood=chosen[0][1].value,
        exposure=None if exposure is None else chosen[1][1].value,
        consequence=chosen[-1][1].value,
        score=score,
        colour=colour,
        danger=danger,
        convention=convention,
        is_top=danger.code == "EXTREME",
        steps=tuple(steps),
        doubts=doubts,
        mark=weakest(*(step.mark for step in steps), *(["D"] if exposure is None else [])),
    )


def _factor(field: str, code: str, value: int | Decimal) -> Factor:
    wanted = number(field, value)
    for factor in factors()[code]:
        if factor.value == wanted:
            return factor
    known = [plain(factor.value) for factor in factors()[code]]
    raise BadInput(
        field, Text(f"{code}只能取{'、'.join(known)}", f"{code} takes only {', '.join(known)}, not {plain(wanted)}")
    )
