"""Signing in and out (登录): password, second factor, lock-out, throttle; sessions and their end.

Every attempt takes its place in the count *before* the password is looked at, in one conditional update: however many
arrive at once, no more than the policy allows are ever compared.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import DomainError, Invalid, TooMany
from quancheng.kernel.house.models import House
from quancheng.kernel.names import clean
from quancheng.kernel.people import identities, passwords, second_factor
from quancheng.kernel.people.actors import known_besides, person_of
from quancheng.kernel.people.models import Membership, SignIn, SignInAttempt, SignInPolicy, User
from quancheng.kernel.people.queries import get_membership
from quancheng.kernel.people.signin_models import VOUCHED
from quancheng.kernel.vault import services as vault

#: The password step of a sign-in in two steps is worth this long.
SECOND_STEP = timedelta(minutes=5)
#: A session's last act is written down at most this often.
TOUCH = timedelta(minutes=1)
_gate = system_actor("sign_in")


class PasswordClosed(DomainError):
    """The password is right, but this account signs in through the provider of identities alone."""

    code, status = "password_closed", 422
    default_message = _("该账号已绑定统一身份，请通过统一身份认证登录。")


class SignInRefused(DomainError):
    """Unknown name, wrong password, wrong code, locked or disabled: one sentence for all, so that it tells nothing."""

    code, status = "sign_in_refused", 422
    default_message = _("用户名、口令或验证码不正确，或账号已停用、已锁定。连续多次失败会锁定一段时间，请稍后再试。")


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody signs in: address (None where not known) and the browser's own words about itself."""

    address: str | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """What the password step came to: a session, or None while the second factor is still owed."""

    user_id: uuid.UUID
    sign_in: SignIn | None


def sign_in(*, name: str, password: str, origin: Origin, now: datetime) -> Passed:
    """The first step: user name or telephone number, and password.

    :raises SignInRefused: whatever the reason; takes as long for a name that nobody has.
    :raises TooMany: too many failures from this address.
    """
    rules = passwords.policy()
    _refuse_busy_address(origin, rules, now)
    user = _find(name)
    given = password[: passwords.LONGEST + 1]
    if user is None:
        check_password(given, _dummy())
        _refused(origin, now, facts={"name": vault.keyed(clean(name).lower())})
    taken = _take_attempt(user, rules, now)
    right = _is_right(given, user.password) if user.has_usable_password() else _never(given)
    if not (taken and right and user.is_active):
        _refused(origin, now, user=user, locked=taken and _is_locked_now(user, now))
    if identities.is_password_closed(user):
        # Told only to whoever knows the password, so that it tells a guesser nothing.
        _give_back(user)
        note_failure(origin=origin, now=now, user=user, facts={"why": "password_closed"})
        raise PasswordClosed
    if user.totp_secret:
        _give_back(user)
        return Passed(user.pk, None)
    return Passed(user.pk, _open(user=user, method="password", origin=origin, rules=rules, now=now))


def sign_in_by_provider(*, user: User, two_factors: bool, origin: Origin, now: datetime) -> Passed:
    """The first step where the provider of identities said who this is.

    :param two_factors: the provider vouches for a second factor; else ours is asked where the account has one, and
        demanded where the policy demands it.
    :raises SignInRefused: the account is disabled, or locked for failures.
    """
    rules = passwords.policy()
    if not user.is_active or _is_locked_now(user, now):
        _refused(origin, now, user=user, facts={"by": "oidc"})
    if user.totp_secret and not two_factors:
        return Passed(user.pk, None)
    method = VOUCHED if two_factors else "oidc"
    opened = _open(user=user, method=method, origin=origin, rules=rules, now=now, two_factors=two_factors)
    return Passed(user.pk, opened)


def second_step(
    *, user_id: uuid.UUID, passed_at: datetime, code: str, origin: Origin, now: datetime, by_provider: bool = False
) -> SignIn:
    """The second step: a code of the authenticator app, or a recovery code. Failures count towards the lock.

    :param passed_at: when the first step succeeded, as the caller's own session holds it.
    :param by_provider: the first step was the provider's, and no password.
    :raises SignInRefused: wrong or used code, or the password step is too long ago.
    """
    rules = passwords.policy()
    _refuse_busy_address(origin, rules, now)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not user.totp_secret or not passed_at <= now < passed_at + SECOND_STEP:
        raise SignInRefused
    taken = _take_attempt(user, rules, now)
    method = second_factor.use_code(user=user, code=code, now=now) if taken else ""
    if not method:
        _refused(origin, now, user=user, locked=taken and _is_locked_now(user, now))
    method = f"oidc+{method}" if by_provider else method
    return _open(user=user, method=method, origin=origin, rules=rules, now=now)


def sign_out(*, sign_in_id: uuid.UUID, actor: Actor, now: datetime) -> None:
    """End one's own session."""
    with transaction.atomic():
        if SignIn.objects.filter(pk=sign_in_id, user_id=person_of(actor), ended_at__isnull=True).update(
            ended_at=now, ended_why="signed_out"
        ):
            journal.record(
                actor=actor, act="people.sign_in.end", subject_type="people.signin", subject_id=sign_in_id,
                facts={"why": "signed_out"}, now=now,
            )  # fmt: skip


