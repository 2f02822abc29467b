"""Permits whose days are over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from quancheng.domains.permits.models import Permit


def list_gone(before: datetime) -> QuerySet[Permit]:
    """Permits that ended before that moment."""
    return Permit.objects.filter(ended_at__lt=before)
