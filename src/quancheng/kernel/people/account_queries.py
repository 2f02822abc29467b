"""Reads of accounts and sessions: one's own, and what the administrators see of others'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import accounts, second_factor
from quancheng.kernel.people.actors import person_of
from quancheng.kernel.people.models import Delegation, Membership, SignIn, User

#: Entries of the journal that the page of one's own record shows.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """What the account page shows."""

    user: User
    phone: str
    places: list[Membership]
    sessions: list[SignIn]
    codes_left: int


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """What is held on a person: account, places ever held, sessions, delegations, and the latest acts about him.

    :ivar entries: journal entries whose subject is this account or that this person made, the latest first.
    """

    account: OwnAccount
    former_places: list[Membership]
    ended_sessions: list[SignIn]
    delegations: list[Delegation]
    entries: list[JournalEntry]
    entry_count: int


def get_own_account(*, actor: Actor, now: datetime) -> OwnAccount:
    """:raises NotPermitted: no person acts."""
    if actor.user_id is None:
        raise NotPermitted
    user = User.objects.get(pk=actor.user_id)
    return OwnAccount(
        user=user,
        phone=accounts.phone_for(actor=actor, user=user),
        places=list(
            Membership.objects.current()
            .filter(user=user)
            .select_related("organisation")
            .prefetch_related("roles")
            .order_by("organisation__pinyin", "pk")
        ),
        sessions=list(SignIn.objects.live(now=now).filter(user=user).order_by("-seen_at", "pk")),
        codes_left=second_factor.count_codes(user=user),
    )


def get_own_record(*, actor: Actor, now: datetime) -> OwnRecord:
    """Everything that stands in our own tables about the person who asks."""
    account = get_own_account(actor=actor, now=now)
    user = account.user
    about = JournalEntry.objects.filter(subject_type="people.user", subject_id=user.pk)
    by = JournalEntry.objects.filter(user_id=user.pk)
    entries = about | by
    return OwnRecord(
        account=account,
        former_places=list(
            Membership.objects.filter(user=user)
            .exclude(pk__in=[place.pk for place in account.places])
            .select_related("organisation")
            .order_by("-valid_from", "pk")
        ),
        ended_sessions=list(
            SignIn.objects.filter(user=user, ended_at__isnull=False).order_by("-started_at", "pk")[:SHOWN]
        ),
        delegations=list(
            (Delegation.objects.filter(from_user=user) | Delegation.objects.filter(to_user=user))
            .select_related("from_user", "to_user", "organisation")
            .order_by("-first_day", "pk")[:SHOWN]
        ),
        entries=list(entries.order_by("-seq")[:SHOWN]),
        entry_count=entries.count(),
    )


def list_live_sessions(*, actor: Actor, now: datetime) -> QuerySet[SignIn]:
    """Everybody's live sessions, for the security administrator; one's own for everybody else."""
    live = SignIn.objects.live(now=now).select_related("user", "membership__organisation")
    if not actor.has(accounts.SECURITY):
        live = live.filter(user_id=person_of(actor))
    return live.order_by("-seen_at", "pk")


def list_account_acts(*, actor: Actor, user: User) -> list[JournalEntry]:
    """What was done with an account, the latest first, with who did it: for those who administer it."""
    if not actor.has(accounts.USERS):
        actor.require(accounts.SECURITY)
    who = User.objects.filter(pk=OuterRef("user_id")).values("name")
    about = JournalEntry.objects.filter(subject_type="people.user", subject_id=user.pk)
    return list(about.annotate(who=Coalesce(Subquery(who), F("system_name"))).order_by("-seq")[:30])
