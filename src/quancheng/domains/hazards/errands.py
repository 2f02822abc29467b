"""What of this domain is owed in such numbers that it is counted and not listed on Today."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import CheckDue, RecordFlag
from quancheng.domains.hazards.queries.check_records import list_open_flags
from quancheng.domains.hazards.queries.checks import list_owed
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.errands import Errand, register

#: A sign that nobody looked at for so long is late. [D]
FLAG_LATE = timedelta(days=7)


def _owed(actor: Actor, now: datetime) -> QuerySet[CheckDue]:
    if not actor.has("hazards.checks.record"):
        return CheckDue.objects.none()
    return list_owed(actor=actor, now=now)


def _flags(actor: Actor, now: datetime) -> QuerySet[RecordFlag]:
    if not actor.has("hazards.checks.judge"):
        return RecordFlag.objects.none()
    return list_open_flags(actor=actor)


def register_all() -> None:
    """Offer them; called once, when the app is ready."""
    register(Errand(
        "hazards.checks", _("待排查"), "hazards:checks_today", "checklist", unit=_("项"), open=_owed,
        late=lambda actor, now: _owed(actor, now).filter(due_at__lt=now),
    ))  # fmt: skip
    register(Errand(
        "hazards.flags", _("排查记录异常待核查"), "hazards:record_flags", "alert", unit=_("条"), open=_flags,
        late=lambda actor, now: _flags(actor, now).filter(found_at__lt=now - FLAG_LATE),
    ))  # fmt: skip
