"""Printed codes of cards and boards (岗位卡、公告栏二维码): made once, withdrawn for good, then made anew."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.services.codes import ALPHABET, LENGTH
from quancheng.domains.risk.models import CardMark, Post, RiskBoard
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.names import clean

KEEP = "risk.cards.keep"


def mark_for(*, post: Post | None, board: RiskBoard | None, now: datetime) -> CardMark:
    """The code in use of a post or a board, made where there is none; in the caller's transaction."""
    of: dict[str, Any] = {"post": post, "board": board}
    known = CardMark.objects.filter(withdrawn_at__isnull=True, **of).first()
    if known is not None:
        return known
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    made, _new = CardMark.objects.get_or_create(**of, withdrawn_at=None, defaults={"code": code, "made_at": now})
    return made


def renew_mark(*, actor: Actor, post: Post | None, board: RiskBoard | None, reason: str, now: datetime) -> CardMark:
    """Withdraw the code in use for good, because a print was lost or forged, and make another.

    :raises Invalid: no reason. :raises NotPermitted: not the enterprise's own people with the duty.
    """
    actor.require(KEEP)
    of = board or post
    if of is None or of.file_id != actor.organisation_id:
        raise NotPermitted
    if len(clean(reason)) < 2:
        raise Invalid(fields={"reason": _("请写明作废原因。")})
    with transaction.atomic():
        standing = CardMark.objects.filter(post=post, board=board, withdrawn_at__isnull=True)
        standing.update(withdrawn_at=now, withdrawn_why=clean(reason)[:200])
        made = mark_for(post=post, board=board, now=now)
        note(actor, "risk.mark.renew", of.file_id, of, now, {"mark": made.pk, "reason": clean(reason)[:200]})
    return made
