"""What is asked of permits each shift and day (班次、每班复核、班前会、停一停), read for their checks."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.shifts import Shifts, revalidated_at, shifts_of_many
from quancheng.domains.permits.queries.talks import open_cards, passed_of_many

#: States from which work starts or goes on.
_NEAR = ("ISSUED", "SUSPENDED")


@dataclass(frozen=True, slots=True)
class Daily:
    """Of one permit: the shifts of its enterprise, when it was revalidated, who passed which day's talk (None: not
    read, since no start is near), open cards."""

    shifts: Shifts = field(default_factory=Shifts)
    revalidated_at: datetime | None = None
    passed: frozenset[tuple[uuid.UUID, date]] | None = None
    cards_open: int = 0


def daily_of(permits: Collection[Permit]) -> Mapping[uuid.UUID, Daily]:
    """A query whatever the number of permits, two more where an enterprise names shifts, and two where something may
    start or go on: talks and cards are asked then alone."""
    keys = [one.pk for one in permits]
    near = [one.pk for one in permits if one.status in _NEAR]
    shifts = shifts_of_many({one.file_id for one in permits})
    known = revalidated_at(keys) if any(one.plans for one in shifts.values()) else {}
    passed, cards = (passed_of_many(near), open_cards(near)) if near else ({}, {})
    return {
        one.pk: Daily(
            shifts[one.file_id], known.get(one.pk),
            frozenset(passed.get(one.pk, ())) if one.status in _NEAR else None, cards.get(one.pk, 0),
        )
        for one in permits
    }  # fmt: skip
