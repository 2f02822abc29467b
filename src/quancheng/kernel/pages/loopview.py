"""A loop as a page shows it: the strip of states, the moves as actions, the record of moves as sentences."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.loops import services as loops
from quancheng.kernel.loops.models import LoopRow, MoveRecord
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.times import due_text
from quancheng.kernel.work.models import WorkItem
from quancheng.kernel.work.queries import NEAR

if TYPE_CHECKING:
    from quancheng.kernel.pages.objects import Action, HistoryLine

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """One state on the strip; ``place`` is ``done``, ``now`` or ``later``."""

    code: str
    label: Text
    place: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The loop as a horizontal strip with the present state lit and its clock.

    :ivar item: the open step itself, where the row has one.
    :ivar assumption: said beside the date where it rests on a year that nobody entered.
    :ivar colour: task light of the clock: ``green``, ``yellow``, ``red``; empty where the loop has ended.
    :ivar clock: 还剩 3 天, 超期 2 小时; empty where the loop has ended.
    """

    steps: list[Step]
    now_label: Text
    owner: str
    due_at: datetime | None
    is_review: bool
    clock: str
    colour: str
    is_closed: bool
    item: WorkItem | None = None
    assumption: str = ""

    @property
    def tone(self) -> str:
        """Tone of the state's badge."""
        return "done" if self.is_closed else "active"


def strip_of(row: LoopRow, *, now: datetime) -> Strip:
    """The strip of a row: one query for its open work item, which knows owner and deadline."""
    loop = row.loop
    line = list(loop.main_line)
    if row.status not in line:
        # A side state (returned, suspended) stands behind the furthest state that leads to it.
        before = [code for code in line if any(step.target == row.status for step in loop.moves_from(code).values())]
        line.insert(line.index(before[-1]) + 1 if before else len(line), row.status)
    here = line.index(row.status)
    steps = [
        Step(code, loop.states[code].label, "done" if place < here else "now" if place == here else "later")
        for place, code in enumerate(line)
    ]
    item = open_item(row)
    due_at = (item.due_at or item.review_at) if item else None
    is_review = bool(item and item.due_at is None and item.review_at)
    return Strip(
        steps=steps,
        now_label=loop.states[row.status].label,
        owner=_owner(item),
        due_at=due_at,
        is_review=is_review,
        clock=due_text(due_at, now=now),
        colour=light_of(due_at, now=now) if item else "",
        is_closed=row.is_closed,
        item=item,
        assumption=item.assumption if item else "",
    )


def light_of(due_at: datetime | None, *, now: datetime) -> str:
    """The task light of a deadline: red when past, yellow when near as the supervision board counts it."""
    if due_at is None:
        return "green"
    if now > due_at:
        return "red"
    return "yellow" if due_at - now <= NEAR else "green"


def open_item(row: LoopRow) -> WorkItem | None:
    """The open step of a row that the caller got through its own query; None where the loop has ended. One query."""
    if row.is_closed:
        return None
    items = WorkItem.objects.open().filter(subject_type=row.row_type(), subject_id=row.pk)
    return items.select_related("owner_org", "person").first()


def _owner(item: WorkItem | None) -> str:
    if item is None:
        return ""
    return f"{item.owner_org.label} {item.person.name}" if item.person else item.owner_org.label


def actions_of(row: LoopRow, actor: Actor) -> list[Action]:
    """The moves open to the actor, the one marked primary first; none is where none is marked: what takes back, stops
    or lowers must not be the one thing that a page offers."""
    from quancheng.kernel.pages.objects import Action

    choices = loops.available_moves(actor, row)
    main = next((choice.name for choice in choices if choice.primary), "")
    actions = [
        Action(name=choice.name, label=choice.label, primary=choice.name == main, asks=bool(choice.needs))
        for choice in choices
    ]
    return sorted(actions, key=lambda action: not action.primary)


def needs_of(row: LoopRow, name: str) -> tuple[str, ...]:
    step = row.loop.moves.get(name)
    return step.needs if step else ()


def label_of(row: Any, name: str) -> Text:
    """The label of a move, for an action that is no longer open. :raises Invalid: there is no such move."""
    step = row.loop.moves.get(name) if isinstance(row, LoopRow) else None
    if step is None:
        raise unknown_parameter(name or "act")
    return step.label


def make_move(
    *, actor: Actor, row: LoopRow, name: str, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None
) -> None:
    """Make a move with what a form gave. :raises Invalid: the loop has no such move."""
    label_of(row, name)
    loops.move(actor=actor, row=row, name=name, now=now, given=dict(given), client_id=client_id)


def history_of(
    row: LoopRow, *, silent: Collection[str] = (), note_of: Callable[[MoveRecord], str] | None = None
) -> Sequence[HistoryLine]:
    """The record of moves, and what was done with the items between them, newest first, as sentences. Two queries.

    :param silent: moves of which is told that they were made, and not what was said.
    :param note_of: what was said, in words, where the moves were given codes; else the words that were given.
    """
    from quancheng.kernel.pages.objects import HistoryLine
    from quancheng.kernel.pages.workview import lines_of

    loop = row.loop
    lines = []
    for record in loops.history(row):
        step = loop.moves.get(record.move)
        target = loop.states[record.target].label if record.target in loop.states else record.target
        what = _("%(act)s，进入“%(state)s”") % {"act": step.label if step else _("建立"), "state": target}
        told = () if record.move in silent else record.given.values()
        note = "；".join(value for value in told if isinstance(value, str) and _is_told(value))
        if note_of is not None and record.move not in silent:
            note = note_of(record)
        organisation = record.organisation.label if record.organisation else ""
        who = record.actor_name if record.user_id else _("系统")
        lines.append(HistoryLine(at=record.at, who=who, what=what, note=note, organisation=organisation))
    # A stable sort: a move and what was done at the same moment stay in their order.
    return sorted([*lines, *lines_of(row)], key=lambda line: line.at, reverse=True)


def _is_told(value: str) -> bool:
    """Whether what a move was given is words: ids of files and people are shown where they belong, by name."""
    try:
        uuid.UUID(value)
    except ValueError:
        return bool(value)
    return False
