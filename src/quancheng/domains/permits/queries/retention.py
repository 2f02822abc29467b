"""Permits whose days are over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from quancheng.domains.permits.models import (
    IsolationLink,
    IsolationPoint,
    OperationNotice,
    Permit,
    ShiftHandOver,
    WeatherWarning,
)


def list_gone(before: datetime) -> QuerySet[Permit]:
    """Permits that ended before that moment."""
    return Permit.objects.filter(ended_at__lt=before)


def list_operations_gone(before: datetime) -> QuerySet[OperationNotice]:
    """Operations that ended before that moment."""
    return OperationNotice.objects.filter(ends_at__lt=before)


def list_warnings_gone(before: datetime) -> QuerySet[WeatherWarning]:
    """Warnings of weather that ended before that moment."""
    return WeatherWarning.objects.filter(ended_at__lt=before)


def list_shifts_gone(before: datetime) -> QuerySet[ShiftHandOver]:
    """Hand-overs of shifts that were closed before that moment."""
    return ShiftHandOver.objects.filter(status__in=("TAKEN", "LAPSED"), status_at__lt=before)


def list_isolations_gone(before: datetime) -> QuerySet[IsolationPoint]:
    """Points that were removed, or were never needed, before that moment, that no open permit names and that no kept
    permit was sealed with."""
    rows = IsolationPoint.objects.filter(status__in=("REMOVED", "CANCELLED"), status_at__lt=before)
    named = IsolationLink.objects.filter(Q(permit__ended_at__isnull=True) | Q(is_sealed=True))
    return rows.exclude(pk__in=named.values("point"))
