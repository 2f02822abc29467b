"""The second factor (动态口令): enrolling an authenticator app, its codes, and recovery codes for a lost one."""

from __future__ import annotations

import re
import secrets
import unicodedata
import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.people import passwords, totp
from quancheng.kernel.people.actors import person_of
from quancheng.kernel.people.models import Membership, RecoveryCode, SignIn, SignInPolicy, User
from quancheng.kernel.people.signin_models import VOUCHED
from quancheng.kernel.vault import services as vault

KIND = "totp"
#: How many recovery codes there are, and how they look: two groups of five, no look-alikes, 49 random bits.
CODES = 10
_MARKS = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 10


def enrol(*, actor: Actor, secret: str, code: str, now: datetime) -> list[str]:
    """Take an authenticator app into use, proven by a code of it; returns the recovery codes, shown this once.

    :param secret: from :func:`totp.new_secret`, which the app was shown; the caller's session kept it.
    :raises Invalid: the code is not of this secret and time.
    :raises NotPermitted: one is in use already; it must be removed first.
    """
    step = totp.matching_step(secret, code, now=now)
    if step is None:
        raise Invalid(fields={"code": _("验证码不正确，请核对手机时间后输入最新的六位数字。")})
    with transaction.atomic():
        won = User.objects.filter(pk=person_of(actor), totp_secret="").update(
            totp_secret=vault.seal(KIND, secret), totp_last_step=step, updated_at=now
        )
        if not won:
            raise NotPermitted(_("已启用动态口令，如需更换请先停用。"), code="enrolled")
        SignIn.objects.filter(user_id=person_of(actor)).update(must_enrol=False)
        codes = _make_codes(actor)
        _note(actor, "enrol", now)
    return codes


def renew_codes(*, actor: Actor, code: str, now: datetime) -> list[str]:
    """Make new recovery codes; the old ones are worth nothing from now on."""
    _prove(actor, code, now)
    with transaction.atomic():
        codes = _make_codes(actor)
        _note(actor, "codes", now)
    return codes


def remove(*, actor: Actor, code: str, now: datetime) -> None:
    """Give up one's own second factor, proven by a code once more; where the policy demands one, it is owed at once."""
    _prove(actor, code, now)
    with transaction.atomic():
        _clear(person_of(actor), now)
        owe(SignIn.objects.filter(user_id=person_of(actor), ended_at__isnull=True), rules=passwords.policy())
        _note(actor, "remove", now)


def use_code(*, user: User, code: str, now: datetime) -> str:
    """Spend a code: ``totp``, ``recovery``, or empty where it is wrong or was used. No code works twice."""
    if not user.totp_secret:
        return ""
    step = totp.matching_step(vault.reveal(KIND, user.totp_secret), code, now=now)
    if step is not None:
        won = User.objects.filter(pk=user.pk, totp_last_step__lt=step).update(totp_last_step=step)
        return "totp" if won else ""
    tidy = _tidy(code)
    if len(tidy) != _LENGTH:
        return ""
    digests = vault.blind_indexes("recovery", tidy)
    unused = RecoveryCode.objects.filter(user=user, digest__in=digests, used_at__isnull=True)
    return "recovery" if unused.update(used_at=now) else ""


def owe(sessions: QuerySet[SignIn], *, rules: SignInPolicy) -> None:
    """Let live sessions owe what the policy demands of their users now; the provider's second factor is one too."""
    without = sessions.filter(user__totp_secret="").exclude(method=VOUCHED)
    if rules.second_factor == "administrators":
        places = Membership.objects.current().filter(roles__administrator__in=("system", "security", "audit"))
        without = without.filter(user__in=places.values("user"))
    if rules.second_factor != "nobody":
        without.update(must_enrol=True)


def count_codes(*, user: User) -> int:
    """Recovery codes that are left."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def clear_for(*, user: User, now: datetime) -> None:
    """Take a user's second factor away, in the caller's transaction; the caller checked who may and journals."""
    _clear(user.pk, now)


def _prove(actor: Actor, code: str, now: datetime) -> None:
    user = User.objects.filter(pk=person_of(actor)).first()
    if user is None or not use_code(user=user, code=code, now=now):
        raise Invalid(fields={"code": _("验证码不正确，或已使用过。")})


def _clear(user_id: uuid.UUID, now: datetime) -> None:
    User.objects.filter(pk=user_id).update(totp_secret="", totp_last_step=0, updated_at=now)
    RecoveryCode.objects.filter(user_id=user_id).delete()


def _make_codes(actor: Actor) -> list[str]:
    codes: set[str] = set()
    while len(codes) < CODES:
        codes.add("".join(secrets.choice(_MARKS) for _place in range(_LENGTH)))
    owner = person_of(actor)
    RecoveryCode.objects.filter(user_id=owner).delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(user_id=owner, digest=_digest(code)) for code in codes])
    return sorted(f"{code[:5]}-{code[5:]}" for code in codes)


def _digest(code: str) -> str:
    return vault.blind_index("recovery", code)


def _tidy(code: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).lower()


def _note(actor: Actor, what: str, now: datetime) -> None:
    journal.record(
        actor=actor, act=f"people.second_factor.{what}", subject_type="people.user", subject_id=actor.user_id, now=now
    )
