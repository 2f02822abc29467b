"""The LS risk matrix (风险矩阵法): R = L × S, five by five, or four by four.

Criteria of L and S [V] are shortened; the limits of the default are general knowledge [G], and a variant that was found
in use grades more strictly, so limits are a parameter. S is the worst of five columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from quancheng.standards.risk.basis import BadInput, Step, number, table, text_of, whole
from quancheng.standards.risk.colours import Colour
from quancheng.standards.wording import Text, weakest

VERSION = "1"

#: What S looks at.
COLUMNS: dict[str, Text] = {
    "law": Text("法律法规及其他要求", "Law and other demands"),
    "people": Text("人员", "People"),
    "property": Text("财产损失", "Loss of property"),
    "stop": Text("停工", "Stop of work"),
    "image": Text("企业形象", "Image"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LsLimits:
    """From which R a colour begins, and how many levels L and S have. ``mark`` is that of the limits.

    :raises BadInput: limits that do not fall from red to yellow, or lie outside the matrix.
    """

    code: str
    name: Text
    red: int
    orange: int
    yellow: int
    mark: str
    size: int = 5

    def __post_init__(self) -> None:
        if not 1 < self.yellow < self.orange < self.red <= self.size**2:
            raise BadInput("red", Text("红、橙、黄的下限应依次递减", "The limits must fall from red to yellow"))

    def colour_of(self, score: int) -> Colour:
        """The colour of an R."""
        if score >= self.red:
            return Colour.RED
        if score >= self.orange:
            return Colour.ORANGE
        return Colour.YELLOW if score >= self.yellow else Colour.BLUE


DEFAULT = LsLimits(code="default", name=Text("通用分级", "Usual limits"), red=20, orange=15, yellow=9, mark="G")
#: Found in use: 20–25 red, 9–16 orange, 4–8 yellow, 1–3 blue.
VARIANT = LsLimits(code="variant", name=Text("从严分级", "Stricter limits"), red=20, orange=9, yellow=4, mark="V~")
#: Four by four, of a public program that grades enterprises.
FOUR = LsLimits(code="four", name=Text("4×4矩阵", "Four by four"), red=12, orange=8, yellow=4, size=4, mark="V")
LIMITS: dict[str, LsLimits] = {limits.code: limits for limits in (DEFAULT, VARIANT, FOUR)}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One level of L, or of one column of S (then ``column`` is set and ``name`` empty)."""

    level: int
    column: str
    name: Text
    text: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Grade:
    """What a colour calls for, and until when; ``term_months`` is 0 for at once and None where no number is set."""

    colour: Colour
    action: Text
    term: Text
    term_months: int | None
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """The five columns of S, each 1 to 5 (to 4 in a matrix of four); None where nobody judged it."""

    law: int | None = None
    people: int | None = None
    property: int | None = None
    stop: int | None = None
    image: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LsResult:
    """R with its colour and what that calls for."""

    likelihood: int
    severity: int
    score: int
    colour: Colour
    grade: Grade
    limits: LsLimits
    is_top: bool
    steps: tuple[Step, ...]
    doubts: tuple[Text, ...]
    mark: str


@cache
def likelihoods() -> tuple[Criterion, ...]:
    """The levels of L, 5 first."""
    return tuple(
        Criterion(int(row["level"]), "", text_of(row), text_of(row, "criteria"), row["mark"])
        for row in table("ls_likelihood")
    )


@cache
def severities() -> tuple[Criterion, ...]:
    """The levels of S by column, 5 first."""
    return tuple(
        Criterion(int(row["level"]), row["column"], Text("", ""), text_of(row), row["mark"])
        for row in table("ls_severity")
    )


@cache
def grades() -> dict[Colour, Grade]:
    """What each colour calls for."""
    return {
        Colour(int(row["colour"])): Grade(
            Colour(int(row["colour"])),
            text_of(row, "action"),
            text_of(row, "term"),
            int(row["term_months"]) if row["term_months"] else None,
            row["mark"],
        )
        for row in table("ls_grades")
    }


def property_level(wan_yuan: int | Decimal) -> int:
    """The level of a loss in 万元: above 100 is 5, from 50 is 4, from 1 is 3, below 1 is 2, nothing is 1. 50, which the
    table has on both sides, counts as the graver. BadInput for a negative amount.
    """
    loss = number("property", wan_yuan)
    if loss > 100:
        return 5
    if loss >= 50:
        return 4
    if loss >= 1:
        return 3
    return 2 if loss > 0 else 1


def assess(*, likelihood: int, severity: int | Severity, limits: LsLimits = DEFAULT) -> LsResult:
    """R of a risk, from L and S (a level, or the five columns of which the worst counts).

    :raises BadInput: a level outside 1 to the size of the matrix; a severity of which no column was judged.
    """
    size = limits.size
    level = whole("likelihood", likelihood, low=1, high=size)
    steps = [Step(code="L", text=_likelihood_text(level, size), value=Decimal(level), mark="V" if size == 5 else "G")]
    doubts: list[Text] = []
    if isinstance(severity, Severity):
        judged = {
            column: whole(column, getattr(severity, column), low=1, high=size)
            for column in COLUMNS
            if getattr(severity, column) is not None
        }
        if not judged:
            raise BadInput("severity", Text("请至少判定一栏后果", "Judge at least one column"))
        doubts += [
            Text(f"未判定后果：{COLUMNS[column].zh}", f"Consequence not judged: {COLUMNS[column].en}")
            for column in COLUMNS
            if column not in judged
        ]
        worst = max(judged.values())
        named = [COLUMNS[column] for column, one in judged.items() if one == worst]
        zh, en = "、".join(one.zh for one in named), ", ".join(one.en for one in named)
        text = Text(f"后果严重性S＝{worst}，取各栏最高：{zh}", f"Severity S = {worst}, the worst column: {en}")
    else:
        worst = whole("severity", severity, low=1, high=size)
        text = Text(f"后果严重性S＝{worst}", f"Severity S = {worst}")
    steps.append(Step(code="S", text=text, value=Decimal(worst), mark="V" if size == 5 else "G"))
    score = level * worst
    colour = limits.colour_of(score)
    said = Text(
        f"风险值R＝{level}×{worst}＝{score}，{colour.word.zh}风险（{limits.name.zh}）",
        f"R = {level} × {worst} = {score}, {colour.word.en} risk ({limits.name.en})",
    )
    steps.append(Step(code="R", text=said, value=Decimal(score), mark=limits.mark))
    return LsResult(
        likelihood=level,
        severity=worst,
        score=score,
        colour=colour,
        grade=grades()[colour],
        limits=limits,
        is_top=colour is Colour.RED,
        steps=tuple(steps),
        doubts=tuple(doubts),
        mark=weakest(*(step.mark for step in steps)),
    )


def matrix(limits: LsLimits = DEFAULT) -> tuple[tuple[Colour, ...], ...]:
    """The colours of the whole matrix: rows from the highest L down, columns from S 1 up."""
    levels = range(1, limits.size + 1)
    return tuple(tuple(limits.colour_of(level * severity) for severity in levels) for level in reversed(levels))


def _likelihood_text(level: int, size: int) -> Text:
    if size != 5:
        return Text(f"可能性L＝{level}", f"Likelihood L = {level}")
    named = next(one for one in likelihoods() if one.level == level)
    return Text(f"可能性L＝{level}（{named.name.zh}）", f"Likelihood L = {level} ({named.name.en})")
