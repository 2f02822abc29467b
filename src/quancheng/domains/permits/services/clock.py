"""What the clock of permits does each minute (计时): suspends, expires, archives, watches, and tells the head."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.permit import BEFORE
from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.notices import LOOK, OVERDUE
from quancheng.domains.permits.queries.blocks import HEALTH, answers_of
from quancheng.domains.permits.queries.facts import Around
from quancheng.domains.permits.queries.field import NO_LOOK
from quancheng.domains.permits.queries.guarding import last_looks, next_look
from quancheng.domains.permits.queries.loading import Loaded, load_many, load_rows
from quancheng.domains.permits.queries.permits import SIGN_LEADER, WORK
from quancheng.domains.permits.queries.simops import Met, all_met
from quancheng.domains.permits.services.alarms import tell_unheard, watch_approvals
from quancheng.domains.permits.services.checking import note
from quancheng.domains.permits.services.musters import tell_missing
from quancheng.domains.permits.services.pairing_clock import keep_pairings
from quancheng.domains.permits.services.sanctions import watch_sanctions
from quancheng.domains.permits.services.shifts import keep_shifts
from quancheng.domains.permits.services.simops import record_conflicts
from quancheng.domains.permits.services.staying import watch_stays
from quancheng.domains.permits.services.telling import tell
from quancheng.domains.permits.services.weather_clock import lapse_warnings
from quancheng.domains.permits.services.working import CLOCK, stop, void_number_of
from quancheng.kernel.loops.services import move
from quancheng.standards.gb30871.checks.model import Answer
from quancheng.standards.gb30871.endings import STOP_REASONS
from quancheng.standards.gb30871.watching import every_min

log = logging.getLogger(__name__)
#: What was accepted is closed by the house after so long (T23) [D].
ARCHIVE_AFTER = timedelta(hours=24)
#: A draft whose window is over may be written anew for so long; then it ends, so that nothing is kept for good [D].
DRAFTS_KEPT = timedelta(days=30)
#: Suspended past its window, or finished and not accepted, for so long: the head of the enterprise is told [D].
ESCALATE_AFTER = timedelta(hours=24)
#: So many permits are read at once.
_BATCH = 200
#: Why work is stopped, by the alarm of the check that fails, else by its code; all others are a violation.
_REASONS = {
    "WTH": "WEATHER", "SIM": "SIMOPS", "VID": "VIDEO_LOST", "GAS": "GAS_ALARM", "05": "GAS_ALARM", "10": "EXPIRED",
}  # fmt: skip
_OF_CODE = {"C-08": "GUARDIAN_ABSENT", "C-39": "INSPECTOR_ORDER", "C-61": "BREAK"}


def keep_time(*, now: datetime) -> tuple[int, int, int]:
    """Suspends work whose window ended (alarm 10), makes void what never began, archives what was accepted a day ago;
    stops work that a check of running work refuses, and tells the head what stands too long. Returns how many of the
    first three."""
    ended = {"ended_at": now, "end_event": "NEVER_STARTED", "end_reason": ""}
    stopped = _tick_all(Q(status="WORKING", window_end__lt=now), "stop", now, {})
    over = Q(status__in=BEFORE, window_end__lt=now) | Q(status="DRAFT", window_end__lt=now - DRAFTS_KEPT)
    expired = _tick_all(over, "expire", now, ended)
    accepted = Q(status="ACCEPTED", accepted_at__lt=now - ARCHIVE_AFTER)
    archived = _tick_all(accepted, "archive", now, {"ended_at": now})
    # What meets is found once a minute, for the work that runs and for what is kept of it.
    met = _meetings(now)
    parts: tuple[tuple[Callable[..., Any], Mapping[str, Any]], ...] = (
        (keep_pairings, {}),
        (watch_running, {"met": met}), (watch_guardians, {}), (escalate, {}), (record_conflicts, {"met": met}),
        (watch_approvals, {}), (tell_unheard, {}), (lapse_warnings, {}), (tell_missing, {}),
        (watch_sanctions, {}), (watch_stays, {}),
        (keep_shifts, {}),
    )  # fmt: skip
    for part, told in parts:
        try:
            part(now=now, **told)
        except Exception:
            log.exception("the clock could not %s", part.__name__)
    return stopped, expired, archived


def _meetings(now: datetime) -> Mapping[uuid.UUID, Sequence[Met]] | None:
    """None where it cannot be found for all at once: then whoever needs it asks for himself."""
    try:
        with transaction.atomic():
            return all_met(now=now)
    except Exception:
        log.exception("the clock could not find what meets")
        return None


def _tick_all(due: Q, name: str, now: datetime, changes: dict[str, Any]) -> int:
    """One permit that cannot be moved holds up none of the others: it is logged, and tried again a minute later."""
    done = 0
    for pk in Permit.objects.filter(due).order_by("pk").values_list("pk", flat=True):
        try:
            done += _tick(pk, due, name, now, changes)
        except Exception:
            log.exception("the clock could not %s permit %s", name, pk)
    return done


def _tick(pk: uuid.UUID, due: Q, name: str, now: datetime, changes: dict[str, Any]) -> int:
    with transaction.atomic():
        row = _locked(pk, due)
        if row is None:
            # Somebody was faster.
            return 0
        if name == "stop":
            stop(row, "EXPIRED", now)
            return 1
        move(actor=CLOCK, row=row, name=name, now=now, changes=changes)
        if name == "expire":
            void_number_of(CLOCK, row, _("有效期已过"), now)
    return 1


def _locked(pk: uuid.UUID, due: Q) -> Permit | None:
    rows = Permit.objects.select_for_update(of=("self",), no_key=True).select_related(
        "file__enterprise", "file__area", "area"
    )
    return rows.filter(due, pk=pk).first()


# Work that may not go on ---------------------------------------------------------------------------------------------


def watch_running(
    *, now: datetime, under: Q | None = None, met: Mapping[uuid.UUID, Sequence[Met]] | None = None
) -> int:
    """Ask the checks of running work of every permit in work, and stop with the reason what they refuse: weather, a
    locked zone, an overdue record, a revoked certificate, an altered permit. What nobody knows stops nothing: it was
    known at the start. Returns how many were stopped.

    :param under: of which permits alone; None: of all. :param met: what meets now; found here where it is not told.
    """
    due = Q(status="WORKING", window_end__gte=now) & (under or Q())
    rows = Permit.objects.filter(due).select_related(
        "file__enterprise", "file__area", "area", "requester"
    ).order_by("pk")
    around, stopped, waiting = Around(), 0, list(rows)
    while waiting:
        batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
        for key, loaded in _read(batch, met).items():
            try:
                if failing(loaded, now, around):
                    stopped += _stop_failing(key, due, now)
            except Exception:
                log.exception("the clock could not watch permit %s", key)
    return stopped


def _read(batch: Sequence[Permit], met: Mapping[uuid.UUID, Sequence[Met]] | None) -> dict[uuid.UUID, Loaded]:
    """Rows of many permits; where one of them cannot be read, of all others one by one."""
    try:
        with transaction.atomic():
            return load_many(batch, asks_registers=False, met=met)
    except Exception:
        log.exception("the clock could not read %s permits at once", len(batch))
    found: dict[uuid.UUID, Loaded] = {}
    for row in batch:
        try:
            with transaction.atomic():
                found[row.pk] = load_rows(row)
        except Exception:
            log.exception("the clock could not read permit %s", row.pk)
    return found


def failing(rows: Loaded, now: datetime, around: Around) -> list[Answer]:
    """Checks of running work that fail."""
    answers = answers_of(rows, "work", now, around=around.of(rows.permit, now))
    return [one for one in answers if one.verdict == "BLOCK" and one.outcome == "FAIL"]


def _stop_failing(pk: uuid.UUID, due: Q, now: datetime) -> int:
    """What was read in passing is read again behind the lock: somebody may have put it right."""
    with transaction.atomic():
        row = _locked(pk, due)
        if row is None:
            return 0
        found = failing(load_rows(row), now, Around())
        if not found:
            return 0
        stop(row, reason_of(found[0], row), now, note_of(found), alarms=[one.alarm for one in found if one.alarm])
    return 1


def reason_of(one: Answer, permit: Permit) -> str:
    """The stop reason for a failing check."""
    if one.fact == "zone.locked_by":
        told = next((code for code, text in STOP_REASONS.items() if text == one.value), "")
        return told or "UNIT_UPSET"
    return _REASONS.get(one.alarm) or _OF_CODE.get(one.code) or "VIOLATION"


def note_of(found: Sequence[Answer]) -> str:
    """What was found, as the record of the move keeps it. Of health it says nothing: offices read it too."""
    told = [
        f"{one.code} {one.text.zh}" + (f"（{one.value.zh}）" if one.value.zh else "")
        for one in found if one.code != HEALTH
    ]  # fmt: skip
    if len(told) < len(found):
        told.append("有人员不得从事该作业")
    return "；".join(told)


def watch_guardians(*, now: datetime) -> int:
    """Tell whose guardian's look is overdue, once; and stop the work where he looked at nothing for twice the time
    (alarm 31). Returns how many were stopped."""
    due = Q(status="WORKING", window_end__gte=now)
    rows = list(Permit.objects.filter(due).order_by("pk"))
    looks, stopped = last_looks(rows), 0
    for row in rows:
        try:
            at = next_look(row, looks.get(row.pk))
            if at is not None and now >= at:
                stopped += _watch_guardian(row.pk, due, now)
        except Exception:
            log.exception("the clock could not watch the guardian of permit %s", row.pk)
    return stopped


def _watch_guardian(pk: uuid.UUID, due: Q, now: datetime) -> int:
    """What was read in passing is read again behind the lock: he may have looked since."""
    with transaction.atomic():
        held = _locked(pk, due)
        at = None if held is None else next_look(held, last_looks([held]).get(pk))
        if held is None or at is None or now < at:
            return 0
        if now >= at + timedelta(minutes=every_min(held.kind, held.effective or held.level)):
            stop(held, "GUARDIAN_ABSENT", now, NO_LOOK)
            return 1
        if held.guard_told_at is None:
            Permit.objects.filter(pk=pk).update(guard_told_at=now)
            tell(LOOK, held, now, duty=WORK)
    return 0


# What stands too long ------------------------------------------------------------------------------------------------


def escalate(*, now: datetime) -> int:
    """Tell the head of the enterprise what stands suspended a day past its window, where only finishing and voiding
    are left, and what was finished a day ago and is not accepted. Once each."""
    since = now - ESCALATE_AFTER
    due = Q(escalated_at__isnull=True) & (
        Q(status="SUSPENDED", window_end__lt=since) | Q(status="FINISHED", finished_at__lt=since)
    )
    done = 0
    for pk in Permit.objects.filter(due).order_by("pk").values_list("pk", flat=True):
        try:
            done += _escalate(pk, due, now)
        except Exception:
            log.exception("the clock could not tell of permit %s", pk)
    return done


def _escalate(pk: uuid.UUID, due: Q, now: datetime) -> int:
    with transaction.atomic():
        row = _locked(pk, due)
        if row is None:
            return 0
        Permit.objects.filter(pk=pk).update(escalated_at=now)
        note(CLOCK, "permits.permit.escalate", row, now, {"status": row.status})
        tell(OVERDUE, row, now, duty=SIGN_LEADER, state=str(row.status_label))
    return 1
