"""Passwords (口令): what they must satisfy, and changing them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel.errors import Invalid
from quancheng.kernel.people.models import FormerPassword, SignInPolicy, User

#: Beyond this nothing is hashed: a megabyte of password would be work for the server alone.
LONGEST = 128
#: Without look-alikes, for passwords that are read from paper.
_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"
#: Rounds of an initial password's hash: about five milliseconds.
_INITIAL_ROUNDS = 5_000


def policy() -> SignInPolicy:
    """The policy in force; the defaults where nobody has changed anything."""
    return SignInPolicy.objects.first() or SignInPolicy()


def classes_of(password: str) -> int:
    """How many of the four classes of characters it has: lower case, upper case, digits, all else."""
    kinds = (str.islower, str.isupper, str.isdecimal, lambda mark: not mark.isalnum())
    return sum(any(kind(mark) for mark in password) for kind in kinds)


def faults_of(password: str, *, username: str, rules: SignInPolicy) -> list[str]:
    """What is wrong with a password under the rules, as sentences; empty where nothing is. History is not checked."""
    faults = []
    if len(password) < rules.password_length:
        faults.append(_("口令至少 %(length)s 位。") % {"length": rules.password_length})
    if len(password) > LONGEST:
        faults.append(_("口令最多 %(length)s 位。") % {"length": LONGEST})
    if classes_of(password) < rules.password_classes:
        faults.append(
            _("口令须包含小写字母、大写字母、数字、符号中的至少 %(classes)s 类。") % {"classes": rules.password_classes}
        )
    name = username.strip().lower()
    if len(name) >= 3 and name in password.lower():
        faults.append(_("口令不能包含用户名。"))
    try:
        _common_passwords().validate(password)
    except ValidationError:
        faults.append(_("该口令过于常见，容易被猜到。"))
    return faults


@cache
def _common_passwords() -> CommonPasswordValidator:
    """The list of twenty thousand is unpacked once."""
    return CommonPasswordValidator()


def check_new_password(*, user: User, password: str, field: str = "password") -> None:
    """Raise Invalid, naming every fault, unless the password may become the user's."""
    rules = policy()
    faults = faults_of(password, username=user.username, rules=rules)
    if not faults and rules.password_history and user.pk:
        used = [user.password] if user.has_usable_password() else []
        former = FormerPassword.objects.filter(user=user).order_by("-at", "-pk").values_list("password", flat=True)
        used += [known for known in former[: rules.password_history] if known not in used]
        if any(check_password(password, known) for known in used[: rules.password_history]):
            faults.append(_("不能使用最近 %(count)s 次用过的口令。") % {"count": rules.password_history})
    if faults:
        raise Invalid(_("口令不符合要求。"), fields={field: "".join(faults)})


def store_password(*, user: User, password: str, must_change: bool, now: datetime) -> None:
    """Set a password that was checked, in the caller's transaction; the old one joins the history."""
    rules = policy()
    if user.has_usable_password():
        FormerPassword.objects.create(user=user, password=user.password, at=user.password_changed_at or now)
        kept = FormerPassword.objects.filter(user=user).order_by("-at", "-pk").values("pk")[: rules.password_history]
        FormerPassword.objects.filter(user=user).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    user.password = make_password(password)
    user.must_change_password = must_change
    user.password_changed_at = now
    User.objects.filter(pk=user.pk).update(
        password=user.password,
        must_change_password=must_change,
        password_changed_at=now,
        failed_count=0,
        locked_until=None,
        updated_at=now,
    )


def is_expired(*, user: User, rules: SignInPolicy, now: datetime) -> bool:
    """Whether the password is older than the policy allows."""
    changed = user.password_changed_at
    return bool(rules.password_days) and changed is not None and changed + timedelta(days=rules.password_days) < now


def initial_password() -> str:
    """A random password for the first sign-in: three groups of four, easy to read out."""
    while True:
        alphabet = _LETTERS + _CAPITALS + _DIGITS
        groups = ["".join(secrets.choice(alphabet) for _place in range(4)) for _group in range(3)]
        password = "-".join(groups)
        if classes_of(password) == 4:
            return password


def hash_of_initial(password: str) -> str:
    """A cheap hash for a password of :func:`initial_password` that holds until the first sign-in alone.

    Five hundred accounts come in by one sheet, and the hasher in use takes a third of a second for each. Its cost
    shields passwords that people choose; twelve characters at random (69 bits) are beyond guessing under any hash.
    """
    return PBKDF2PasswordHasher().encode(password, secrets.token_urlsafe(16), iterations=_INITIAL_ROUNDS)


def is_cheap(encoded: str) -> bool:
    """Whether a stored password is one of :func:`hash_of_initial`, so that comparing it takes less time."""
    return encoded.startswith(f"{PBKDF2PasswordHasher.algorithm}${_INITIAL_ROUNDS}$")


def lock_user(user: User) -> User:
    """The user's row, locked for the caller's transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a lock needs a transaction")
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)
