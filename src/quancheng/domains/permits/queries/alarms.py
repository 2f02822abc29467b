"""Work alarms that the actor may see, and which codes nothing raises yet."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import F, QuerySet

from quancheng.domains.permits.models import Permit, WorkAlarm
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.aq3064 import alarm_codes

#: Alarms that are acknowledged within two minutes [D].
LEVEL_ONE = frozenset({"GAS", "03", "31"})
#: Codes that nothing in this house raises yet: no camera is connected that would see them.
NO_SOURCE = frozenset({"FIRE", "PPE"})


def code_choices() -> list[tuple[str, str]]:
    """Codes with their words, as filters offer them."""
    return [(one.code, f"{one.code} {one.name.zh}") for one in alarm_codes().values()]


def list_alarms(*, actor: Actor) -> QuerySet[WorkAlarm]:
    """Alarms, open ones first, then the newest."""
    actor.require(VIEW)
    rows: QuerySet[WorkAlarm] = WorkAlarm.objects.visible_to(actor).select_related("permit", "enterprise", "area")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-began_at", "pk")


def get_alarm(*, actor: Actor, alarm_id: uuid.UUID) -> WorkAlarm:
    """:raises NotFound: absent or out of scope."""
    row = list_alarms(actor=actor).select_related("permit__file__enterprise", "owner_org").filter(pk=alarm_id).first()
    if row is None:
        raise NotFound
    return row


def alarms_of(permit: Permit) -> Sequence[WorkAlarm]:
    """Of a permit that a query gave to the actor, open ones first."""
    rows = WorkAlarm.objects.filter(permit=permit).select_related("permit")
    return list(rows.order_by(F("closed_at").desc(nulls_first=True), "-began_at", "pk")[:50])
