"""Lights and progress of tasks rolled up (灯的汇总): over their units, and over what serves and carries out what."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from quancheng.domains.duty.lights import GREEN, RED, UNSEEN, YELLOW, light_case
from quancheng.domains.duty.models import Assignment, ChartLink, Task
from quancheng.kernel.access.actor import Actor

_WORST = {RED: 0, YELLOW: 1, GREEN: 2}


@dataclass(slots=True)
class Rolled:
    """A task's light (the worst), its progress (the mean, whole per cent) and whether all of it is done.

    Where the reader sees nothing of the work, the light is ``UNSEEN`` and the progress says nothing.
    """

    light: str = UNSEEN
    progress: int = 0
    is_done: bool = False
    #: Whether the task has units of its own.
    is_own: bool = False

    @property
    def percent(self) -> str:
        return "—" if self.light == UNSEEN else f"{self.progress}%"


@dataclass(slots=True)
class _Seen:
    lights: list[str] = field(default_factory=list)
    percents: list[int] = field(default_factory=list)
    done: list[bool] = field(default_factory=list)


def worst(lights: Iterable[str]) -> str:
    """The worst of some lights; green where there is none."""
    return min(lights, key=lambda light: _WORST.get(light, 3), default=GREEN)


def roll_up(*, actor: Actor, tasks: Iterable[uuid.UUID], now: datetime) -> dict[uuid.UUID, Rolled]:
    """What the actor may see of each task's state. Two queries.

    A task's light is the worst of its own units' and, where it stands in a chart, of the units' of the tasks of the
    text that it serves. A task without units of its own has the light and progress of those that carry it out.
    """
    wanted = set(tasks)
    links = list(
        ChartLink.objects.filter(Q(task__in=wanted) | Q(serves__in=wanted)).order_by("pk").values_list("task", "serves")
    )
    seen: dict[uuid.UUID, _Seen] = {}
    everything = wanted | {one for link in links for one in link}
    rows = (
        Assignment.objects.visible_to(actor)
        .filter(task__in=everything, parent__isnull=True)
        .exclude(status="CANCELLED")
        .annotate(light=light_case(now=now))
        .order_by("pk")
        .values_list("task", "light", "progress", "status")
    )
    for task, light, progress, status in rows:
        one = seen.setdefault(task, _Seen())
        one.lights.append(light)
        one.percents.append(100 if status == "DONE" else progress)
        one.done.append(status == "DONE")
    serves: dict[uuid.UUID, list[uuid.UUID]] = {}
    carriers: dict[uuid.UUID, list[uuid.UUID]] = {}
    for task, served in links:
        serves.setdefault(task, []).append(served)
        carriers.setdefault(served, []).append(task)
    return {task: _rolled(task, seen, serves, carriers) for task in wanted}


def _rolled(
    task: uuid.UUID,
    seen: dict[uuid.UUID, _Seen],
    serves: dict[uuid.UUID, list[uuid.UUID]],
    carriers: dict[uuid.UUID, list[uuid.UUID]],
) -> Rolled:
    own = seen.get(task)
    if own is not None:
        more = [light for served in serves.get(task, ()) if served in seen for light in seen[served].lights]
        return Rolled(worst([*own.lights, *more]), round(sum(own.percents) / len(own.percents)), all(own.done), True)
    others = [seen[one] for one in carriers.get(task, ()) if one in seen]
    percents = [percent for one in others for percent in one.percents]
    if not percents:
        return Rolled()
    lights = [light for one in others for light in one.lights]
    return Rolled(worst(lights), round(sum(percents) / len(percents)), all(done for one in others for done in one.done))


def list_links(*, actor: Actor, task: uuid.UUID) -> tuple[list[ChartLink], list[ChartLink]]:
    """What a task serves and what serves it, as far as the actor sees both, in the document's order. One query."""
    seen = Task.objects.visible_to(actor)
    links = ChartLink.objects.filter(Q(task=task) | Q(serves=task), task__in=seen, serves__in=seen)
    links = links.select_related("task", "serves")
    found = list(links.order_by("serves__order", "task__order", "pk"))
    return [one for one in found if one.task_id == task], [one for one in found if one.serves_id == task]
