"""Making, using and revoking tokens."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted, NotSignedIn, Text, TooMany
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership
from quancheng.kernel.tokens.models import Token

#: How every token begins, so that secret scanners know one that leaked.
MARK = "qct_"
LONGEST = timedelta(days=366)
WINDOW = timedelta(minutes=1)
#: Live tokens that one membership may have.
MOST = 20
#: One text for every way in which a token can be wrong: the answer must not tell which.
WRONG: Text = gettext_lazy("接口令牌无效、已到期或已撤销。")


@dataclass(frozen=True, slots=True)
class Made:
    """A new token and its secret, which nobody can see again."""

    token: Token
    secret: str


def create_token(
    *,
    actor: Actor,
    name: str,
    duties: Iterable[str],
    can_write: bool,
    days: int,
    now: datetime,
    addresses: Iterable[str] = (),
    rate_per_minute: int = 300,
) -> Made:
    """Make a token for one's own membership.

    :param duties: some of the actor's own; the token never holds more than its membership does when it is used.
    :param days: 1 to 366.
    :param addresses: single addresses or networks (CIDR).
    :raises Invalid: a duty that the actor lacks, a malformed address, a period out of range, too many tokens.
    """
    if actor.membership_id is None or actor.user_id is None:
        raise NotPermitted
    name, wanted = clean(name)[:60], sorted(set(duties))
    wrong: dict[str, Text] = {}
    if not name:
        wrong["name"] = _("请填写用途。")
    if missing := [duty for duty in wanted if not actor.has(duty)]:
        wrong["duties"] = _("您没有这些职责：%(duties)s。") % {"duties": listed(missing)}
    if not timedelta(0) < timedelta(days=days) <= LONGEST:
        wrong["days"] = _("有效期须为1至366天。")
    if not 1 <= rate_per_minute <= 6000:
        wrong["rate_per_minute"] = _("每分钟次数须为1至6000。")
    networks, bad = _networks(addresses)
    if bad:
        wrong["addresses"] = _("不是有效的地址或网段：%(addresses)s。") % {"addresses": listed(bad)}
    if wrong:
        raise Invalid(fields=wrong)
    prefix, secret = MARK + secrets.token_hex(4), secrets.token_urlsafe(32)
    with transaction.atomic():
        # The lock on the membership makes the limit hold for two requests at once.
        Membership.objects.select_for_update(no_key=True).get(pk=actor.membership_id)
        if Token.objects.filter(membership_id=actor.membership_id).live(now=now).count() >= MOST:
            raise Invalid(_("有效令牌已达%(most)s个，请先撤销不用的令牌。") % {"most": MOST}, code="too_many_tokens")
        token = Token.objects.create(
            membership_id=actor.membership_id,
            name=name,
            prefix=prefix,
            digest=_digest(secret),
            duties=wanted,
            can_write=can_write,
            addresses=networks,
            rate_per_minute=rate_per_minute,
            created_at=now,
            expires_at=now + timedelta(days=days),
            window_at=now,
        )
        journal.record(
            actor=actor,
            act="tokens.token.create",
            subject_type="tokens.token",
            subject_id=token.pk,
            facts={"prefix": prefix, "duties": wanted, "write": can_write, "days": days, "addresses": networks},
            now=now,
        )
    return Made(token, f"{prefix}.{secret}")


def revoke_token(*, actor: Actor, token_id: uuid.UUID, now: datetime) -> None:
    """End a token at once: one's own, or anybody's with the duty. Ending it twice changes nothing.

    :raises NotFound: no such token among those that the actor may see.
    """
    with transaction.atomic():
        token = Token.objects.visible_to(actor).filter(pk=token_id).first()
        if token is None:
            raise NotFound
        if Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
            revoked_at=now, revoked_by_id=actor.user_id
        ):
            journal.record(
                actor=actor, act="tokens.token.revoke", subject_type="tokens.token", subject_id=token.pk, now=now
            )


def actor_by_token(*, presented: str, address: str, is_write: bool, now: datetime) -> Actor:
    """The actor of a request with this token, counted against its rate.

    Duties are what the membership holds today and the token names; the powers of a chief, which go beyond duties,
    come only with a token that names all of them.

    :param address: the asker's address; empty where it is not known, which a token bound to addresses refuses.
    :raises NotSignedIn: unknown, expired, revoked, from elsewhere, or its membership ended.
    :raises NotPermitted: a write with a token that may only read.
    :raises TooMany: more requests in this minute than it may make; ``facts`` say how long to wait.
    """
    prefix, _dot, secret = presented.partition(".")
    token = Token.objects.live(now=now).filter(prefix=prefix).first()
    if token is None or not _matches(token.digest, secret) or not _accepted(token, address):
        raise NotSignedIn(WRONG, code="bad_token")
    _count(token, now)
    place = (
        Membership.objects.current()
        .filter(pk=token.membership_id)
        .select_related("user", "organisation__area")
        .prefetch_related("roles")
        .first()
    )
    if place is None:
        raise NotSignedIn(WRONG, code="bad_token")
    if is_write and not token.can_write:
        raise NotPermitted(_("该接口令牌只能读取，不能写入。"), code="token_read_only")
    actor, named = actor_for(place, now=now), frozenset(token.duties)
    whole = actor.duties <= named
    return replace(actor, duties=actor.duties & named, is_chief=actor.is_chief and whole, is_narrowed=not whole)


def _count(token: Token, now: datetime) -> None:
    """One conditional update: a new minute begins, or the request still fits into this one."""
    mine = Token.objects.filter(pk=token.pk)
    fresh = mine.filter(window_at__lte=now - WINDOW)
    if fresh.update(window_at=now, window_count=1, last_used_at=now):
        return
    fits = mine.filter(Q(window_count__lt=F("rate_per_minute")))
    if fits.update(window_count=F("window_count") + 1, last_used_at=Greatest("last_used_at", "window_at", now)):
        return
    wait = max(1, int((token.window_at + WINDOW - now).total_seconds()) + 1)
    raise TooMany(
        _("该接口令牌每分钟最多请求%(limit)s次，请稍后再试。") % {"limit": token.rate_per_minute},
        facts={"retry_after_s": min(wait, 60)},
    )


def _digest(secret: str, algorithm: str = "") -> str:
    name = algorithm or ("sm3" if settings.CRYPTO_SUITE == "guomi" else "sha256")
    return f"{name}:{hashlib.new(name, secret.encode()).hexdigest()}"


def _matches(digest: str, secret: str) -> bool:
    algorithm = digest.partition(":")[0]
    return hmac.compare_digest(digest, _digest(secret, algorithm))


def _networks(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    good, bad = [], []
    for text in filter(None, map(clean, texts)):
        try:
            good.append(str(ipaddress.ip_network(text, strict=False)))
        except ValueError:
            bad.append(text[:60])
    return sorted(set(good)), bad


def _accepted(token: Token, address: str) -> bool:
    if not token.addresses:
        return True
    try:
        asker = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(asker, ipaddress.IPv6Address) and asker.ipv4_mapped:
        asker = asker.ipv4_mapped
    return any(asker in ipaddress.ip_network(network) for network in token.addresses)