def switch_membership(*, actor: Actor, sign_in_id: uuid.UUID, membership_id: uuid.UUID, now: datetime) -> None:
    """Act through another of one's own places from now on (切换身份).

    :raises Invalid: not a current place of this user.
    """
    place = Membership.objects.current().filter(pk=membership_id, user_id=person_of(actor)).first()
    if place is None:
        raise Invalid(_("没有这个任职，或已失效。"))
    with transaction.atomic():
        SignIn.objects.filter(pk=sign_in_id, user_id=person_of(actor)).update(membership=place)
        journal.record(
            actor=actor, act="people.sign_in.switch", subject_type="people.user", subject_id=actor.user_id,
            facts={"organisation": place.organisation_id}, now=now,
        )  # fmt: skip


def prove_password(*, user_id: uuid.UUID, password: str, now: datetime) -> bool:
    """Whether somebody signed in knows his password; failures count towards the lock like those of sign-in."""
    user = User.objects.get(pk=user_id)
    taken = _take_attempt(user, passwords.policy(), now)
    right = _is_right(password[: passwords.LONGEST + 1], user.password)
    if taken and right:
        _give_back(user)
    return taken and right


# Sessions --------------------------------------------------------------------------------------------------------


def present_sign_in(*, sign_in_id: uuid.UUID, now: datetime, is_act: bool = True) -> SignIn | None:
    """The live session with its user and membership, or None; one that ran out is ended here.

    It tells besides what every page asks: ``house_kind``, ``has_more_places``, and what ``actors.known_of`` reads.
    Two queries.

    :param is_act: a person asked for it: that puts off the idle end. Event streams and the like do not.
    """
    found = (
        SignIn.objects.filter(pk=sign_in_id, ended_at__isnull=True)
        .select_related("user", "membership__organisation__area")
        .prefetch_related("membership__roles")
        .annotate(
            house_kind=Subquery(House.objects.values("kind")[:1]),
            has_more_places=Exists(
                Membership.objects.current().filter(user_id=OuterRef("user_id")).exclude(pk=OuterRef("membership_id"))
            ),
            **known_besides(user="user_id", organisation="membership__organisation_id", now=now),
        )
        .first()
    )
    if found is None or not found.user.is_active:
        return None
    if now >= min(found.expires_at, found.idle_until):
        _run_out(found, "expired" if now >= found.expires_at else "idle", now)
        return None
    if is_act and now - found.seen_at >= TOUCH:
        idle_until = now + timedelta(minutes=found.idle_minutes)
        SignIn.objects.filter(pk=found.pk, seen_at__lt=now).update(seen_at=now, idle_until=idle_until)
    if found.membership is None or not _counts(found.membership, now):
        found.membership = get_membership(user_id=found.user_id, membership_id=None)
        found.absent = None  # type: ignore[attr-defined]
        SignIn.objects.filter(pk=found.pk).update(membership=found.membership)
    if found.membership is not None:
        found.membership.user = found.user
    return found


def is_signed_in(*, sign_in_id: uuid.UUID, now: datetime) -> bool:
    """Whether a session stands: event streams ask once a minute and end when it does not."""
    return SignIn.objects.live(now=now).filter(pk=sign_in_id, user__is_active=True).exists()


def end_sessions(*, user: User, why: str, now: datetime, but: uuid.UUID | None = None) -> int:
    """End all sessions of a user in the caller's transaction, or all but one; returns how many. The caller journals."""
    live = SignIn.objects.filter(user=user, ended_at__isnull=True)
    if but is not None:
        live = live.exclude(pk=but)
    return live.update(ended_at=now, ended_why=why)


def end_run_out(*, now: datetime) -> int:
    """End the sessions that ran out while nobody looked; how many."""
    unseen = SignIn.objects.filter(ended_at__isnull=True)
    expired = unseen.filter(expires_at__lte=now).update(ended_at=now, ended_why="expired")
    return expired + unseen.filter(idle_until__lte=now).update(ended_at=now, ended_why="idle")


def _run_out(found: SignIn, why: str, now: datetime) -> None:
    with transaction.atomic():
        if SignIn.objects.filter(pk=found.pk, ended_at__isnull=True).update(ended_at=now, ended_why=why):
            journal.record(
                actor=_gate, act="people.sign_in.end", subject_type="people.signin", subject_id=found.pk,
                facts={"why": why, "user": found.user_id}, now=now,
            )  # fmt: skip


def _counts(place: Membership, now: datetime) -> bool:
    return (
        place.valid_from <= now
        and (place.valid_to is None or place.valid_to > now)
        and place.organisation.ended_on is None
    )


