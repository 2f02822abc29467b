"""What is asked of permits each shift and day (班次、每班复核、班前会、停一停), read for their checks."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.shifts import Shifts, revalidated_at, shifts_of_many
from quancheng.domains.permits.queries.talks import open_cards, passed_of_many


@dataclass(frozen=True, slots=True)
class Daily:
    """Of one permit: the shifts of its enterprise, when it was revalidated, who passed which day's talk, open cards."""

    shifts: Shifts = field(default_factory=Shifts)
    revalidated_at: datetime | None = None
    passed: frozenset[tuple[uuid.UUID, date]] = frozenset()
    cards_open: int = 0


def daily_of(permits: Collection[Permit]) -> Mapping[uuid.UUID, Daily]:
    """Three queries whatever the number of permits, five where an enterprise names shifts."""
    keys = [one.pk for one in permits]
    shifts = shifts_of_many({one.file_id for one in permits})
    known = revalidated_at(keys) if any(one.plans for one in shifts.values()) else {}
    passed, cards = passed_of_many(keys), open_cards(keys)
    return {
        one.pk: Daily(
            shifts[one.file_id], known.get(one.pk), frozenset(passed.get(one.pk, ())), cards.get(one.pk, 0)
        )
        for one in permits
    }  # fmt: skip
