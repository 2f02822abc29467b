"""How far a value went while its alarm stood (极值), read from the store once the alarm is normal again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.cache import cache

from quancheng.domains.monitoring.models import Alarm
from quancheng.domains.monitoring.queries.readings import StoreAway, last_of, trends_of

#: Conditions whose value goes away from a limit, and in which direction.
_HIGH, _LOW = ("H", "HH"), ("L", "LL")
#: Readings are in the store so long after they were told; alarms asked for at a time.
SETTLE, MOST = timedelta(seconds=10), 200
#: And for so long it is waited where the store does not have the end yet.
PATIENCE = timedelta(hours=1)
#: A store that is away is asked again after so long.
PAUSE_S = 60
_AWAY = "monitoring.peaks.away"


def fill_peaks(*, now: datetime) -> int:
    """Write down the peak of alarms that are normal again; how many. Waits while the store is away.

    Where the store has nothing of that time the value of the raising is the farthest that is known.
    """
    rows = Alarm.objects.filter(
        peak_value__isnull=True, cleared_at__isnull=False, cleared_at__lte=now - SETTLE, type__in=(*_HIGH, *_LOW)
    )
    found = list(rows.select_related("tag").order_by("cleared_at", "pk")[:MOST])
    if not found or cache.get(_AWAY):
        return 0
    done = 0
    for row in found:
        until = row.cleared_at or now
        try:
            # A store that was away has the readings later, and a peak is written for ever.
            last = last_of([row.tag]).get(row.tag.number)
            if (last is None or last.at < until) and now - until < PATIENCE:
                continue
            peak = peak_of(row, until=until)
        except StoreAway:
            cache.set(_AWAY, True, PAUSE_S)
            break
        done += Alarm.objects.filter(pk=row.pk, cleared_at=row.cleared_at).update(peak_value=peak)
    return done


def peak_of(row: Alarm, *, until: datetime) -> float | None:
    """The farthest value of an alarm's tag up to a time; None of a condition that has none.

    :raises StoreAway: the store does not answer.
    """
    if row.type not in (*_HIGH, *_LOW):
        return None
    _step, trends = trends_of([row.tag], begin=row.raised_at, end=until + timedelta(milliseconds=1))
    told = trends[row.tag.number]
    return max([row.value, *told.high]) if row.type in _HIGH else min([row.value, *told.low])
