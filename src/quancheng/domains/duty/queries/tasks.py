"""Reads of tasks and assignments: for lists, pages, the wall chart and the API."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from quancheng.domains.duty.lights import GREEN, RED, YELLOW, light_case
from quancheng.domains.duty.models import (
    Assignment,
    Campaign,
    ChartLink,
    Extension,
    Instalment,
    Plan,
    Progress,
    Support,
    Target,
    Task,
)
from quancheng.domains.duty.queries.plans import plan_texts
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_tasks(*, actor: Actor, now: datetime | None = None) -> QuerySet[Task]:
    """Tasks that the actor may see, by deadline, with their ``leads``; two queries for any page size.

    :param now: the leads have their ``light`` of this moment.
    """
    # Names alone: a task in ten hands would bring ten whole rows and organisations.
    assignments = (
        Assignment.objects.visible_to(actor)
        .filter(parent__isnull=True)
        .select_related("org")
        .only("task_id", "status", "loop_version", "kind", "due_date", "org__name", "org__short_name", "org__pinyin")
    )
    lit: Any = assignments if now is None else assignments.annotate(light=light_case(now=now))
    return (
        Task.objects.visible_to(actor)
        .select_related("plan", "owner_org")
        .defer(*plan_texts("plan"))
        .prefetch_related(Prefetch("assignments", queryset=lit.order_by("org__pinyin"), to_attr="leads"))
        .order_by("due_date", "pk")
    )


def get_task(*, actor: Actor, task_id: uuid.UUID) -> Task:
    """Raise NotFound for absent and for out of scope alike.

    ``is_linked`` and ``orders_campaign`` tell whether the rows of those tables need be asked for.
    """
    found = (
        Task.objects.visible_to(actor)
        .select_related("plan", "section", "owner_org")
        .defer(*plan_texts("plan"))
        .annotate(
            is_linked=Exists(ChartLink.objects.filter(Q(task=OuterRef("pk")) | Q(serves=OuterRef("pk")))),
            orders_campaign=Exists(Campaign.objects.filter(task=OuterRef("pk"))),
        )
        .prefetch_related(
            Prefetch("targets", queryset=Target.objects.order_by("order")),
            Prefetch("supports", queryset=Support.objects.select_related("org").order_by("org__pinyin")),
        )
        .filter(pk=task_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def list_assignments(*, actor: Actor, now: datetime) -> QuerySet[Assignment]:
    """Assignments that the actor may see, with their light, by deadline."""
    return (
        Assignment.objects.visible_to(actor)
        .select_related("task__plan", "org", "person", "owner_org")
        .defer(*plan_texts("task__plan"))
        .annotate(light=light_case(now=now))
        .order_by("due_date", "pk")
    )


def list_own_assignments(*, actor: Actor, now: datetime) -> QuerySet[Assignment]:
    """What the actor's own organisation works on (本单位承办)."""
    return list_assignments(actor=actor, now=now).filter(org=actor.organisation_id)


