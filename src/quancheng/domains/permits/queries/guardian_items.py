"""Guardians' lists (监护人检查清单): as they ship, and as the office changed them, by the moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from quancheng.domains.permits.models import GuardianItemChange, Permit
from quancheng.domains.permits.models.guardian_items import COMMON
from quancheng.kernel.calendar import Calendar
from quancheng.standards.gb30871 import watching
from quancheng.standards.gb30871.watching import Item
from quancheng.standards.wording import Text


def item_changes() -> Sequence[GuardianItemChange]:
    """All changes, the oldest first. One query."""
    return list(GuardianItemChange.objects.order_by("entered_at", "pk"))


def item_of(change: GuardianItemChange) -> Item:
    return Item(change.code, change.kind, change.clause, change.mark, Text(change.zh, change.en or change.zh))


def items_at(kind: str, moment: datetime, changes: Sequence[GuardianItemChange]) -> tuple[Item, ...]:
    """The list of a kind as it stood at a moment, what is common first."""
    day = Calendar().local_date(moment)
    found = {one.key: one for one in watching.guardian_items(kind)}
    for change in changes:
        if change.entered_at > moment or change.valid_from > day or change.kind not in (COMMON, kind):
            continue
        if change.is_on:
            found[change.key] = item_of(change)
        else:
            found.pop(change.key, None)
    return tuple(sorted(found.values(), key=lambda one: one.kind != COMMON))


def items_of(permit: Permit, changes: Sequence[GuardianItemChange] | None = None) -> tuple[Item, ...]:
    """The list of a permit: what its work began with, and before that as it stands now.

    :param changes: all of them, where the caller has them already; None: one query.
    """
    known = item_changes() if changes is None else changes
    return items_at(permit.kind, permit.started_at or timezone.now(), known)
