"""Closed loops (闭环) as data: states with owner and deadline, moves with duty and evidence.

A loop is declared once by its domain and registered under (code, version): a new version is a new declaration,
and open rows finish under the version they began with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text

#: Local end of the step, or None where this row has none (then the state's other date counts).
Due = Callable[[Any, datetime, Calendar], "datetime | None"]
#: Returns a sentence that says why the move must wait, or None.
Condition = Callable[[Any], "Text | None"]

ANYBODY = "*"  # any organisation that sees the row
SYSTEM = "system"  # the house itself, e.g. the clock


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose step it is: a duty, and the row's field that names the organisation (or ``*``, or ``system``)."""

    duty: str
    field: str

    @classmethod
    def parse(cls, text: str) -> Holder:
        duty, mark, name = text.partition("@")
        if not duty or not mark or not name:
            raise ValueError(f"an owner reads duty@field: {text!r}")
        return cls(duty, name)


@dataclass(frozen=True, slots=True)
class State:
    """One state (状态).

    :param owner: ``duty@field`` of who owes the next step; ``None`` makes the state final.
    :param due: when the step is due; :param review: when continuing work is looked at again. One of the two at least.
    :param person: the row's field naming the person who takes the item at once, if any.
    """

    label: Text
    owner: str | None
    due: Due | None = None
    review: Due | None = None
    person: str = ""

    @property
    def is_final(self) -> bool:
        return self.owner is None

    @property
    def holder(self) -> Holder | None:
        return None if self.owner is None else Holder.parse(self.owner)


@dataclass(frozen=True, slots=True)
class Move:
    """One move (流转).

    :param sources: the state or states it starts from.
    :param by: ``duty@field`` of who may make it.
    :param needs: names that must be given and not empty, e.g. ``("reason",)``.
    :param not_by: earlier moves whose maker may not make this one on the same row (four eyes, 四眼原则); ``""`` is
        the row's entry.
    :param when: a condition on the row besides.
    :param primary: shown as the one next action.
    :param whoever: also while a colleague has taken the item, e.g. where waiting for him would be a danger.
    """

    sources: str | tuple[str, ...]
    target: str
    by: str
    label: Text
    needs: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    when: Condition | None = None
    primary: bool = False
    whoever: bool = False

    @property
    def froms(self) -> tuple[str, ...]:
        return (self.sources,) if isinstance(self.sources, str) else self.sources

    @property
    def holder(self) -> Holder:
        return Holder.parse(self.by)


@dataclass(frozen=True)
class Loop:
    """A declared loop. ``title`` gives the line by which people know the row; ``url_name`` its page, taking ``pk``.

    :param ladder: the kind of escalation ladder its late items climb; empty for the reminder alone.
    :param number_of: shown before the title where rows have a code.
    """

    code: str
    name: Text
    version: int
    start: str
    states: Mapping[str, State]
    moves: Mapping[str, Move]
    title: Callable[[Any], str] = str
    url_name: str = ""
    ladder: str = ""
    strip: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check(self)

    @property
    def choices(self) -> list[tuple[str, Text]]:
        return [(code, state.label) for code, state in self.states.items()]

    @property
    def codes(self) -> list[str]:
        return list(self.states)

    @property
    def finals(self) -> list[str]:
        return [code for code, state in self.states.items() if state.is_final]

    @property
    def open_states(self) -> list[str]:
        return [code for code, state in self.states.items() if not state.is_final]

    @property
    def main_line(self) -> tuple[str, ...]:
        """States drawn on the strip: those declared, else all in their order."""
        return self.strip or tuple(self.states)

    def moves_from(self, state: str) -> dict[str, Move]:
        return {name: step for name, step in self.moves.items() if state in step.froms}


