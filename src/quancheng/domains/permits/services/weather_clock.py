"""Warnings of weather whose time is over end by themselves (预警失效)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from quancheng.domains.permits.models import WeatherWarning


def lapse_warnings(*, now: datetime) -> int:
    """End what ran out, at the time that it told. Work goes on by its own checks. Returns how many."""
    rows = WeatherWarning.objects.filter(ended_at__isnull=True, valid_to__lte=now)
    return rows.update(ended_at=F("valid_to"))
