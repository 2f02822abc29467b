"""Work under a permit (作业过程): start, stop, go on, end, accept, close; cancelled or void otherwise."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.permit import BEFORE
from quancheng.domains.permits.models import Permit, PermitSignature
from quancheng.domains.permits.queries.facts import STATES, load_rows, user_code
from quancheng.domains.permits.queries.permits import SIGN_UNIT, VIEW, WORK
from quancheng.domains.permits.services.checking import (
    act_on,
    require_own,
    require_pass,
    require_state,
    withdraw_signatures,
)
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.services import void_number
from quancheng.standards.gb30871.endings import STOP_REASONS, ending

log = logging.getLogger(__name__)
CLOCK = system_actor("permits.clock", WORK)
#: The fire is watched so long after hot work before it is accepted [D].
FIRE_WATCH = timedelta(minutes=30)
#: What was accepted is closed by the house after so long (T23) [D].
ARCHIVE_AFTER = timedelta(hours=24)
#: A draft whose window is over may be written anew for so long; then it ends, so that nothing is kept for good [D].
DRAFTS_KEPT = timedelta(days=30)
#: Events by which a permit that was issued is made void.
VOIDED_BY = ("SERIOUS_VIOLATION", "WORK_CHANGED", "CONDITIONS_CHANGED")
#: What is asked to the very end: a permit that was altered is made void (4.18).
UNALTERED = ("P-36",)
#: Reasons for which people suspend; the end of the window is the clock's.
SUSPENDED_BY = tuple(code for code in STOP_REASONS if code != "EXPIRED")


def start_work(*, actor: Actor, permit: Permit, now: datetime, client_id: uuid.UUID | None = None) -> Permit:
    """Begin work. :raises Refused: with every failing check of the start."""
    require_own(actor, permit.file, WORK)

    def do() -> None:
        require_state(permit, "ISSUED")
        require_pass(load_rows(permit), "start", "start", now)
        move(actor=actor, row=permit, name="start", now=now, changes={"started_at": now})

    return act_on(actor=actor, permit=permit, name="start", body={}, now=now, client_id=client_id, do=do)


def suspend_work(
    *, actor: Actor, permit: Permit, stop_reason: str, now: datetime, note: str = "",
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """Stop work at once: whoever of the enterprise sees the permit may, whoever took the work item.

    :raises Invalid: no such reason.
    """
    require_own(actor, permit.file, VIEW)
    if stop_reason not in SUSPENDED_BY:
        raise Invalid(fields={"stop_reason": _("请选择暂停原因。")})
    given = {"stop_reason": stop_reason, "note": clean(note)[:500]}
    changes = {"stopped_at": now, "stop_reason": stop_reason}
    return move(actor=actor, row=permit, name="suspend", now=now, given=given, changes=changes, client_id=client_id)


def stop_for_gas(permit: Permit, now: datetime) -> None:
    """A failing test stops work (4.8, 6.5), and before work sends the permit back to be prepared: what was signed was
    signed to another air (T30). The house does it, so that nobody's duty or work item is in the way; who tested stands
    with the test. The permit is locked by the caller."""
    if permit.status == "WORKING":
        move(
            actor=CLOCK, row=permit, name="stop", now=now, given={"stop_reason": "GAS_ALARM"},
            changes={"stopped_at": now, "stop_reason": "GAS_ALARM"},
        )  # fmt: skip
    elif permit.status in ("APPROVING", "ISSUED"):
        withdraw_signatures(permit, now)
        move(
            actor=CLOCK, row=permit, name="unfit", now=now, given={"reason": _("气体分析不合格")},
            changes={"seal": "", "issued_at": None},
        )  # fmt: skip


def resume_work(*, actor: Actor, permit: Permit, now: datetime, client_id: uuid.UUID | None = None) -> Permit:
    """Go on after a break. :raises Refused: with every failing check; past the window's end it is one of them."""
    require_own(actor, permit.file, WORK)

    def do() -> None:
        require_state(permit, "SUSPENDED")
        require_pass(load_rows(permit), "resume", "resume", now)
        move(actor=actor, row=permit, name="resume", now=now, changes={"stopped_at": None, "stop_reason": ""})

    return act_on(actor=actor, permit=permit, name="resume", body={}, now=now, client_id=client_id, do=do)


def finish_work(
    *, actor: Actor, permit: Permit, note: str, now: datetime, client_id: uuid.UUID | None = None
) -> Permit:
    """The work is done and the site restored (4.14): people and tools counted out, covers and rails back.

    :raises Refused: the permit was altered (4.18): it is made void.
    """
    require_own(actor, permit.file, WORK)
    given = {"note": clean(note)[:500]}

    def do() -> None:
        require_state(permit, "WORKING", "SUSPENDED")
        require_pass(load_rows(permit), "work", "finish", now, only=UNALTERED)
        move(actor=actor, row=permit, name="finish", now=now, given=given, changes={"finished_at": now})

    return act_on(actor=actor, permit=permit, name="finish", body=given, now=now, client_id=client_id, do=do)


