"""Reads of accounts and sessions: one's own, and what the administrators see of others'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted, Text
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import accounts, identities, second_factor
from quancheng.kernel.people.actors import person_of
from quancheng.kernel.people.models import Delegation, Membership, SignIn, User
from quancheng.kernel.vault import services as vault

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
class Held:
    """One fact that is held on a person: what, from whom it came, how it is kept."""

    label: Text
    value: str
    source: Text
    kept: Text


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """What is held on a person: account, places ever held, sessions, delegations, and the latest acts about him.

    :ivar unmaskings: who saw his number in full, when and why, the latest first, with ``who``.
    :ivar entries: journal entries whose subject is this account or that this person made, the latest first.
    """

    account: OwnAccount
    former_places: list[Membership]
    ended_sessions: list[SignIn]
    delegations: list[Delegation]
    entries: list[JournalEntry]
    entry_count: int
    fields: list[Held]
    unmaskings: list[JournalEntry]


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
            .prefetch_related("roles")
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
        fields=_fields_of(account),
        unmaskings=list(about.filter(act="vault.unmask").annotate(who=_name_of_user()).order_by("-seq")[:SHOWN]),
    )


def take_own_record(*, actor: Actor, now: datetime) -> dict[str, Any]:
    """The whole record as plain data, to be handed out as a file: an act that stands in the journal."""
    held = get_own_record(actor=actor, now=now)
    with transaction.atomic():
        journal.record(
            actor=actor, act="people.record.take", subject_type="people.user", subject_id=actor.user_id, now=now
        )
    places = [*held.account.places, *held.former_places]
    return {
        "taken_at": now.isoformat(),
        "fields": [
            {"label": str(one.label), "value": one.value, "source": str(one.source), "kept": str(one.kept)}
            for one in held.fields
        ],
        "places": [
            {
                "organisation": place.organisation.name, "post": place.post, "from": place.valid_from.isoformat(),
                "to": place.valid_to.isoformat() if place.valid_to else None,
                "roles": sorted(role.code for role in place.roles.all()),
            }
            for place in places
        ],
        "sessions": [
            {
                "from": one.started_at.isoformat(), "to": one.ended_at.isoformat() if one.ended_at else None,
                "address": one.address, "device": one.device, "method": one.method, "ended": one.ended_why,
            }
            for one in [*held.account.sessions, *held.ended_sessions]
        ],
        "delegations": [
            {
                "from": one.from_user.name, "to": one.to_user.name, "first_day": one.first_day.isoformat(),
                "last_day": one.last_day.isoformat(), "reason": one.reason,
            }
            for one in held.delegations
        ],
        "seen_in_full_by": [
            {"at": one.at.isoformat(), "who": getattr(one, "who", ""), "reason": one.facts.get("reason", "")}
            for one in held.unmaskings
        ],
        "journal": {
            "count": held.entry_count,
            "latest": [{"at": one.at.isoformat(), "act": one.act} for one in held.entries],
        },
    }  # fmt: skip


def _name_of_user() -> Coalesce:
    return Coalesce(Subquery(User.objects.filter(pk=OuterRef("user_id")).values("name")), F("system_name"))


def _fields_of(account: OwnAccount) -> list[Held]:
    """The account's own fields, each with where it came from."""
    user, administrator = account.user, _("系统管理员登记")
    kept = _("账号结束满5年后匿名化")
    bound = "、".join(
        f"{one.issuer} · {vault.reveal(identities.SUBJECT, one.subject)}"
        for one in identities.list_identities(user=user)
    )
    found = [
        Held(_("姓名"), user.name, administrator, kept),
        Held(_("用户名"), user.username, administrator, kept),
        Held(_("手机号码"), account.phone, _("本人或系统管理员填写，加密保存，他人只见首尾"), kept),
        Held(_("统一身份"), bound, _("认证方提供，加密保存"), kept),
        Held(_("口令"), _("已设置") if user.has_usable_password() else "", _("本人设置，只存不可还原的摘要"), kept),
        Held(_("动态口令"), _("已启用") if user.totp_secret else "", _("本人启用，加密保存"), _("停用时删除")),
        Held(_("界面语言"), str(dict(settings.LANGUAGES).get(user.language, user.language)), _("本人选择"), kept),
    ]
    return [one for one in found if one.value]


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
    about = JournalEntry.objects.filter(subject_type="people.user", subject_id=user.pk)
    return list(about.annotate(who=_name_of_user()).order_by("-seq")[:30])