def check(loop: Loop) -> None:
    """Raise ValueError at import for a loop that has a dead end, an ownerless or timeless state, or a wrong name."""
    if loop.start not in loop.states:
        raise ValueError(f"{loop.code}: unknown start {loop.start}")
    for code, state in loop.states.items():
        if state.is_final:
            if state.due or state.review:
                raise ValueError(f"{loop.code}.{code}: a final state has no deadline")
        elif state.due is None and state.review is None:
            raise ValueError(f"{loop.code}.{code}: neither deadline nor review")
    for name, step in loop.moves.items():
        unknown = {*step.froms, step.target} - set(loop.states)
        if unknown:
            raise ValueError(f"{loop.code}.{name}: unknown states {sorted(unknown)}")
        # What the clock closed the house may put right, where what comes in later tells otherwise; nobody else.
        if any(loop.states[source].is_final for source in step.froms) and step.holder.field != SYSTEM:
            raise ValueError(f"{loop.code}.{name}: a move out of a final state")
        missing = set(step.not_by) - {"", *loop.moves}
        if missing:
            raise ValueError(f"{loop.code}.{name}: four eyes against unknown moves {sorted(missing)}")
        Holder.parse(step.by)
    _check_paths(loop)


def _check_paths(loop: Loop) -> None:
    reached, frontier = {loop.start}, [loop.start]
    while frontier:
        here = frontier.pop()
        for step in loop.moves_from(here).values():
            if step.target not in reached:
                reached.add(step.target)
                frontier.append(step.target)
    lost = set(loop.states) - reached
    if lost:
        raise ValueError(f"{loop.code}: states never reached {sorted(lost)}")
    ending = set(loop.finals)
    grew = True
    while grew:
        before = len(ending)
        for step in loop.moves.values():
            if step.target in ending:
                ending.update(step.froms)
        grew = len(ending) > before
    stuck = set(loop.states) - ending
    if stuck:
        raise ValueError(f"{loop.code}: no way out of {sorted(stuck)}")


_loops: dict[tuple[str, int], Loop] = {}


def register(loop: Loop) -> Loop:
    """Make a loop known; the same (code, version) twice is a mistake of ours."""
    key = (loop.code, loop.version)
    if key in _loops and _loops[key] is not loop:
        raise ValueError(f"loop declared twice: {key}")
    _loops[key] = loop
    return loop


def loop_of(code: str, version: int | None = None) -> Loop:
    """The loop under a code: that version, or the newest. KeyError where there is none."""
    if version is not None:
        return _loops[(code, version)]
    return _loops[max((key for key in _loops if key[0] == code), default=(code, 0))]


def all_loops() -> list[Loop]:
    return [_loops[key] for key in sorted(_loops)]


# Deadlines ------------------------------------------------------------------------------------------------------


def within(*, working_days: int = 0, days: int = 0, hours: int = 0) -> Due:
    """So long after entering the state; days end at the end of the last day, working days by the calendar."""

    def due(row: Any, entered_at: datetime, calendar: Calendar) -> datetime:
        if hours:
            return entered_at + timedelta(hours=hours)
        day = calendar.local_date(entered_at)
        if working_days:
            return calendar.end_of(calendar.add_working_days(day, working_days))
        return calendar.end_of(day + timedelta(days=days))

    return due


def on(name: str, *, otherwise: Due | None = None) -> Due:
    """At the end of the day that the row's field says; ``otherwise`` where the field is empty."""

    def due(row: Any, entered_at: datetime, calendar: Calendar) -> datetime | None:
        value = getattr(row, name)
        if value is None:
            if otherwise is None:
                raise ValueError(f"{type(row).__name__}.{name} is empty and the loop says nothing else")
            return otherwise(row, entered_at, calendar)
        if isinstance(value, datetime):
            return value
        if not isinstance(value, date):
            raise TypeError(f"{type(row).__name__}.{name} is no date")
        return calendar.end_of(value)

    return due


def all_closed(relation: str) -> Condition:
    """Every child row of the relation stands in a final state of its loop."""

    def condition(row: Any) -> Text | None:
        manager = getattr(row, relation)
        child = manager.model
        finals = loop_of(child.loop_code).finals
        waiting = manager.exclude(status__in=finals).count()
        if waiting:
            return _("还有 %(count)s 项未办结，暂不能执行。") % {"count": waiting}
        return None

    return condition
