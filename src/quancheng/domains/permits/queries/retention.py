"""Permits whose days are over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from quancheng.domains.permits.models import OperationNotice, Permit


def list_gone(before: datetime) -> QuerySet[Permit]:
    """Permits that ended before that moment."""
    return Permit.objects.filter(ended_at__lt=before)


def list_operations_gone(before: datetime) -> QuerySet[OperationNotice]:
    """Operations that ended before that moment."""
    return OperationNotice.objects.filter(ends_at__lt=before)