def _open(
    *, user: User, method: str, origin: Origin, rules: SignInPolicy, now: datetime, two_factors: bool = False
) -> SignIn:
    place = get_membership(user_id=user.pk, membership_id=None)
    administers = place is not None and any(role.administrator for role in place.roles.all())
    demanded = rules.second_factor == "everybody" or (rules.second_factor == "administrators" and administers)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(failed_count=0, locked_until=None)
        if passwords.is_expired(user=user, rules=rules, now=now):
            User.objects.filter(pk=user.pk).update(must_change_password=True)
        opened = SignIn.objects.create(
            user=user,
            membership=place,
            address=origin.address,
            device=clean(origin.device)[:200],
            method=method,
            must_enrol=demanded and not user.totp_secret and not two_factors,
            started_at=now,
            seen_at=now,
            idle_minutes=rules.idle_minutes,
            idle_until=now + timedelta(minutes=rules.idle_minutes),
            expires_at=now + timedelta(hours=rules.absolute_hours),
        )
        actor = Actor(
            kind="person",
            name=user.name,
            user_id=user.pk,
            organisation_id=place.organisation_id if place else None,
            membership_id=place.pk if place else None,
        )
        journal.record(
            actor=actor, act="people.sign_in.open", subject_type="people.signin", subject_id=opened.pk,
            facts={"method": method, "address": vault.keyed(origin.address or "")}, now=now,
        )  # fmt: skip
    return opened


# Attempts --------------------------------------------------------------------------------------------------------


def _find(name: str) -> User | None:
    """By user name, else by telephone number through its blind index."""
    text = clean(name)
    if not text or len(text) > 60:
        return None
    found = User.objects.filter(username__iexact=text).first()
    if found is None:
        found = User.objects.filter(phone_index__in=vault.blind_indexes(vault.PHONE, text)).first()
    return found


def _take_attempt(user: User, rules: SignInPolicy, now: datetime) -> bool:
    """Take one of the attempts left; False where the account is locked. The last one locks at once."""
    free = Q(locked_until__isnull=True) | Q(locked_until__lte=now)
    count = Case(When(locked_until__lte=now, then=Value(1)), default=F("failed_count") + 1)
    lock = now + timedelta(minutes=rules.lock_minutes)
    until = Case(
        When(Q(locked_until__isnull=True, failed_count__gte=rules.failures - 1), then=Value(lock)), default=Value(None)
    )
    return bool(User.objects.filter(free, pk=user.pk).update(failed_count=count, locked_until=until))


def _give_back(user: User) -> None:
    """The password was right and a second factor is owed: this attempt did not fail."""
    User.objects.filter(pk=user.pk).update(failed_count=Greatest(F("failed_count") - 1, 0), locked_until=None)


def _is_locked_now(user: User, now: datetime) -> bool:
    return User.objects.filter(pk=user.pk, locked_until__gt=now).exists()


def _refused(
    origin: Origin,
    now: datetime,
    *,
    user: User | None = None,
    locked: bool = False,
    facts: dict[str, str] | None = None,
) -> NoReturn:
    """Write the failure down and refuse. The lock is an entry of its own."""
    with transaction.atomic():
        note_failure(origin=origin, now=now, user=user, facts=facts)
        if locked and user is not None:
            journal.record(
                actor=_gate, act="people.sign_in.lock", subject_type="people.user", subject_id=user.pk, now=now
            )
    raise SignInRefused


def note_failure(*, origin: Origin, now: datetime, facts: dict[str, str] | None, user: User | None = None) -> None:
    """Write down that a sign-in failed: it counts for the address it came from."""
    with transaction.atomic():
        SignInAttempt.objects.create(address=origin.address, at=now)
        journal.record(
            actor=_gate, act="people.sign_in.fail", now=now,
            subject_type="people.user" if user else "", subject_id=user.pk if user else None,
            facts={**(facts or {}), "address": vault.keyed(origin.address or "")},
        )  # fmt: skip


def refuse_busy_address(*, origin: Origin, now: datetime) -> None:
    """:raises TooMany: too many failures from this address lately."""
    _refuse_busy_address(origin, passwords.policy(), now)


def _refuse_busy_address(origin: Origin, rules: SignInPolicy, now: datetime) -> None:
    since = now - timedelta(minutes=rules.lock_minutes)
    failures = SignInAttempt.objects.filter(address=origin.address, at__gt=since)
    if failures[: rules.address_failures].count() >= rules.address_failures:
        raise TooMany(_("该网络地址登录失败次数过多，请稍后再试。"), code="address_busy")


def _is_right(password: str, stored: str) -> bool:
    """Whether a password is the stored one; a cheap hash takes as long to compare as any other."""
    right = check_password(password, stored)
    if passwords.is_cheap(stored):
        check_password(password, _dummy())
    return right


def _never(password: str) -> bool:
    """As much work as a comparison, and never right: for accounts without a password."""
    check_password(password, _dummy())
    return False


_dummies: dict[str, str] = {}


def _dummy() -> str:
    """A hash that no password matches, made once by the hasher in use, so that comparing it takes as long."""
    from django.contrib.auth.hashers import get_hasher

    algorithm = str(get_hasher().algorithm)
    if algorithm not in _dummies:
        _dummies[algorithm] = make_password(uuid.uuid4().hex)
    return _dummies[algorithm]
