"""Sessions planned, people enrolled and signed in, hours credited to who was there, and the effect checked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.signing import BadSignature, Signer, TimestampSigner
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.domains.training.models import (
    Course,
    Enrolment,
    Outcome,
    Person,
    PlanLine,
    RecordSource,
    SignedBy,
    StudyRecord,
    StudyWay,
    TrainingSession,
)
from quancheng.domains.training.queries.courses import TEACH, clashing, minutes_of, open_session
from quancheng.domains.training.queries.education import rules
from quancheng.domains.training.queries.persons import KEEP, is_himself
from quancheng.domains.training.services.courses import note_on
from quancheng.domains.training.services.records import Learned, Practice, credit, keep_practice
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, StaleState, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.people.models import User

#: A lesson has so many minutes: more hours than the time holds are none.
LESSON_MINUTES = 45
#: Signing in begins so long before the session.
EARLY = timedelta(minutes=30)
#: Who opened the page of the door has so many seconds to fill it in.
FILL_S = 180
MOST_SEATS = 500
#: A class of more days is several classes. [D]
MOST_DAYS = 30
_CODES, _PASSES = "training.door", "training.door.pass"


def plan_session(
    *, actor: Actor, course: Course, place: str, teacher: str, starts_at: datetime, ends_at: datetime, hours: Decimal,
    capacity: int, plan_line: PlanLine | None, now: datetime, more_days: Sequence[date] = (),
    client_id: uuid.UUID | None = None,
) -> TrainingSession:  # fmt: skip
    """Plan a session of one's own course; a class of several days is planned at once, a session a day.

    :param more_days: on which it goes on, at the same times, each with the same hours. :returns: the first day.
    :raises Invalid: by field. :raises NotPermitted: another's course.
    """
    actor.require(TEACH)
    if actor.organisation_id != course.owner_org_id:
        raise NotPermitted(_("该步骤由其他单位办理。"), code="other_organisation")
    if course.ended_date is not None:
        raise Conflict(_("该课程已停开。"))
    wrong: dict[str, Text] = {}
    for name, value in (("place", place), ("teacher", teacher)):
        if not clean(value):
            wrong[name] = _("请填写此项。")
    if ends_at <= starts_at:
        wrong["ends_at"] = _("结束时间应晚于开始时间。")
    elif Calendar().local_date(starts_at) != Calendar().local_date(ends_at):
        wrong["ends_at"] = _("开始和结束时间应在同一天；跨天的培训班请填写后续日期。")
    elif hours <= 0 or hours % Decimal("0.5"):
        wrong["hours"] = _("学时应大于0，最小单位为0.5。")
    elif hours * LESSON_MINUTES > minutes_of(starts_at, ends_at):
        wrong["hours"] = _("时长%(minutes)s分钟不足%(hours)s学时（每学时%(lesson)s分钟）。") % {
            "minutes": minutes_of(starts_at, ends_at), "hours": hours, "lesson": LESSON_MINUTES
        }  # fmt: skip
    days = sorted(set(more_days))
    if days and days[0] <= Calendar().local_date(starts_at):
        wrong["more_days"] = _("后续日期应晚于第一天。")
    elif len(days) >= MOST_DAYS:
        wrong["more_days"] = _("一个培训班最多%(most)s天。") % {"most": MOST_DAYS}
    if not 1 <= capacity <= MOST_SEATS:
        wrong["capacity"] = _("名额应为1至%(most)s。") % {"most": MOST_SEATS}
    if wrong:
        raise Invalid(fields=wrong)
    held_date = Calendar().local_date(starts_at)

    def day_of(**known: Any) -> TrainingSession:
        return TrainingSession(
            owner_org_id=course.owner_org_id, enterprise_id=course.enterprise_id, area_id=course.area_id,
            links=course.links, reach=course.reach, code=next_code(TrainingSession, "PX", now=now), course=course,
            plan_line=plan_line, place=clean(place)[:120], teacher=clean(teacher)[:60], hours=hours,
            capacity=capacity, created_at=now, day_count=len(days) + 1,
            class_ends_at=ends_at + (days[-1] - held_date) if days else None, **known,
        )  # fmt: skip

    with transaction.atomic():
        row = day_of(starts_at=starts_at, ends_at=ends_at)
        facts = {"course": course.pk, "starts_at": starts_at, "hours": str(hours), "days": len(days) + 1}
        first: TrainingSession = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
        if first.pk == row.pk:
            # What was planned before under the same key has its days.
            for number, day in enumerate(days, start=2):
                later = timedelta(days=(day - held_date).days)
                more = day_of(starts_at=starts_at + later, ends_at=ends_at + later, first_day=first, day_number=number)
                enter(actor=actor, row=more, now=now, facts={**facts, "starts_at": more.starts_at, "day": number})
        return first


def enrol(*, actor: Actor, session: TrainingSession, persons: Sequence[Person], now: datetime) -> int:
    """Enrol people of one's own enterprise; who has a seat keeps it. Returns how many were new.

    :raises Invalid: nobody, or a course of regulators. :raises Conflict: the session is no longer planned, no seats are
        left, or somebody sits elsewhere at that time.
    """
    actor.require(KEEP)
    if any(one.file_id != actor.organisation_id for one in persons):
        raise NotPermitted
    if session.course.programme.is_for_regulators:
        raise Conflict(_("该培训班面向监管人员。"))
    return _enrol(actor, session, now, persons=persons)


def enrol_colleagues(*, actor: Actor, session: TrainingSession, users: Sequence[User], now: datetime) -> int:
    """Enrol colleagues of one's own office in a session for regulators; the same refusals."""
    actor.require(TEACH)
    if not actor.supervises:
        raise NotPermitted
    if not session.course.programme.is_for_regulators:
        raise Conflict(_("该培训班面向从业人员，由企业报名。"))
    return _enrol(actor, session, now, users=users)


