"""Meetings: planned for a year or called for a reason, held with a status sheet, minuted, circulated, settled."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from quancheng.domains.duty.loops.task import DATED
from quancheng.domains.duty.models import Attendee, Decision, Meeting, MeetingReceipt, MeetingSeries, WorkGroup
from quancheng.domains.duty.models.meetings import Attendance, Frequency, MeetingKind
from quancheng.domains.duty.queries.meetings import status_sheet
from quancheng.domains.duty.services.tasks import TaskSpec, issue_task
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.numbering.services import take_number
from quancheng.kernel.people.models import Organisation

MANAGE = "duty.meetings.manage"
#: Characters of a point of the agenda, and of a theme of a series.
MOST_POINT, MOST_THEME = 200, 60
MINUTES = "duty.minutes"
TEXT_LIMIT = 20_000
#: Months of one period of a series.
_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.HALF_YEARLY: 6, Frequency.YEARLY: 12}
_MARKS = {Frequency.MONTHLY: "M", Frequency.QUARTERLY: "Q", Frequency.HALF_YEARLY: "H", Frequency.YEARLY: "Y"}


@dataclass(frozen=True, slots=True)
class MeetingSpec:
    """A meeting to be planned. ``trigger`` says why, for an extraordinary one."""

    title: str
    kind: str
    due_date: date
    orgs: Sequence[Organisation]
    theme: str = ""
    trigger: str = ""
    place: str = ""
    planned_at: datetime | None = None
    points: Sequence[str] = ()
    series: MeetingSeries | None = None
    period: str = ""
    group: WorkGroup | None = None


def plan_meeting(*, actor: Actor, spec: MeetingSpec, now: datetime, client_id: uuid.UUID | None = None) -> Meeting:
    """Plan a meeting of the actor's organisation and let those invited see it.

    :raises Invalid: no title, nobody invited, a day that has passed, or an extraordinary meeting without its trigger.
    """
    owner = _owner(actor)
    faults: dict[str, str] = {}
    if not clean(spec.title):
        faults["title"] = _("请填写会议名称。")
    if not spec.orgs:
        faults["orgs"] = _("请选择参会单位。")
    if spec.kind == MeetingKind.ADHOC and not clean(spec.trigger):
        faults["trigger"] = _("临时调度会须写明触发原因。")
    if spec.series is None and spec.due_date < Calendar().local_date(now):
        faults["due_date"] = _("最迟召开日期不能早于今天。")
    points = _lines(spec.points, "points", MOST_POINT, faults)
    if faults:
        raise Invalid(fields=faults)
    with transaction.atomic():
        meeting = Meeting(
            owner_org_id=owner.pk,
            area_id=owner.area_id,
            code=next_code(Meeting, "H", now=now),
            series=spec.series,
            group=spec.group,
            period=spec.period,
            kind=spec.kind,
            title=clean(spec.title)[:200],
            theme=clean(spec.theme)[:60],
            trigger=clean(spec.trigger)[:300],
            place=clean(spec.place)[:120],
            due_date=spec.due_date,
            planned_at=spec.planned_at,
            points=points,
            created_at=now,
        )
        facts = {"title": meeting.title, "kind": spec.kind, "due_date": spec.due_date, "trigger": meeting.trigger}
        stored = enter(actor=actor, row=meeting, now=now, facts=facts, client_id=client_id)
        if stored.pk == meeting.pk:
            _invite(actor, stored, spec.orgs, now)
    return stored


def _lines(given: Sequence[str], name: str, most: int, faults: dict[str, str]) -> list[str]:
    """Lines as they are kept; one that is too long is a fault of its field and never cut."""
    kept = [line for line in map(clean, given) if line]
    long = next((line for line in kept if len(line) > most), None)
    if long is not None:
        words = {"most": most, "count": len(long), "line": f"{long[:20]}…"}
        faults[name] = _("每项不超过 %(most)s 字，“%(line)s”有 %(count)s 字。") % words
    return kept


def _owner(actor: Actor) -> Organisation:
    actor.require(MANAGE)
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    return Organisation.objects.get(pk=actor.organisation_id)


def _invite(actor: Actor, meeting: Meeting, orgs: Sequence[Organisation], now: datetime) -> None:
    known = set(meeting.attendees.values_list("org_id", flat=True))
    for org in orgs:
        if org.pk not in known:
            Attendee.objects.create(meeting=meeting, org=org)
            share(actor=actor, row=meeting, to_org=org.pk, why="attendee", now=now)


def found_series(
    *,
    actor: Actor,
    title: str,
    kind: str,
    frequency: str,
    themes: Sequence[str],
    orgs: Sequence[Organisation],
    now: datetime,
) -> MeetingSeries:
    """Found a series of meetings of the actor's organisation.

    :raises Invalid: no title, one that is taken, nobody invited, or another number of themes than of periods in a year.
    """
    owner = _owner(actor)
    faults: dict[str, str] = {}
    title = clean(title)[:120]
    themes = _lines(themes, "themes", MOST_THEME, faults)
    periods = 12 // _MONTHS[Frequency(frequency)]
    if not title:
        faults["title"] = _("请填写会议名称。")
    if MeetingSeries.objects.filter(owner_org=owner, title=title).exists():
        faults["title"] = _("本单位已有同名的例会。")
    if not orgs:
        faults["orgs"] = _("请选择参会单位。")
    if themes and len(themes) != periods:
        faults["themes"] = _("每年 %(periods)s 期，请填写同样多的主题，或不填。") % {"periods": periods}
    if faults:
        raise Invalid(fields=faults)
    with transaction.atomic():
        series = MeetingSeries.objects.create(
            owner_org=owner, area_id=owner.area_id, title=title, kind=kind, frequency=frequency, themes=themes,
            created_at=now,
        )  # fmt: skip
        series.orgs.set(orgs)
        _record(actor, "duty.meeting_series.found", series, now, title=title, frequency=frequency, themes=themes)
    return series


def plan_year(*, actor: Actor, series: MeetingSeries, year: int, now: datetime) -> list[Meeting]:
    """Plan every meeting of a series in a year, each due on the last day of its period. A period planned stays.

    Periods that ended before today are left out: what was not held then cannot be held any more.

    :raises NotPermitted: another organisation's series.
    """
    actor.require(MANAGE)
    if series.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该例会由其他单位组织。"), code="other_organisation")
    orgs = list(series.orgs.all())
    today = Calendar().local_date(now)
    planned: list[Meeting] = []
    with transaction.atomic():
        locked = MeetingSeries.objects.select_for_update(no_key=True).get(pk=series.pk)
        known = set(locked.meetings.values_list("period", flat=True))
        for number, (key, last) in enumerate(periods_of(locked.frequency, year)):
            if key in known or last < today:
                continue
            spec = MeetingSpec(
                title=f"{locked.title}（{period_label(key)}）",
                kind=locked.kind,
                due_date=last,
                orgs=orgs,
                theme=locked.themes[number] if locked.themes else "",
                series=locked,
                period=key,
            )
            planned.append(plan_meeting(actor=actor, spec=spec, now=now))
    return planned


def periods_of(frequency: str, year: int) -> list[tuple[str, date]]:
    """Keys and last days of a year's periods: ``[("2026-Q1", 2026-03-31), ...]``."""
    months = _MONTHS[Frequency(frequency)]
    found = []
    for number in range(1, 12 // months + 1):
        month = number * months
        following = date(year + month // 12, month % 12 + 1, 1)
        mark = _MARKS[Frequency(frequency)]
        found.append((f"{year}-{mark}{number}", following - timedelta(days=1)))
    return found


def period_label(key: str) -> str:
    """``2026-Q2`` as people read it, in the language of official papers: 2026年第2季度."""
    year, _dash, rest = key.partition("-")
    shapes = {"M": "{year}年{number}月", "Q": "{year}年第{number}季度", "H": "{year}年{half}半年", "Y": "{year}年"}
    return shapes[rest[0]].format(year=year, number=rest[1:], half="上" if rest[1:] == "1" else "下")


def invite(*, actor: Actor, meeting: Meeting, orgs: Sequence[Organisation], now: datetime) -> None:
    """Invite more units to a meeting that is not minuted yet."""
    _open_for(actor, meeting, "PLANNED", "HELD")
    with transaction.atomic():
        _invite(actor, meeting, orgs, now)
        _record(actor, "duty.meeting.invite", meeting, now, orgs=[org.pk for org in orgs])


def add_points(*, actor: Actor, meeting: Meeting, points: Sequence[str], now: datetime) -> None:
    """Put points on the agenda besides those that the system lists; replaces what was added before.

    :raises Invalid: a point of more than ``MOST_POINT`` characters.
    """
    _open_for(actor, meeting, "PLANNED")
    faults: dict[str, str] = {}
    kept = _lines(points, "points", MOST_POINT, faults)
    if faults:
        raise Invalid(fields=faults)
    with transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(points=kept, updated_at=now)
        _record(actor, "duty.meeting.agenda", meeting, now, points=kept)
    meeting.points = kept


def reschedule(
    *, actor: Actor, meeting: Meeting, due_date: date, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Meeting:
    """Put a meeting off, with the reason."""
    if due_date < Calendar().local_date(now):
        raise Invalid(fields={"due_date": _("最迟召开日期不能早于今天。")})
    return move(
        actor=actor, row=meeting, name="reschedule", now=now, given={"reason": reason.strip()},
        changes={"due_date": due_date}, client_id=client_id,
    )  # fmt: skip


def hold(
    *,
    actor: Actor,
    meeting: Meeting,
    held_at: datetime,
    place: str,
    chair: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Meeting:
    """Record that a meeting was held; the status sheet is frozen as it stands now.

    :raises Invalid: held in the future, or no chair.
    """
    faults = {}
    if held_at > now:
        faults["held_at"] = _("召开时间不能晚于现在。")
    if not clean(chair):
        faults["chair"] = _("请填写主持人。")
    if faults:
        raise Invalid(fields=faults)
    changes: dict[str, Any] = {
        "held_at": held_at,
        "place": clean(place)[:120],
        "chair": clean(chair)[:60],
        "sheet": status_sheet(actor=actor, meeting=meeting, now=now),
    }
    return move(actor=actor, row=meeting, name="hold", now=now, changes=changes, client_id=client_id,
                facts={"sheet": changes["sheet"]["lights"]})  # fmt: skip


def record_attendance(
    *, actor: Actor, meeting: Meeting, entries: Mapping[uuid.UUID, tuple[str, str]], now: datetime
) -> None:
    """Record who was there: attendee id to attendance and the person who came.

    :raises Invalid: a substitute without a name; by field.
    """
    _open_for(actor, meeting, "HELD")
    faults = {
        f"person_{pk}": _("委托他人到会的，请填写姓名。")
        for pk, (attendance, person) in entries.items()
        if attendance == Attendance.SUBSTITUTE and not clean(person)
    }
    if faults:
        raise Invalid(fields=faults)
    with transaction.atomic():
        for pk, (attendance, person) in sorted(entries.items()):
            Attendee.objects.filter(pk=pk, meeting=meeting).update(attendance=attendance, person=clean(person)[:60])
        counts = {str(pk): attendance for pk, (attendance, _person) in entries.items()}
        _record(actor, "duty.meeting.attendance", meeting, now, attendance=counts)


def decide(
    *, actor: Actor, meeting: Meeting, text: str, leads: Sequence[Organisation], due_date: date, now: datetime
) -> Decision:
    """Record a decision; it becomes a task when the minutes go out.

    :raises Invalid: no text, nobody to carry it out, or a deadline that has passed.
    """
    _open_for(actor, meeting, "HELD", "MINUTED")
    faults: dict[str, str] = {}
    if not text.strip():
        faults["text"] = _("请填写议定事项。")
    if not leads:
        faults["leads"] = _("请选择责任单位。")
    if due_date < Calendar().local_date(now):
        faults["due_date"] = _("完成时限不能早于今天。")
    if faults:
        raise Invalid(fields=faults)
    with transaction.atomic():
        Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
        last = meeting.decisions.aggregate(last=Max("order"))["last"] or 0
        decision = Decision.objects.create(
            meeting=meeting, order=last + 1, text=text.strip()[:TEXT_LIMIT], due_date=due_date
        )
        decision.leads.set(leads)
        _record(actor, "duty.meeting.decide", meeting, now, decision=decision.pk, text=decision.text,
                leads=[org.pk for org in leads], due_date=due_date)  # fmt: skip
    return decision


def withdraw_decision(*, actor: Actor, meeting: Meeting, decision: Decision, now: datetime) -> None:
    """Strike a decision out before the minutes go out; the journal keeps it."""
    _open_for(actor, meeting, "HELD", "MINUTED")
    if decision.task_id is not None or decision.meeting_id != meeting.pk:
        raise StaleState(_("该议定事项已交办，不能删除。"))
    with transaction.atomic():
        _record(actor, "duty.meeting.strike", meeting, now, decision=decision.pk, text=decision.text)
        decision.delete()


def write_minutes(
    *, actor: Actor, meeting: Meeting, minutes: str, now: datetime, client_id: uuid.UUID | None = None
) -> Meeting:
    """Write the minutes and give them their number (a second version keeps it).

    :raises StaleState: somebody's attendance is not recorded.
    """
    text = minutes.strip()
    if len(text) > TEXT_LIMIT:
        raise Invalid(fields={"minutes": _("内容过长，请控制在 %(limit)s 字以内。") % {"limit": TEXT_LIMIT}})
    with transaction.atomic():
        move(actor=actor, row=meeting, name="minute", now=now, given={"minutes": text}, changes={"minutes": text},
             client_id=client_id)  # fmt: skip
        number = take_number(
            actor=actor, organisation=meeting.owner_org, kind=MINUTES, subject_type=meeting.row_type(),
            subject_id=meeting.pk, now=now,
        )  # fmt: skip
        Meeting.objects.filter(pk=meeting.pk).update(number=number.text, updated_at=now)
        meeting.number = number.text
    return meeting


def circulate(*, actor: Actor, meeting: Meeting, now: datetime, client_id: uuid.UUID | None = None) -> Meeting:
    """Send the minutes to everybody invited and everybody charged, and turn each decision into a task.

    :raises NotPermitted: the actor may not assign tasks.
    :raises Invalid: a decision's deadline has passed meanwhile.
    """
    with transaction.atomic():
        move(actor=actor, row=meeting, name="circulate", now=now, changes={"circulated_at": now}, client_id=client_id)
        if meeting.receipts.exists():
            return meeting
        addressees = {attendee.org_id: attendee.org for attendee in meeting.attendees.select_related("org__area")}
        decisions = list(meeting.decisions.prefetch_related("leads__area").order_by("order"))
        for decision in decisions:
            leads = list(decision.leads.all())
            addressees |= {org.pk: org for org in leads}
            decision.task = issue_task(actor=actor, spec=_task_of(meeting, decision, leads, now), now=now)
            decision.save(update_fields=["task"])
        for org in sorted(addressees.values(), key=lambda one: (one.pinyin, str(one.pk))):
            if org.pk != meeting.owner_org_id:
                _send(actor, meeting, org, now)
    return meeting


def _task_of(meeting: Meeting, decision: Decision, leads: Sequence[Organisation], now: datetime) -> TaskSpec:
    text = decision.text
    return TaskSpec(
        title=text if len(text) <= 40 else f"{text[:39]}…",
        text=text,
        kind=DATED,
        start_date=Calendar().local_date(now),
        due_date=decision.due_date,
        code=f"{meeting.code}-{decision.order:02}",
        leads=[(org, org.label) for org in leads],
        origin="meeting",
        origin_id=meeting.pk,
        order=decision.order,
        level1=meeting.title[:500],
    )


def _send(actor: Actor, meeting: Meeting, org: Organisation, now: datetime) -> None:
    receipt = MeetingReceipt(
        owner_org_id=meeting.owner_org_id, area_id=org.area_id, meeting=meeting, org=org, reach="chain"
    )
    share(actor=actor, row=meeting, to_org=org.pk, why="addressee", now=now)
    share(actor=actor, row=receipt, to_org=org.pk, why="addressee", now=now)
    enter(actor=actor, row=receipt, now=now, facts={"meeting": meeting.pk, "org": org.pk})


def receive_minutes(
    *, actor: Actor, receipt: MeetingReceipt, now: datetime, client_id: uuid.UUID | None = None
) -> MeetingReceipt:
    """Acknowledge the minutes for one's organisation (签收)."""
    return move(actor=actor, row=receipt, name="receive", now=now, changes={"received_at": now}, client_id=client_id)


def end(
    *,
    actor: Actor,
    meeting: Meeting,
    name: str,
    now: datetime,
    reason: str = "",
    client_id: uuid.UUID | None = None,
) -> Meeting:
    """``close`` a settled meeting, ``cancel`` one that will not be held, or ``revise`` minutes not yet sent."""
    if name not in ("close", "cancel", "revise"):
        raise Invalid(_("没有这个操作。"))
    changes = {"closed_at": now} if name in ("close", "cancel") else {}
    given = {"reason": reason.strip()}
    return move(actor=actor, row=meeting, name=name, now=now, given=given, changes=changes, client_id=client_id)


def _open_for(actor: Actor, meeting: Meeting, *states: str) -> None:
    actor.require(MANAGE)
    if meeting.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该会议由其他单位组织。"), code="other_organisation")
    meeting.refresh_from_db(fields=["status"])
    if meeting.status not in states:
        raise StaleState(_("该会议现为“%(state)s”，不能执行此操作。") % {"state": meeting.status_label})


def _record(actor: Actor, act: str, row: Meeting | MeetingSeries, now: datetime, **facts: object) -> None:
    journal.record(
        actor=actor, act=act, subject_type=subject_type_of(row), subject_id=row.pk, org_id=row.owner_org_id,
        facts=facts, now=now,
    )  # fmt: skip
