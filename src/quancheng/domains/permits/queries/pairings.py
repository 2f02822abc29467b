"""Portable detectors that go with permits (便携检测仪配对): which, and whether they tell anything."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from quancheng.domains.permits.models import DetectorPairing, Permit
from quancheng.domains.permits.queries.instruments import Instrument, silent_for
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.upgrades import Surroundings

#: The clock looks each minute, and what it saw last may be so old beside the instrument's own limit.
CLOCK_STEP = timedelta(seconds=90)


def pairings_of(permit: Permit) -> Sequence[DetectorPairing]:
    """Every pairing of a permit that a query gave, those that stand first, then the newest."""
    rows = DetectorPairing.objects.filter(permit=permit).order_by("-paired_at", "-pk")
    return sorted(rows, key=lambda one: one.ended_at is not None)


def get_pairing(*, permit: Permit, pairing_id: uuid.UUID) -> DetectorPairing:
    """One of a permit that a query gave. :raises NotFound: it has none such."""
    found = DetectorPairing.objects.select_related("permit__file").filter(permit=permit, pk=pairing_id).first()
    if found is None:
        raise NotFound
    return found


def standing_pairings(permits: Collection[uuid.UUID]) -> Sequence[DetectorPairing]:
    """Pairings of permits that were not ended. One query."""
    return list(DetectorPairing.objects.filter(permit__in=permits, ended_at__isnull=True).order_by("pk"))


def is_streaming(one: DetectorPairing, now: datetime) -> bool:
    """Whether a paired detector tells something of now that counts, as far as the clock saw it."""
    is_fresh = one.heard_at is not None and now - one.heard_at <= timedelta(seconds=one.fresh_s) + CLOCK_STEP
    return is_fresh and not one.trouble


def fresh_for(one: Instrument, around: Surroundings) -> int:
    """How many seconds a message of a paired one is of now: its own setting, and never more than the figure of the
    enterprise, since a continuous test that tells once a day is none."""
    return min(one.fresh_s, int(around.parameters.paired_silent_min * 60))


def is_silent(one: Instrument, fresh_s: int, now: datetime) -> bool:
    """Whether its newest message is none of now."""
    told = one.reading
    return silent_for(one, now) or told is None or now - told.at > timedelta(seconds=fresh_s)