def _enrol(
    actor: Actor, session: TrainingSession, now: datetime, *, persons: Sequence[Person] = (), users: Sequence[User] = ()
) -> int:
    if not persons and not users:
        raise Invalid(fields={"people": _("请选择人员。")})
    sender = actor.organisation_id
    if sender is None:
        raise NotPermitted
    with transaction.atomic():
        days = [one for one in _lock_class(session) if one.status == "PLANNED" and one.ends_at > now]
        if session.pk not in [one.pk for one in days]:
            raise StaleState(_("该培训班已结束报名。"))
        # Who enrols for a class has a seat on each of its days that are still to come.
        taken = {one.pk: _seat(actor, one, sender, now, persons=persons, users=users) for one in days}
    return taken[session.pk]


def _seat(
    actor: Actor, row: TrainingSession, sender: uuid.UUID, now: datetime, *, persons: Sequence[Person],
    users: Sequence[User],
) -> int:  # fmt: skip
    """Seats on one day, in the caller's transaction, which holds the day."""
    held = Enrolment.objects.filter(session=row)
    known = set(held.values_list("person", flat=True)) | set(held.values_list("user", flat=True))
    new_persons = [one for one in persons if one.pk not in known]
    new_users = [one for one in users if one.pk not in known]
    left = row.capacity - held.count()
    if len(new_persons) + len(new_users) > left:
        raise Conflict(_("名额只剩%(left)s个。") % {"left": left}, code="full")
    clash = clashing(
        persons=[one.pk for one in new_persons], users=[one.pk for one in new_users], session=row
    ).first()
    if clash is not None:
        who = clash.person or clash.user
        raise Conflict(_("%(name)s同一时间已报名“%(course)s”。") % {
            "name": who.name if who else "", "course": clash.session.course.title
        })  # fmt: skip
    rows = [Enrolment(session=row, person=one, sent_by_id=sender, created_at=now)
            for one in new_persons]  # fmt: skip
    rows += [Enrolment(session=row, user=one, sent_by_id=sender, created_at=now)
             for one in new_users]  # fmt: skip
    Enrolment.objects.bulk_create(rows)
    if rows:
        note_on(actor, "training.session.enrol", row, now, {"number": len(rows)})
    return len(rows)


# Signing in --------------------------------------------------------------------------------------------------------


