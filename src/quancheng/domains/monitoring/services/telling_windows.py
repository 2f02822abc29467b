"""Telling again when a window opens (时段开放补告): what arose outside it and still stands, the gravest first."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from quancheng.domains.monitoring.models import Alarm, AlarmTold, Outcome, TellingRule
from quancheng.domains.monitoring.queries.escalation import waiting_alarms
from quancheng.domains.monitoring.queries.telling import What, is_open, matches, plan, rules_of, what_of
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.monitoring.services.telling import tell_person
from quancheng.kernel.calendar import Calendar

#: Alarms of one look; more of them come with the next, a minute later.
MOST = 200
_REACHED = (Outcome.TOLD, Outcome.GATHERED)


def tell_opened(*, now: datetime) -> int:
    """Tell whom a window kept from hearing of an alarm that still stands, once one of his is open; how many persons.

    Each hears of an alarm once, at the highest step of which he was not told. Two processes at once tell once.
    """
    rules: dict[uuid.UUID, Sequence[TellingRule]] = {}
    return each(waiting_alarms(most=MOST), lambda row: _tell(row, rules, now=now), what="telling what waited")


def _tell(found: Alarm, rules: dict[uuid.UUID, Sequence[TellingRule]], *, now: datetime) -> int:
    # Who holds the row writes down whom he told before the next one looks.
    row = Alarm.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)
    if row.last_raised_at != found.last_raised_at or row.status != found.status or not row.is_active:
        return 0
    row.tag, row.file, row.flood = found.tag, found.file, found.flood
    lines = list(AlarmTold.objects.filter(alarm=row, at__gte=row.last_raised_at, person__isnull=False))
    reached: dict[uuid.UUID, int] = {}
    for line in lines:
        if line.outcome in _REACHED and line.person_id is not None:
            reached[line.person_id] = max(line.step, reached.get(line.person_id, 0))

    def heard(person: uuid.UUID | None) -> int:
        return -1 if person is None else reached.get(person, -1)

    waiting: dict[int, set[uuid.UUID]] = defaultdict(set)
    for line in lines:
        if line.outcome == Outcome.HOURS and line.organisation_id and line.step > heard(line.person_id):
            waiting[line.step].add(line.organisation_id)
    what, done = what_of(row.tag, priority=row.priority, kind=row.type), 0
    for step in sorted(waiting, reverse=True):
        if not any(_may_open(one, rules, what, step, now=now) for one in waiting[step]):
            continue
        for one in plan(what, step, now=now).people:
            if one.person_id is None or one.outcome != Outcome.TOLD or one.organisation_id not in waiting[step]:
                continue
            if heard(one.person_id) < step:
                tell_person(row, step, one, now=now)
                reached[one.person_id] = step
                done += 1
    return done


def _may_open(
    organisation: uuid.UUID, rules: dict[uuid.UUID, Sequence[TellingRule]], what: What, step: int, *, now: datetime
) -> bool:
    """Whether a rule of an organisation about it is open, or none is about it any more: it is worth a plan."""
    if organisation not in rules:
        rules[organisation] = rules_of(organisation)
    about = [rule for rule in rules[organisation] if matches(rule, what, step)]
    calendar = Calendar()
    return not about or any(is_open(rule, now, calendar) for rule in about)
