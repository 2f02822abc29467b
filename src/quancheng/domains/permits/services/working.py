"""Work under a permit (作业过程): start, stop, go on, end, accept, close; cancelled or void otherwise."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.isolation import STANDING
from quancheng.domains.permits.models import (
    AlarmSource,
    IsolationPoint,
    Permit,
    PermitAcceptance,
    PermitSignature,
    SpaceEntry,
)
from quancheng.domains.permits.notices import INSIDE, STOPPED
from quancheng.domains.permits.queries.facts import STATES, user_code
from quancheng.domains.permits.queries.isolations import (
    hanging,
    has_plates,
    operation_of,
    plate_known_as,
    plate_of,
    relying_now,
    takes_out,
)
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.queries.permits import SIGN_LEADER, SIGN_UNIT, VIEW, WORK
from quancheng.domains.permits.services.alarms import raise_alarm, raise_stopped
from quancheng.domains.permits.services.checking import (
    act_on,
    require_own,
    require_pass,
    require_state,
    withdraw_signatures,
)
from quancheng.domains.permits.services.checking import note as journalled
from quancheng.domains.permits.services.fire_watch import require_watched
from quancheng.domains.permits.services.lifting import lift
from quancheng.domains.permits.services.telling import tell
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.services import void_number
from quancheng.standards.gb30871 import watching
from quancheng.standards.gb30871.endings import STOP_REASONS, ending

CLOCK = system_actor("permits.clock", WORK)
#: Events by which a permit that was issued is made void.
VOIDED_BY = ("SERIOUS_VIOLATION", "WORK_CHANGED", "CONDITIONS_CHANGED")
#: What is asked to the very end: a permit that was altered is made void (4.18).
UNALTERED = ("P-36",)
#: Reasons for which people suspend; the end of the window is the clock's, a test is that of its sanction.
SUSPENDED_BY = tuple(code for code in STOP_REASONS if code not in ("EXPIRED", "TEST"))


def start_work(
    *, actor: Actor, permit: Permit, now: datetime, confirmed: Mapping[str, str] | None = None,
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """Begin work; ``confirmed``: reasons for what only warns, by the code of its check.

    :raises Refused: with every failing check of the start.
    """
    require_own(actor, permit.file, WORK)
    reasons = dict(confirmed or {})

    def do() -> None:
        require_state(permit, "ISSUED")
        require_removable(permit)
        require_pass(load_rows(permit), "start", "start", now, actor=actor, confirmed=reasons)
        move(actor=actor, row=permit, name="start", now=now, changes={"started_at": now})

    return act_on(
        actor=actor, permit=permit, name="start", body=reasons, now=now, client_id=client_id, do=do, alone=True
    )


def suspend_work(
    *, actor: Actor, permit: Permit, stop_reason: str, now: datetime, note: str = "",
    client_id: uuid.UUID | None = None, at: datetime | None = None, device_at: datetime | None = None,
) -> Permit:  # fmt: skip
    """Stop work at once: whoever of the enterprise sees the permit may, whoever took the work item.

    :param at: since when it stands, where a phone tells it later; ``device_at`` that time by its clock.
    :raises Invalid: no such reason.
    """
    require_own(actor, permit.file, VIEW)
    if stop_reason not in SUSPENDED_BY:
        raise Invalid(fields={"stop_reason": _("请选择暂停原因。")})
    given = {"stop_reason": stop_reason, "note": clean(note)[:500]}
    changes = {"stopped_at": at or now, "stop_reason": stop_reason}
    with transaction.atomic():
        before = permit.status
        moved = move(
            actor=actor, row=permit, name="suspend", now=now, given=given, changes=changes, client_id=client_id,
            device_at=device_at,
        )  # fmt: skip
        if before == "WORKING":
            raise_stopped(
                permit=moved, reason=stop_reason, codes=(), source=AlarmSource.PERSON, now=now, words=given["note"]
            )
    return moved


def stop(
    permit: Permit, reason: str, now: datetime, note: str = "", *, alarms: Collection[str] = (),
    source: str = AlarmSource.WATCH, device_at: datetime | None = None, by: str = "",
) -> None:  # fmt: skip
    """The house stops work: whatever finds that it may not go on. The permit is locked by the caller.

    :param reason: a code of ``standards.gb30871.endings.STOP_REASONS``. :param note: what was found, in Chinese.
    :param alarms: codes of the alarms that it raises; none told: that of the reason, where it has one.
    :param device_at: when it was found by the clock of the phone that brings it later.
    :param by: for whom it acts who has no account, kept with the move.
    """
    given = {"stop_reason": reason, **({"note": note[:500]} if note else {}), **({"by": by} if by else {})}
    move(
        actor=CLOCK, row=permit, name="stop", now=now, given=given,
        changes={"stopped_at": now, "stop_reason": reason}, device_at=device_at,
    )  # fmt: skip
    tell(STOPPED, permit, now, duty=WORK, reason=STOP_REASONS[reason].zh)
    raise_stopped(permit=permit, reason=reason, codes=alarms, source=source, now=now, words=note)


def stop_for_gas(permit: Permit, now: datetime, reason: str = "", *, device_at: datetime | None = None) -> None:
    """A failing test stops work (4.8, 6.5), and before work sends the permit back to be prepared: what was signed was
    signed to another air (T30). The house does it, so that nobody's duty or work item is in the way; who tested stands
    with the test. The permit is locked by the caller."""
    if permit.status == "WORKING":
        stop(permit, "GAS_ALARM", now, reason, source=AlarmSource.GAS, device_at=device_at)
    elif permit.status in ("APPROVING", "ISSUED"):
        _unfit(permit, (reason or _("气体分析不合格"))[:500], now, device_at)
        raise_alarm(permit=permit, code="GAS", source=AlarmSource.GAS, now=now, words=reason)


def _unfit(permit: Permit, words: str, now: datetime, device_at: datetime | None) -> None:
    """Back to be prepared: what was signed was signed to something else."""
    withdraw_signatures(permit, now)
    move(
        actor=CLOCK, row=permit, name="unfit", now=now, given={"reason": words},
        changes={"seal": "", "issued_at": None}, device_at=device_at,
    )  # fmt: skip


def stop_graver(
    *, actor: Actor, permit: Permit, stop_reason: str, note: str, now: datetime, at: datetime
) -> None:
    """Work rests already, and something graver was told from the place: that is why it rests from here on, and what is
    asked before it goes on. The permit is locked by the caller."""
    since = max(at, permit.stopped_at or at)
    before, words = permit.stop_reason, clean(note)[:500]
    Permit.objects.filter(pk=permit.pk).update(stop_reason=stop_reason, stopped_at=since)
    facts = {"before": before, "reason": stop_reason, "since": since, "note": words}
    journalled(actor, "permits.stop.raise", permit, now, facts)
    tell(STOPPED, permit, now, duty=WORK, reason=STOP_REASONS[stop_reason].zh)
    raise_stopped(permit=permit, reason=stop_reason, codes=(), source=AlarmSource.PERSON, now=now, words=words)


def send_back(
    *, permit: Permit, stop_reason: str, note: str, now: datetime, device_at: datetime | None = None
) -> None:
    """Somebody stopped at the place what has not begun by our books: it was signed to another place, and is
    prepared anew. The permit is locked by the caller."""
    words = "；".join(filter(None, (STOP_REASONS[stop_reason].zh, clean(note))))[:500]
    _unfit(permit, words, now, device_at)
    tell(STOPPED, permit, now, duty=WORK, reason=STOP_REASONS[stop_reason].zh)
    raise_stopped(permit=permit, reason=stop_reason, codes=(), source=AlarmSource.PERSON, now=now, words=words)


def resume_work(
    *, actor: Actor, permit: Permit, now: datetime, confirmed: Mapping[str, str] | None = None,
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """Go on after a break; ``confirmed`` as at a start.

    :raises Refused: with every failing check; past the window's end it is one of them.
    """
    require_own(actor, permit.file, WORK)
    reasons = dict(confirmed or {})

    def do() -> None:
        require_state(permit, "SUSPENDED")
        require_removable(permit)
        require_pass(load_rows(permit), "resume", "resume", now, actor=actor, confirmed=reasons)
        changes = {"stopped_at": None, "stop_reason": "", "guard_told_at": None}
        move(actor=actor, row=permit, name="resume", now=now, changes=changes)

    return act_on(
        actor=actor, permit=permit, name="resume", body=reasons, now=now, client_id=client_id, do=do, alone=True
    )


def finish_work(
    *, actor: Actor, permit: Permit, note: str, now: datetime, client_id: uuid.UUID | None = None
) -> Permit:
    """The work is done and the site restored (4.14): people and tools counted out, covers and rails back.

    :raises Refused: the permit was altered (4.18): it is made void.
    :raises Conflict: of a confined space, people or tools are inside still (T19).
    """
    require_own(actor, permit.file, WORK)
    given = {"note": clean(note)[:500]}

    def do() -> None:
        require_state(permit, "WORKING", "SUSPENDED")
        require_counted_out(permit)
        _require_plate_told(permit)
        require_pass(load_rows(permit), "work", "finish", now, actor=actor, only=UNALTERED)
        move(actor=actor, row=permit, name="finish", now=now, given=given, changes={"finished_at": now})

    return act_on(actor=actor, permit=permit, name="finish", body=given, now=now, client_id=client_id, do=do)


def require_counted_out(permit: Permit) -> None:
    """T19: of a confined space nobody is inside, and as many tools came out as went in.

    :raises Conflict: who or how many are missing.
    """
    if permit.kind != "CS":
        return
    rows = list(SpaceEntry.objects.filter(permit=permit).values_list("left_at", "tools_in", "tools_out"))
    inside = sum(1 for left, _in, _out in rows if left is None)
    missing = sum(tools_in for _left, tools_in, _out in rows) - sum(out or 0 for _left, _in, out in rows)
    if inside:
        raise Conflict(_("空间内还有%(count)s人，不能完工。") % {"count": inside})
    if missing:
        raise Conflict(_("带入、带出的工器具相差%(count)s件，清点一致后再完工。") % {"count": abs(missing)})


def require_plate_named(permit: Permit) -> IsolationPoint | None:
    """Of work that takes out a plate: which, where the enterprise keeps a register of plates.

    :raises Conflict: it names none.
    """
    if not takes_out(permit):
        return None
    plate = plate_of(permit)
    if plate is None and has_plates(permit.file_id):
        raise Conflict(_("本单位已建盲板台账：抽盲板的作业票须在提交签字前关联要抽出的盲板（7.4、7.11）。"))
    return plate


def require_removable(permit: Permit) -> None:
    """As :func:`require_plate_named`, and no permit in force relies on that plate.

    :raises Conflict: some do; which ones.
    """
    plate = require_plate_named(permit)
    if plate is None:
        return
    if relying := list(relying_now(plate)[:10]):
        raise Conflict(
            _("盲板%(tag)s仍有作业票依靠，不能抽出：%(permits)s")
            % {"tag": plate.tag, "permits": _("、").join(map(str, relying))}
        )


def _require_plate_told(permit: Permit) -> None:
    """T19: of blinding the register knows how its plate stands now.

    :raises Conflict: it says otherwise than the work was to be.
    """
    plate = plate_of(permit) if permit.kind == "BL" else None
    if plate is None:
        return
    if plate.status not in (("REMOVED",) if takes_out(permit) else STANDING):
        raise Conflict(
            _("盲板%(tag)s在台账中现为“%(state)s”，请先登记装设或抽出，再完工（7.4）。")
            % {"tag": plate.tag, "state": plate.status_label}
        )


def _require_locks_off(permit: Permit) -> None:
    """:raises Conflict: personal locks of its people hang still; which, where and whose."""
    found = list(hanging(permit=permit)[:10])
    if found:
        raise Conflict(
            _("个人锁未全部取下，不能验收：%(locks)s")
            % {"locks": _("、").join(f"{one.point.tag} {one.lock_no} {one.person.name}" for one in found)}
        )


def accept_work(
    *, actor: Actor, permit: Permit, note: str, items: Mapping[str, bool | None], now: datetime, plate_no: str = "",
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """The local unit accepts on the site (4.15) and signs for it.

    :param items: conditions by key of ``standards.gb30871.watching``: True, or None where it does not concern the job;
        what is asked of every kind concerns every job.
    :param plate_no: of blinding, the plate that was set or taken out.
    :raises Invalid: a condition is not met or was not looked at; no number of the plate.
    :raises Refused: the permit was altered (4.18): it is made void.
    :raises Conflict: the fire is still to be watched, personal locks hang, or who accepts is on the permit as a worker.
    """
    require_own(actor, permit.file, SIGN_UNIT)
    given = {"note": clean(note)[:500]}
    wanted = {one.key for one in watching.acceptance_items(permit.kind)}
    plate = clean(plate_no)[:40]
    wrong: dict[str, Text] = {
        f"item_{one.key}": _("未满足验收条件，不能验收。")
        for one in watching.acceptance_items(permit.kind)
        if not (items.get(one.key, False) or (one.kind != "*" and items.get(one.key, False) is None))
    }
    if permit.kind == "BL" and not plate:
        wrong["plate_no"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)

    def do() -> None:
        require_state(permit, "FINISHED")
        # A phone may have told since that somebody went in.
        require_counted_out(permit)
        _require_locks_off(permit)
        known = plate_of(permit) if permit.kind == "BL" else None
        if known is not None and known.tag != plate:
            raise Invalid(fields={"plate_no": _("与台账中关联的盲板%(tag)s不符。") % {"tag": known.tag}})
        require_watched(permit, now)
        rows = load_rows(permit)
        code = user_code(rows, actor.user_id, actor.name)
        if any(one.code == code and one.part == "WORKER" for one in rows.people):
            raise Conflict(_("作业人不能验收自己的作业。"))
        require_pass(rows, "work", "accept", now, actor=actor, only=UNALTERED)
        PermitSignature.objects.create(
            permit=permit, step="ACCEPTOR", role="ACCEPTOR", user_id=actor.user_id, name=actor.name,
            opinion=given["note"], seal=permit.seal, signed_at=now,
        )  # fmt: skip
        state = {"INSERT": "INSERTED", "REMOVE": "REMOVED"}.get(operation_of(permit), "")
        PermitAcceptance.objects.create(
            permit=permit, items={key: items[key] for key in sorted(wanted)}, accepted_at=now,
            plate_state=state if permit.kind == "BL" else "", plate_no=plate,
        )  # fmt: skip
        if known is None and state == "REMOVED":
            _lift_taken_out(actor, permit, plate, now)
        move(actor=actor, row=permit, name="accept", now=now, given=given, changes={"accepted_at": now})

    body = {**given, "items": dict(items), "plate": plate}
    return act_on(actor=actor, permit=permit, name="accept", body=body, now=now, client_id=client_id, do=do)


def _lift_taken_out(actor: Actor, permit: Permit, tag: str, now: datetime) -> None:
    """Work that began before it had to name its plate took out one of the register: nobody relies on that any more.
    What does is stopped by the clock."""
    plate = plate_known_as(permit.file_id, tag)
    if plate is not None and plate.status in STANDING:
        lift(actor=actor, point=plate, words=f"作业票{permit}验收：盲板{tag}已抽出"[:500], now=now)


def _lift_half_out(actor: Actor, permit: Permit, now: datetime) -> None:
    """Who ends the taking out of a plate on the way leaves a flange of which nobody knows how far it was opened: it is
    fitted anew under a blinding permit before anybody relies on it."""
    plate = plate_of(permit) if takes_out(permit) else None
    if plate is not None and plate.status in STANDING:
        lift(actor=actor, point=plate, words=f"作业票{permit}作废：盲板{plate.tag}抽出中止，须重新核实"[:500], now=now)


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
        before, was_begun = permit.is_closed, permit.started_at is not None
        moved = move(actor=actor, row=permit, name=name, now=now, given=given, changes=changes, client_id=client_id)
        if not before:
            void_number_of(actor, permit, words, now)
            if name == "void":
                _tell_inside(permit, now)
                if was_begun:
                    _lift_half_out(actor, moved, now)
    return moved


def _tell_inside(permit: Permit, now: datetime) -> None:
    """Of a void permit somebody may be inside still: its leaders and whoever runs its work get him out."""
    inside = SpaceEntry.objects.filter(permit=permit, left_at__isnull=True).count()
    if inside:
        for duty in (WORK, SIGN_LEADER):
            tell(INSIDE, permit, now, duty=duty, count=str(inside))


def void_number_of(actor: Actor, permit: Permit, reason: str, now: datetime) -> None:
    """It stays the permit's own and is never given again."""
    if permit.number:
        void_number(
            actor=actor, kind=f"permits.{permit.kind}", subject_type=Permit.row_type(), subject_id=permit.pk,
            reason=reason, now=now,
        )  # fmt: skip


def has_ended(row: Model) -> bool:
    """Whether a permit's files are only added to."""
    return isinstance(row, Permit) and row.is_closed