def door_code(session: TrainingSession, *, now: datetime) -> str:
    """The code that the teacher's device shows now. It counts while it is shown and once as long after."""
    slot = int(now.timestamp()) // rules().code_seconds
    return Signer(salt=_CODES).sign(f"{session.pk.hex}.{slot}")


def read_door_code(code: str, *, now: datetime) -> TrainingSession:
    """The session whose door shows this code. :raises NotFound: forged, of a past session, or too old."""
    try:
        key, _dot, slot = Signer(salt=_CODES).unsign(code).partition(".")
        session = open_session(uuid.UUID(key))
    except (BadSignature, ValueError) as forged:
        raise NotFound from forged
    present = int(now.timestamp()) // rules().code_seconds
    if session is None or int(slot) not in (present, present - 1):
        raise NotFound(_("签到码已失效，请重新扫描现场的签到码。"), code="stale_code")
    return session


def pass_for(session: TrainingSession) -> str:
    """What the form carries that a fresh code opened."""
    return TimestampSigner(salt=_PASSES).sign(session.pk.hex)


def read_pass(given: str) -> TrainingSession:
    """:raises NotFound: forged, or the form stood open too long."""
    try:
        session = open_session(uuid.UUID(TimestampSigner(salt=_PASSES).unsign(given, max_age=FILL_S)))
    except (BadSignature, ValueError) as forged:
        raise NotFound(_("签到码已失效，请重新扫描现场的签到码。"), code="stale_code") from forged
    if session is None:
        raise NotFound(_("该培训班不在签到时间内。"))
    return session


def sign_in(
    *, session: TrainingSession, staff_no: str, name: str, now: datetime, by: str = SignedBy.CODE,
    user_id: uuid.UUID | None = None,
) -> Enrolment:  # fmt: skip
    """Note that somebody with a seat is there: found by badge and name, or by his account.

    :raises Invalid: nobody with a seat is called so. :raises Conflict: signed in already, too early, more than half
        over, or signed in elsewhere at that time.
    """
    with transaction.atomic():
        row = _lock(session)
        if row.status != "PLANNED" or now > row.ends_at:
            raise StaleState(_("该培训班不在签到时间内。"))
        if now < row.starts_at - EARLY:
            raise Conflict(_("开课前30分钟开始签到。"), code="early")
        who = Q(user=user_id) if user_id else Q(person__staff_no=clean(staff_no), person__name=clean(name))
        seat = Enrolment.objects.filter(who, session=row).select_related("person", "user").first()
        if seat is None or (not user_id and not clean(staff_no)):
            raise Invalid(fields={"staff_no": _("没有找到报名人员，请核对工号（胸卡号）和姓名。")})
        if seat.signed_at is not None:
            local = timezone.localtime(seat.signed_at)
            raise Conflict(_("您已于%(time)s签到，不需重复签到。") % {"time": f"{local:%H:%M}"}, code="twice")
        if now > row.starts_at + (row.ends_at - row.starts_at) / 2:
            raise Conflict(_("课程已过半，不能再签到。"), code="half_over")
        persons = [seat.person_id] if seat.person_id else []
        users = [seat.user_id] if seat.user_id else []
        if clashing(persons=persons, users=users, session=row, signed_only=True).exists():
            raise Conflict(_("同一时间已在其他培训班签到。"), code="overlap")
        seat.signed_at, seat.signed_by = now, by
        seat.is_late = now > row.starts_at + timedelta(minutes=rules().late_minutes)
        seat.save(update_fields=["signed_at", "signed_by", "is_late"])
    return seat


def sign_at_desk(
    *, actor: Actor, session: TrainingSession, staff_no: str, name: str, now: datetime
) -> Enrolment:
    """The same on the teacher's device, for who has no phone."""
    _require_own(actor, session)
    with transaction.atomic():
        seat = sign_in(session=session, staff_no=staff_no, name=name, now=now, by=SignedBy.DESK)
        note_on(actor, "training.session.sign", session, now, {"seat": seat.pk})
    return seat


