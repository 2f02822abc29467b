"""Reads of retraining orders."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

from quancheng.domains.training.models import Person, RetrainingOrder, TrainingRecord
from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.errors import NotFound

ORDER = "training.order"


def list_orders(*, actor: Actor) -> ScopedQuerySet[RetrainingOrder]:
    """Orders on persons that the actor may see, what is due soonest first. One query.

    :raises NotPermitted: his duties do not ask him to.
    """
    actor.require(VIEW)
    rows = RetrainingOrder.objects.visible_to(actor)
    rows = rows.select_related("person", "programme", "enterprise", "ordered_org", "area")
    return rows.order_by("closed_at", "due_date", "pk")


def get_order(*, actor: Actor, order_id: uuid.UUID) -> RetrainingOrder:
    found = list_orders(actor=actor).select_related("person__file", "owner_org").filter(pk=order_id).first()
    if found is None:
        raise NotFound
    return found


def orders_of(person: Person) -> Sequence[RetrainingOrder]:
    """Orders on a person whom a query gave to the actor, open ones first; one query."""
    rows = RetrainingOrder.objects.filter(person=person).select_related("programme", "ordered_org")
    return sorted(rows, key=lambda one: (one.closed_at is not None, one.due_date, one.code))


def bars_of(persons: Collection[uuid.UUID]) -> dict[uuid.UUID, list[RetrainingOrder]]:
    """Open orders off the job by person; one query."""
    rows = RetrainingOrder.objects.filter(person__in=list(persons), status="OPEN", off_post=True)
    found: dict[uuid.UUID, list[RetrainingOrder]] = defaultdict(list)
    for one in rows.order_by("ordered_date", "pk"):
        found[one.person_id].append(one)
    return found


def records_for(order: RetrainingOrder) -> Sequence[TrainingRecord]:
    """Hours counted for an order, the newest first."""
    rows = TrainingRecord.objects.filter(order=order).select_related("programme", "order")
    return list(rows.order_by("-held_date", "-pk"))
