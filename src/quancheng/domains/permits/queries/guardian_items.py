"""Guardians' lists (监护人检查清单): as they ship, and as the office changed them, by the moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

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


def items_of(
    permit: Permit, now: datetime, changes: Sequence[GuardianItemChange] | None = None
) -> tuple[Item, ...]:
    """The list of a permit: what its work began with, and before that as it stands now.

    :param changes: all of them, where the caller has them already; None: one query.
    """
    known = item_changes() if changes is None else changes
    return items_at(permit.kind, permit.started_at or now, known)


def items_told(
    permit: Permit, told: Mapping[str, bool | None], now: datetime, changes: Sequence[GuardianItemChange]
) -> tuple[Item, ...]:
    """The list by which somebody at the place looked: that with which the work began, else the newest of those in force
    since the permit was made of which he told every item: a phone without signal knows nothing newer. With it what he
    told besides of other lists."""
    own = items_of(permit, now, changes)
    end = permit.started_at or now
    begins = [max(one.entered_at, Calendar().start_of(one.valid_from)) for one in changes]
    moments = sorted({permit.created_at, *(at for at in begins if permit.created_at < at <= end)}, reverse=True)
    lists = [own, *(items_at(permit.kind, moment, changes) for moment in moments)]
    found = next((one for one in lists if {item.key for item in one} <= set(told)), own)
    known = {item.key for item in found}
    more = {one.key: one for one in every_item(permit.kind, changes) if one.key in told and one.key not in known}
    return (*found, *more.values())


def every_item(kind: str, changes: Sequence[GuardianItemChange]) -> tuple[Item, ...]:
    """All that ever stood on the list of a kind, each in its newest words."""
    found = {one.key: one for one in watching.guardian_items(kind)}
    found |= {one.key: item_of(one) for one in changes if one.is_on and one.kind in (COMMON, kind)}
    return tuple(found.values())