def assess_practice(*, actor: Actor, session: TrainingSession, seat: Enrolment, score: int, now: datetime) -> None:
    """Enter what somebody who is there did with his hands, 0 to 100.

    :raises Conflict: he is absent or judges himself, the course has no practical part, or a day of the class follows.
    """
    _require_own(actor, session)
    if not 0 <= score <= 100:
        raise Invalid(fields={"score": _("成绩应为0至100。")})
    with transaction.atomic():
        row = _lock(session)
        if not row.course.is_practical:
            raise Conflict(_("该课程没有实操考核。"))
        if row.status == "PLANNED" and not row.asks_practice:
            raise Conflict(_("实操考核在培训班的最后一天进行。"))
        if not row.takes_practice:
            raise StaleState(_("该培训班已结班。"))
        there = Enrolment.objects.filter(pk=seat.pk, session=row, signed_at__isnull=False)
        if row.status == "HELD" and any(one.is_judged for one in there.select_related("record", "study")):
            raise StaleState(_("该人员的实操成绩已登记，培训班已结班，不能再改。"))
        if (seat.user_id is not None and seat.user_id == actor.user_id) or is_himself(actor, seat.person):
            raise Conflict(_("考核人不能是学员本人。"))
        if not there.update(practice_score=score, assessed_by=actor.user_id):
            raise Conflict(_("未签到的人员不能考核。"))
        if row.status == "HELD":
            _practise_late(actor, row, seat, now)
        note_on(actor, "training.session.practice", row, now, {"seat": seat.pk, "score": score})


def _practise_late(actor: Actor, row: TrainingSession, seat: Enrolment, now: datetime) -> None:
    """Marks of practice to what a day had credited before it became the last of its class, so that nobody's is lost."""
    rows = Enrolment.objects.select_related("record__programme", "record__person", "session__course", "assessed_by")
    kept = rows.get(pk=seat.pk)
    judged = _practice_of(kept, Calendar().local_date(now))
    if kept.study_id is not None:
        StudyRecord.objects.filter(pk=kept.study_id).update(score=kept.practice_score)
    elif kept.record is not None and judged is not None:
        keep_practice(actor=actor, record=kept.record, practice=judged, now=now)


