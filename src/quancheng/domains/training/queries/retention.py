"""Files whose days are over."""

from __future__ import annotations

from datetime import datetime

from quancheng.domains.training.models import Person
from quancheng.domains.training.models.persons import PersonQuerySet
from quancheng.domains.training.queries.binding import without_bound
from quancheng.kernel.calendar import Calendar


def list_gone(before: datetime) -> PersonQuerySet:
    """Persons who left before that day, but for those whom a record of another room still names: they wait for it."""
    return without_bound(Person.objects.filter(left_date__lt=Calendar().local_date(before)))
