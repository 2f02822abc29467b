"""Who may still listen: the actors of many sign-ins at once, as they stand now."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership, SignIn


def actors_of(sign_ins: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, Actor]:
    """Sign-in to actor, for those that are live and whose place still counts; a few queries for all of them."""
    live = dict(
        SignIn.objects.live(now=now)
        .filter(pk__in=sign_ins, must_enrol=False, user__must_change_password=False, membership__isnull=False)
        .values_list("pk", "membership_id")
    )
    places = (
        Membership.objects.current()
        .filter(pk__in=set(live.values()))
        .select_related("user", "organisation__area")
        .prefetch_related("roles")
    )
    actors = {place.pk: actor_for(place, now=now) for place in places}
    return {sign_in: actors[place] for sign_in, place in live.items() if place in actors}
