"""Addresses of screens with the permit board (许可看板屏): made and revoked by the enterprise itself."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import PermitScreen
from quancheng.domains.permits.queries.permits import SIGN_UNIT
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.names import clean

MOST = 10


def require_keeper(actor: Actor, file: Enterprise) -> None:
    """:raises NotPermitted: not the enterprise's own people who sign for its units."""
    actor.require(SIGN_UNIT)
    if actor.organisation_id != file.pk:
        raise NotPermitted


def make_screen(*, actor: Actor, file: Enterprise, name: str, now: datetime) -> PermitScreen:
    """Make an address for one screen. :raises Invalid: no place named. :raises Conflict: ten are in use."""
    require_keeper(actor, file)
    if not clean(name):
        raise Invalid(fields={"name": _("请填写屏幕位置，如中控室。")})
    if PermitScreen.objects.filter(file=file, revoked_at__isnull=True).count() >= MOST:
        raise Conflict(_("最多%(most)s个在用的看板屏。") % {"most": MOST})
    with transaction.atomic():
        made = PermitScreen.objects.create(
            file=file, name=clean(name)[:60], token=secrets.token_urlsafe(32), made_at=now, made_by_id=actor.user_id
        )
        _note(actor, "permits.screen.make", made, now)
    return made


def revoke_screen(*, actor: Actor, screen: PermitScreen, now: datetime) -> None:
    """From now on the address shows nothing. :raises StaleState: it was revoked before."""
    require_keeper(actor, screen.file)
    with transaction.atomic():
        if not PermitScreen.objects.filter(pk=screen.pk, revoked_at__isnull=True).update(revoked_at=now):
            raise StaleState(_("该看板屏地址已停用。"))
        _note(actor, "permits.screen.revoke", screen, now)


def _note(actor: Actor, act: str, screen: PermitScreen, now: datetime) -> None:
    journal.record(
        actor=actor, act=act, subject_type="permits.permitscreen", subject_id=screen.pk, org_id=screen.file_id,
        facts={"name": screen.name}, now=now,
    )  # fmt: skip
