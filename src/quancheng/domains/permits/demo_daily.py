"""The demo's shifts with one hand-over, a revalidated permit, a toolbox talk, and cards that stopped to think."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from quancheng.domains.permits.models import Part, Permit, ShiftHandOver, ThinkCard
from quancheng.domains.permits.queries.shifts import read_mark, shown_added
from quancheng.domains.permits.queries.talks import item_changes, items_at
from quancheng.domains.permits.services import figures, preparing, revalidating, shifts, talks, thinking
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor

_LINES = ("早班 08:00", "中班 16:00", "夜班 00:00")
_FIGURES = (("hand_over_min", "30"), ("revalidate_min", "60"), ("talk_min", "5"))


def load_daily(desk: Desk, file: Enterprise, safety: Actor, head: Actor, found: dict[str, Any]) -> None:
    """What one enterprise does each shift and day. All of it is switched on: the next change of shift is asked for.

    :param found: what a look at the place tells that finds everything in order.
    """
    now = desk.district.now
    # The last change of shift lies behind, and both signed it: the shifts were named two days ago.
    told = now - timedelta(days=2)
    shifts.set_shifts(
        actor=head, file=file, unit=None, lines=_LINES, from_date=desk.date_in(-2), reason="示例公司交接班制度",
        now=told,
    )  # fmt: skip
    shifts.keep_shifts(now=now)
    row = ShiftHandOver.objects.filter(file=file, status="OPEN", began_at__lte=now).select_related("file").first()
    if row is not None:
        shifts.hand_shift(actor=safety, row=row, remarks="罐区收油中，注意液位；其余正常。", now=now)
        read = read_mark(row, shown_added(row))
        shifts.take_shift(actor=head, row=row, note="已逐项核对", read=read, now=now)
    for name, value in _FIGURES:
        figures.set_figure(
            actor=head, file=file, name=name, value=value, from_date=desk.date_in(0), reason="本系统要求，公司启用",
            now=now,
        )  # fmt: skip
    permit = Permit.objects.filter(file=file, status="WORKING").order_by("pk").first()
    if permit is not None:
        _think(safety, permit, now, says_no=False)
        _talk(safety, permit, now)
    # Of a kind whose gas nobody needs to test anew.
    again = Permit.objects.filter(file=file, status="WORKING").exclude(kind__in=("HW", "CS", "TE")).first()
    if again is not None:
        preparing.check_site(actor=safety, permit=again, found=found, now=now)
        revalidating.revalidate(actor=head, permit=again, opinion="本班现场核查无变化，同意继续", now=now)
    idle = Permit.objects.filter(file=file, status="ISSUED").order_by("pk").first()
    if idle is not None:
        card = _think(safety, idle, now, says_no=True)
        thinking.settle_card(actor=safety, permit=idle, card=card, text="已补挂警示牌，人员已重新分工", now=now)


def _talk(safety: Actor, permit: Permit, now: datetime) -> None:
    talk = talks.begin_talk(actor=safety, permit=permit, now=now)
    for one in permit.people.filter(part__in=(Part.WORKER, Part.GUARDIAN)).select_related("person"):
        came = talks.attend(actor=safety, talk=talk, staff_no=one.person.staff_no, name=one.person.name, now=now)
        right = [each.right for each in talks.asked_of(came)]
        talks.answer(actor=safety, row=came, given=right, now=now)


def _think(safety: Actor, permit: Permit, now: datetime, *, says_no: bool) -> ThinkCard:
    answers = {one.code: True for one in items_at(now, item_changes(permit.file_id))}
    if says_no:
        answers[next(iter(answers))] = False
    return thinking.answer_card(
        actor=safety, permit=permit, answers=answers, note_text="现场有一处警示牌未挂" if says_no else "", now=now
    )
