"""Addresses of screens at the gate (厂区门口公示屏): made and revoked by the enterprise."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import GateScreen
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.names import clean

PUBLISH = "risk.announcements.publish"
MOST = 10


def may_keep_screens(actor: Actor, file: Enterprise) -> bool:
    """The enterprise itself."""
    return file.pk == actor.organisation_id and actor.has(PUBLISH)


def make_screen(*, actor: Actor, file: Enterprise, name: str, now: datetime) -> GateScreen:
    """Make an address for one screen. :raises Invalid: no place named. :raises Conflict: too many are in use."""
    if not may_keep_screens(actor, file):
        raise NotPermitted
    if not clean(name):
        raise Invalid(fields={"name": _("请填写屏幕位置，如南门。")})
    if GateScreen.objects.filter(file=file, revoked_at__isnull=True).count() >= MOST:
        raise Conflict(_("最多%(most)s个在用的公示屏。") % {"most": MOST})
    with transaction.atomic():
        made = GateScreen.objects.create(
            file=file, name=clean(name)[:60], token=secrets.token_urlsafe(32), made_at=now, made_by_id=actor.user_id
        )
        note(actor, "risk.gate_screen.make", file.pk, made, now, {"name": made.name})
    return made


def revoke_screen(*, actor: Actor, file: Enterprise, screen: GateScreen, now: datetime) -> None:
    """From now on the address shows nothing. :raises StaleState: it was revoked before."""
    if not may_keep_screens(actor, file):
        raise NotPermitted
    with transaction.atomic():
        if not GateScreen.objects.filter(pk=screen.pk, revoked_at__isnull=True).update(revoked_at=now):
            raise StaleState(_("该公示屏地址已停用。"))
        note(actor, "risk.gate_screen.revoke", file.pk, screen, now, {"name": screen.name})
