"""Papers built of questions, and answers marked: pure functions, the same for the same seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

LETTERS = "ABCDEFGH"
MAJOR = "major_hidden_danger"
_HALF = Decimal("0.5")
#: How often another order is tried before the demands count as impossible together.
_TRIES = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as far as a paper chooses by it."""

    key: str
    kind: str
    subjects: frozenset[str]
    option_count: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """What a paper must be: how many of each kind in this order, and at least how many of each subject."""

    counts: Mapping[str, int]
    least: Mapping[str, int] = field(default_factory=dict)
    major_share: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def minima(self) -> dict[str, int]:
        """At least so many of each subject; of major hidden dangers the larger of both demands."""
        found = {one: count for one, count in self.least.items() if count > 0}
        major = ceil(self.total * self.major_share / 100)
        if major:
            found[MAJOR] = max(found.get(MAJOR, 0), major)
        return found


@dataclass(frozen=True, slots=True)
class Missing:
    """What the bank lacks: ``kind`` or ``subject`` with how many are wanted and there; neither where single demands
    can be met and all together cannot."""

    kind: str = ""
    subject: str = ""
    wanted: int = 0
    there: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A question on a paper: the options stand in this order of their places in the bank."""

    key: str
    order: tuple[int, ...]


def rank(seed: str, text: str) -> str:
    """A place in the order of chance that a seed gives."""
    return hashlib.sha256(f"{seed}|{text}".encode()).hexdigest()


def shuffled(seed: str, count: int, about: str) -> tuple[int, ...]:
    """Numbers from 0 in an order of chance."""
    return tuple(sorted(range(count), key=lambda one: rank(seed, f"{about}|{one}")))


def lacks(pool: Sequence[Asked], demand: Demand) -> list[Missing]:
    """What a bank is too small for, demand by demand."""
    kinds = Counter(one.kind for one in pool if demand.counts.get(one.kind))
    found = [
        Missing(kind=kind, wanted=wanted, there=kinds[kind])
        for kind, wanted in demand.counts.items()
        if kinds[kind] < wanted
    ]
    usable = [one for one in pool if demand.counts.get(one.kind)]
    for subject, wanted in demand.minima().items():
        # No more of a kind than the paper has of it.
        by_kind = Counter(one.kind for one in usable if subject in one.subjects)
        there = sum(min(count, demand.counts[kind]) for kind, count in by_kind.items())
        if there < wanted:
            found.append(Missing(subject=subject, wanted=wanted, there=there))
    return found


def build(pool: Sequence[Asked], demand: Demand, seed: str) -> list[Placed] | list[Missing]:
    """A paper of the pool, or what is missing for one. The same pool, demand and seed give the same paper.

    Kinds stand in the demand's order, questions of a kind in an order of chance; so do the options.
    """
    short = lacks(pool, demand)
    if short:
        return short
    for turn in range(_TRIES):
        chosen = _choose(pool, demand, f"{seed}|{turn}")
        if chosen is not None:
            return [
                Placed(one.key, shuffled(seed, one.option_count, one.key))
                for kind in demand.counts
                for one in sorted((one for one in chosen if one.kind == kind), key=lambda one: rank(seed, one.key))
            ]
    return [Missing()]


def _choose(pool: Sequence[Asked], demand: Demand, seed: str) -> list[Asked] | None:
    ranked = sorted(pool, key=lambda one: rank(seed, one.key))
    room, owed = dict(demand.counts), demand.minima()
    chosen: list[Asked] = []
    taken: set[str] = set()

    def take(one: Asked) -> None:
        chosen.append(one)
        taken.add(one.key)
        room[one.kind] -= 1
        for subject in one.subjects & owed.keys():
            owed[subject] -= 1

    while any(count > 0 for count in owed.values()):
        open_now = {subject for subject, count in owed.items() if count > 0}
        fitting = [one for one in ranked if one.key not in taken and room.get(one.kind, 0) and one.subjects & open_now]
        if not fitting:
            return None
        # Scarce subjects first: what answers most of them at once, then by chance.
        take(max(fitting, key=lambda one: len(one.subjects & open_now)))
    for one in ranked:
        if one.key not in taken and room.get(one.kind, 0):
            take(one)
    return chosen


# Marking ------------------------------------------------------------------------------------------------------------


def marked(*, kind: str, right: str, given: str, marks: Decimal, is_partial: bool) -> Decimal:
    """Marks for a closed answer, from 0 to ``marks``.

    :param kind: ``single``, ``multiple`` or ``judge``. :param right: letters, or ``T`` or ``F``.
    :param is_partial: of several right options those given count in proportion, rounded to half a mark, where none
        that is wrong was given; else all or nothing.
    """
    wanted, told = frozenset(right), frozenset(given)
    if told == wanted:
        return marks
    if kind != "multiple" or not is_partial or not told or told - wanted:
        return Decimal(0)
    part = marks * len(told) / len(wanted)
    return (part / _HALF).quantize(Decimal(1), ROUND_HALF_UP) * _HALF


def cleaned(kind: str, given: str, option_count: int) -> str | None:
    """An answer in its one form, letters in order; None where it answers no question of this kind."""
    if kind in ("text", "practice"):
        return given.replace("\x00", "").strip()[:2000]
    if kind == "judge":
        return given if given in ("", "T", "F") else None
    letters = sorted(set(given))
    if any(one not in LETTERS[:option_count] for one in letters) or (kind == "single" and len(letters) > 1):
        return None
    return "".join(letters)


def shared(marks: Decimal, count: int) -> list[Decimal]:
    """Marks of a case shared among its parts in halves; the last take what is left over."""
    halves = int(marks / _HALF)
    each, more = divmod(halves, count)
    return [_HALF * (each + (1 if place >= count - more else 0)) for place in range(count)]


def discrimination(scores: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """How well a question tells the good from the weak: the share of its marks got by the best third of whole papers
    less that by the weakest third, from -1 to 1; None of fewer than nine.

    :param scores: score of the whole paper and share of the question's marks (0 to 1), of each who sat it.
    """
    found = sorted(scores)
    third = len(found) // 3
    if third < 3:
        return None
    low, high = found[:third], found[-third:]
    apart = sum((one for _total, one in high), Decimal(0)) - sum((one for _total, one in low), Decimal(0))
    return (apart / third).quantize(Decimal("0.01"))
