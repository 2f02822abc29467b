"""What happened while work ran: looks of guardians, hand-overs, who is in a space, observers."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet

from quancheng.domains.permits.models import GuardianCheck, HandOver, Permit, PermitObserver, PermitPerson, SpaceEntry
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871 import watching

#: Newest looks that a page shows.
MOST = 20


def crew_of(permit: Permit, *parts: str) -> QuerySet[PermitPerson]:
    """Who is on a permit now in these parts."""
    rows = PermitPerson.objects.filter(permit=permit, ended_at__isnull=True, part__in=parts)
    return rows.select_related("person").order_by("number")


def checks_of(permit: Permit) -> Sequence[GuardianCheck]:
    rows = GuardianCheck.objects.filter(permit=permit).select_related("guardian__person")
    return list(rows.order_by("-checked_at", "-pk")[:MOST])


def hand_overs_of(permit: Permit) -> Sequence[HandOver]:
    rows = HandOver.objects.filter(permit=permit).select_related("outgoing__person", "incoming__person")
    return list(rows.order_by("-handed_at", "-pk"))


def entries_of(permit: Permit) -> Sequence[SpaceEntry]:
    """Who went in and out of the space; who is inside first."""
    rows = SpaceEntry.objects.filter(permit=permit).select_related("person__person")
    return sorted(rows.order_by("-entered_at", "-pk"), key=lambda one: one.left_at is not None)


def get_entry(*, permit: Permit, entry_id: uuid.UUID) -> SpaceEntry:
    found = SpaceEntry.objects.filter(permit=permit, pk=entry_id).select_related("person__person").first()
    if found is None:
        raise NotFound
    return found


def observers_of(permit: Permit) -> Sequence[PermitObserver]:
    rows = PermitObserver.objects.filter(permit=permit).select_related("assigned_by_org")
    return list(rows.order_by("-assigned_at", "-pk"))


def get_observer(*, permit: Permit, observer_id: uuid.UUID) -> PermitObserver:
    found = PermitObserver.objects.filter(permit=permit, pk=observer_id).select_related("assigned_by_org").first()
    if found is None:
        raise NotFound
    return found


def last_looks(permits: Collection[Permit]) -> Mapping[uuid.UUID, datetime]:
    """The newest look at each permit. One query."""
    rows = GuardianCheck.objects.filter(permit__in=[one.pk for one in permits]).values_list("permit")
    return dict(rows.annotate(last=Max("checked_at")))


def next_look(permit: Permit, last: datetime | None) -> datetime | None:
    """When the guardian's next look is due: counted from his last, or from when work began or went on; None where no
    work runs."""
    if permit.status != "WORKING":
        return None
    since = max(one for one in (last, permit.status_at) if one is not None)
    return since + timedelta(minutes=watching.every_min(permit.kind, permit.effective or permit.level))


def items_said(asked: Sequence[watching.Item], items: Mapping[str, Any], said: Any) -> list[tuple[str, Any]]:
    """Items of a look that were not as they should be, in words.

    :param asked: the list of the permit.
    """
    return [(said(one.text), items[one.key]) for one in asked if items.get(one.key) is False]
