"""What people do with alarms (报警处置): acknowledge, say why and what was done, look at it, reset."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Action, Alarm, AlarmReview
from quancheng.domains.monitoring.queries.alarms import needs_review
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.signals.responses import REASONS

ANSWER, REVIEW = "monitoring.answer", "monitoring.review"
#: States in which a measure may be told after the acknowledgement.
ACTIVE = ("ACKED", "FEEDBACK")


def acknowledge(
    *, actor: Actor, row: Alarm, action: str, comment: str = "", now: datetime, client_id: uuid.UUID | None = None
) -> Alarm:
    """Somebody has seen an alarm, and says what he does about it; with ``none`` escalation goes on.

    :raises Invalid: no such action. :raises StaleState: it is acknowledged already; by whom is told.
    """
    if action not in Action.values:
        raise Invalid(fields={"action": _("请选择采取的措施。")})
    name = "ack_returned" if row.status == "RTNUN" else "ack"
    changes = {
        "acknowledged_at": now, "acknowledged_by_id": actor.user_id, "action": action, "comment": clean(comment)[:500],
    }  # fmt: skip
    given = {"action": action, "comment": changes["comment"]}
    return move(actor=actor, row=row, name=name, given=given, changes=changes, now=now, client_id=client_id)


def act_now(*, actor: Actor, row: Alarm, action: str, comment: str = "", now: datetime) -> Alarm:
    """Who acknowledged without a measure says what is done meanwhile, so that escalation ends.

    :raises StaleState: it is not acknowledged and active.
    """
    if action not in Action.values or action == Action.NONE:
        raise Invalid(fields={"action": _("请选择采取的措施。")})
    actor.require(ANSWER)
    if actor.organisation_id != row.owner_org_id:
        raise NotPermitted
    seen = Alarm.objects.visible_to(actor).filter(pk=row.pk, status__in=ACTIVE)
    with transaction.atomic():
        if not seen.update(action=action, comment=clean(comment)[:500], updated_at=now):
            raise StaleState
        journal.record(
            actor=actor, act="monitoring.alarm.action", subject_type=row.row_type(), subject_id=row.pk,
            org_id=row.owner_org_id, facts={"action": action, "comment": clean(comment)[:500]}, now=now,
        )  # fmt: skip
    row.refresh_from_db()
    return row


def answer(
    *, actor: Actor, row: Alarm, reason: str, measures: str, files: Sequence[uuid.UUID] = (), now: datetime,
    client_id: uuid.UUID | None = None,
) -> Alarm:  # fmt: skip
    """Say why an alarm came and what was done. What the answer alone may not end goes to a second person.

    While the signal still stands the answer is kept and ends the alarm when it is normal again.

    :param files: keys of uploads; a leak or an instrument fault asks for a photo.
    :raises Invalid: by field. :raises StaleState: it is not acknowledged, or has an answer.
    """
    wrong: dict[str, Text] = {}
    known = REASONS.get(reason)
    if known is None:
        wrong["reason"] = _("请选择原因。")
    if not clean(measures):
        wrong["measures"] = _("请写明处置措施。")
    elif known is not None and "note" in known.needs and len(clean(measures)) < 4:
        wrong["measures"] = _("原因为“其他”的，请详细说明。")
    if known is not None and "photo" in known.needs and not files and not files_of(row).exists():
        wrong["files"] = _("介质泄漏和仪表故障须附照片。")
    if wrong:
        raise Invalid(fields=wrong)
    changes: dict[str, Any] = {
        "reason": reason, "measures": clean(measures)[:2000], "answered_at": now, "answered_by_id": actor.user_id,
    }  # fmt: skip
    if row.status == "ACKED":
        name = "state"
    elif Alarm.objects.filter(pk=row.pk, cleared_at__isnull=True).exists():
        # Raised again this moment, or silent while it stood: nobody closes what stands.
        raise StaleState(_("信号尚未恢复，不能关闭。"))
    elif needs_review(row, reason):
        name = "submit"
    else:
        name, changes = "answer", {**changes, "closed_at": now}
    given = {"reason": reason, "measures": changes["measures"]}
    with transaction.atomic():
        if files:
            attach_files(actor=actor, row=row, file_ids=list(files), now=now)
        return move(actor=actor, row=row, name=name, given=given, changes=changes, now=now, client_id=client_id)


def confirm(*, actor: Actor, row: Alarm, now: datetime, client_id: uuid.UUID | None = None) -> Alarm:
    """A second person has looked: the alarm ends. :raises NotPermitted: it is the one who answered."""
    return move(actor=actor, row=row, name="confirm", changes={"closed_at": now}, now=now, client_id=client_id)


def refuse(*, actor: Actor, row: Alarm, reason: str, now: datetime, client_id: uuid.UUID | None = None) -> Alarm:
    """The answer does not hold: say why, and it is answered again."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明理由。")})
    changes = {"reason": "", "measures": "", "answered_at": None, "answered_by_id": None}
    given = {"reason": clean(reason)[:500]}
    return move(actor=actor, row=row, name="refuse", given=given, changes=changes, now=now, client_id=client_id)


def reset(*, actor: Actor, row: Alarm, now: datetime, client_id: uuid.UUID | None = None) -> Alarm:
    """Let a latched alarm go whose signal is back. :raises Conflict: it is not."""
    if Alarm.objects.filter(pk=row.pk, cleared_at__isnull=True).exists():
        raise Conflict(_("信号尚未恢复，不能复位。"))
    return move(actor=actor, row=row, name="reset", now=now, client_id=client_id)


def review(
    *, actor: Actor, row: Alarm, verdict: str, note: str, now: datetime, client_id: uuid.UUID | None = None
) -> Alarm:
    """The authority looks at an answered alarm again. :raises Invalid: by field. :raises Conflict: not answered yet."""
    actor.require(REVIEW)
    office = actor.organisation_id
    if not actor.supervises or office is None:
        raise NotPermitted
    if verdict not in AlarmReview.Verdict.values:
        raise Invalid(fields={"verdict": _("请选择核实结论。")})
    if verdict != AlarmReview.Verdict.TRUE and not clean(note):
        raise Invalid(fields={"note": _("请写明不属实或不到位之处。")})
    if row.answered_at is None:
        raise Conflict(_("该报警尚未反馈。"))

    def make() -> uuid.UUID:
        made = AlarmReview.objects.create(
            alarm=row, office_id=office, reviewed_by_id=actor.user_id, verdict=verdict,
            note=clean(note)[:500], at=now,
        )  # fmt: skip
        facts: Mapping[str, Any] = {"verdict": verdict, "note": made.note}
        journal.record(actor=actor, act=act, subject_type=row.row_type(), subject_id=row.pk, org_id=row.owner_org_id,
                       facts=facts, now=now)  # fmt: skip
        return row.pk

    act = "monitoring.alarm.review"
    with transaction.atomic():
        body = {"alarm": row.pk, "verdict": verdict, "note": clean(note)}
        once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return row
