"""What is asked of permits each shift and day (班次、每班复核、班前会、停一停), read for their checks."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from quancheng.domains.permits.models import EnterpriseFigure, Permit
from quancheng.domains.permits.queries.shifts import Shifts, revalidated_at, shifts_of_many
from quancheng.domains.permits.queries.talks import open_cards, passed_of_many
from quancheng.kernel.calendar import Calendar
from quancheng.standards.gb30871.checks.daily import shift_to_revalidate
from quancheng.standards.gb30871.facts import ShiftBegun

#: States from which work starts or goes on.
_NEAR = ("ISSUED", "SUSPENDED")


@dataclass(frozen=True, slots=True)
class Daily:
    """Of one permit: the shifts of its enterprise, when it was revalidated, how its enterprise asks for that, who
    passed a talk that was begun when (None: not read, since no start is near), open cards."""

    shifts: Shifts = field(default_factory=Shifts)
    revalidated_at: datetime | None = None
    figures: Sequence[EnterpriseFigure] = ()
    passed: frozenset[tuple[uuid.UUID, datetime]] | None = None
    cards_open: int = 0

    def asked_since(self, now: datetime) -> datetime | None:
        """Since when revalidation has been asked without a break; None while it is not."""
        days, since = Calendar(), None
        for one in self.figures:
            if one.from_date <= days.local_date(now):
                from_then = max(days.start_of(one.from_date), one.entered_at)
                since = (since or from_then) if Decimal(one.value) else None
        return since

    def waits_for(self, permit: Permit, now: datetime) -> ShiftBegun | None:
        """The shift for which a permit in force waits to be revalidated, as C-61 asks it; None: for none."""
        since = self.asked_since(now)
        if since is None or permit.issued_at is None:
            return None
        in_force = max(permit.window_start, permit.issued_at)
        turn = shift_to_revalidate(self.shifts.of_permit(permit, now), in_force, since)
        if turn is None or (self.revalidated_at is not None and self.revalidated_at >= turn.began_at):
            return None
        return turn


def daily_of(permits: Collection[Permit]) -> Mapping[uuid.UUID, Daily]:
    """A query whatever the number of permits, three more where an enterprise names shifts, and two where something may
    start or go on: talks and cards are asked then alone."""
    keys = [one.pk for one in permits]
    near = [one.pk for one in permits if one.status in _NEAR]
    shifts = shifts_of_many({one.file_id for one in permits})
    named = [key for key, one in shifts.items() if one.plans]
    known = revalidated_at(keys) if named else {}
    told = EnterpriseFigure.objects.filter(file__in=named, name="revalidate_min")
    figures = list(told.order_by("from_date", "entered_at", "pk")) if named else []
    passed, cards = (passed_of_many(near), open_cards(near)) if near else ({}, {})
    return {
        one.pk: Daily(
            shifts[one.file_id], known.get(one.pk), [each for each in figures if each.file_id == one.file_id],
            frozenset(passed.get(one.pk, ())) if one.status in _NEAR else None, cards.get(one.pk, 0),
        )
        for one in permits
    }  # fmt: skip