def cancel_session(
    *, actor: Actor, session: TrainingSession, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> TrainingSession:
    """Cancel a day. Where it was the last of its class, practice and effect move to the last day that is held.

    :raises StaleState: it is closed.
    """
    with transaction.atomic():
        days = _lock_class(session)
        move(actor=actor, row=session, name="cancel", now=now, given={"reason": clean(reason)}, client_id=client_id)
        held = [one.ends_at for one in days if one.pk != session.pk and one.status != "CANCELLED"]
        if held:
            whole = TrainingSession.objects.filter(pk__in=[one.pk for one in days])
            whole.update(class_ends_at=max(held), updated_at=now)
            # One that is closed already takes what it had no reason to ask before.
            whole.filter(status="HELD", ends_at=max(held)).update(is_last_late=True)
    session.refresh_from_db()
    return session


def close_session(
    *, actor: Actor, session: TrainingSession, now: datetime, client_id: uuid.UUID | None = None
) -> TrainingSession:
    """End a session and credit its hours to who was there; on the last day of a practical course, to who passed the
    practice too.

    :raises Conflict: it is not over.
    """
    if now < session.ends_at:
        raise Conflict(_("培训班尚未结束，不能结班。"))
    with transaction.atomic():
        move(actor=actor, row=session, name="close", now=now, changes={"closed_at": now}, client_id=client_id)
        seats = Enrolment.objects.filter(session=session).select_related(
            "person__file", "user", "assessed_by", "session__course"
        )  # fmt: skip
        for seat in seats.order_by("pk"):
            if seat.outcome:
                continue
            seat.outcome = _outcome(actor, session, seat, now)
            seat.save(update_fields=["outcome", "record", "study"])
    return session


def check_effect(
    *, actor: Actor, session: TrainingSession, method: str, rate: int, text: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> None:  # fmt: skip
    """Write down whether a session had an effect, and what is made better (S2-16a).

    :param rate: of those looked at, how many per cent do as they learned.
    :raises Conflict: the last day of its class is still to come or to be closed: the effect is checked there, for all.
    """
    if not clean(method):
        raise Invalid(fields={"method": _("请填写此项。")})
    changes = {
        "effect_method": clean(method)[:60], "effect_rate": rate, "effect_text": clean(text)[:1000],
        "effect_by": actor.name, "effect_date": Calendar().local_date(now),
    }  # fmt: skip
    with transaction.atomic():
        whole = _lock_class(session)
        if any(one.is_last_day and one.status in ("PLANNED", "HELD") and one.pk != session.pk for one in whole):
            raise Conflict(_("效果检查在培训班最后一天结班后登记，各天一并完成。"))
        days = [one for one in whole if one.status == "HELD" and one.pk != session.pk]
        move(actor=actor, row=session, name="check", now=now, given={"text": clean(text)[:500]}, changes=changes,
             facts={"effect_by": ""}, client_id=client_id)  # fmt: skip
        if session.is_last_day:
            # A class is looked back at once, at its end: for the days before it too.
            for one in days:
                move(actor=actor, row=one, name="check", now=now, given={"text": clean(text)[:500]}, changes=changes,
                     facts={"effect_by": ""})  # fmt: skip


def _outcome(actor: Actor, session: TrainingSession, seat: Enrolment, now: datetime) -> str:
    if seat.signed_at is None:
        return Outcome.ABSENT
    programme, score = session.course.programme, seat.practice_score
    if session.asks_practice and (score is None or score < (programme.pass_mark or 60)):
        return Outcome.PRACTICE
    day = Calendar().local_date(session.starts_at)
    if seat.user_id is not None:
        way = StudyWay.SITE if session.course.is_practical else StudyWay.CLASS
        seat.study = StudyRecord.objects.create(
            owner_org_id=seat.sent_by_id, reach="chain", user_id=seat.user_id, programme=programme, way=way,
            title=session.course.title, given_by=session.teacher, held_date=day, hours=session.hours, score=score,
            entered_by_id=actor.user_id, created_at=now,
        )  # fmt: skip
        return Outcome.CREDITED
    assert seat.person is not None  # noqa: S101 - a constraint says that a seat is of one or the other
    learned = Learned(
        programme=programme, held_date=day, hours=session.hours, teacher=session.teacher, place=session.place,
        content=session.course.title, score=None, level=session.course.level, course=session.course,
        practice=_practice_of(seat, day), began_at=session.starts_at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            seat.record = credit(
                actor=actor, person=seat.person, learned=learned, source=RecordSource.SESSION,
                signed_at=seat.signed_at, signature=str(SignedBy(seat.signed_by).label), now=now,
            )  # fmt: skip
    except (Invalid, Conflict):
        return Outcome.FULL
    return Outcome.CREDITED


def _practice_of(seat: Enrolment, day: date) -> Practice | None:
    # What was typed on a day before the last is no practice of the class.
    if seat.practice_score is None or not seat.session.asks_practice:
        return None
    # Marks typed before it was kept who judged: the teacher did.
    judge = seat.assessed_by.name if seat.assessed_by is not None else seat.session.teacher
    return Practice(score=seat.practice_score, day=day, assessor=judge, by=seat.assessed_by_id)


def _require_own(actor: Actor, session: TrainingSession) -> None:
    actor.require(TEACH)
    if actor.organisation_id != session.owner_org_id:
        raise NotPermitted(_("该步骤由其他单位办理。"), code="other_organisation")


def _lock(session: TrainingSession) -> TrainingSession:
    rows = TrainingSession.objects.select_for_update(of=("self",), no_key=True).select_related("course__programme")
    return rows.get(pk=session.pk)


def _lock_class(session: TrainingSession) -> list[TrainingSession]:
    """All days of a session's class in their order, locked; the session alone where it is one day."""
    if session.day_count == 1:
        return [_lock(session)]
    rows = TrainingSession.objects.select_for_update(of=("self",), no_key=True).select_related("course__programme")
    first = session.first_day_id or session.pk
    return list(rows.filter(Q(pk=first) | Q(first_day=first)).order_by("day_number"))
