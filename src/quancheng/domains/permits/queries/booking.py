"""How far ahead work is booked (预约), and how many bookings are emergencies."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Case, Count, Q, When

from quancheng.domains.permits.models import BookingRuleChange, Permit
from quancheng.kernel.calendar import Calendar
from quancheng.standards.gb30871.booking import COUNTED_D, LEAD_D, first_day_booked


def booking_changes() -> Sequence[BookingRuleChange]:
    """How the rule was set, the newest first. One query."""
    return list(BookingRuleChange.objects.order_by("-entered_at", "-pk"))


def days_ahead(changes: Sequence[BookingRuleChange], moment: datetime) -> int:
    """So many days ahead work is booked at a moment, by what was set until then."""
    day = Calendar().local_date(moment)
    for one in changes:
        if one.entered_at <= moment and one.from_day <= day:
            return one.lead_days
    return LEAD_D


def is_late(start: datetime, booked_at: datetime) -> bool:
    """Whether work that is booked at a time begins before the day for which it may be booked. One query."""
    days = days_ahead(booking_changes(), booked_at)
    return Calendar().local_date(start) < first_day_booked(booked_at, days)


@dataclass(frozen=True, slots=True)
class Share:
    """How many jobs an enterprise booked, and which share of them as emergencies."""

    bookings: int
    percent: Decimal | None


def emergency_share(file_id: uuid.UUID, until: datetime) -> Share:
    """Of an enterprise's bookings of thirty days. An emergency is counted when it was named one; what follows a permit
    that is counted is the same booking, unless it alone is an emergency. One query."""
    since = until - timedelta(days=COUNTED_D)

    def counted(prefix: str) -> Q:
        named = Q(**{
            f"{prefix}is_emergency": True, f"{prefix}emergency_at__gt": since, f"{prefix}emergency_at__lte": until,
        })  # fmt: skip
        plain = Q(**{
            f"{prefix}is_emergency": False, f"{prefix}booked_at__gt": since, f"{prefix}booked_at__lte": until,
        })  # fmt: skip
        return Q(**{f"{prefix}booked_at__isnull": False}) & (named | plain)

    is_same = counted("supersedes__") & (Q(is_emergency=False) | Q(supersedes__is_emergency=True))
    same = Case(When(is_same, then=True), default=False)
    rows = Permit.objects.filter(counted(""), file=file_id).annotate(is_same=same).filter(is_same=False)
    found = rows.aggregate(all=Count("pk"), emergencies=Count("pk", filter=Q(is_emergency=True)))
    if not found["all"]:
        return Share(0, None)
    return Share(found["all"], (Decimal(100) * found["emergencies"] / found["all"]).quantize(Decimal("0.1")))
