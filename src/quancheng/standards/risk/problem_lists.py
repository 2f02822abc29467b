"""Problem lists and the five-colour picture (八张问题清单、五色图): the monthly score of a street or unit.

score = 100 − Σ weight × cases, with a bonus, between 0 and 100 [D]. The provincial mechanism was not confirmed by a
text; items, weights and limits are a proposal that a district sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache

from quancheng.standards.risk.basis import BadInput, table, text_of, whole
from quancheng.standards.wording import Text

#: Working days within which a red area explains itself in writing.
EXPLAIN_WITHIN_DAYS = 5
#: The cycle that each problem goes through.
CYCLE: tuple[Text, ...] = (
    Text("发现问题", "Discover"),
    Text("交办", "Assign"),
    Text("整改", "Rectify"),
    Text("评估", "Evaluate"),
    Text("举一反三、建立长效机制", "Draw the lesson"),
)


class FiveColour(Enum):
    """The five colours of the picture; green is the best, unlike with risk."""

    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def word(self) -> Text:
        """The colour in words."""
        return _WORDS[self]


_WORDS = {
    FiveColour.GREEN: Text("绿", "green"),
    FiveColour.BLUE: Text("蓝", "blue"),
    FiveColour.YELLOW: Text("黄", "yellow"),
    FiveColour.ORANGE: Text("橙", "orange"),
    FiveColour.RED: Text("红", "red"),
}
#: From which score a colour begins.
LIMITS = {FiveColour.GREEN: 95, FiveColour.BLUE: 85, FiveColour.YELLOW: 75, FiveColour.ORANGE: 60}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem:
    """One list: ``weight`` for each full ``per`` cases; a bonus adds, at most ``most``."""

    code: str
    text: Text
    weight: int
    per: int
    most: int | None
    is_bonus: bool
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """What one list brought; below 0 taken away."""

    item: ListItem
    count: int
    points: int
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthResult:
    """The score of a month. ``must_explain``: red, so that a written note is due within :data:`EXPLAIN_WITHIN_DAYS`."""

    score: int
    colour: FiveColour
    lines: tuple[MonthLine, ...]
    must_explain: bool
    doubts: tuple[Text, ...]
    mark: str = "D"


@cache
def lists() -> dict[str, ListItem]:
    """The lists by code."""
    return {
        row["code"]: ListItem(
            code=row["code"],
            text=text_of(row),
            weight=int(row["weight"]),
            per=int(row["per"]),
            most=int(row["most"]) if row["most"] else None,
            is_bonus=row["is_bonus"] == "1",
            mark=row["mark"],
        )
        for row in table("problem_lists")
    }


def colour_of(score: int | Decimal) -> FiveColour:
    """The colour of a score: from 95 green, 85 blue, 75 yellow, 60 orange, else red."""
    return next((colour for colour, limit in LIMITS.items() if score >= limit), FiveColour.RED)


def monthly(counts: Mapping[str, int | None]) -> MonthResult:
    """The score of a month from the cases of each list; what is left out or None was not counted and is a doubt.

    :raises BadInput: an unknown list or a negative count.
    """
    known = lists()
    if unknown := sorted(set(counts) - set(known)):
        raise BadInput(unknown[0], Text("没有这一清单", "There is no such list"))
    lines, doubts = [], []
    for code, item in known.items():
        told = counts.get(code)
        if told is None:
            doubts.append(Text(f"未统计：{item.text.zh}", f"Not counted: {item.text.en}"))
            continue
        points = whole(code, told) // item.per * item.weight
        if item.most is not None:
            points = min(points, item.most)
        points = points if item.is_bonus else -points
        said = f"{points:+d}" if points else "0"
        lines.append(
            MonthLine(
                item=item,
                count=told,
                points=points,
                text=Text(f"{item.text.zh}：{told}项，{said}分", f"{item.text.en}: {told}, {said} points"),
            )
        )
    score = min(100, max(0, 100 + sum(line.points for line in lines)))
    colour = colour_of(score)
    return MonthResult(
        score=score,
        colour=colour,
        lines=tuple(lines),
        must_explain=colour is FiveColour.RED,
        doubts=tuple(doubts),
    )
