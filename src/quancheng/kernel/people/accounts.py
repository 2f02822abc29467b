"""Accounts (账号): one's own password and telephone; what administrators do with the accounts of others.

Separated as the three administrators are: the system administrator looks after the accounts of those who do business;
administrators' own accounts are looked after by the security administrator, and nobody resets his own that way.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from quancheng.kernel.names import clean, pinyin_key
from quancheng.kernel.people import passwords, second_factor, signing
from quancheng.kernel.people.actors import person_of
from quancheng.kernel.people.models import Membership, SignIn, User
from quancheng.kernel.vault import services as vault

USERS, SECURITY = "people.users.manage", "people.sessions.manage"


def change_password(*, actor: Actor, old: str, new: str, now: datetime, sign_in_id: uuid.UUID | None) -> None:
    """Change one's own password; every other session of one's own ends.

    :raises Invalid: the old one is wrong (counts towards the lock), or the new one breaks the rules.
    """
    if actor.user_id is None:
        raise NotPermitted
    if not signing.prove_password(user_id=actor.user_id, password=old, now=now):
        raise Invalid(fields={"old_password": _("当前口令不正确，或账号已暂时锁定。")})
    with transaction.atomic():
        user = passwords.lock_user(User(pk=actor.user_id))
        passwords.check_new_password(user=user, password=new)
        passwords.store_password(user=user, password=new, must_change=False, now=now)
        ended = signing.end_sessions(user=user, why="password", now=now, but=sign_in_id)
        _note(actor, "password", user, now, sessions_ended=ended)


def set_phone(*, actor: Actor, user_id: uuid.UUID, phone: str, now: datetime) -> None:
    """Keep a telephone number in the vault, one's own or (with the duty) anybody's; empty takes it out.

    :raises Conflict: another account has the number. :raises Invalid: no number.
    """
    if user_id != actor.user_id:
        actor.require(USERS)
    number = vault.check_phone(phone) if phone.strip() else ""
    index = vault.blind_index(vault.PHONE, number) if number else None
    taken = Conflict(_("该号码已用于另一个账号。"), fields={"phone": _("该号码已用于另一个账号。")})
    with transaction.atomic():
        user = passwords.lock_user(User(pk=user_id))
        # The unique index decides between two at once; asking first gives the usual case its sentence.
        if index and User.objects.filter(phone_index=index).exclude(pk=user_id).exists():
            raise taken
        sealed = vault.seal(vault.PHONE, number) if number else ""
        User.objects.filter(pk=user_id).update(phone=sealed, phone_index=index, updated_at=now)
        _note(actor, "phone", user, now, phone=vault.keyed(number))


def phone_for(*, actor: Actor, user: User) -> str:
    """The number as this actor may see it: one's own in full, others' masked; empty for none."""
    if not user.phone:
        return ""
    if user.pk == actor.user_id:
        return vault.reveal(vault.PHONE, user.phone)
    return masked_phone(user)


def masked_phone(user: User) -> str:
    """The number as everybody sees it, in lists and exports; empty for none."""
    return vault.masked(vault.PHONE, user.phone)


def may_unmask(*, actor: Actor, user: User) -> bool:
    """Whether :func:`unmask_phone` would open the number for this actor, given a reason."""
    return bool(user.phone) and actor.has("vault.unmask") and _is_within_reach(actor, user)


def unmask_phone(*, actor: Actor, user: User, reason: str, now: datetime) -> str:
    """Another's number in full, with a reason in the journal.

    :raises NotPermitted: neither the duty nor a place in the same organisation; general supervision sees further.
    """
    if not user.phone:
        raise NotFound
    if not _is_within_reach(actor, user):
        raise NotPermitted
    return vault.unmask(
        actor=actor, kind=vault.PHONE, token=user.phone, reason=reason, now=now,
        subject_type="people.user", subject_id=user.pk,
    )  # fmt: skip


def _is_within_reach(actor: Actor, user: User) -> bool:
    mine = Membership.objects.current().filter(user=user, organisation__in=[actor.organisation_id])
    return (actor.general and actor.whole_district) or mine.exists()


def rename_user(*, actor: Actor, user: User, username: str, name: str, now: datetime) -> None:
    """Correct user name and name.

    :raises Conflict: the user name is taken. :raises Invalid: one of them is empty.
    """
    require_for(actor, user)
    username, name = clean(username)[:60], clean(name)[:60]
    wrong = {"username": username, "name": name}
    if not all(wrong.values()):
        raise Invalid(fields={field: _("请填写此项。") for field, text in wrong.items() if not text})
    with transaction.atomic():
        if User.objects.filter(username__iexact=username).exclude(pk=user.pk).exists():
            raise Conflict(_("该用户名已被使用。"), fields={"username": _("该用户名已被使用。")})
        User.objects.filter(pk=user.pk).update(
            username=username, name=name, pinyin=pinyin_key(name, limit=200), updated_at=now
        )
        _note(actor, "rename", user, now)


def set_active(*, actor: Actor, user: User, active: bool, now: datetime) -> None:
    """Disable an account, which ends its sessions at once, or enable it again.

    :raises NotPermitted: one's own, or an administrator's without the security administrator's duty.
    """
    require_for(actor, user)
    if user.pk == actor.user_id:
        raise NotPermitted(_("不能停用本人的账号。"))
    with transaction.atomic():
        if (
            User.objects.filter(pk=user.pk)
            .exclude(is_active=active)
            .update(is_active=active, failed_count=0, locked_until=None, updated_at=now)
        ):
            ended = 0 if active else signing.end_sessions(user=user, why="disabled", now=now)
            _note(actor, "enable" if active else "disable", user, now, sessions_ended=ended)


def reset_password(*, actor: Actor, user: User, now: datetime) -> str:
    """Give a new password for the first sign-in, returned this once; sessions end, the lock is taken off."""
    require_for(actor, user)
    if user.pk == actor.user_id:
        raise NotPermitted(_("本人的口令请在“我的账号”中更改。"))
    password = passwords.initial_password()
    with transaction.atomic():
        fresh = passwords.lock_user(user)
        passwords.store_password(user=fresh, password=password, must_change=True, now=now)
        ended = signing.end_sessions(user=user, why="password", now=now)
        _note(actor, "password_reset", user, now, sessions_ended=ended)
    return password


def unlock(*, actor: Actor, user: User, now: datetime) -> None:
    """Take the lock off before its time."""
    require_for(actor, user)
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, failed_count__gt=0).update(failed_count=0, locked_until=None):
            _note(actor, "unlock", user, now)


def clear_second_factor(*, actor: Actor, user: User, now: datetime) -> None:
    """Take away a second factor that its owner lost; for the security administrator, and never one's own."""
    actor.require(SECURITY)
    if user.pk == actor.user_id:
        raise NotPermitted(_("本人的动态口令请在“我的账号”中停用。"))
    with transaction.atomic():
        second_factor.clear_for(user=user, now=now)
        ended = signing.end_sessions(user=user, why="revoked", now=now)
        _note(actor, "second_factor_clear", user, now, sessions_ended=ended)


