"""Reads of organisations, people and roles, scoped."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.names import clean
from quancheng.kernel.people.models import Membership, Organisation, OrganisationGroup, Role, User


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague in a picker: who, where, as what."""

    user_id: uuid.UUID
    name: str
    post: str
    roles: tuple[str, ...]


def list_organisations(*, actor: Actor, text: str = "", kinds: Iterable[str] = ()) -> QuerySet[Organisation]:
    """Standing organisations that the actor may know, by pinyin; ``text`` matches name, alias or initials."""
    found = Organisation.objects.visible_to(actor).standing()
    if kinds := list(kinds):
        found = found.filter(kind__in=kinds)
    if text := text.strip():
        found = found.filter(
            Q(name__icontains=text)
            | Q(short_name__icontains=text)
            | Q(initials__startswith=text.lower())
            | Q(pk__in=Organisation.objects.filter(aliases__name__icontains=text).values("pk"))
        )
    return found.by_name()


def find_by_name(*, actor: Actor, name: str) -> list[Organisation]:
    """Standing organisations that the actor may know under exactly this full name, else short name or alias."""
    known = Organisation.objects.visible_to(actor).standing()
    text = clean(name)
    exact = list(known.filter(name=text))
    if exact:
        return exact
    aliased = Organisation.objects.filter(aliases__name=text).values("pk")
    return list(known.filter(Q(short_name=text) | Q(pk__in=aliased)).by_name()[:5])


def get_organisation(*, actor: Actor, organisation_id: uuid.UUID) -> Organisation:
    """Raise NotFound for absent and for out of scope alike."""
    found = Organisation.objects.visible_to(actor).filter(pk=organisation_id).select_related("area", "parent").first()
    if found is None:
        raise NotFound
    return found


def get_person(*, actor: Actor, user_id: uuid.UUID) -> User:
    """Somebody with a current place in an organisation that the actor may know. Raise NotFound otherwise."""
    known = Organisation.objects.visible_to(actor).values("pk")
    found = Membership.objects.current().filter(user_id=user_id, organisation__in=known).select_related("user").first()
    if found is None:
        raise NotFound
    return found.user


def list_people(*, actor: Actor) -> QuerySet[Membership]:
    """The directory (通讯录): current places by the names of their people.

    One's own organisation for everybody; for supervising authorities those of every organisation that they may know.
    """
    known = Organisation.objects.visible_to(actor)
    if not (actor.supervises or actor.administrator or actor.is_system):
        known = known.filter(pk__in=[actor.organisation_id])
    return (
        Membership.objects.current()
        .filter(organisation__in=known)
        .select_related("user", "organisation")
        .prefetch_related(Prefetch("roles", queryset=Role.objects.order_by("code")))
        .order_by("user__pinyin", "pk")
    )


def get_listed_person(*, actor: Actor, user_id: uuid.UUID) -> list[Membership]:
    """The places of somebody in the directory. :raises NotFound: he is not in it for this actor."""
    found = list(list_people(actor=actor).filter(user_id=user_id))
    if not found:
        raise NotFound
    return found


def list_colleagues(*, organisation_id: uuid.UUID, duty: str = "") -> list[Person]:
    """Everybody with a current membership in the organisation, or those of them who hold a duty, by pinyin."""
    places = (
        Membership.objects.current()
        .filter(organisation_id=organisation_id)
        .select_related("user")
        .prefetch_related(Prefetch("roles", queryset=Role.objects.order_by("code")))
        .order_by("user__pinyin", "pk")
    )
    people = []
    for place in places:
        roles = list(place.roles.all())
        if not duty or any(duty in role.duties for role in roles):
            people.append(Person(place.user_id, place.user.name, place.post, tuple(role.name for role in roles)))
    return people


def find_colleague(*, organisation_id: uuid.UUID, user_id: str) -> User | None:
    """Somebody with a current place in the organisation, by his key as text; None for anything else."""
    try:
        pk = uuid.UUID(user_id)
    except ValueError:
        return None
    there = Membership.objects.current().filter(organisation_id=organisation_id, user_id=pk).select_related("user")
    found = there.first()
    return found.user if found is not None else None


def holders_exist(*, organisation_id: uuid.UUID, duty: str) -> bool:
    """Whether anybody in the organisation holds the duty now."""
    places = Membership.objects.current().filter(organisation_id=organisation_id)
    return places.filter(roles__duties__contains=[duty]).exists()


def list_memberships(*, user: User) -> list[Membership]:
    """The user's current places, by organisation."""
    return list(
        Membership.objects.current()
        .filter(user=user)
        .select_related("user", "organisation__area")
        .prefetch_related("roles")
        .order_by("organisation__pinyin", "pk")
    )


def get_membership(*, user_id: uuid.UUID, membership_id: uuid.UUID | None) -> Membership | None:
    """One current membership of the user: the one named, else the first; None where he has none."""
    places = (
        Membership.objects.current()
        .filter(user_id=user_id)
        .select_related("user", "organisation__area")
        .prefetch_related("roles")
        .order_by("valid_from", "pk")
    )
    if membership_id is not None:
        chosen = places.filter(pk=membership_id).first()
        if chosen is not None:
            return chosen
    return places.first()


def list_role_names() -> list[tuple[str, str]]:
    """Code and name of every role, business roles first."""
    return list(Role.objects.order_by("administrator", "code").values_list("code", "name"))


def members_of(*, group: OrganisationGroup, at: datetime | None = None) -> list[Organisation]:
    """The organisations that a group's name stands for today, by pinyin: its rule and its named members."""
    wanted = Q(pk__in=group.members.values("pk"))
    if group.kinds or group.actor_codes:
        rule = Q()
        if group.kinds:
            rule &= Q(kind__in=group.kinds)
        if group.actor_codes:
            rule &= Q(actor_code__in=group.actor_codes)
        if group.links:
            rule &= Q(links__overlap=group.links)
        wanted |= rule
    return list(Organisation.objects.standing().filter(wanted).select_related("area").distinct().by_name())
