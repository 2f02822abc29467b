"""Work alarms (作业报警): raised from what the room finds, acknowledged, disposed of, told upwards while unheard.

Source: AQ 3064.2-2025, 5.9 and table A.4; levels, times and who is told are ours [D].
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.alarm import ACK_WITHIN
from quancheng.domains.permits.models import AlarmSource, AuditFinding, Permit, WorkAlarm
from quancheng.domains.permits.notices import ALARM, UNHEARD
from quancheng.domains.permits.queries.alarms import LEVEL_ONE
from quancheng.domains.permits.queries.audits import AUDIT
from quancheng.domains.permits.queries.permits import SIGN_LEADER, WORK
from quancheng.domains.permits.services.telling import tell
from quancheng.domains.permits.services.upward import HOUSE as TOLD_BY
from quancheng.domains.permits.services.upward import tell_alarm
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.services import notify, people_for
from quancheng.standards.aq3064 import alarm_codes

HOUSE = system_actor("permits.clock", WORK)
#: The alarm of a stop by its reason; the others are no alarm of their own.
OF_REASON = {
    "EXPIRED": "10", "GUARDIAN_ABSENT": "31", "GAS_ALARM": "GAS", "WEATHER": "WTH", "SIMOPS": "SIM",
    "VIDEO_LOST": "VID", "WORKER_UNKNOWN": "UNK", "OUT_OF_ZONE": "OOZ",
}  # fmt: skip
#: Alarms that the audit raises: gas that was not tested while work ran. Of all others refusals and the clock tell.
AUDITED = frozenset({"03", "04", "05"})
#: Moves of a permit by which the causes of all its alarms are gone.
_ENDS = frozenset({"finish", "void", "cancel", "expire"})
#: Moves by which work goes on as it should: what was wrong at work has ended.
_MENDED = frozenset({"start", "resume"})
#: What has ended when a permit is issued anew: it was sent back for gas, and tested since.
_ISSUED_ANEW = frozenset({"GAS"})
#: Somebody stays longer in a space than he may at a time.
STAY = "STAY"
#: Nobody acknowledged for so long after it began: the supervising office is told [D].
OFFICE_AFTER = timedelta(minutes=15)


def raise_alarm(
    *, permit: Permit, code: str, source: str, now: datetime, words: str = "", refused: str = "", is_told: bool = False
) -> WorkAlarm:
    """Raise an alarm, in the caller's transaction; the open one of the same code counts once more instead.

    :param code: of ``aq3064.alarm_codes``. KeyError for none. :param words: what was found; no personal data.
    :param refused: the move that was refused. :param is_told: people are told already of what raised it.
    """
    level = 1 if alarm_codes()[code].code in LEVEL_ONE else 2
    with transaction.atomic():
        Permit.objects.select_for_update(no_key=True, of=("self",)).filter(pk=permit.pk).values_list("pk").get()
        standing = WorkAlarm.objects.filter(permit=permit, code=code, closed_at__isnull=True)
        known = standing.select_related("permit").first()
        if known is not None:
            standing.update(last_at=now, count=F("count") + 1, ended_at=None, updated_at=now)
            if known.ended_at is not None:
                # The end that was told is none.
                tell_alarm(row=known, by=TOLD_BY, now=now)
            return standing.get()
        row = WorkAlarm(
            **permit.file.row_scope(), permit=permit, code=code, level=level, source=source, move=refused,
            words=words[:500], began_at=now, last_at=now, ack_by=now + ACK_WITHIN[level],
        )  # fmt: skip
        made = enter(actor=HOUSE, row=row, now=now, facts={"permit": permit.pk, "code": code, "source": source})
        if not is_told:
            tell(ALARM, permit, now, duty=WORK, alarm=f"{code} {alarm_codes()[code].name.zh}")
    return made


def raise_refused(*, permit: Permit, answers: Iterable[Mapping[str, Any]], refused: str, now: datetime) -> int:
    """What a refused move tells (5.4.3 to 5.4.5: the signature is refused, and an alarm raised); of how many codes.

    :param answers: failing checks as ``Refused`` keeps them.
    """
    found: dict[str, list[str]] = {}
    for one in answers:
        if one["alarm"] in alarm_codes():
            found.setdefault(one["alarm"], []).append(f"{one['code']} {one['text']}")
    for code, words in found.items():
        raise_alarm(
            permit=permit, code=code, source=AlarmSource.REFUSED, now=now, words="；".join(words), refused=refused,
            is_told=True,
        )  # fmt: skip
    return len(found)


def raise_stopped(
    *, permit: Permit, reason: str, codes: Iterable[str], source: str, now: datetime, words: str
) -> None:
    """What stopped work raises: the alarms of the checks that failed, else that of the reason."""
    known = [one for one in dict.fromkeys(codes) if one in alarm_codes()]
    for code in known or [OF_REASON[reason]] if known or reason in OF_REASON else ():
        raise_alarm(permit=permit, code=code, source=source, now=now, words=words, is_told=True)


def raise_audited(*, permit: Permit, code: str, words: str, now: datetime) -> None:
    """What no refusal told, since work simply went on: an alarm where the permit never had one of this code."""
    if code in AUDITED and not WorkAlarm.objects.filter(permit=permit, code=code).exists():
        raise_alarm(permit=permit, code=code, source=AlarmSource.AUDIT, now=now, words=words, is_told=True)


# What becomes of it --------------------------------------------------------------------------------------------------


def act_on_alarm(
    *, actor: Actor, row: WorkAlarm, name: str, now: datetime, text: str = "", client_id: uuid.UUID | None = None
) -> WorkAlarm:
    """Acknowledge, dispose of, or call false.

    :param text: what was done, or why it is none. :raises NotPermitted: another enterprise's.
    :raises Invalid: nothing was said. :raises StaleState: it is closed.
    """
    actor.require(WORK)
    if actor.organisation_id != row.enterprise_id:
        raise NotPermitted
    said = clean(text)[:1000]
    given = {"close": {"text": said}, "false": {"reason": said}}.get(name, {})
    changes: dict[str, Any] = {"acked_at": row.acked_at or now}
    if given:
        changes |= {"result": said, "handler": actor.name[:130], "closed_at": now, "ended_at": row.ended_at or now}
    return move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id)


def _settle(row: WorkAlarm, now: datetime, result: str, *, ended: datetime | None = None) -> None:
    move(
        actor=HOUSE, row=row, name="settle", now=now,
        changes={
            "result": result, "handler": str(_("系统")), "closed_at": now, "ended_at": row.ended_at or ended or now,
            "acked_at": row.acked_at or now,
        },
    )  # fmt: skip


def open_alarms() -> QuerySet[WorkAlarm]:
    """Whether there is anything that a move could settle or end: asked for with each event."""
    return WorkAlarm.objects.filter(closed_at__isnull=True)


def hear_permit(event: Event, now: datetime) -> None:
    """Subscriber of the loop of permits: what a refused move raised is settled when that move succeeds or the permit
    ends; what was wrong at work has ended when work goes on or is over. The same event again finds nothing."""
    name = event.kind.rpartition(".")[2]
    permit = Permit.objects.filter(pk=event.subject_id).first()
    if permit is None:
        return
    with transaction.atomic():
        mine = WorkAlarm.objects.filter(permit=permit, closed_at__isnull=True).select_related("permit")
        refused = mine.filter(source=AlarmSource.REFUSED, last_at__lte=event.at).order_by("pk")
        if name not in _ENDS:
            # The last signature is the one that issues.
            refused = refused.filter(move__in=("sign", "issue") if name == "issue" else (name,))
        for row in refused:
            _settle(row, event.at, "原因消除后通过" if name not in _ENDS else "作业票已了结")
        if name in _ENDS | _MENDED | {"issue"}:
            # Who is inside too long is so whatever becomes of the permit.
            over = mine.filter(ended_at__isnull=True, last_at__lte=event.at).exclude(code=STAY)
            _end(over.filter(code__in=_ISSUED_ANEW) if name == "issue" else over, event.at)
        if name == "issue":
            for row in mine.filter(code="APT").order_by("pk"):
                _settle(row, event.at, "已签发")


def _end(rows: QuerySet[WorkAlarm], now: datetime) -> None:
    """The cause is gone; somebody says what was done about it all the same."""
    for row in rows.order_by("pk"):
        WorkAlarm.objects.filter(pk=row.pk).update(ended_at=now, updated_at=now)
        tell_alarm(row=row, by=TOLD_BY, now=now)


def settle_refused(*, permit: Permit, move: str, now: datetime) -> None:
    """Settle what a refused act raised that is no move of the permit, and that succeeded by now."""
    rows = WorkAlarm.objects.filter(
        permit=permit, closed_at__isnull=True, source=AlarmSource.REFUSED, move=move, last_at__lte=now
    )
    for row in rows.select_related("permit").order_by("pk"):
        _settle(row, now, "原因消除后通过")


def settle_out(
    *, permit: Permit, now: datetime, stays: Sequence[tuple[datetime, datetime, datetime]], limit: timedelta
) -> None:
    """Settle what told that somebody stayed too long in a space: nobody does any longer.

    :param stays: of everybody of whom it was ever told when that was, when he went in and when he came out.
    """
    rows = WorkAlarm.objects.filter(permit=permit, code=STAY, closed_at__isnull=True, last_at__lte=now)
    for row in rows.select_related("permit").order_by("pk"):
        mine = [(went_in, out) for told, went_in, out in stays if told >= row.began_at]
        late = [out for went_in, out in mine if out - went_in >= limit]
        words = "补传的离开时间在限时之内，实际没有超时" if mine and not late else "超时人员已离开空间"
        _settle(row, now, words, ended=max(row.began_at, *late) if late else row.began_at if mine else now)


def settle_parted(*, standing: Collection[uuid.UUID], now: datetime) -> None:
    """Settle what told that a permit met forbidden work, where it meets none any longer; where work was stopped for it,
    the alarm has ended and waits for who disposes of it.

    :param standing: permits that still meet some.
    """
    rows = WorkAlarm.objects.filter(code="SIM", closed_at__isnull=True, last_at__lte=now).exclude(permit__in=standing)
    rows = rows.exclude(source=AlarmSource.REFUSED).select_related("permit")
    for row in rows.filter(source=AlarmSource.SIMOPS).order_by("pk"):
        _settle(row, now, "已不再与禁止同时进行的作业交叉")
    _end(rows.filter(ended_at__isnull=True).exclude(source=AlarmSource.SIMOPS), now)


def hear_finding(event: Event, now: datetime) -> None:
    """Subscriber of the loop of findings: what the audit raised goes with the finding that told it."""
    found = AuditFinding.objects.filter(pk=event.subject_id).first()
    if found is None or not found.is_closed or not found.alarm:
        return
    rows = WorkAlarm.objects.filter(
        permit=found.permit_id, code=found.alarm, source=AlarmSource.AUDIT, closed_at__isnull=True
    ).select_related("permit")
    with transaction.atomic():
        for row in rows.order_by("pk"):
            _settle(row, event.at, "审计问题已闭环")


# The clock -----------------------------------------------------------------------------------------------------------


def watch_approvals(*, now: datetime) -> int:
    """Raise what was not approved in time (5.9.9): presented, and its window has begun. Once each."""
    late = Permit.objects.filter(status="APPROVING", window_start__lt=now, window_end__gte=now)
    done = 0
    for permit in late.exclude(alarms__code="APT").select_related("file").order_by("pk"):
        raise_alarm(permit=permit, code="APT", source=AlarmSource.WATCH, now=now)
        done += 1
    return done


def tell_unheard(*, now: datetime) -> int:
    """Tell upwards of alarms that nobody acknowledged: the enterprise's leaders once the time is over, the supervising
    office a quarter of an hour after it began. Once each; returns how many were told."""
    unheard = WorkAlarm.objects.filter(acked_at__isnull=True, closed_at__isnull=True)
    steps = (
        (1, unheard.filter(ack_by__lt=now, told_level__lt=1)),
        (2, unheard.filter(began_at__lt=now - OFFICE_AFTER, told_level__lt=2)),
    )
    done = 0
    for level, rows in steps:
        for row in rows.select_related("permit__file").order_by("pk"):
            with transaction.atomic():
                if not unheard.filter(pk=row.pk, told_level__lt=level).update(told_level=level, updated_at=now):
                    continue
                permit, alarm = row.permit, f"{row.code} {alarm_codes()[row.code].name.zh}"
                if level == 1:
                    tell(UNHEARD, permit, now, duty=SIGN_LEADER, alarm=alarm)
                else:
                    data = {"number": permit.number or permit.content[:40], "kind": str(permit.get_kind_display()),
                            "alarm": alarm}  # fmt: skip
                    users = people_for(organisation_id=permit.file.supervisor_id, duty=AUDIT)
                    notify(users=users, kind=UNHEARD, data=data, now=now, subject_type=Permit.row_type(),
                           subject_id=permit.pk)  # fmt: skip
            done += 1
    return done
