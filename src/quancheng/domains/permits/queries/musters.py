"""Musters (紧急集合点名): which there are, who is on the roll, who is missing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from quancheng.domains.permits.models import Muster, RollEntry, RollState
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: Who is looked for stands first.
DRILLS = Q(is_drill=True)
_ORDER = [RollState.UNKNOWN, RollState.UNDERWAY, RollState.RESCUER, RollState.HERE]


def list_musters(*, actor: Actor) -> QuerySet[Muster]:
    """Musters that the actor may see, the newest first, each with ``roll_count`` and ``missing_count``."""
    actor.require(VIEW)
    rows: QuerySet[Muster] = Muster.objects.visible_to(actor)
    counted = rows.annotate(
        roll_count=Count("roll"), missing_count=Count("roll", filter=Q(roll__state=RollState.UNKNOWN))
    )
    return counted.select_related("owner_org", "enterprise", "area", "unit", "order").order_by("-called_at", "pk")


def get_muster(*, actor: Actor, muster_id: uuid.UUID) -> Muster:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_musters(actor=actor).select_related("file__enterprise").filter(pk=muster_id).first()
    if found is None:
        raise NotFound
    return found


def counts_of(muster: Muster) -> Mapping[str, int]:
    """How many stand on the roll in each state."""
    rows = RollEntry.objects.filter(muster=muster).values("state").annotate(number=Count("pk"))
    return {one["state"]: one["number"] for one in rows}


def roll_of(muster: Muster) -> Sequence[RollEntry]:
    """The roll: who is missing first, of them who was in a confined space."""
    places = [When(state=state, then=Value(place)) for place, state in enumerate(_ORDER)]
    rank = Case(*places, output_field=IntegerField())
    rows = RollEntry.objects.filter(muster=muster).select_related("permit")
    found = list(rows.order_by(rank, "-is_inside", "firm", "name", "pk"))
    for one in found:
        one.muster = muster
    return found


def get_roll_entry(*, muster: Muster, entry_id: uuid.UUID) -> RollEntry:
    """Somebody on the roll of a muster that a query gave to the actor. :raises NotFound: nobody of it."""
    found = RollEntry.objects.filter(muster=muster, pk=entry_id).first()
    if found is None:
        raise NotFound
    found.muster = muster
    return found


def missing_in(muster: uuid.UUID) -> int:
    return RollEntry.objects.filter(muster=muster, state=RollState.UNKNOWN).count()


def persons_at_musters() -> QuerySet[RollEntry, uuid.UUID]:
    """Keys of everybody on a roll; for use inside another query."""
    return RollEntry.objects.filter(person__isnull=False).values_list("person", flat=True)


def list_musters_gone(before: datetime) -> QuerySet[Muster]:
    """Musters that ended before that moment."""
    return Muster.objects.filter(ended_at__lt=before)
