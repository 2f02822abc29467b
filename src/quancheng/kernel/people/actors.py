"""From a membership to an actor: duties from roles and delegations, scope from the organisation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas import queries as areas
from quancheng.kernel.areas.models import Area
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted, NotSignedIn
from quancheng.kernel.people.models import Delegation, Membership, Organisation, Role


@dataclass(frozen=True, slots=True)
class Known:
    """What a query that found the membership told besides, so that :func:`actor_for` need not ask.

    :ivar home_path: path of the home district; empty before it was chosen.
    :ivar absent: colleagues of the same organisation who delegated to this user for today.
    """

    home_path: str
    absent: frozenset[uuid.UUID]


def known_besides(*, user: str, organisation: str, now: datetime) -> dict[str, Any]:
    """Annotations ``home_path`` and ``absent`` for a query whose fields of these names give user and organisation."""
    absent = _delegations(OuterRef(user), OuterRef(organisation), now)
    return {
        "home_path": Subquery(Area.objects.filter(is_home=True).values("path")[:1]),
        "absent": ArraySubquery(absent.values("from_user_id")),
    }


def known_of(row: Any) -> Known | None:
    """What the annotations of :func:`known_besides` told; None where they speak of another membership by now."""
    return None if row.absent is None else Known(row.home_path or "", frozenset(row.absent))


def actor_for(membership: Membership, *, now: datetime, known: Known | None = None) -> Actor:
    """The actor that a user is through one membership, at a time.

    Whoever stands in for an absent colleague of the same organisation (委托) holds that colleague's duties too,
    but no administrator's.
    """
    organisation, user = membership.organisation, membership.user
    roles = list(membership.roles.all())
    duties = {duty for role in roles for duty in role.duties}
    administrator = next((role.administrator for role in roles if role.administrator), "")
    if known is None:
        away = _delegations(user.pk, organisation.pk, now).values_list("from_user_id", flat=True)
        known = Known(areas.home_path(), frozenset(away))
    absent = _absent(known.absent, organisation.pk) if not administrator else {}
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
        whole_district=known.home_path.startswith(path) or not known.home_path,
        supervises=organisation.supervises,
        links=frozenset(organisation.links),
        general=organisation.general,
        is_chief=any(role.is_chief for role in roles),
        administrator=administrator,
        acts_for=frozenset(absent),
    )


def scope_of_organisation(organisation: Organisation) -> Actor:
    """An organisation as nobody in particular: it sees what its people see and holds no duty.

    For what the clock does in the organisation's name: it must not reach further than they would.
    """
    path = organisation.area.path if organisation.area is not None else ""
    home = areas.home_path()
    return Actor(
        kind="person",
        name=organisation.name,
        organisation_id=organisation.pk,
        organisation_name=organisation.name,
        area_path=path,
        whole_district=home.startswith(path) or not home,
        supervises=organisation.supervises,
        links=frozenset(organisation.links),
        general=organisation.general,
    )


def _delegations(user: Any, organisation: Any, now: datetime) -> QuerySet[Delegation]:
    """Delegations to a user in an organisation that count today."""
    today = Calendar().local_date(now)
    return Delegation.objects.filter(
        to_user_id=user,
        organisation_id=organisation,
        first_day__lte=today,
        last_day__gte=today,
        revoked_at__isnull=True,
    )


def _absent(users: frozenset[uuid.UUID], organisation_id: uuid.UUID) -> dict[uuid.UUID, list[Role]]:
    """Those of the users who still have a place in the organisation, with their roles that are no administrator's."""
    if not users:
        return {}
    memberships = (
        Membership.objects.current()
        .filter(user_id__in=users, organisation_id=organisation_id)
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
