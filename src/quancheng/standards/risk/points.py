"""Scoring by points: items with what each takes away or adds, answers that say where they come from, and the sum.

An item of the guide belongs to a group with full points of its own, which it cannot fall below 0 of; a group without
full points takes from the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.risk.basis import BadInput, choice, table, text_of, whole
from quancheng.standards.wording import Text

#: How an item counts: by a choice, for each case, once; and the same as a bonus.
KINDS = ("choice", "each", "once", "bonus_choice", "bonus_each", "bonus_once")
#: Where an answer comes from.
SOURCES: dict[str, Text] = {
    "registry": Text("企业档案", "registry"),
    "asked": Text("现场询问、查看", "asked or seen on site"),
}
#: More cases than this of one item nobody has.
MOST_CASES = 10_000


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of an item, with its points."""

    code: str
    name: Text
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a table. ``points`` are per case and never negative; ``full`` are those of its group, None where the
    group has none.
    """

    code: str
    class_code: str
    class_name: Text
    group: str
    group_name: Text
    full: int | None
    text: Text
    kind: str
    points: Decimal
    choices: tuple[Choice, ...]
    mark: str

    @property
    def is_bonus(self) -> bool:
        """Whether it adds."""
        return self.kind.startswith("bonus_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found at an item: how many cases (``once``: 0 or 1), or which choice (empty: none of them); from where,
    on which day, by whom.

    :raises BadInput: a negative count or an unknown source.
    """

    count: int = 0
    choice: str = ""
    source: str = "asked"
    day: date | None = None
    who: str = ""
    comment: str = ""

    def __post_init__(self) -> None:
        whole("count", self.count, high=MOST_CASES)
        choice("source", self.source, SOURCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What an answered item brought: ``points`` below 0 taken away, above 0 added; before any floor."""

    item: Item
    answer: Answer
    points: Decimal
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScore:
    """What is left of a group. ``score`` is None where the group has no full points."""

    group: str
    name: Text
    full: int | None
    deducted: Decimal
    score: Decimal | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The sum. ``unanswered`` are codes that nobody answered; they took nothing away."""

    groups: tuple[GroupScore, ...]
    bonuses: Decimal
    raw: Decimal
    unanswered: tuple[str, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all groups."""
        return tuple(line for group in self.groups for line in group.lines)


def load(name: str) -> tuple[Item, ...]:
    """The items of a table in order."""
    return tuple(_item(row) for row in table(name))


def score(items: Sequence[Item], answers: Mapping[str, Answer], *, base: int = 100) -> Scored:
    """The sum of a table. Where groups have full points the sum is theirs, each floored at 0; otherwise ``base`` less
    everything, floored at 0. Bonuses are added after the floors and may lead beyond the base.

    :raises BadInput: an answer to no item, or one that its item cannot have, named by the code.
    """
    known = {item.code: item for item in items}
    if unknown := sorted(set(answers) - set(known)):
        raise BadInput(unknown[0], Text("没有这一评分项", "There is no such item"))
    groups: list[GroupScore] = []
    raw, bonuses = Decimal(0), Decimal(0)
    for group in dict.fromkeys(item.group for item in items):
        members = [item for item in items if item.group == group]
        lines = tuple(line_of(item, answers[item.code]) for item in members if item.code in answers)
        deducted = -sum((line.points for line in lines if not line.item.is_bonus), Decimal(0))
        full = members[0].full
        left = None if full is None else max(Decimal(0), full - deducted)
        raw += -deducted if left is None else left
        bonuses += sum((line.points for line in lines if line.item.is_bonus), Decimal(0))
        groups.append(
            GroupScore(group=group, name=members[0].group_name, full=full, deducted=deducted, score=left, lines=lines)
        )
    if all(one.full is None for one in groups):
        raw = max(Decimal(0), base + raw)
    return Scored(
        groups=tuple(groups),
        bonuses=bonuses,
        raw=raw + bonuses,
        unanswered=tuple(item.code for item in items if item.code not in answers),
    )


def line_of(item: Item, answer: Answer) -> Line:
    """What one answer brings. BadInput, named by the code of the item, for an answer that it cannot have."""
    how = item.kind.removeprefix("bonus_")
    if how == "choice":
        if answer.count:
            raise BadInput(item.code, Text("此项按选项评分，不填数量", "This item takes a choice, not a count"))
        known = {one.code: one for one in item.choices}
        if answer.choice and answer.choice not in known:
            listed = "、".join(known)
            raise BadInput(item.code, Text(f"应为{listed}之一", f"must be one of {', '.join(known)}"))
        chosen = known.get(answer.choice)
        points = chosen.points if chosen else Decimal(0)
        found = chosen.name if chosen else Text("无", "none")
    else:
        if answer.choice:
            raise BadInput(item.code, Text("此项按数量评分，不填选项", "This item takes a count, not a choice"))
        if how == "once" and answer.count > 1:
            raise BadInput(item.code, Text("此项只计一次", "This item counts once"))
        points = item.points * answer.count
        if how == "once":
            found = Text("是", "yes") if answer.count else Text("否", "no")
        else:
            each = plain(item.points)
            found = Text(f"{answer.count}项×{each}分", f"{answer.count} × {each}")
    points = points if item.is_bonus else -points
    sign = "+" if points > 0 else ""
    whence = SOURCES[answer.source]
    day = answer.day.isoformat() if answer.day else ""
    zh = "，".join(part for part in (whence.zh, day, answer.who) if part)
    en = ", ".join(part for part in (whence.en, day, answer.who) if part)
    # A nought has no sign.
    shown = plain(points + 0)
    return Line(
        item=item,
        answer=answer,
        points=points + 0,
        text=Text(
            f"{item.code} {item.text.zh}：{found.zh}，{sign}{shown}分（{zh}）",
            f"{item.code} {item.text.en}: {found.en}, {sign}{shown} points ({en})",
        ),
    )


def _item(row: Mapping[str, str]) -> Item:
    return Item(
        code=row["code"],
        class_code=row["class_code"],
        class_name=text_of(row, "class"),
        group=row["group"],
        group_name=text_of(row, "group"),
        full=int(row["full"]) if row["full"] else None,
        text=text_of(row),
        kind=row["kind"],
        points=Decimal(row["points"] or 0),
        choices=tuple(_choice(one) for one in row["choices"].split("|") if one),
        mark=row["mark"],
    )


def _choice(text: str) -> Choice:
    code, zh, en, points = text.split("=")
    return Choice(code, Text(zh, en), Decimal(points))
