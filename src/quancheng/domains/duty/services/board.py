"""Acts of the supervision board: urging a unit about all that it is late with."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.queries.board import late_items
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import StaleState
from quancheng.kernel.work.services import urge

#: Reminders of one act; what is later than the oldest so many is reminded of next time.
MOST_ITEMS = 100


def urge_organisation(*, actor: Actor, organisation_id: uuid.UUID, note: str, now: datetime) -> int:
    """Remind a unit of every overdue step of its tasks and reports (催办); returns how many.

    :raises NotPermitted: the duty to urge is missing.
    :raises StaleState: nothing of it is overdue any more.
    """
    actor.require("work.urge")
    with transaction.atomic():
        late = list(late_items(actor=actor, now=now).filter(owner_org=organisation_id)[:MOST_ITEMS])
        if not late:
            raise StaleState(_("该单位没有超期事项，无需催办。"))
        for item in late:
            urge(actor=actor, item=item, note=note, now=now)
    return len(late)
