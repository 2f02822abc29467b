"""Rescue for confined spaces (救援准备): the newest word on it of each permit."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from quancheng.domains.permits.models import Permit, RescueReadiness
from quancheng.standards.gb30871 import facts

#: Role in which a permit holds the rescue plan as a file.
RESCUE_PLAN = "rescue"


def rescues_of(permit: Permit) -> Sequence[RescueReadiness]:
    """All that was told of a permit that a query gave to the actor, the newest first. One query."""
    return list(RescueReadiness.objects.filter(permit=permit).order_by("-told_at", "-pk"))


def newest_rescues(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, RescueReadiness]:
    """The newest of each permit. One query; none for nobody."""
    if not keys:
        return {}
    rows = RescueReadiness.objects.filter(permit__in=list(keys)).order_by("permit", "-told_at", "-pk")
    return {one.permit_id: one for one in rows.distinct("permit")}


def is_down(row: RescueReadiness | None, now: datetime) -> bool:
    """Whether somebody was told to stand ready and does not, or not now."""
    return row is not None and not (row.is_confirmed and row.since <= now < row.until)


def as_fact(row: RescueReadiness | None) -> facts.Rescue | None:
    """As the standard's checks ask it."""
    return None if row is None else facts.Rescue(
        has_plan=bool(row.plan) or row.has_file, is_confirmed=row.is_confirmed, since=row.since, until=row.until,
        air_sets=row.air_sets, drilled_on=row.drill_date,
    )  # fmt: skip