def get_assignment(*, actor: Actor, assignment_id: uuid.UUID, now: datetime) -> Assignment:
    """Raise NotFound for absent and for out of scope alike."""
    found = (
        list_assignments(actor=actor, now=now)
        .select_related("task__plan", "task__owner_org", "parent__org", "org__area", "person", "owner_org")
        .prefetch_related("task__targets", "task__supports__org")
        .filter(pk=assignment_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def list_parts(*, actor: Actor, assignment: Assignment, now: datetime) -> QuerySet[Assignment]:
    """What a unit handed down to others of this assignment."""
    return list_assignments(actor=actor, now=now).filter(parent=assignment)


def list_reports(*, actor: Actor, assignment: Assignment) -> QuerySet[Progress]:
    """Reports of progress on an assignment that the actor may see, the latest first."""
    visible = Assignment.objects.visible_to(actor).filter(pk=assignment.pk)
    return Progress.objects.filter(assignment__in=visible).select_related("by", "org").order_by("-at", "-pk")


def get_progress(actor: Actor, progress_id: uuid.UUID) -> Progress | None:
    """One report of progress, where the actor may see its assignment; None otherwise."""
    visible = Assignment.objects.visible_to(actor)
    return Progress.objects.filter(pk=progress_id, assignment__in=visible).first()


def list_instalments(*, actor: Actor, assignment: Assignment) -> QuerySet[Instalment]:
    """Periods and milestones of an assignment, in order of time."""
    return Instalment.objects.visible_to(actor).filter(assignment=assignment).order_by("due_date", "pk")


def list_window(*, actor: Actor, task: Task, first: date, last: date) -> QuerySet[Instalment]:
    """What is owed of a task between two days, both inclusive, in key periods, as far as the actor may see it."""
    owed = Instalment.objects.visible_to(actor).filter(assignment__task=task, due_date__range=(first, last))
    return owed.filter(key__regex=r"^[dw]\d{8}$").order_by("due_date", "pk")


def get_instalment(*, actor: Actor, instalment_id: uuid.UUID) -> Instalment:
    found = (
        Instalment.objects.visible_to(actor)
        .select_related("assignment__task__plan", "org", "owner_org")
        .defer(*plan_texts("assignment__task__plan"))
        .filter(pk=instalment_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def list_extensions(*, actor: Actor, assignment: Assignment) -> QuerySet[Extension]:
    return Extension.objects.visible_to(actor).filter(assignment=assignment).order_by("-asked_at", "-pk")


def get_extension(*, actor: Actor, extension_id: uuid.UUID) -> Extension:
    found = (
        Extension.objects.visible_to(actor)
        .select_related("assignment__task", "org", "owner_org")
        .filter(pk=extension_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def count_lights(*, actor: Actor, now: datetime, plan_id: uuid.UUID | None = None) -> dict[str, int]:
    """How many open assignments are red, yellow and green, and how many are done. One query."""
    rows = Assignment.objects.visible_to(actor).filter(parent__isnull=True).annotate(light=light_case(now=now))
    if plan_id is not None:
        rows = rows.filter(task__plan=plan_id)
    open_ = ~Q(status__in=("DONE", "CANCELLED"))
    return rows.aggregate(
        red=Count("pk", Q(light=RED)),
        yellow=Count("pk", Q(light=YELLOW)),
        green=Count("pk", Q(light="green") & open_),
        done=Count("pk", Q(status="DONE")),
    )


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a plan with the tasks directly under it, and the lights of all that stand below it.

    :ivar depth: 1 for a first-level heading, 2 for one below it, whose tasks the first level counts too.
    :ivar lights: red, yellow, green and done assignments.
    """

    title: str
    depth: int
    tasks: list[Task]
    lights: dict[str, int]


def list_headings(*, actor: Actor, plan: Plan, now: datetime) -> list[Heading]:
    """A plan's tasks under its headings in the order of the document, lights rolled up. Two queries."""
    tasks = list(list_tasks(actor=actor, now=now).filter(plan=plan).order_by("order", "pk"))
    found: list[Heading] = []
    for task in tasks:
        upper = next((one for one in reversed(found) if one.depth == 1), None)
        if upper is None or upper.title != task.level1:
            upper = _heading(task.level1, 1)
            found.append(upper)
        holder = upper
        if task.level2 and task.level2 != task.level1:
            if found[-1].depth != 2 or found[-1].title != task.level2:
                found.append(_heading(task.level2, 2))
            holder = found[-1]
        elif found[-1] is not upper:
            # A task straight under the first level, after its second-level headings: it opens its own group there.
            holder = _heading("", 2)
            found.append(holder)
        holder.tasks.append(task)
        for heading in {id(upper): upper, id(holder): holder}.values():
            for lead in task.leads:  # type: ignore[attr-defined]
                if lead.status != "CANCELLED":
                    heading.lights["done" if lead.status == "DONE" else lead.light] += 1
    return found


def _heading(title: str, depth: int) -> Heading:
    return Heading(title, depth, [], dict.fromkeys((RED, YELLOW, GREEN, "done"), 0))
