"""The yearly result of a unit (年度成绩): five colours of its tasks, weighted; a veto overrides.

Colours and weights are a design default: the documents name a five-colour ranking without its figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

#: Points of each colour.
POINTS = {"green": 100, "blue": 90, "yellow": 70, "orange": 40, "red": 0}
#: Days overdue beyond which a task is red.
RED_AFTER = 15
#: Points of progress behind plan at which a colour ends: blue, yellow.
BEHIND_BLUE, BEHIND_YELLOW = 10, 25


@dataclass(frozen=True, slots=True)
class TaskState:
    """What the colour of one assignment depends on; ``progress`` 0 to 100, ``closed`` the local day it was closed."""

    start: date
    due: date | None
    progress: int
    weight: Decimal = Decimal(1)
    closed: date | None = None
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """A unit's result: score 0 to 100 with one decimal, None without tasks; counts by colour; closed tasks."""

    score: Decimal | None
    colours: dict[str, int] = field(default_factory=dict)
    done: int = 0
    is_vetoed: bool = False


def colour_of(task: TaskState, *, today: date) -> str:
    """The colour of one assignment on a day."""
    late = ((task.closed or today) - task.due).days if task.due else 0
    if late > 0:
        return "orange" if late <= RED_AFTER else "red"
    if task.closed is not None:
        return "green"
    if task.due is None:
        return "yellow" if task.is_silent else "green"
    whole = (task.due - task.start).days
    planned = 100 * max(0, (today - task.start).days) / whole if whole > 0 else 0.0
    behind = planned - task.progress
    if behind > BEHIND_YELLOW:
        return "orange"
    if behind > BEHIND_BLUE or task.is_silent:
        return "yellow"
    return "blue" if behind > 0 else "green"


def result_of(tasks: Iterable[TaskState], *, today: date, is_vetoed: bool = False) -> Result:
    """The weighted mean of the points of all colours; 0 under a veto, whatever the tasks say."""
    colours = dict.fromkeys(POINTS, 0)
    points = weights = Decimal(0)
    done = 0
    for task in tasks:
        colour = colour_of(task, today=today)
        colours[colour] += 1
        points += POINTS[colour] * task.weight
        weights += task.weight
        done += task.closed is not None
    score = (points / weights).quantize(Decimal("0.1"), ROUND_HALF_UP) if weights else None
    return Result(Decimal("0.0") if is_vetoed else score, colours, done, is_vetoed)
