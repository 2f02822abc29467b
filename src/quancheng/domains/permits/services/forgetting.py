"""Permits deleted when their days are over, with all that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence

from quancheng.domains.permits.models import (
    FieldRecord,
    GuardianCheck,
    HandOver,
    IsolationPoint,
    Permit,
    PermitSignature,
    SpaceEntry,
)
from quancheng.kernel.files.services import release_files


def forget(rows: Sequence[Permit]) -> None:
    """Delete locked permits in the caller's transaction; their plans and photos go with them."""
    keys = [row.pk for row in rows]
    for row in (*rows, *FieldRecord.objects.filter(permit__in=keys)):
        release_files(row=row)
    for model in (PermitSignature, GuardianCheck, HandOver, SpaceEntry):
        model.objects.filter(permit__in=keys).delete()
    Permit.objects.filter(pk__in=keys).delete()


def forget_isolations(rows: Sequence[IsolationPoint]) -> None:
    """Delete locked points of isolation in the caller's transaction, with their locks, links and pictures."""
    for row in rows:
        release_files(row=row)
    IsolationPoint.objects.filter(pk__in=[row.pk for row in rows]).delete()
