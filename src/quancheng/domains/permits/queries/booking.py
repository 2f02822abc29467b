"""How far ahead work is booked (预约), and how many bookings are emergencies."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q

from quancheng.domains.permits.models import BookingRuleChange, Permit
from quancheng.standards.gb30871.booking import COUNTED_D, LEAD_D


def booking_changes() -> Sequence[BookingRuleChange]:
    """How the rule was set, the newest first. One query."""
    return list(BookingRuleChange.objects.order_by("-entered_at", "-pk"))


def days_ahead(changes: Sequence[BookingRuleChange], day: date) -> int:
    """So many days ahead work is booked on a day; 0 where the house does not ask."""
    for one in changes:
        if one.from_day <= day:
            return one.lead_days if one.is_on else 0
    return LEAD_D


def emergency_percent(file_id: uuid.UUID, until: datetime) -> Decimal | None:
    """Which share of an enterprise's bookings of thirty days were emergencies; None where nothing was booked. One
    query."""
    rows = Permit.objects.filter(file=file_id, booked_at__gt=until - timedelta(days=COUNTED_D), booked_at__lte=until)
    found = rows.aggregate(all=Count("pk"), emergencies=Count("pk", filter=Q(is_emergency=True)))
    return (Decimal(100) * found["emergencies"] / found["all"]).quantize(Decimal("0.1")) if found["all"] else None
