"""Signing in through the provider, and whose identity is whose.

An identity is bound once and explicitly: by its owner, who signs in with his password in the same browser, or by an
administrator who enters the subject. Nobody is recognised by a name or a telephone number.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Conflict, DomainError, Invalid, NotFound, Text
from quancheng.kernel.names import clean
from quancheng.kernel.people import accounts, identities, signing
from quancheng.kernel.people.models import ExternalIdentity, IdentityProvider, User
from quancheng.kernel.people.oidc import asking, protocol
from quancheng.kernel.people.oidc.protocol import Unfit
from quancheng.kernel.people.services import create_user
from quancheng.kernel.vault import services as vault

#: A way to the provider and back is worth this long, and so is an identity that waits for its owner's password.
WAY = timedelta(minutes=10)
_gate = system_actor("sign_in", "people.users.manage")


class ProviderRefused(DomainError):
    """The way through the provider failed. One sentence: what exactly was wrong stands in the journal."""

    code, status = "provider_refused", 422
    default_message = _("统一身份认证没有成功，请重新登录；多次失败请联系安全保密管理员。")


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what its session keeps until it comes back."""

    url: str
    kept: dict[str, str]


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouched for. ``two_factors``: it asked for more than a password, in words that we accept."""

    issuer: str
    subject: str
    name: str
    two_factors: bool
    id_token: str


def begin(*, redirect_uri: str, now: datetime) -> Begun:
    """Start on the way to the provider.

    :raises NotFound: none is in use. :raises ProviderRefused: it cannot be reached.
    """
    rules = _rules()
    try:
        provider = asking.discover(rules.issuer)
    except Unfit as failure:
        raise _unreachable() from failure
    kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce")}
    kept |= {"verifier": secrets.token_urlsafe(64), "at": now.isoformat(), "redirect_uri": redirect_uri}
    url = protocol.with_query(
        provider.authorization,
        {
            "response_type": "code",
            "client_id": rules.client_id,
            "redirect_uri": redirect_uri,
            "scope": rules.scope,
            "state": kept["state"],
            "nonce": kept["nonce"],
            "code_challenge": protocol.challenge(kept["verifier"]),
            "code_challenge_method": "S256",
        },
    )
    return Begun(url, kept)


def finish(*, given: Mapping[str, str], kept: Mapping[str, str], origin: signing.Origin, now: datetime) -> Identity:
    """Judge what the browser brought back, redeem the code, judge the token. Failures count for the address.

    :param kept: as :func:`begin` returned it, from this browser's own session; used once.
    :raises ProviderRefused: whatever was wrong. :raises TooMany: too many failures from this address.
    """
    signing.refuse_busy_address(origin=origin, now=now)
    rules = _rules()
    try:
        return _judged(given, kept, rules, now)
    except Unfit as failure:
        signing.note_failure(origin=origin, now=now, facts={"by": "oidc", "why": failure.why})
        raise ProviderRefused from failure


def enter(*, identity: Identity, origin: signing.Origin, now: datetime) -> signing.Passed | None:
    """Open a session for whoever is bound to an identity; None where nobody is and no account may be made.

    :raises SignInRefused: the account is disabled or locked.
    """
    rules = _rules()
    bound = identities.find(issuer=identity.issuer, subject=identity.subject)
    if bound is None:
        if not rules.creates_accounts:
            return None
        bound = _create_account(identity, now)
    passed = signing.sign_in_by_provider(user=bound.user, two_factors=identity.two_factors, origin=origin, now=now)
    ExternalIdentity.objects.filter(pk=bound.pk).update(used_at=now)
    return passed


def bind_own(*, user_id: uuid.UUID, issuer: str, subject: str, now: datetime) -> None:
    """Bind an identity to whoever has just proven, with password and second factor, that the account is his.

    :raises Conflict: the identity is another's, or the account has another one.
    """
    user = User.objects.get(pk=user_id)
    actor = Actor(kind="person", name=user.name, user_id=user.pk)
    _bind(actor, user, issuer=issuer, subject=subject, by="password", now=now)


def bind_by_administrator(*, actor: Actor, user: User, subject: str, now: datetime) -> None:
    """Bind the identity with this subject at the provider in use.

    :raises Invalid: no subject. :raises Conflict: taken. :raises NotFound: no provider is in use.
    """
    accounts.require_for(actor, user)
    subject = subject.strip()
    if not subject or len(subject) > 255:
        raise Invalid(fields={"subject": _("请填写身份标识，不超过255个字符。")})
    _bind(actor, user, issuer=_rules().issuer, subject=subject, by="administrator", now=now)


def unbind(*, actor: Actor, user: User, now: datetime) -> None:
    """Take a user's identities away; sessions end, since they may have begun through one.

    :raises NotFound: there was none.
    """
    accounts.require_for(actor, user)
    with transaction.atomic():
        count, _by_model = ExternalIdentity.objects.filter(user=user).delete()
        if not count:
            raise NotFound
        signing.end_sessions(user=user, why="revoked", now=now)
        _note(actor, "unbind", user, now)


def way_out(*, id_token: str, back: str) -> str:
    """Where the browser ends its session at the provider too; empty where the provider offers nothing."""
    rules = IdentityProvider.objects.filter(is_enabled=True).first()
    if rules is None:
        return ""
    try:
        end = asking.discover(rules.issuer).end_session
    except Unfit:
        return ""
    given = {"id_token_hint": id_token, "client_id": rules.client_id, "post_logout_redirect_uri": back}
    return protocol.with_query(end, given) if end else ""


def _rules() -> IdentityProvider:
    found = IdentityProvider.objects.filter(is_enabled=True).first()
    if found is None:
        raise NotFound
    return found


def _unreachable() -> ProviderRefused:
    return ProviderRefused(_("统一身份认证暂时无法使用，请稍后再试或用口令登录。"))


def _judged(given: Mapping[str, str], kept: Mapping[str, str], rules: IdentityProvider, now: datetime) -> Identity:
    if not kept or not protocol.same(kept["state"], given.get("state", "")):
        raise Unfit("state")
    begun = datetime.fromisoformat(kept["at"])
    if not begun <= now < begun + WAY:
        raise Unfit("late")
    if given.get("iss", rules.issuer) != rules.issuer:
        raise Unfit("issuer")
    if given.get("error"):
        raise Unfit(f"provider:{given['error'][:60]}")
    if not given.get("code"):
        raise Unfit("code")
    provider = asking.discover(rules.issuer)
    raw = asking.redeem(
        provider,
        client_id=rules.client_id,
        secret=vault.reveal(identities.SECRET, rules.secret) if rules.secret else "",
        code=given["code"],
        verifier=kept["verifier"],
        redirect_uri=kept["redirect_uri"],
    )
    wanted = {"issuer": rules.issuer, "client_id": rules.client_id, "nonce": kept["nonce"]}
    try:
        claims = protocol.read_id_token(raw, asking.keys_of(provider), now=now, **wanted)
    except Unfit as failure:
        if failure.why != "signature":
            raise
        # The provider may have changed its keys since we asked for them.
        claims = protocol.read_id_token(raw, asking.keys_of(provider, fresh=True), now=now, **wanted)
    subject = claims.get(rules.subject_claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Unfit("subject")
    return Identity(
        issuer=rules.issuer,
        subject=subject,
        name=clean(str(claims.get("name") or ""))[:60],
        two_factors=protocol.vouches(claims, rules.vouching),
        id_token=raw,
    )


def _create_account(identity: Identity, now: datetime) -> ExternalIdentity:
    """An account without a place and without a password: its owner sees nothing but it until administrators decide."""
    with transaction.atomic():
        user = create_user(
            actor=_gate,
            username=f"sso-{secrets.token_hex(5)}",
            name=identity.name or str(_("待核实用户")),
            password=None,
            must_change_password=False,
            now=now,
        )
        return _bind(_gate, user, issuer=identity.issuer, subject=identity.subject, by="created", now=now)


def _bind(actor: Actor, user: User, *, issuer: str, subject: str, by: str, now: datetime) -> ExternalIdentity:
    with transaction.atomic():
        # Two at once for one account come one after the other; two accounts for one identity meet the unique index.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if identities.find(issuer=issuer, subject=subject) is not None:
            raise _taken(_("该统一身份已绑定另一个账号。"))
        if ExternalIdentity.objects.filter(user=user, issuer=issuer).exists():
            raise _taken(_("该账号已绑定另一个统一身份，请先解除。"))
        bound = ExternalIdentity(
            user=user,
            issuer=issuer,
            subject=vault.seal(identities.SUBJECT, subject),
            subject_index=identities.indexes(issuer=issuer, subject=subject)[0],
            bound_by=by,
            bound_at=now,
        )
        try:
            with transaction.atomic():
                bound.save(force_insert=True)
        except IntegrityError as failure:
            # Another account took it since it was looked for.
            raise _taken(_("该统一身份已绑定另一个账号。")) from failure
        _note(actor, "bind", user, now, by=by, issuer=issuer, identity=vault.keyed(subject))
    return bound


def _taken(sentence: Text) -> Conflict:
    return Conflict(sentence, fields={"subject": sentence})


def _note(actor: Actor, what: str, user: User, now: datetime, **facts: object) -> None:
    journal.record(
        actor=actor, act=f"people.identity.{what}", subject_type="people.user", subject_id=user.pk, facts=facts, now=now
    )
