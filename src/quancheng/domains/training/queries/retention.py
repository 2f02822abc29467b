"""Files whose days are over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from quancheng.domains.training.models import Person
from quancheng.kernel.calendar import Calendar


def list_gone(before: datetime) -> QuerySet[Person]:
    """Persons who left before that day."""
    return Person.objects.filter(left_date__lt=Calendar().local_date(before))
