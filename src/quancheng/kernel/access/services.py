"""Shares: opening one row to one organisation or person, and closing it again."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped, Share, subject_type_of


def share(
    *,
    actor: Actor,
    row: Scoped,
    why: str,
    now: datetime,
    to_org: uuid.UUID | None = None,
    to_user: uuid.UUID | None = None,
    until: datetime | None = None,
) -> None:
    """Open a row to one organisation or one person; sharing twice for the same reason keeps the later end.

    The caller holds the duty for what it shares: this function asks only that exactly one addressee is given.
    """
    if (to_org is None) == (to_user is None):
        raise ValueError("a share goes to one organisation or one person")
    live = Share.objects.filter(
        subject_type=subject_type_of(row), subject_id=row.pk, to_org_id=to_org, to_user_id=to_user, why=why
    ).filter(ended_at__isnull=True)
    # A row that is not stored yet was shared with nobody.
    if not row._state.adding and live.update(until=until):
        return
    Share.objects.create(
        subject_type=subject_type_of(row),
        subject_id=row.pk,
        to_org_id=to_org,
        to_user_id=to_user,
        why=why,
        until=until,
        granted_at=now,
    )


def unshare(
    *,
    actor: Actor,
    row: Scoped,
    why: str,
    now: datetime,
    to_org: uuid.UUID | None = None,
    to_user: uuid.UUID | None = None,
) -> int:
    """End the live shares of a row for a reason, for one addressee or (neither given) for all. Returns how many."""
    live = Share.objects.filter(subject_type=subject_type_of(row), subject_id=row.pk, why=why, ended_at__isnull=True)
    if to_org is not None or to_user is not None:
        live = live.filter(Q(to_org_id=to_org, to_org__isnull=False) | Q(to_user_id=to_user, to_user__isnull=False))
    return live.update(ended_at=now)
