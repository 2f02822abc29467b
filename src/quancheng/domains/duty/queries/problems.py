"""Reads of problem lists."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, QuerySet

from quancheng.domains.duty.loops.problem import PROBLEM
from quancheng.domains.duty.models import Problem
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area, AreaLevel
from quancheng.kernel.errors import NotFound


def list_problems(*, actor: Actor) -> QuerySet[Problem]:
    """Problems that the actor may see, those due first; one query for any page size."""
    return (
        Problem.objects.visible_to(actor)
        .select_related("unit", "org", "owner_org", "area")
        .annotate(similar_count=Count("similar"))
        .order_by("due_date", "pk")
    )


def get_problem(*, actor: Actor, problem_id: uuid.UUID) -> Problem:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_problems(actor=actor).select_related("unit__area", "org", "owner_org", "parent").filter(pk=problem_id)
    row = found.first()
    if row is None:
        raise NotFound
    return row


def town_choices(actor: Actor) -> list[tuple[str, str]]:
    """Towns and streets by whose area a list may be narrowed: path and name."""
    towns = Area.objects.filter(level=AreaLevel.STREET, valid_to__isnull=True).order_by("pinyin", "pk")
    return list(towns.values_list("path", "name"))


def list_similar(*, actor: Actor, problem: Problem) -> list[Problem]:
    """What the analogous check opened at similar units, as far as the actor may see it."""
    return list(list_problems(actor=actor).filter(parent=problem).order_by("code"))


def open_problems(*, actor: Actor, limit: int) -> dict[str, Any]:
    """Open problems as plain values for a status sheet: how many, and the first of them by deadline."""
    rows = list_problems(actor=actor).exclude(status__in=PROBLEM.finals)
    return {
        "count": rows.count(),
        "rows": [
            {
                "id": str(row.pk),
                "code": row.code,
                "title": row.title,
                "org": row.org.label if row.org else "",
                "due": row.due_date.isoformat() if row.due_date else "",
                "state": row.status_label,
            }
            for row in rows[:limit]
        ],
    }
