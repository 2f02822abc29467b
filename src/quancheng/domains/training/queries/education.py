"""What people learned, and the rules by which hours are counted."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from quancheng.domains.training.models import EducationRules, Person, TrainingRecord
from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.errors import NotFound


def rules() -> EducationRules:
    """The rules that count now; those of a new house where nobody set any. One query."""
    return EducationRules.objects.order_by("-created_at", "-pk").first() or EducationRules()


def hours_said(hours: Decimal) -> str:
    """Hours as people write them: 8, 2.5."""
    return f"{hours:.1f}".removesuffix(".0")


def list_records(*, actor: Actor) -> ScopedQuerySet[TrainingRecord]:
    """Hours of persons that the actor may see, the newest first; those struck out too.

    :raises NotPermitted: his duties do not ask him to.
    """
    actor.require(VIEW)
    rows = TrainingRecord.objects.visible_to(actor).select_related("person", "programme", "order", "enterprise")
    return rows.order_by("-held_date", "-pk")


def get_record(*, actor: Actor, record_id: uuid.UUID) -> TrainingRecord:
    found = list_records(actor=actor).select_related("person__file", "entered_by").filter(pk=record_id).first()
    if found is None:
        raise NotFound
    return found


def records_of(person: Person) -> Sequence[TrainingRecord]:
    """Hours of a person whom a query gave to the actor, the newest first; one query."""
    rows = TrainingRecord.objects.filter(person=person).select_related("programme", "order")
    return list(rows.order_by("-held_date", "-pk"))


def hours_on(person: Person, day: date) -> Decimal:
    """Hours that count on one day, of all programmes."""
    rows = TrainingRecord.objects.filter(person=person, held_date=day, struck_at__isnull=True)
    return rows.aggregate(sum=Sum("hours"))["sum"] or Decimal(0)
