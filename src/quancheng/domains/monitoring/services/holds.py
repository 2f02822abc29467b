"""Alarms kept silent for a time (报警搁置、停用): asked for, allowed by a second person where it must be, ended."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Alarm, AlarmHold, HoldKind, LimitName, Tag, TagStatus
from quancheng.domains.monitoring.queries.alarm_terms import Terms, terms_at
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.monitoring.services.silence import HOUSE
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.signals.responses import approvers_to_shelve

HOLD = "monitoring.hold"
_CLERK = system_actor("monitoring", "monitoring.answer")
#: States of an alarm from which each kind takes it.
_FROM = {
    HoldKind.SHELF: ("UNACK", "ACKED", "RTNUN", "FEEDBACK"),
    HoldKind.OOS: ("UNACK", "ACKED", "RTNUN", "FEEDBACK", "SHELVED", "SUPDES"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSpec:
    """What is asked for; ``type`` empty: every condition of the tag."""

    kind: str
    type: str = ""
    reason: str
    until: datetime
    measure: str = ""
    ticket: str = ""
    is_once: bool = False


def ask_hold(*, actor: Actor, tag: Tag, spec: HoldSpec, now: datetime, client_id: uuid.UUID | None = None) -> AlarmHold:
    """Ask that an alarm be silent for a time. It is so at once, but where a second person must allow it.

    :raises Invalid: by field; longer than its priority may be, no reason, no measure where one is needed.
    :raises Conflict: it is silent or asked for already, or too many of the site are shelved.
    """
    actor.require(HOLD)
    if actor.organisation_id != tag.owner_org_id:
        raise NotPermitted
    terms = terms_at(now)
    wrong = _faults(tag, spec, terms=terms, now=now)
    if wrong:
        raise Invalid(fields=wrong)
    needs_second = spec.kind == HoldKind.OOS or approvers_to_shelve(is_safety_critical=tag.is_critical) > 1

    def make() -> uuid.UUID:
        # One after the other at a site, so that two at once do not pass the greatest number together.
        Tag.objects.select_for_update(no_key=True).filter(file=tag.file_id).order_by("pk").values_list("pk").first()
        if spec.kind == HoldKind.SHELF:
            shelved = AlarmHold.objects.filter(file=tag.file_id, kind=HoldKind.SHELF, status__in=("ASKED", "STANDING"))
            if shelved.count() >= terms.most_shelved:
                raise Conflict(_("本企业已搁置%(count)s项报警，已达上限。") % {"count": terms.most_shelved})
        kind = HoldKind(spec.kind).label
        type_label = LimitName(spec.type).label if spec.type else _("全部报警")
        row = AlarmHold(
            **tag.scope_columns(), tag=tag, file_id=tag.file_id, kind=spec.kind, type=spec.type,
            title=f"{tag.name} {type_label} {kind}"[:300], reason=clean(spec.reason)[:500],
            measure=clean(spec.measure)[:1000], ticket=clean(spec.ticket)[:60], is_once=spec.is_once,
            needs_second=needs_second, asked_at=now, asked_by_id=actor.user_id, until=spec.until,
        )  # fmt: skip
        facts = {"tag": tag.code, "kind": spec.kind, "type": spec.type, "until": spec.until, "reason": row.reason}
        try:
            with transaction.atomic():
                enter(actor=actor, row=row, now=now, facts=facts)
        except IntegrityError:
            raise Conflict(_("该报警已搁置、停用或正在申请。")) from None
        if not needs_second:
            move(actor=HOUSE, row=row, name="begin", now=now)
            _silence(row, now=now)
        return row.pk

    with transaction.atomic():
        body: dict[str, Any] = {"tag": tag.pk, "kind": spec.kind, "type": spec.type, "until": spec.until.isoformat(),
                                "reason": clean(spec.reason)}  # fmt: skip
        pk, _made = once(actor=actor, client_id=client_id, act="monitoring.hold.ask", body=body, now=now, make=make)
    return AlarmHold.objects.get(pk=pk)


def _faults(tag: Tag, spec: HoldSpec, *, terms: Terms, now: datetime) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if spec.kind not in HoldKind.values:
        return {"kind": _("请选择停报方式。")}
    if spec.type and spec.type not in LimitName.values:
        wrong["type"] = _("没有这种报警。")
    if tag.status not in (TagStatus.LIVE, TagStatus.SERVICE):
        wrong["kind"] = _("该点位未启用。")
    if not clean(spec.reason):
        wrong["reason"] = _("请写明理由。")
    is_shelf = spec.kind == HoldKind.SHELF
    most = terms.shelf(tag.priority) if is_shelf else timedelta(days=terms.longest_oos_days)
    if spec.until <= now:
        wrong["until"] = _("截止时间已过。")
    elif spec.until > now + most + timedelta(seconds=59):
        # A minute of grace: forms tell minutes, and the clock has gone on since.
        wrong["until"] = (
            _("%(priority)s级报警最多搁置%(minutes)s分钟。")
            % {"priority": tag.priority, "minutes": round(most.total_seconds() / 60)}
            if is_shelf
            else _("停用最长%(days)s天。") % {"days": terms.longest_oos_days}
        )
    if (not is_shelf or tag.is_critical) and not clean(spec.measure):
        wrong["measure"] = _("停用报警或搁置安全关键报警，须写明替代措施。")
    if not is_shelf and not clean(spec.ticket):
        wrong["ticket"] = _("请填写作业票或工单号。")
    return wrong


def allow_hold(*, actor: Actor, row: AlarmHold, now: datetime, client_id: uuid.UUID | None = None) -> AlarmHold:
    """A second person agrees. :raises NotPermitted: it is the one who asked. :raises Conflict: its time is over."""
    if actor.user_id is not None and actor.user_id == row.asked_by_id:
        raise NotPermitted(_("您办理过前一环节，按规定须由另一人核验。"), code="four_eyes")
    if row.until <= now:
        raise Conflict(_("申请的截止时间已过。"))
    with transaction.atomic():
        changes = {"allowed_by_id": actor.user_id}
        move(actor=actor, row=row, name="allow", changes=changes, now=now, client_id=client_id)
        _silence(row, now=now)
    return row


def refuse_hold(*, actor: Actor, row: AlarmHold, reason: str, now: datetime) -> AlarmHold:
    """It stays loud. :raises Invalid: without a reason."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明理由。")})
    given = {"reason": clean(reason)[:500]}
    return move(actor=actor, row=row, name="refuse", given=given, changes={"ended_at": now}, now=now)


