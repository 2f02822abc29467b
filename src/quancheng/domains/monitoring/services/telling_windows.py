"""Telling again when a window opens (时段开放补告): what arose outside it and still stands, the gravest first."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from quancheng.domains.monitoring.models import Alarm, AlarmTold, Outcome, TellingRule
from quancheng.domains.monitoring.queries.escalation import REACHED, waiting_alarms
from quancheng.domains.monitoring.queries.telling import What, is_open, matches, plan, rules_of, what_of
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.monitoring.services.telling import tell_person
from quancheng.kernel.calendar import Calendar

#: Alarms that are read at once.
MOST = 200
#: Organisations that wait, by the step of which they were not told.
Waiting = Mapping[int, set[uuid.UUID]]


def tell_opened(*, now: datetime) -> int:
    """Tell whom a window kept from hearing of an alarm that still stands, once one of his is open; how many persons.

    Each hears of an alarm once, at the highest step of which he was not told. Two processes at once tell once. All that
    wait are looked at: those whose window is closed keep nobody behind them waiting.
    """
    rules: dict[uuid.UUID, Sequence[TellingRule]] = {}
    done, last = 0, None
    while rows := waiting_alarms(most=MOST, after=last):
        last, lines = rows[-1], _lines(rows)
        some = [row for row in rows if _opens(row, _waiting(lines[row.pk], _reached(lines[row.pk])), rules, now=now)]
        done += each(some, lambda row: _tell(row, rules, now=now), what="telling what waited")
    return done


def _tell(found: Alarm, rules: dict[uuid.UUID, Sequence[TellingRule]], *, now: datetime) -> int:
    # Who holds the row writes down whom he told before the next one looks.
    row = Alarm.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)
    if row.last_raised_at != found.last_raised_at or row.status != found.status or not row.is_active:
        return 0
    row.tag, row.file, row.flood = found.tag, found.file, found.flood
    lines = _lines([row])[row.pk]
    reached = _reached(lines)
    waiting, done = _waiting(lines, reached), 0
    what = what_of(row.tag, priority=row.priority, kind=row.type)
    for step in sorted(waiting, reverse=True):
        if not any(_may_open(one, rules, what, step, now=now) for one in waiting[step]):
            continue
        for one in plan(what, step, now=now).people:
            if one.person_id is None or one.outcome != Outcome.TOLD or one.organisation_id not in waiting[step]:
                continue
            if reached.get(one.person_id, -1) < step:
                tell_person(row, step, one, now=now)
                reached[one.person_id] = step
                done += 1
    return done


def _lines(rows: Sequence[Alarm]) -> Mapping[uuid.UUID, list[AlarmTold]]:
    """What was written down of telling persons of each alarm since it was raised last. One query."""
    since, found = {row.pk: row.last_raised_at for row in rows}, defaultdict[uuid.UUID, list[AlarmTold]](list)
    for line in AlarmTold.objects.filter(alarm__in=since, at__gte=min(since.values()), person__isnull=False):
        if line.at >= since[line.alarm_id]:
            found[line.alarm_id].append(line)
    return found


def _reached(lines: Sequence[AlarmTold]) -> dict[uuid.UUID, int]:
    """The highest step of which each person heard."""
    found: dict[uuid.UUID, int] = {}
    for line in lines:
        if line.outcome in REACHED and line.person_id is not None:
            found[line.person_id] = max(line.step, found.get(line.person_id, 0))
    return found


def _waiting(lines: Sequence[AlarmTold], reached: Mapping[uuid.UUID, int]) -> Waiting:
    found: dict[int, set[uuid.UUID]] = defaultdict(set)
    for line in lines:
        if line.outcome != Outcome.HOURS or line.person_id is None or line.organisation_id is None:
            continue
        if line.step > reached.get(line.person_id, -1):
            found[line.step].add(line.organisation_id)
    return found


def _opens(
    row: Alarm, waiting: Waiting, rules: dict[uuid.UUID, Sequence[TellingRule]], *, now: datetime
) -> bool:
    what = what_of(row.tag, priority=row.priority, kind=row.type)
    return any(_may_open(one, rules, what, step, now=now) for step, some in waiting.items() for one in some)


def _may_open(
    organisation: uuid.UUID, rules: dict[uuid.UUID, Sequence[TellingRule]], what: What, step: int, *, now: datetime
) -> bool:
    """Whether a rule of an organisation about it is open, or none is about it any more: it is worth a plan."""
    if organisation not in rules:
        rules[organisation] = rules_of(organisation)
    about = [rule for rule in rules[organisation] if matches(rule, what, step)]
    calendar = Calendar()
    return not about or any(is_open(rule, now, calendar) for rule in about)