def revoke_session(*, actor: Actor, sign_in_id: uuid.UUID, now: datetime) -> None:
    """End a session: one's own on another device, or anybody's with the duty.

    :raises NotFound: no live session that this actor may end.
    """
    with transaction.atomic():
        mine = SignIn.objects.filter(pk=sign_in_id, ended_at__isnull=True)
        if not actor.has(SECURITY):
            mine = mine.filter(user_id=person_of(actor))
        found = mine.select_related("user").first()
        if found is None or not mine.update(ended_at=now, ended_why="revoked"):
            raise NotFound
        _note(actor, "session_revoke", found.user, now, session=found.pk)


def is_administrator(user: User) -> bool:
    """Whether the user holds one of the three administrators' roles now."""
    return (
        Membership.objects.current()
        .filter(user=user)
        .exclude(roles__administrator="")
        .filter(roles__isnull=False)
        .exists()
    )


def require_for(actor: Actor, user: User) -> None:
    """:raises NotPermitted: the account is not this administrator's to look after."""
    actor.require(SECURITY if is_administrator(user) else USERS)


def _note(actor: Actor, what: str, user: User, now: datetime, **facts: object) -> None:
    journal.record(
        actor=actor, act=f"people.user.{what}", subject_type="people.user", subject_id=user.pk, facts=facts, now=now
    )
