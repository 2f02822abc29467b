"""Telling who stays too long in a confined space (人员出入时长超限), and that nobody does any more."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from quancheng.domains.permits.models import AlarmSource, Permit, SpaceEntry
from quancheng.domains.permits.notices import ALARM
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.queries.staying import limit_of, stays_of
from quancheng.domains.permits.services.alarms import STAY, raise_alarm, settle_out
from quancheng.domains.permits.services.checking import held
from quancheng.domains.permits.services.telling import tell
from quancheng.kernel.calendar import Calendar
from quancheng.standards.aq3064 import alarm_codes

log = logging.getLogger(__name__)


def watch_stays(*, now: datetime) -> int:
    """Raise an alarm of everybody who is inside longer than he may be at a time, once each, whatever became of the
    permit. Answers of how many permits."""
    inside = SpaceEntry.objects.filter(left_at__isnull=True, stay_told_at__isnull=True).values("permit")
    rows = list(Permit.objects.filter(pk__in=inside, kind="CS").select_related("file").order_by("pk"))
    done = 0
    for key, stays in stays_of(rows, now).items():
        if any(one.is_late and one.entry.stay_told_at is None for one in stays):
            try:
                done += _tell(next(one for one in rows if one.pk == key), now)
            except Exception:
                log.exception("the clock could not tell who stays too long under permit %s", key)
    return done


def _tell(permit: Permit, now: datetime) -> int:
    """What was read in passing is read again behind the lock: he may be out since."""
    with transaction.atomic():
        row = held(permit.pk)
        late = [one for one in stays_of([row], now).get(row.pk, ()) if one.is_late]
        new = [one.entry.pk for one in late if one.entry.stay_told_at is None]
        if not new:
            return 0
        SpaceEntry.objects.filter(pk__in=new).update(stay_told_at=now)
        # By their number on the permit: an alarm names nobody.
        told = "、".join(f"{one.entry.person.code} {one.minutes}分钟（限{one.limit_min}分钟）" for one in late)
        alarm = raise_alarm(permit=row, code=STAY, source=AlarmSource.WATCH, now=now, words=f"空间内停留超时：{told}")
        if alarm.count > 1:
            # It was raised for somebody else: who comes next is told of as well.
            added = "、".join(one.entry.person.code for one in late if one.entry.pk in new)
            name = f"{STAY} {alarm_codes()[STAY].name.zh} {added}"
            tell(ALARM, row, now, duty=WORK, alarm=name)
    return 1


def note_out(permit: Permit, now: datetime) -> None:
    """Somebody came out: the alarm goes where nobody is inside too long, with when the last of those of whom it told
    came out; a phone may tell late that nobody stayed too long at all. The permit is locked by the caller."""
    if permit.kind != "CS" or any(one.is_late for one in stays_of([permit], now).get(permit.pk, ())):
        return
    limit = limit_of(permit, parameters_of(permit.file_id, Calendar().local_date(now)))
    rows = SpaceEntry.objects.filter(permit=permit, left_at__isnull=False, stay_told_at__isnull=False)
    stays = [
        (one.stay_told_at, one.entered_at, one.left_at) for one in rows if one.stay_told_at and one.left_at
    ]  # fmt: skip
    settle_out(permit=permit, now=now, stays=stays, limit=limit)
