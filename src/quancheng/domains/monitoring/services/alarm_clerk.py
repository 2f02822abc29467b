"""From what limits did to alarms that people answer (报警生成): the events of a partition, in their order, once each.

Processors write events down and go on; this comes behind, in transactions of its own that hold the alarms together
with how far the events are worked through. So a flood of alarms holds up no reading, and a kill neither loses nor
doubles one.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from quancheng.domains.monitoring.loops.alarm import SILENT
from quancheng.domains.monitoring.models import (
    Alarm,
    AlarmCondition,
    AlarmProgress,
    LimitEvent,
    LimitName,
    SuppressionRule,
    Tag,
    TagStatus,
)
from quancheng.domains.monitoring.models.events import LIMIT_PASSED, VALUELESS
from quancheng.domains.monitoring.queries.alarm_terms import Terms, terms_at
from quancheng.domains.monitoring.queries.alarms import grade_of, needs_review
from quancheng.domains.monitoring.services.alarm_context import join_flood, join_group, mark_consequence
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.monitoring.services.silence import end_once, settling, silenced_by
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.events.services import publish
from quancheng.kernel.loops.services import enter, move

log = logging.getLogger(__name__)

HOUSE = system_actor("monitoring", "monitoring.answer", "monitoring.hold")
#: Events of one transaction.
MOST_EVENTS = 50
#: What waits is looked at again so long after it was noted.
GRACE = timedelta(seconds=5)
#: And so long where the partition is behind: under lasting overload too somebody must be told.
PATIENCE = timedelta(minutes=2)


def take_events(partition: int, *, now: datetime) -> int:
    """Make alarms of the next events of a partition; how many there were, :data:`MOST_EVENTS` at most."""
    with transaction.atomic():
        AlarmProgress.objects.get_or_create(partition=partition)
        progress = AlarmProgress.objects.select_for_update().get(partition=partition)
        events = list(
            LimitEvent.objects.filter(partition=partition, pk__gt=progress.event_id)
            .select_related("tag__file", "tag__facility")
            .order_by("pk")[:MOST_EVENTS]
        )
        if not events:
            return 0
        terms = terms_at(now)
        for event in events:
            # One that fails must not hold up the others: it waits, and ``look_again`` does what it should have done.
            try:
                with transaction.atomic():
                    condition = _note(event, partition)
                with transaction.atomic():
                    _take(event, condition, terms=terms, now=now)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("event %s was not made into an alarm", event.pk)
                AlarmCondition.objects.filter(tag=event.tag_id, type=event.limit).update(is_waiting=True)
        AlarmProgress.objects.filter(partition=partition).update(event_id=events[-1].pk)
        # One event an enterprise, whatever happened there: it brings pages up to date. What is late calls nobody.
        files = {one.tag.file_id: one.tag.file for one in events if not one.is_late}
        for _pk, file in sorted(files.items()):
            publish(LIMIT_PASSED, file, actor=HOUSE, now=now)
    return len(events)


def look_again(partition: int, *, is_behind: bool = False, now: datetime) -> int:
    """Raise what stands and has no alarm: what was told late and still stands, what was silent and is so no more.

    :param is_behind: the partition has a backlog: what waits may have its end on the way, and gets :data:`PATIENCE`.
    """
    wait = PATIENCE if is_behind else GRACE
    waiting = (
        AlarmCondition.objects.filter(partition=partition, is_waiting=True, noted_at__lte=now - wait)
        .select_related("tag__file", "tag__facility")
        .order_by("noted_at", "pk")[:MOST_EVENTS]
    )
    return each(waiting, lambda condition: _raise_waiting(condition, now=now), what="raising what waited")


def _raise_waiting(condition: AlarmCondition, *, now: datetime) -> bool:
    locked = AlarmCondition.objects.select_for_update().filter(pk=condition.pk, is_waiting=True).first()
    if locked is None:
        return False
    tag, mine = condition.tag, AlarmCondition.objects.filter(pk=condition.pk)
    row = _open(tag, condition.type)
    if not locked.is_active and row is not None and row.is_active:
        # Its end was told, and something went wrong then.
        clear(row, tag=tag, at=locked.at, now=now)
    is_due = locked.is_active and tag.status != TagStatus.ENDED and (row is None or not row.is_active)
    if is_due:
        silence = silenced_by(tag, condition.type, now=now)
        settles_at = locked.settles_at
        if isinstance(silence, SuppressionRule):
            # What it comes back to by itself after the rule is no alarm: its time begins then.
            settles_at = now + settling(tag)
        if silence is not None or (settles_at is not None and settles_at > now):
            # To the end of the line, so that those that are kept silent keep nobody else waiting.
            mine.update(settles_at=settles_at, noted_at=now)
            return False
        if row is None:
            _enter(tag, locked, terms=terms_at(now), now=now)
        else:
            _repeat(row, value=locked.value, at=locked.at, terms=terms_at(now), now=now)
    mine.update(is_waiting=False, settles_at=None)
    return is_due


def _note(event: LimitEvent, partition: int) -> AlarmCondition:
    """How the condition stands after an event; they come in the order in which they were judged."""
    known = AlarmCondition.objects.filter(tag=event.tag_id, type=event.limit).first()
    told = {
        "partition": partition, "is_active": event.is_raised, "at": event.at, "value": event.value,
        "limit_value": event.limit_value, "is_late": event.is_late, "noted_at": event.noted_at, "is_waiting": False,
        "settles_at": None,
    }  # fmt: skip
    if known is None:
        return AlarmCondition.objects.create(tag_id=event.tag_id, type=event.limit, **told)
    for name, value in told.items():
        setattr(known, name, value)
    known.save(update_fields=list(told))
    return known


def _take(event: LimitEvent, condition: AlarmCondition, *, terms: Terms, now: datetime) -> None:
    tag = event.tag
    row = _open(tag, event.limit)
    if not event.is_raised:
        if row is not None:
            clear(row, tag=tag, at=event.at, now=now)
        end_once(tag, event.limit, at=event.at, now=now)
        return
    if row is not None and (row.is_active or not event.is_late):
        _repeat(row, value=event.value, at=event.at, terms=terms, now=now)
    elif event.is_late or (silence := silenced_by(tag, event.limit, now=now)) is not None:
        settles_at = None if event.is_late or not isinstance(silence, SuppressionRule) else now + settling(tag)
        AlarmCondition.objects.filter(pk=condition.pk).update(is_waiting=True, settles_at=settles_at)
    else:
        _enter(tag, condition, terms=terms, now=now)


def _open(tag: Tag, kind: str) -> Alarm | None:
    return Alarm.objects.select_for_update(no_key=True).filter(tag=tag, type=kind).exclude(status="CLOSED").first()


def _enter(tag: Tag, condition: AlarmCondition, *, terms: Terms, now: datetime) -> Alarm:
    label = LimitName(condition.type).label
    row = Alarm(
        **tag.scope_columns(), tag=tag, file=tag.file, type=condition.type,
        title=f"{tag.name} {label} {_told(tag, condition)}".strip()[:300], priority=tag.priority,
        is_critical=tag.is_critical, hazard_grade=grade_of(tag), value=condition.value,
        limit_value=condition.limit_value, raised_at=condition.at, noted_at=now, last_raised_at=now,
        is_late=condition.is_late, respond_by=now + terms.respond(tag.priority),
        feedback_by=now + terms.feedback(tag.priority),
    )  # fmt: skip
    facts = {"tag": tag.code, "type": condition.type, "value": condition.value, "limit": condition.limit_value}
    enter(actor=HOUSE, row=row, now=now, facts=facts)
    join_group(row, now=now)
    join_flood(row, now=now)
    mark_consequence(row)
    return row


def _told(tag: Tag, condition: AlarmCondition) -> str:
    """The value in words, of what is one: a signal that is away or stuck has none that says anything."""
    return "" if condition.type in VALUELESS else f"{condition.value:g} {tag.unit}"


def _repeat(row: Alarm, *, value: float, at: datetime, terms: Terms, now: datetime) -> None:
    """The same alarm before it was closed: counted, and whoever had done with it is called again. What was said of it
    before says nothing of now."""
    changes: dict[str, Any] = {
        "again_count": row.again_count + 1, "cleared_at": None, "peak_value": None, "last_raised_at": now,
        "respond_by": now + terms.respond(row.priority), "feedback_by": now + terms.feedback(row.priority),
    }  # fmt: skip
    # A latched one that was acknowledged has stayed where it was.
    if row.status in ("RTNUN", "FEEDBACK", "REVIEW") or (row.status == "ACKED" and not row.is_active):
        changes |= CALLS_ANEW
        move(actor=HOUSE, row=row, name="raise_again", changes=changes, now=now, facts={"value": value, "at": at})
        join_flood(row, now=now)
    elif not row.is_active:
        Alarm.objects.filter(pk=row.pk).update(cleared_at=None, peak_value=None, again_count=row.again_count + 1)


#: Whoever is called anew has neither acknowledged nor answered yet.
CALLS_ANEW: dict[str, Any] = {
    "step": -1, "acknowledged_at": None, "acknowledged_by_id": None, "action": "", "comment": "", "reason": "",
    "measures": "", "answered_at": None, "answered_by_id": None,
}  # fmt: skip


def clear(row: Alarm, *, tag: Tag, at: datetime, now: datetime) -> None:
    """The condition is normal again: what follows depends on who did what meanwhile."""
    if row.status in SILENT or not row.is_active:
        Alarm.objects.filter(pk=row.pk).update(cleared_at=at)
        return
    changes = {"cleared_at": at}
    if row.status == "UNACK":
        by_itself = tag.acks_itself and row.priority >= 3 and not needs_review(row)
        name = "clear_by_itself" if by_itself else "clear"
    elif tag.is_latched:
        Alarm.objects.filter(pk=row.pk).update(cleared_at=at)
        return
    elif not row.reason:
        name = "clear_acked"
    else:
        name = "clear_submitted" if needs_review(row) else "clear_answered"
    if name in ("clear_by_itself", "clear_answered"):
        changes["closed_at"] = now
    move(actor=HOUSE, row=row, name=name, changes=changes, now=now, facts={"at": at})
