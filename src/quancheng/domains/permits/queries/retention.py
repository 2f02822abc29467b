"""Permits whose days are over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from quancheng.domains.permits.models import IsolationLink, IsolationPoint, OperationNotice, Permit


def list_gone(before: datetime) -> QuerySet[Permit]:
    """Permits that ended before that moment."""
    return Permit.objects.filter(ended_at__lt=before)


def list_operations_gone(before: datetime) -> QuerySet[OperationNotice]:
    """Operations that ended before that moment."""
    return OperationNotice.objects.filter(ends_at__lt=before)


def list_isolations_gone(before: datetime) -> QuerySet[IsolationPoint]:
    """Points that were removed, or were never needed, before that moment and that no open permit names."""
    rows = IsolationPoint.objects.filter(status__in=("REMOVED", "CANCELLED"), status_at__lt=before)
    open_ones = IsolationLink.objects.filter(permit__ended_at__isnull=True)
    return rows.exclude(pk__in=open_ones.values("point"))
