"""Reads of a plan's parents and of what its tasks inherit from them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet

from quancheng.domains.duty.models import Plan, PlanLink, Task, TaskLink
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class InheritedTask:
    """A task of a parent plan, and the standing tasks of this plan that carry it out, as far as the actor sees them.

    ``is_carried`` counts those beyond his sight as well; a task that nothing carries out is a gap.
    """

    task: Task
    carriers: list[Task]
    is_carried: bool


@dataclass(frozen=True, slots=True)
class ParentLine:
    """A parent of a plan. ``tasks`` is empty for a document outside the house, or one that the actor may not see."""

    link: PlanLink
    is_shown: bool
    tasks: list[InheritedTask]

    @property
    def missing(self) -> int:
        return sum(1 for one in self.tasks if not one.is_carried)


def list_parents(*, actor: Actor, plan: Plan) -> list[ParentLine]:
    """The parents of a plan that the actor was given, each with its tasks and who carries them out. Five queries."""
    links = list(plan.parents.select_related("parent").defer("parent__lines", "parent__parsed").order_by("pk"))
    inside = [link.parent_id for link in links if link.parent_id]
    visible = (
        set(Plan.objects.visible_to(actor).filter(pk__in=inside).values_list("pk", flat=True)) if inside else set()
    )
    tasks: dict[uuid.UUID | None, list[Task]] = defaultdict(list)
    carriers: dict[uuid.UUID, list[Task]] = defaultdict(list)
    carried: set[uuid.UUID] = set()
    if visible:
        for task in list_parent_tasks(actor=actor, plan=plan).filter(plan__in=visible):
            tasks[task.plan_id].append(task)
        seen = set(list_standing_tasks(actor=actor, plan=plan).values_list("pk", flat=True))
        standing = TaskLink.objects.filter(child__plan=plan).exclude(child__status="CANCELLED")
        for link in standing.select_related("child").order_by("child__order", "pk"):
            carried.add(link.parent_id)
            if link.child_id in seen:
                carriers[link.parent_id].append(link.child)
    return [
        ParentLine(
            link,
            link.parent_id in visible,
            [InheritedTask(task, carriers[task.pk], task.pk in carried) for task in tasks[link.parent_id]],
        )
        for link in links
    ]


def list_parent_tasks(*, actor: Actor, plan: Plan) -> QuerySet[Task]:
    """The standing tasks of a plan's parents that the actor may see, in the order of their documents."""
    parents = plan.parents.filter(parent__isnull=False).values("parent")
    found = Task.objects.visible_to(actor).filter(plan__in=parents).exclude(status="CANCELLED")
    return found.select_related("plan").defer("plan__lines", "plan__parsed").order_by("plan", "order", "pk")


def list_standing_tasks(*, actor: Actor, plan: Plan) -> QuerySet[Task]:
    """The tasks of a plan that may carry out others, in the order of the document."""
    found = Task.objects.visible_to(actor).filter(plan=plan).exclude(status="CANCELLED")
    return found.order_by("order", "pk")


def list_carried(*, actor: Actor, task: Task) -> list[Task]:
    """Tasks of parent plans that a task carries out."""
    return list(Task.objects.visible_to(actor).filter(carriers__child=task).order_by("order", "pk"))


def list_carriers(*, actor: Actor, task: Task) -> list[Task]:
    """Tasks of plans below that carry out a task."""
    return list(Task.objects.visible_to(actor).filter(carried__parent=task).order_by("code", "pk"))


def get_parent_link(*, actor: Actor, plan: Plan, link_id: uuid.UUID) -> PlanLink:
    """A parent of a plan that the actor may see."""
    visible = Plan.objects.visible_to(actor).filter(pk=plan.pk)
    found = PlanLink.objects.filter(plan__in=visible, pk=link_id).select_related("plan").first()
    if found is None:
        raise NotFound
    return found
