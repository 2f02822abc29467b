"""From a membership to an actor: duties from roles and delegations, scope from the organisation."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import HttpRequest

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas import queries as areas
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted, NotSignedIn
from quancheng.kernel.people.models import Delegation, Membership, Role


def actor_for(membership: Membership, *, now: datetime) -> Actor:
    """The actor that a user is through one membership, at a time.

    Whoever stands in for an absent colleague of the same organisation (委托) holds that colleague's duties too,
    but no administrator's.
    """
    organisation, user = membership.organisation, membership.user
    roles = list(membership.roles.all())
    duties = {duty for role in roles for duty in role.duties}
    administrator = next((role.administrator for role in roles if role.administrator), "")
    absent = _absent(user.pk, organisation.pk, now) if not administrator else {}
    for role in (role for names in absent.values() for role in names):
        duties.update(role.duties)
    path = organisation.area.path if organisation.area is not None else ""
    return Actor(
        kind="person",
        name=user.name,
        user_id=user.pk,
        organisation_id=organisation.pk,
        organisation_name=organisation.name,
        membership_id=membership.pk,
        duties=frozenset(duties),
        roles=frozenset(role.code for role in roles),
        area_path=path,
        whole_district=areas.is_whole_district(path),
        supervises=organisation.supervises,
        links=frozenset(organisation.links),
        general=organisation.general,
        is_chief=any(role.is_chief for role in roles),
        administrator=administrator,
        acts_for=frozenset(absent),
    )


def _absent(user_id: uuid.UUID, organisation_id: uuid.UUID, now: datetime) -> dict[uuid.UUID, list[Role]]:
    """Colleagues who delegated to this user for today, with their roles that are no administrator's."""
    today = Calendar().local_date(now)
    absent = set(
        Delegation.objects.filter(
            to_user_id=user_id,
            organisation_id=organisation_id,
            first_day__lte=today,
            last_day__gte=today,
            revoked_at__isnull=True,
        ).values_list("from_user_id", flat=True)
    )
    if not absent:
        return {}
    memberships = (
        Membership.objects.current()
        .filter(user_id__in=absent, organisation_id=organisation_id)
        .prefetch_related("roles")
    )
    return {place.user_id: [role for role in place.roles.all() if not role.administrator] for place in memberships}


def person_of(actor: Actor) -> uuid.UUID:
    """The user behind an actor. :raises NotPermitted: no person acts."""
    if actor.user_id is None:
        raise NotPermitted
    return actor.user_id


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request, as the session or token made it.

    :raises NotSignedIn: nobody is signed in.
    """
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        raise NotSignedIn
    return actor
