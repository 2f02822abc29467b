"""Credentials of an enterprise's own systems: made and revoked by people, tokens of two hours for machines."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import ExchangeApplication, ExchangeToken
from quancheng.domains.hazards.services.exchange_queue import MANAGE
from quancheng.domains.hazards.services.exchange_sending import SECRET_KIND
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.exchange.upward.cipher import Cipher, check_key
from quancheng.kernel.names import clean
from quancheng.kernel.vault import services as vault
from quancheng.standards.dual_prevention_exchange import read_time

LIFE, TOLERANCE = timedelta(hours=2), timedelta(minutes=5)
#: Live credentials that one enterprise may have.
MOST = 5


class BadSign(Exception):
    """Unknown application, wrong signature, or a clock that is too far off (4010). One answer for all."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new credential and its secret, which nobody can see again."""

    application: ExchangeApplication
    secret: str


def make_application(
    *, actor: Actor, file: Enterprise, name: str, cipher: str, key: str, now: datetime
) -> Made:
    """Let a system of an enterprise send rows.

    :raises Invalid: by field; the file has no enterprise code yet; too many. :raises NotPermitted: somebody else's.
    """
    _require(actor, file)
    wrong: dict[str, Text] = {}
    if not clean(name) or len(clean(name)) > 40:
        wrong["name"] = _("请填写系统名称，最多40字。")
    if cipher not in Cipher.values:
        wrong["cipher"] = _("没有这个选项。")
    elif cipher != Cipher.NONE:
        try:
            check_key(cipher, key)
        except Invalid as refused:
            wrong |= refused.fields
    if wrong:
        raise Invalid(fields=wrong)
    if not file.registration_code:
        raise Invalid(_("请先在企业档案中填写化学品登记企业编码。"))
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        Enterprise.objects.select_for_update(no_key=True).filter(pk=file.pk).values_list("pk").get()
        if ExchangeApplication.objects.filter(file=file, revoked_at__isnull=True).count() >= MOST:
            raise Invalid(_("有效凭据已达%(most)s个，请先撤销不用的。") % {"most": MOST})
        row = ExchangeApplication.objects.create(
            **file.row_scope(), file=file, name=clean(name), app_id=f"qcx{secrets.token_hex(7)}",
            secret=vault.seal(SECRET_KIND, secret), cipher=cipher,
            key=vault.seal(SECRET_KIND, key.strip()) if cipher != Cipher.NONE else "", created_at=now,
            created_by_id=actor.user_id,
        )  # fmt: skip
        _note(actor, "hazards.exchange.application.make", row, now)
    return Made(row, secret)


def revoke_application(*, actor: Actor, row: ExchangeApplication, now: datetime) -> None:
    """End a credential and its tokens at once; what it sent stays and may be changed here.

    :raises StaleState: it was revoked already.
    """
    _require(actor, row.file)
    with transaction.atomic():
        mine = ExchangeApplication.objects.visible_to(actor).filter(pk=row.pk, revoked_at__isnull=True)
        if not mine.update(revoked_at=now, secret="", key=""):
            raise StaleState(_("该凭据已撤销。"))
        ExchangeToken.objects.filter(application=row).delete()
        _note(actor, "hazards.exchange.application.revoke", row, now)
    row.refresh_from_db()


def sign_of(app_id: str, timestamp: str, secret: str) -> str:
    """HMAC-SHA-256 over application id and timestamp, in hexadecimal."""
    return hmac.new(secret.encode(), f"{app_id}{timestamp}".encode(), hashlib.sha256).hexdigest()


def issue_token(*, app_id: str, timestamp: str, sign: str, now: datetime) -> tuple[str, datetime]:
    """A token of two hours for who proves the secret; with its end.

    :param timestamp: seconds or milliseconds since 1970, or ``yyyyMMddHHmmss`` of China; at most five minutes off.
    :raises BadSign: anything is wrong.
    """
    if not all(each.isascii() and each.isprintable() for each in (app_id, timestamp, sign)):
        raise BadSign
    row = ExchangeApplication.objects.filter(app_id=app_id, revoked_at__isnull=True).first()
    at = _moment(timestamp)
    # A signature is compared also where nobody has the id, so that both take as long.
    secret = vault.reveal(SECRET_KIND, row.secret) if row is not None else "-"
    is_right = hmac.compare_digest(sign.lower().encode(), sign_of(app_id, timestamp, secret).encode())
    if row is None or at is None or not is_right or abs(now - at) > TOLERANCE:
        raise BadSign
    token = secrets.token_urlsafe(32)
    ends = now + LIFE
    ExchangeToken.objects.create(application=row, digest=_digest(token), made_at=now, expires_at=ends)
    return token, ends


def application_by_token(*, token: str, now: datetime) -> ExchangeApplication:
    """Whose token it is. :raises BadSign: unknown, ended, or its credential was revoked."""
    found = ExchangeToken.objects.filter(
        digest=_digest(token), expires_at__gt=now, application__revoked_at__isnull=True
    ).select_related("application__file__enterprise").first()  # fmt: skip
    if found is None:
        raise BadSign
    return found.application


def key_of(row: ExchangeApplication) -> str:
    """The key of its cipher in clear, for one call."""
    return vault.reveal(SECRET_KIND, row.key) if row.key else ""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 14:
        return None
    if len(text) == 14:
        try:
            return read_time(text)
        except ValueError:
            return None
    seconds = int(text) / 1000 if len(text) == 13 else int(text)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 10**11 else None


def _require(actor: Actor, file: Enterprise) -> None:
    """The enterprise's head, or an office that supervises it."""
    actor.require(MANAGE)
    if file.pk != actor.organisation_id and not actor.supervises:
        raise NotPermitted


def _note(actor: Actor, act: str, row: ExchangeApplication, now: datetime) -> None:
    journal.record(
        actor=actor, act=act, subject_type=ExchangeApplication._meta.label_lower, subject_id=row.pk,
        org_id=row.file_id, facts={"name": row.name, "app_id": row.app_id, "cipher": row.cipher}, now=now,
    )  # fmt: skip
