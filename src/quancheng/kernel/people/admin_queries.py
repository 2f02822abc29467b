"""Reads of the administrators' pages: accounts, places, roles, groups, delegations, holes, journal.

No business content is among them: the administrators (三员) see who there is and what was done, never about what.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import NotFound
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import (
    Delegation,
    Membership,
    Organisation,
    OrganisationGroup,
    Role,
    SignIn,
    User,
)
from quancheng.kernel.work import queries as work

USERS, SECURITY, ROLES = "people.users.manage", "people.sessions.manage", "people.roles.manage"
ORGANISATIONS, JOURNAL, HOLES = "people.organisations.manage", "people.journal.read", "people.holes.read"
#: Acts of the house itself, whose facts an auditor reads; of business acts he sees that they happened.
HOUSE_ACTS = ("people.", "house.", "areas.", "tokens.", "vault.", "journal.", "pages.", "events.", "numbering.")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Hole:
    """Open steps that nobody in the organisation can do: organisation, duty and count, no content.

    :ivar roles: code and name of the roles that hold the duty and go with this kind of organisation.
    :ivar is_requested: one of them was asked for there, and the security administrator has not decided yet.
    """

    organisation_id: uuid.UUID
    organisation: str
    duty: str
    count: int
    roles: tuple[tuple[str, str], ...] = ()
    is_requested: bool = False


def list_users(*, actor: Actor) -> QuerySet[User]:
    """Every account, with current places and roles, by pinyin: for the system and the security administrator."""
    if not actor.has(USERS):
        actor.require(SECURITY)
    places = Membership.objects.filter(valid_to__isnull=True).select_related("organisation").prefetch_related("roles")
    return (
        User.objects.prefetch_related(Prefetch("memberships", queryset=places, to_attr="places"))
        .distinct()
        .order_by("pinyin", "pk")
    )


def without_place() -> Q:
    """Narrows accounts to those without a place that has not ended, such as one made at its first sign-in."""
    return ~Q(pk__in=Membership.objects.filter(valid_to__isnull=True).values("user"))


def get_user(*, actor: Actor, user_id: uuid.UUID) -> User:
    """Raise NotFound where there is none."""
    found = list_users(actor=actor).filter(pk=user_id).first()
    if found is None:
        raise NotFound
    return found


def list_sign_ins_of(*, actor: Actor, user: User) -> list[SignIn]:
    """The latest sessions of a user, live and ended: for the security administrator."""
    if not actor.has(SECURITY):
        return []
    return list(SignIn.objects.filter(user=user).order_by("-started_at", "pk")[:20])


def list_places(*, actor: Actor) -> QuerySet[Membership]:
    """Places that have not ended, those that wait for the security administrator first."""
    if not actor.has(ROLES):
        actor.require(USERS)
    return (
        Membership.objects.filter(valid_to__isnull=True, organisation__ended_on__isnull=True)
        .select_related("user", "organisation")
        .prefetch_related("roles")
        .order_by("-requested", "user__pinyin", "pk")
    )


def list_requests(actor: Actor) -> QuerySet[Membership]:
    """Places that wait for their roles."""
    return Membership.objects.filter(valid_to__isnull=True).exclude(requested=[])


def list_all_organisations(*, actor: Actor) -> QuerySet[Organisation]:
    """Every organisation, ended ones too, for the system administrator."""
    actor.require(ORGANISATIONS)
    return Organisation.objects.select_related("area", "parent").order_by("pinyin", "pk")


def get_any_organisation(*, actor: Actor, organisation_id: uuid.UUID) -> Organisation:
    """Raise NotFound where there is none."""
    found = list_all_organisations(actor=actor).prefetch_related("aliases").filter(pk=organisation_id).first()
    if found is None:
        raise NotFound
    return found


def list_members(*, actor: Actor, organisation: Organisation) -> list[Membership]:
    """Who has a place in the organisation, by pinyin."""
    actor.require(ORGANISATIONS)
    return list(
        Membership.objects.filter(organisation=organisation, valid_to__isnull=True)
        .select_related("user")
        .prefetch_related("roles")
        .order_by("user__pinyin", "pk")
    )


def list_areas(*, actor: Actor) -> QuerySet[Area]:
    """Every division in the order of the tree, abolished ones too."""
    actor.require(ORGANISATIONS)
    return Area.objects.prefetch_related("aliases").order_by("path", "pk")


def list_groups(*, actor: Actor) -> list[OrganisationGroup]:
    actor.require(ORGANISATIONS)
    return list(OrganisationGroup.objects.prefetch_related("members").order_by("name", "pk"))


def get_group(*, actor: Actor, group_id: uuid.UUID) -> OrganisationGroup:
    """Raise NotFound where there is none."""
    actor.require(ORGANISATIONS)
    found = OrganisationGroup.objects.filter(pk=group_id).prefetch_related("members").first()
    if found is None:
        raise NotFound
    return found


def list_roles(*, actor: Actor) -> list[Role]:
    """Every role with the number of those who hold it, business roles first."""
    actor.require(ROLES)
    holders = Count("memberships", filter=Q(memberships__valid_to__isnull=True), distinct=True)
    return list(Role.objects.annotate(holders=holders).order_by("administrator", "code"))


def get_role(*, actor: Actor, code: str) -> Role:
    """Raise NotFound where there is none."""
    actor.require(ROLES)
    found = Role.objects.filter(pk=code).first()
    if found is None:
        raise NotFound
    return found


def list_delegations(*, actor: Actor) -> list[Delegation]:
    """One's own delegations and those given to one, a chief's of his whole organisation, the latest first."""
    if actor.organisation_id is None:
        return []
    mine = Delegation.objects.filter(organisation_id=actor.organisation_id)
    if not actor.is_chief:
        mine = mine.filter(Q(from_user=actor.user_id) | Q(to_user=actor.user_id))
    return list(mine.select_related("from_user", "to_user").order_by("-first_day", "pk")[:200])


def list_holes(*, actor: Actor) -> list[Hole]:
    """Where steps wait for a duty that nobody there holds, by organisation and duty."""
    actor.require(HOLES)
    rows = (
        work.list_holes()
        .order_by()
        .values("owner_org_id", "owner_org__name", "owner_org__kind", "duty")
        .annotate(items=Count("pk"))
        .order_by("owner_org__name", "duty")
    )
    known = list(Role.objects.filter(administrator="").order_by("code"))
    asked: dict[uuid.UUID, set[str]] = {}
    waiting = Membership.objects.current().exclude(requested=[]).values_list("organisation_id", "requested")
    for organisation_id, codes in waiting:
        asked.setdefault(organisation_id, set()).update(codes)
    found = []
    for row in rows:
        kind = row["owner_org__kind"]
        fits = [one for one in known if row["duty"] in one.duties and kind in (one.kinds or [kind])]
        found.append(
            Hole(
                organisation_id=row["owner_org_id"],
                organisation=row["owner_org__name"],
                duty=row["duty"],
                count=row["items"],
                roles=tuple((one.code, one.name) for one in fits),
                is_requested=bool(asked.get(row["owner_org_id"], set()) & {one.code for one in fits}),
            )
        )
    return found


def list_entries(*, actor: Actor) -> QuerySet[JournalEntry]:
    """The journal, the latest first, for the auditor."""
    actor.require(JOURNAL)
    who = User.objects.filter(pk=OuterRef("user_id")).values("name")
    organisation = Organisation.objects.filter(pk=OuterRef("org_id")).values("name")
    return JournalEntry.objects.annotate(
        number=F("seal__number"),
        who=Coalesce(Subquery(who), F("system_name")),
        organisation=Subquery(organisation),
    ).order_by("-seq")


def facts_for_auditor(entry: JournalEntry) -> str:
    """The facts of the house's own acts; of business acts only which facts there are."""
    if entry.act.startswith(HOUSE_ACTS):
        return "；".join(f"{name}: {_plain(value)}" for name, value in sorted(entry.facts.items()))
    return "、".join(sorted(entry.facts))


def list_verifications(*, actor: Actor) -> list[JournalEntry]:
    """The latest proofs of the journal, which stand in the journal themselves."""
    actor.require(JOURNAL)
    return list(JournalEntry.objects.filter(act="journal.verify").order_by("-seq")[:10])


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(_plain, value))
    text = str(value)
    return f"{text[:12]}…" if _DIGEST.fullmatch(text) else text


def suggest_organisations(*, actor: Actor) -> list[str]:
    """Names for a field that takes an organisation: public bodies first, 500 at most; others are typed."""
    known = Organisation.objects.visible_to(actor).standing().order_by("kind", "pinyin")
    return list(known.exclude(kind="enterprise").values_list("name", flat=True)[:500])
