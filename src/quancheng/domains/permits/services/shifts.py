"""Shifts (班次) and their hand-over (交接班): named by the enterprise, listed by the house, signed by two people."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit, ShiftHandOver, ShiftPlan
from quancheng.domains.permits.notices import CROSSING, SHIFT_LATE
from quancheng.domains.permits.queries.daily import daily_of
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.permits import SIGN_LEADER, SIGN_UNIT
from quancheng.domains.permits.queries.shifts import (
    LEAD,
    Turn,
    added_since,
    files_with_shifts,
    is_whole,
    read_mark,
    seal_of,
    shifts_of_many,
    standing,
    taken_seal_of,
)
from quancheng.domains.permits.services.checking import require_own
from quancheng.domains.permits.services.setting import first_day_faults, set_once
from quancheng.domains.permits.services.working import CLOCK
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.services import notify, people_for
from quancheng.kernel.once import act_once

log = logging.getLogger(__name__)
#: So long before the change whoever comes may take over [D]: earlier he is not there.
TAKEN_EARLY = timedelta(minutes=30)
#: Shifts of a day at most.
MOST_SHIFTS = 6
_LINE = re.compile(r"(?P<name>.+?)\s+(?P<at>\d{1,2}[:：]\d{2})")


def read_shifts(lines: Sequence[str]) -> list[dict[str, str]]:
    """Shifts typed as ``早班 08:00``, one a line, in the order of the day. :raises Invalid: by the field ``shifts``."""
    found: list[dict[str, str]] = []
    for line in lines:
        told = _LINE.fullmatch(clean(line))
        try:
            at = time.fromisoformat(told["at"].replace("：", ":").zfill(5)) if told else None
        except ValueError:
            at = None
        if told is None or at is None:
            raise Invalid(fields={"shifts": _("每行一个班次，写作：早班 08:00。")})
        found.append({"name": told["name"][:40], "at": f"{at:%H:%M}"})
    if len(found) > MOST_SHIFTS:
        raise Invalid(fields={"shifts": _("一天最多%(most)s个班次。") % {"most": MOST_SHIFTS}})
    if len({one["at"] for one in found}) < len(found) or len({one["name"] for one in found}) < len(found):
        raise Invalid(fields={"shifts": _("班次的名称和开始时间不能重复。")})
    return sorted(found, key=lambda one: one["at"])


def set_shifts(
    *, actor: Actor, file: Enterprise, unit: Unit | None, lines: Sequence[str], from_date: date, reason: str,
    now: datetime, client_id: uuid.UUID | None = None,
) -> ShiftPlan:  # fmt: skip
    """Name the shifts of a unit, or of the whole site, from a day on; no line ends them.

    :raises Invalid: by field: no shift can be read from a line, a unit of others, a past day, no basis.
    """
    require_own(actor, file, SIGN_LEADER)
    wrong: dict[str, Text] = {}
    found: list[dict[str, str]] = []
    try:
        found = read_shifts(lines)
    except Invalid as bad:
        wrong |= bad.fields
    if unit is not None and unit.file_id != file.pk:
        wrong["unit"] = _("请选择本单位的单元。")
    wrong |= first_day_faults("from_date", from_date, now)
    words = clean(reason)[:300]
    if not words:
        wrong["reason"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    facts = {"unit": str(unit.pk) if unit else "", "shifts": found, "from": from_date.isoformat(), "reason": words}
    given = {
        **file.row_scope(), "file": file, "unit": unit, "shifts": found, "from_date": from_date, "reason": words,
        "entered_by": actor.name[:130],
    }  # fmt: skip
    return set_once(
        ShiftPlan, actor=actor, act="permits.shift_plan.set", given=given, facts=facts, now=now, client_id=client_id
    )


# Signing -------------------------------------------------------------------------------------------------------------


def hand_shift(
    *, actor: Actor, row: ShiftHandOver, remarks: str, now: datetime, client_id: uuid.UUID | None = None
) -> ShiftHandOver:
    """The outgoing leader signs with his remarks; what stands at that moment is listed and sealed.

    :raises Invalid: no remarks. :raises StaleState: signed already, or the next change has come.
    :raises Conflict: the change before it is not handed over: one hand-over does not stand for another.
    """
    require_own(actor, row.file, SIGN_UNIT)
    words = clean(remarks)[:2000]
    if not words:
        raise Invalid(fields={"remarks": _("请写明本班情况和需要接班人注意的事项；没有的写“无”。")})

    def do() -> None:
        earlier = ShiftHandOver.objects.filter(
            file=row.file_id, unit=row.unit_id, status__in=("OPEN", "HANDED"), began_at__lt=row.began_at
        ).select_related("unit").first() if row.status == "OPEN" else None
        if earlier is not None:
            raise Conflict(
                _("上一次换班（%(title)s）还没有交接完（本系统要求 F-07 交接班）：请先完成上一次交接班。")
                % {"title": earlier.title}
            )
        row.listed, row.remarks = standing(row.file, row.unit), words
        row.outgoing_id, row.outgoing_name, row.handed_at = actor.user_id, actor.name[:130], now
        changes = {
            "listed": row.listed, "remarks": words, "outgoing_id": row.outgoing_id, "outgoing_name": row.outgoing_name,
            "handed_at": now, "seal": seal_of(row),
        }  # fmt: skip
        # The name stands in the row alone.
        move(
            actor=actor, row=row, name="hand", now=now, given={"remarks": words}, changes=changes,
            facts={"outgoing_name": ""},
        )  # fmt: skip

    _signed(actor, row, "hand", {"remarks": words}, now, client_id, do)
    return row


def take_shift(
    *, actor: Actor, row: ShiftHandOver, note: str, read: str, now: datetime, client_id: uuid.UUID | None = None
) -> ShiftHandOver:
    """The incoming leader signs: somebody else, with an account of his own, to what was handed to him and to what came
    since.

    :param read: the mark of the list that he read, by ``queries.shifts.read_mark``.
    :raises Conflict: he handed over himself, long before his shift, or what stands is not what he read or what was
        signed.
    """
    require_own(actor, row.file, SIGN_UNIT)
    words = clean(note)[:500]

    def do() -> None:
        added: list[dict[str, Any]] = []
        if row.status == "HANDED":
            _require_other(actor, row)
            if now < row.began_at - TAKEN_EARLY:
                raise Conflict(
                    _("接班人最早在换班前%(minutes)s分钟签字（本系统要求 F-07 交接班）：请到班后核对清单再签字。")
                    % {"minutes": int(TAKEN_EARLY.total_seconds() // 60)}
                )
            if not is_whole(row):
                raise Conflict(
                    _("交接内容签字后被改动，不能接班（本系统要求 F-07 交接班）：请退回重新交班。")
                )
            added = added_since(row)
            if read != read_mark(row, added):
                raise Conflict(
                    _("交接清单在您阅读后有变化（本系统要求 F-07 交接班）：请刷新页面，核对现在的清单后再签字。")
                )
        row.incoming_id, row.incoming_note, row.taken_at, row.added = actor.user_id, words, now, added
        changes = {
            "incoming_id": actor.user_id, "incoming_name": actor.name[:130], "incoming_note": words, "taken_at": now,
            "added": added, "taken_seal": taken_seal_of(row),
        }  # fmt: skip
        move(
            actor=actor, row=row, name="take", now=now, given={"note": words} if words else {}, changes=changes,
            facts={"incoming_name": ""},
        )  # fmt: skip

    _signed(actor, row, "take", {"note": words, "read": read}, now, client_id, do)
    return row


def _require_other(actor: Actor, row: ShiftHandOver) -> None:
    """:raises Conflict: who handed over, by account or name."""
    if actor.user_id is None or actor.user_id == row.outgoing_id or actor.name == row.outgoing_name:
        raise Conflict(_("交班人和接班人不能是同一人（本系统要求 F-07 交接班）：请由接班的班长用本人账号签字。"))


def _signed(
    actor: Actor, row: ShiftHandOver, name: str, body: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None,
    do: Callable[[], object],
) -> None:  # fmt: skip
    """What is compared, sealed and written is one, behind the lock of the row."""
    act_once(
        actor=actor, row=row, act=f"{row.loop_code}.{name}", body=body, now=now, client_id=client_id, do=do
    )


def give_back(
    *, actor: Actor, row: ShiftHandOver, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> ShiftHandOver:
    """Something is missing or has changed: the outgoing leader signs anew, to a new list. The journal keeps what he had
    signed.

    :raises Invalid: no reason.
    """
    require_own(actor, row.file, SIGN_UNIT)
    given = {"reason": clean(reason)[:500], "seal": row.seal}
    changes: dict[str, Any] = {
        "listed": [], "remarks": "", "outgoing_id": None, "outgoing_name": "", "handed_at": None, "seal": ""
    }  # fmt: skip
    return move(
        actor=actor, row=row, name="give_back", now=now, given=given, changes=changes, client_id=client_id
    )


# The clock -----------------------------------------------------------------------------------------------------------


def keep_shifts(*, now: datetime) -> int:
    """Open the hand-over of each change of shift that is near or has come, let lapse what the next one overtook, and
    tell of what is late. Returns how many were opened."""
    made, keys = 0, files_with_shifts()
    if not keys:
        return 0
    for file in Enterprise.objects.filter(pk__in=keys, merged_into__isnull=True).order_by("pk"):
        try:
            with transaction.atomic():
                made += _keep(file, now)
        except Exception:
            log.exception("the clock could not keep the shifts of %s", file.pk)
    return made


def _keep(file: Enterprise, now: datetime) -> int:
    # Two clocks must not open the same one.
    Enterprise.objects.select_for_update(of=("self",), no_key=True).get(pk=file.pk)
    shifts, made = shifts_of_many([file.pk])[file.pk], 0
    open_ones = list(
        ShiftHandOver.objects.filter(file=file, status__in=("OPEN", "HANDED")).select_related("file", "unit")
    )
    # The last change lies up to three days back: see ``Shifts``.
    known = set(ShiftHandOver.objects.filter(file=file, began_at__gt=now - timedelta(days=4)).values_list(
        "unit", "began_at"
    ))  # fmt: skip
    for unit in shifts.units:
        last, following = shifts.last(unit, now), shifts.following(unit, now)
        for one in open_ones:
            # Overtaken, or of a change that another plan took away.
            if one.unit_id == unit and one.began_at not in [turn.began_at for turn in (last, following) if turn]:
                move(actor=CLOCK, row=one, name="lapse", now=now)
        near = following if following is not None and following.began_at - now <= LEAD else None
        for turn in (last, near):
            if turn is not None and (unit, turn.began_at) not in known:
                _open(file, turn, shifts.before(turn), now)
                made += 1
    figures = parameters_of(file.pk, Calendar().local_date(now))
    _tell_late(file, figures.hand_over_min, now)
    _tell_crossing(file, figures.revalidate_min, now)
    return made


def _open(file: Enterprise, turn: Turn, before: Turn | None, now: datetime) -> None:
    row = ShiftHandOver(
        **file.row_scope(), pk=uuid7(), file=file, unit=turn.unit, outgoing_shift=before.name if before else turn.name,
        incoming_shift=turn.name, began_at=turn.began_at,
    )  # fmt: skip
    enter(actor=CLOCK, row=row, now=now, facts={"shift": turn.name, "began_at": turn.began_at})


def _tell_late(file: Enterprise, grace: Decimal, now: datetime) -> None:
    """Once: to those who sign for the unit, outgoing and incoming among them, and to the head. ``grace`` in minutes."""
    if not grace:
        return
    since = now - timedelta(minutes=float(grace))
    late = ShiftHandOver.objects.filter(
        file=file, status__in=("OPEN", "HANDED"), began_at__lt=since, told_at__isnull=True
    ).select_related("unit")
    for one in late:
        if not ShiftHandOver.objects.filter(pk=one.pk, told_at__isnull=True).update(told_at=now):
            continue
        users = {
            user for duty in (SIGN_UNIT, SIGN_LEADER) for user in people_for(organisation_id=file.pk, duty=duty)
        }  # fmt: skip
        notify(
            users=users, kind=SHIFT_LATE, data={"title": one.title, "minutes": int(grace)}, now=now,
            subject_type=ShiftHandOver.row_type(), subject_id=one.pk,
        )  # fmt: skip


def _tell_crossing(file: Enterprise, grace: Decimal, now: datetime) -> None:
    """Once after each change, before the clock stops it: which work ran into the shift and waits for its revalidation.
    To those who sign for the unit. ``grace`` in minutes."""
    if not grace:
        return
    changed = ShiftHandOver.objects.filter(
        file=file, reminded_at__isnull=True, began_at__lte=now, began_at__gt=now - timedelta(minutes=float(grace))
    ).select_related("unit")
    if not (rows := list(changed)):
        return
    permits = list(Permit.objects.filter(file=file, status="WORKING"))
    daily = daily_of(permits)
    waiting = [turn for one in permits if (turn := daily[one.pk].waits_for(one, now)) is not None]
    for row in rows:
        ShiftHandOver.objects.filter(pk=row.pk).update(reminded_at=now)
        unit = str(row.unit) if row.unit else ""
        count = sum(1 for turn in waiting if (turn.unit, turn.began_at) == (unit, row.began_at))
        if count:
            notify(
                users=people_for(organisation_id=file.pk, duty=SIGN_UNIT), kind=CROSSING, now=now,
                data={"title": row.title, "count": count, "minutes": int(grace)},
                subject_type=ShiftHandOver.row_type(), subject_id=row.pk,
            )  # fmt: skip
