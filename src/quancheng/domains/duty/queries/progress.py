"""How far a plan is, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from quancheng.domains.duty.loops.task import TASK
from quancheng.domains.duty.models import OutsideReceipt, Plan, Receipt, Task
from quancheng.domains.duty.queries.tasks import count_lights
from quancheng.kernel.access.actor import Actor


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """How far a plan is. ``lights`` counts assignments: red, yellow, green and done."""

    tasks: int
    closed: int
    lights: dict[str, int]
    receipts: int
    received: int
    outside_receipts: int
    outside_received: int


def get_progress(*, actor: Actor, plan: Plan, now: datetime) -> PlanProgress:
    """How far a plan is, over the tasks, assignments and receipts that the actor may see. Four queries."""
    tasks = Task.objects.visible_to(actor).filter(plan=plan)
    counts = tasks.aggregate(whole=Count("pk"), closed=Count("pk", Q(status__in=TASK.finals)))
    received = {"whole": Count("pk"), "received": Count("pk", Q(status="RECEIVED"))}
    inside = Receipt.objects.visible_to(actor).filter(plan=plan).aggregate(**received)
    outside = OutsideReceipt.objects.visible_to(actor).filter(plan=plan).aggregate(**received)
    return PlanProgress(
        tasks=counts["whole"],
        closed=counts["closed"],
        lights=count_lights(actor=actor, now=now, plan_id=plan.pk),
        receipts=inside["whole"],
        received=inside["received"],
        outside_receipts=outside["whole"],
        outside_received=outside["received"],
    )
