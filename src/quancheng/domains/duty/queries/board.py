"""The supervision board (督办看板): what each unit owes and what is late, each plan's lights, and what is missing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from quancheng.domains.duty.lights import GREEN, RED, YELLOW, light_case
from quancheng.domains.duty.models import Assignment, Plan, Receipt, Report, Reporter
from quancheng.domains.duty.queries.reports import OPEN, late_q
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem

_FINALS = ("DONE", "CANCELLED")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit's line of the board; all counts are of what the actor may see."""

    org_id: uuid.UUID
    name: str
    kind: str
    open: int
    near: int
    overdue: int
    done: int
    late_reports: int
    receipts: int
    lacks_reporter: bool
    lacks_plan: bool

    @property
    def has_trouble(self) -> bool:
        return bool(self.overdue or self.late_reports or self.receipts or self.lacks_reporter or self.lacks_plan)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One running plan's lights."""

    plan_id: uuid.UUID
    title: str
    red: int
    yellow: int
    green: int
    done: int


@dataclass(frozen=True, slots=True)
class Board:
    """The whole board. ``late_items`` are the tasks' and reports' steps that are overdue, the oldest first."""

    units: list[UnitLine]
    plans: list[PlanLine]
    late_items: list[WorkItem]

    def total(self, name: str) -> int:
        return sum(getattr(unit, name) for unit in self.units)


def get_board(*, actor: Actor, now: datetime) -> Board:
    """Eight queries, however large the district."""
    rows = Assignment.objects.visible_to(actor).exclude(status="CANCELLED").order_by()
    work = rows.annotate(light=light_case(now=now))
    open_ = ~Q(status__in=_FINALS)
    by_org: dict[uuid.UUID, dict[str, Any]] = {
        row["org_id"]: dict(row)
        for row in work.values("org_id").annotate(
            open=Count("pk", open_),
            near=Count("pk", Q(light=YELLOW)),
            overdue=Count("pk", Q(light=RED)),
            done=Count("pk", Q(status="DONE")),
        )
    }
    late = _counts(
        Report.objects.visible_to(actor).exclude(status="CANCELLED").filter(late_q(now=now), status__in=OPEN)
    )
    receipts = _counts(Receipt.objects.visible_to(actor).filter(status="SENT"))
    owing = set(Report.objects.visible_to(actor).exclude(status="CANCELLED").values_list("org_id", flat=True))
    named = set(Reporter.objects.visible_to(actor).filter(ended_at__isnull=True).values_list("owner_org_id", flat=True))
    planned = set(
        Plan.objects.visible_to(actor).exclude(status="DISCARDED").values_list("owner_org_id", flat=True).distinct()
    )
    units = [
        UnitLine(
            org_id=org.pk,
            name=org.label,
            kind=org.kind,
            open=by_org.get(org.pk, {}).get("open", 0),
            near=by_org.get(org.pk, {}).get("near", 0),
            overdue=by_org.get(org.pk, {}).get("overdue", 0),
            done=by_org.get(org.pk, {}).get("done", 0),
            late_reports=late.get(org.pk, 0),
            receipts=receipts.get(org.pk, 0),
            lacks_reporter=org.pk in owing and org.pk not in named,
            lacks_plan=org.kind == "department" and org.pk not in planned,
        )
        for org in Organisation.objects.filter(pk__in={*by_org, *late, *receipts, *owing}).by_name()
    ]
    units.sort(key=lambda unit: (-unit.overdue, -unit.late_reports, -unit.near, unit.name))
    plans = [
        PlanLine(row["task__plan_id"], row["task__plan__title"], row["red"], row["yellow"], row["green"], row["done"])
        for row in work.filter(task__plan__status="RUNNING")
        .values("task__plan_id", "task__plan__title", "task__plan__imported_at")
        .annotate(
            red=Count("pk", Q(light=RED)),
            yellow=Count("pk", Q(light=YELLOW)),
            green=Count("pk", Q(light=GREEN) & open_),
            done=Count("pk", Q(status="DONE")),
        )
        .order_by("-task__plan__imported_at", "task__plan_id")
    ]
    return Board(units, plans, list(late_items(actor=actor, now=now)[:20]))


def late_items(*, actor: Actor, now: datetime) -> QuerySet[WorkItem]:
    """Overdue steps of this domain that the actor may see, the oldest first."""
    found = WorkItem.objects.visible_to(actor).overdue(now=now).filter(subject_type__startswith="duty.")
    return found.select_related("owner_org", "person").order_by("due_at", "pk")


def get_late_item(*, actor: Actor, item_id: uuid.UUID, now: datetime) -> WorkItem | None:
    return late_items(actor=actor, now=now).filter(pk=item_id).first()


def _counts(rows: QuerySet[Report] | QuerySet[Receipt]) -> dict[uuid.UUID, int]:
    return dict(rows.order_by().values_list("org_id").annotate(number=Count("pk")))
