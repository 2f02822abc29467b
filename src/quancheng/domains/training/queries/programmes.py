"""Reads of the programmes of education."""

from __future__ import annotations

import uuid
from datetime import date

from quancheng.domains.training.models import Programme
from quancheng.domains.training.models.programmes import ProgrammeQuerySet
from quancheng.kernel.errors import NotFound


def list_programmes() -> ProgrammeQuerySet:
    """All that there ever were, in their order."""
    return Programme.objects.order_by("position", "code")


def programmes_on(day: date) -> list[Programme]:
    """Programmes that count on a day, in their order; one query."""
    return list(list_programmes().on(day))


def get_programme(*, programme_id: uuid.UUID) -> Programme:
    rows = Programme.objects.select_related("unified_course", "unified_rule", "unified_by")
    found = rows.filter(pk=programme_id).first()
    if found is None:
        raise NotFound
    return found


def programme_of_people(code: str) -> Programme:
    """By its code, of what is learned in enterprises. :raises NotFound: none, or one of regulators."""
    found = programme_of(code)
    if found.is_for_regulators:
        raise NotFound
    return found


def programme_of(code: str) -> Programme:
    """The programme under a code. :raises NotFound: there is none."""
    found = Programme.objects.filter(code=code).first()
    if found is None:
        raise NotFound
    return found