def accept_work(
    *, actor: Actor, permit: Permit, note: str, now: datetime, client_id: uuid.UUID | None = None
) -> Permit:
    """The local unit accepts on the site (4.15) and signs for it.

    :raises Refused: the permit was altered (4.18): it is made void.
    :raises Conflict: the fire is still to be watched, or who accepts is on the permit as a worker.
    """
    require_own(actor, permit.file, SIGN_UNIT)
    given = {"note": clean(note)[:500]}

    def do() -> None:
        require_state(permit, "FINISHED")
        if permit.kind == "HW" and permit.finished_at is not None and now - permit.finished_at < FIRE_WATCH:
            minutes = int(FIRE_WATCH.total_seconds() // 60)
            raise Conflict(_("动火结束后须监火%(minutes)s分钟，确认无残火后再验收。") % {"minutes": minutes})
        rows = load_rows(permit)
        code = user_code(rows, actor.user_id, actor.name)
        if any(one.code == code and one.part == "WORKER" for one in rows.people):
            raise Conflict(_("作业人不能验收自己的作业。"))
        require_pass(rows, "work", "accept", now, only=UNALTERED)
        PermitSignature.objects.create(
            permit=permit, step="ACCEPTOR", role="ACCEPTOR", user_id=actor.user_id, name=actor.name,
            opinion=given["note"], seal=permit.seal, signed_at=now,
        )  # fmt: skip
        move(actor=actor, row=permit, name="accept", now=now, given=given, changes={"accepted_at": now})

    return act_on(actor=actor, permit=permit, name="accept", body=given, now=now, client_id=client_id, do=do)


def close_permit(*, actor: Actor, permit: Permit, now: datetime, client_id: uuid.UUID | None = None) -> Permit:
    """Put an accepted permit into the archive."""
    require_own(actor, permit.file, WORK)
    return move(actor=actor, row=permit, name="close", now=now, changes={"ended_at": now}, client_id=client_id)


def cancel_permit(
    *, actor: Actor, permit: Permit, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Permit:
    """It is no longer needed, before the start (AQ 3064.2-2025, 5.7.1). Its number stays its own and is void."""
    require_own(actor, permit.file, SIGN_UNIT)
    return _end(actor, permit, "cancel", "NOT_NEEDED", reason, now, client_id)


def void_permit(
    *, actor: Actor, permit: Permit, event: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Permit:
    """Take an issued permit back (4.10), or end one whose work or conditions changed (4.16, 4.17).

    Of finished work that alone is taken back whose permit was altered, since nobody may accept it (4.18).

    :raises Invalid: no such event, or it does nothing in this state. :raises Conflict: finished, and not altered.
    """
    require_own(actor, permit.file, SIGN_UNIT)
    is_done = permit.status == "FINISHED" and event == "SERIOUS_VIOLATION"
    if is_done and load_rows(permit).is_unaltered:
        raise Conflict(_("已完工的作业票，内容被改动的才能作废。"))
    if event not in VOIDED_BY or (not is_done and ending(event, STATES[permit.status]) is None):
        raise Invalid(fields={"event": _("请选择作废原因。")})
    return _end(actor, permit, "void", event, reason, now, client_id)


def _end(
    actor: Actor, permit: Permit, name: str, event: str, reason: str, now: datetime, client_id: uuid.UUID | None
) -> Permit:
    words = clean(reason)[:500]
    given = {"reason": words, **({"event": event} if name == "void" else {})}
    changes = {"ended_at": now, "end_event": event, "end_reason": words}
    with transaction.atomic():
        before = permit.is_closed
        moved = move(actor=actor, row=permit, name=name, now=now, given=given, changes=changes, client_id=client_id)
        if not before:
            _void_number(actor, permit, words, now)
    return moved


def _void_number(actor: Actor, permit: Permit, reason: str, now: datetime) -> None:
    """It stays the permit's own and is never given again."""
    if permit.number:
        void_number(
            actor=actor, kind=f"permits.{permit.kind}", subject_type=Permit.row_type(), subject_id=permit.pk,
            reason=reason, now=now,
        )  # fmt: skip


def has_ended(row: Model) -> bool:
    """Whether a permit's files are only added to."""
    return isinstance(row, Permit) and row.is_closed


# The clock -----------------------------------------------------------------------------------------------------------


def keep_time(*, now: datetime) -> tuple[int, int, int]:
    """What the clock does each minute: suspends work whose window ended (alarm 10), makes void what never began, and
    archives what was accepted a day ago. Returns how many of each."""
    ended = {"ended_at": now, "end_event": "NEVER_STARTED", "end_reason": ""}
    stopped = _tick_all(
        Q(status="WORKING", window_end__lt=now), "stop", now,
        {"stopped_at": now, "stop_reason": "EXPIRED"}, {"stop_reason": "EXPIRED"},
    )  # fmt: skip
    over = Q(status__in=BEFORE, window_end__lt=now) | Q(status="DRAFT", window_end__lt=now - DRAFTS_KEPT)
    expired = _tick_all(over, "expire", now, ended, {})
    accepted = Q(status="ACCEPTED", accepted_at__lt=now - ARCHIVE_AFTER)
    return stopped, expired, _tick_all(accepted, "archive", now, {"ended_at": now}, {})


def _tick_all(due: Q, name: str, now: datetime, changes: dict[str, Any], given: dict[str, str]) -> int:
    """One permit that cannot be moved holds up none of the others: it is logged, and tried again a minute later."""
    done = 0
    for pk in Permit.objects.filter(due).order_by("pk").values_list("pk", flat=True):
        try:
            done += _tick(pk, due, name, now, changes, given)
        except Exception:
            log.exception("the clock could not %s permit %s", name, pk)
    return done


def _tick(
    pk: uuid.UUID, due: Q, name: str, now: datetime, changes: dict[str, Any], given: dict[str, str]
) -> int:
    with transaction.atomic():
        rows = Permit.objects.select_for_update(of=("self",), no_key=True).select_related("file__enterprise")
        row = rows.filter(due, pk=pk).first()
        if row is None:
            # Somebody was faster.
            return 0
        move(actor=CLOCK, row=row, name=name, now=now, changes=changes, given=given)
        if name == "expire":
            _void_number(CLOCK, row, _("有效期已过"), now)
    return 1
