"""Questions of a toolbox talk (班前会) drawn from a permit, and the card "stop and think" (停一停卡). Ours [D], no text
of a standard."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from quancheng.standards.gb30871.basis import table, text_of
from quancheng.standards.gb30871.kinds import kinds
from quancheng.standards.gb30871.tickets import measures
from quancheng.standards.wording import Text

#: Questions of a talk.
QUESTIONS = 2
#: Wrong options beside the right one.
_WRONG = 2
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its options in the order in which they are shown, and which of them is right."""

    text: Text
    options: tuple[str, ...]
    right: int

    @property
    def answer(self) -> str:
        return self.options[self.right]


@dataclass(frozen=True, slots=True)
class ThinkItem:
    """One question of the card as it ships: why work stands after a no, and on what it rests."""

    code: str
    stop_reason: str
    clause: str
    mark: str
    text: Text


@cache
def think_items() -> tuple[ThinkItem, ...]:
    """The card as it ships, in order."""
    return tuple(
        ThinkItem(row["code"], row["stop_reason"], row["clause"], row["mark"], text_of(row))
        for row in table("think_items")
    )


def questions(
    kind: str, steps: Sequence[Mapping[str, str]], applied: Sequence[str], seed: str
) -> tuple[Question, ...]:
    """Two questions whose right answers are measures of the permit: of a step of its analysis where one tells its
    measure, else of its confirmed measures, else of those of its form. What is wrong are measures of other kinds of
    work. The same seed draws the same.

    :param steps: each with ``step`` and ``measure``. :param applied: measures that were confirmed, as they are worded.
    """
    known = [*applied] or [one.text.zh for one in measures(kind) if one.applies != "other"]
    told = [one for one in steps if one.get("step") and one.get("measure")]
    own = {*known, *(one["measure"] for one in told), *(one.text.zh for one in measures(kind))}
    strange = sorted({one.text.zh for code in kinds() if code != kind for one in measures(code)} - own)
    found: list[Question] = []
    if told:
        step = _drawn(told, f"{seed}:step")[0]
        about = Text(
            f"作业步骤“{step['step']}”应落实哪项措施？", f"Which measure belongs to the step “{step['step']}”?"
        )
        found.append(_asked(about, step["measure"], strange, f"{seed}:0"))
    for text in _drawn(sorted({*known} - {one.answer for one in found}), f"{seed}:measure"):
        if len(found) == QUESTIONS:
            break
        about = Text("下列哪项是本次作业的安全措施？", "Which of these is a safety measure of this job?")
        found.append(_asked(about, text, strange, f"{seed}:{len(found)}"))
    return tuple(found)


def _asked(about: Text, right: str, strange: Sequence[str], seed: str) -> Question:
    options = tuple(_drawn([right, *_drawn(strange, f"{seed}:wrong")[:_WRONG]], f"{seed}:order"))
    return Question(about, options, options.index(right))


def _drawn(rows: Sequence[Row], seed: str) -> list[Row]:
    """In an order that the seed alone decides."""
    def place(number: int) -> bytes:
        return hashlib.sha256(f"{seed}:{number}".encode()).digest()

    return [rows[number] for number in sorted(range(len(rows)), key=place)]
