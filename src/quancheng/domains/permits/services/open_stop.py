"""Stopping work at its place without an account (现场扫码叫停, F-11): who stands there sees what the house does not.

Whoever holds the code can do nothing else with it, and what it does is on the safe side; an enterprise switches it on.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import AlarmSource, Permit
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.open_pages import BY_ANYBODY
from quancheng.domains.permits.services.working import stop
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.names import clean

#: What who is no expert can see or smell, in his words; codes of the standard's reasons.
REASONS = {
    "GAS_ALARM": _("闻到气味、有泄漏或气体报警"),
    "SOS": _("有人受伤或被困"),
    "UNIT_UPSET": _("着火、冒烟、异响等装置异常"),
    "VIOLATION": _("看到违章或危险的作业"),
    "GUARDIAN_ABSENT": _("监护人不在现场"),
}


def may_stop(permit: Permit, now: datetime) -> bool:
    """Whether anybody at the place may stop it. One query."""
    if permit.status != "WORKING":
        return False
    return parameters_of(permit.file_id, Calendar().local_date(now)).open_stop > 0


def stop_at_place(*, permit_id: uuid.UUID, reason: str, words: str, now: datetime) -> None:
    """Stop running work; nothing happens where there is nothing that he may stop: it rests already, or the enterprise
    did not switch it on.

    :raises Invalid: no such reason.
    """
    if reason not in REASONS:
        raise Invalid(fields={"reason": _("请选择看到的情况。")})
    with transaction.atomic():
        permit = Permit.objects.select_for_update(of=("self",)).select_related("file").get(pk=permit_id)
        if may_stop(permit, now):
            told = "：".join(filter(None, ("现场扫码叫停", clean(words)[:200])))
            stop(permit, reason, now, told, source=AlarmSource.PERSON, by=BY_ANYBODY)
