"""All conflicts among many live jobs: a sweep along one axis leaves few pairs, which are then judged one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from quancheng.standards.gb30871.parameters import STANDARD, Parameters
from quancheng.standards.gb30871.simops import Conflict, Job, conflicts_of, may_conflict, reach_m, widest_m

#: Names that join jobs wherever they stand.
_TIES = ("line", "space", "dike", "structure", "system", "serves")


def find_conflicts(jobs: Sequence[Job], parameters: Parameters = STANDARD) -> tuple[Conflict, ...]:
    """Every conflict of every pair, in the order of the jobs; the same as judging all pairs, only sooner."""
    return tuple(
        conflict
        for first, second in sorted(_pairs(jobs, parameters))
        for conflict in conflicts_of(jobs[first], jobs[second], parameters)
    )


def conflicts_with(job: Job, others: Sequence[Job], parameters: Parameters = STANDARD) -> tuple[Conflict, ...]:
    """The conflicts of one job with others; the job itself, known by its code, is passed over. Codes must differ, for
    what bears the same is taken for the job itself; an empty one is nobody's."""
    return tuple(
        conflict
        for other in others
        if other != job and (not job.code.strip() or other.code != job.code)
        for conflict in conflicts_of(job, other, parameters)
    )


def _pairs(jobs: Sequence[Job], parameters: Parameters) -> set[tuple[int, int]]:
    if len(jobs) < 2:
        return set()
    found = set(_near(jobs, float(parameters.preparation_min) * 60))
    for tie in _TIES:
        groups: dict[str, list[int]] = {}
        for number, job in enumerate(jobs):
            if name := getattr(job, tie):
                groups.setdefault(name, []).append(number)
        for group in groups.values():
            found.update(combinations(group, 2))
    return found


def _near(jobs: Sequence[Job], before_s: float) -> Iterator[tuple[int, int]]:
    x, y, reach, start, end = (
        np.array([value(job) for job in jobs], dtype=float)
        for value in (
            lambda job: job.x_m,
            lambda job: job.y_m,
            reach_m,
            lambda job: job.slot.start.timestamp() - before_s,
            lambda job: job.slot.end.timestamp(),
        )
    )
    names = sorted({job.activity for job in jobs})
    activity = np.array([names.index(job.activity) for job in jobs])
    matters = np.array([[may_conflict(one, other) for other in names] for one in names])
    order = np.argsort(x, kind="stable")
    farthest = float(reach.max()) + widest_m()
    ends = np.searchsorted(x[order], x[order] + reach[order] + farthest, side="right")
    for place, number in enumerate(order):
        others = order[place + 1 : ends[place]]
        room = reach[number] + reach[others] + widest_m()
        is_near = (
            (np.abs(y[others] - y[number]) <= room)
            & (x[others] - x[number] <= room)
            & (start[others] < end[number])
            & (start[number] < end[others])
            & matters[activity[number], activity[others]]
        )
        for other in others[is_near]:
            yield (int(number), int(other)) if number < other else (int(other), int(number))