def withdraw_hold(*, actor: Actor, row: AlarmHold, now: datetime) -> AlarmHold:
    """Who asked needs it no more."""
    return move(actor=actor, row=row, name="withdraw", changes={"ended_at": now}, now=now)


def end_hold(
    *, actor: Actor, row: AlarmHold, test_record: str = "", now: datetime, client_id: uuid.UUID | None = None
) -> AlarmHold:
    """Let the alarm speak again before its time. :raises Invalid: back into service needs the record of a test."""
    if row.kind == HoldKind.OOS and row.tag.is_critical and not clean(test_record):
        raise Invalid(fields={"test_record": _("安全关键报警恢复前须填写试验记录。")})
    changes = {"ended_at": now, "test_record": clean(test_record)[:1000]}
    return move(actor=actor, row=row, name="end", changes=changes, now=now, client_id=client_id)


def _silence(row: AlarmHold, *, now: datetime) -> None:
    """Alarms of it that are open fall silent with it."""
    name = "shelve" if row.kind == HoldKind.SHELF else "take_out"
    found = Alarm.objects.select_for_update(no_key=True).filter(tag=row.tag_id, status__in=_FROM[HoldKind(row.kind)])
    for alarm in found.filter(type=row.type) if row.type else found:
        changes = {"hold": row, "held_until": row.until}
        move(actor=_CLERK, row=alarm, name=name, given={"reason": row.reason}, changes=changes, now=now)


def due_holds(*, now: datetime) -> int:
    """End what has come to its end; how many. Who asked and was not answered in time asks again."""
    rows = AlarmHold.objects.filter(status__in=("STANDING", "ASKED"), until__lte=now)
    return each(rows, lambda row: _expire(row, now=now), what="ending a hold")


def _expire(row: AlarmHold, *, now: datetime) -> bool:
    move(actor=HOUSE, row=row, name="expire", changes={"ended_at": now}, now=now)
    return True
