"""Booking a job ahead (作业预约), AQ 3064.2-2025, 5.3.1: a day ahead at least, else an emergency with its reason."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from quancheng.standards.gb30871.basis import local

CLAUSE = "AQ 3064.2-2025, 5.3.1"
#: Days of the calendar between the booking and the first day of work. No house may set fewer.
LEAD_D = 1
#: Bookings are counted over so many days to tell how many of them are emergencies [D].
COUNTED_D = 30


def first_day_booked(booked_at: datetime, days: int = LEAD_D) -> date:
    """The first day on which a job may begin that was booked at a time."""
    return local(booked_at).date() + timedelta(days=days)
