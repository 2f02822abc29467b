"""Retraining ordered, fulfilled by hours and exam, withdrawn; what a newly held key post brings along (S5-3.1e)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from quancheng.domains.training.models import (
    ExamPass,
    OrderReason,
    Person,
    PersonPost,
    Programme,
    ProgrammeKind,
    RetrainingOrder,
    TrainingRecord,
)
from quancheng.domains.training.queries.education import rules
from quancheng.domains.training.queries.orders import ORDER
from quancheng.domains.training.queries.persons import KEEP
from quancheng.domains.training.queries.programmes import programmes_on
from quancheng.domains.training.services.keeping import note
from quancheng.domains.training.services.measuring import measure
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code

#: Hours of an order where nobody says how many.
DEFAULT_HOURS = 8
MOST_HOURS, FARTHEST_D = 1000, 366
#: Posts whose new holder must be trained and examined: main persons, deputies, safety managers (S5-3.1e).
KEY_ROLES = (
    "main_head", "actual_controller", "production_head", "equipment_head", "technology_head", "safety_head",
    "safety_director", "safety_manager",
)  # fmt: skip
#: The house itself: closes what is fulfilled, and stops what nobody can fulfil.
HOUSE = system_actor("training", KEEP, ORDER)


def order_retraining(
    *, actor: Actor, person: Person, reason: str, programme: Programme, hours: int = DEFAULT_HOURS, needs_exam: bool,
    off_post: bool, due_date: date, now: datetime, source_type: str = "", source_id: uuid.UUID | None = None,
    explained: str = "", client_id: uuid.UUID | None = None,
) -> RetrainingOrder:  # fmt: skip
    """Order somebody to learn again. Off the job he may hold no post and do no work until it is done.

    :param person: whom a query gave to the actor. :param hours: lessons, 0 where the exam alone is asked.
    :param source_type: what set it off; the same cause again returns the first order.
    :raises NotPermitted: neither his enterprise nor an office that supervises. :raises Conflict: he left.
    :raises Invalid: by field.
    """
    actor.require(ORDER)
    if not (actor.is_system or actor.supervises or actor.organisation_id == person.file_id):
        raise NotPermitted
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {}
    if reason not in OrderReason.values:
        wrong["reason"] = _("没有这个选项。")
    if programme.is_for_regulators or not (actor.is_system or _counts(programme, today)):
        wrong["programme"] = _("请选择适用于从业人员的培训大纲。")
    if not 0 <= hours <= MOST_HOURS or (hours == 0 and not needs_exam):
        wrong["hours"] = _("学时应为1至%(most)s；只要求考试的填0。") % {"most": MOST_HOURS}
    if due_date < today:
        wrong["due_date"] = _("完成期限不能早于今天。")
    elif (due_date - today).days > FARTHEST_D:
        wrong["due_date"] = _("完成期限不能晚于一年之后。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        if not Person.objects.select_for_update(of=("self",), no_key=True).filter(
            pk=person.pk, left_date__isnull=True
        ).exists():  # fmt: skip
            raise Conflict(_("该人员已离岗，不能下达再培训令。"))
        if source_id is not None:
            same = RetrainingOrder.objects.filter(person=person, source_type=source_type, source_id=source_id).first()
            if same is not None:
                return same
        row = RetrainingOrder(
            **person.file.row_scope(), code=next_code(RetrainingOrder, "ZP", now=now), person=person,
            programme=programme, reason=reason, note=clean(explained)[:300], hours=hours, needs_exam=needs_exam,
            off_post=off_post, due_date=due_date, ordered_date=today,
            ordered_org_id=actor.organisation_id or person.file_id, ordered_by_id=actor.user_id,
            source_type=source_type, source_id=source_id, created_at=now,
        )  # fmt: skip
        facts = {"reason": reason, "programme": programme.code, "hours": hours, "off_post": off_post}
        made: RetrainingOrder = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
        if made.pk == row.pk:
            note(actor, "training.order.give", person, now, {"order": made.pk, "code": made.code, "why": reason})
            measure([person.pk], now=now)
    return made


def note_exam_passed(
    *, actor: Actor, person: Person, programme: Programme, score: int, now: datetime, begun: datetime | None = None,
    is_spot: bool = False, is_unified: bool = False,
) -> list[RetrainingOrder]:
    """An exam on a programme was passed: open orders on it that need one take it; those fulfilled are closed.

    Called by the room's exams, which judged the mark; and by :func:`pass_on_paper`.

    :param begun: when the exam was begun; orders given later do not take it. The moment where none is told.
    :param is_unified: by the one paper of the four main posts, after the hours of the syllabus.
    :param is_spot: a spot exam fulfils orders that followed a spot exam, and stands for no other exam (S2-16d).
    :returns: the orders that took it.
    """
    with transaction.atomic():
        if not is_spot:
            ExamPass.objects.create(
                person=person, programme=programme, passed_date=Calendar().local_date(begun or now), score=score,
                is_unified=is_unified, created_at=now,
            )  # fmt: skip
        found = RetrainingOrder.objects.select_for_update(of=("self",), no_key=True).filter(
            person=person, programme=programme, status="OPEN", needs_exam=True, exam_passed_at__isnull=True,
            created_at__lte=begun or now,
        )  # fmt: skip
        if is_spot:
            found = found.filter(reason=OrderReason.SPOT_FAILED)
        rows = list(found.select_related("programme", "person").order_by("pk"))
        for row in rows:
            row.exam_passed_at, row.exam_score = now, score
            RetrainingOrder.objects.filter(pk=row.pk).update(exam_passed_at=now, exam_score=score, updated_at=now)
            note(actor, "training.order.exam", person, now, {"order": row.pk, "code": row.code, "score": score})
            settle(row, now=now)
        measure([person.pk], now=now)
    return rows


def pass_on_paper(*, actor: Actor, order: RetrainingOrder, score: int, reason: str, now: datetime) -> None:
    """Enter that the exam of an order was passed elsewhere, by whoever ordered it or supervises.

    :param reason: where and when it was held. :raises NotPermitted: somebody else.
    :raises Invalid: below the pass mark of the programme. :raises Conflict: none is owed.
    """
    actor.require(ORDER)
    if actor.organisation_id != order.ordered_org_id and not actor.supervises:
        raise NotPermitted(_("考试成绩由下达单位或监管部门登记。"))
    least = order.programme.pass_mark or 60
    wrong: dict[str, Text] = {}
    if not least <= score <= 100:
        wrong["score"] = _("成绩应为%(least)s至100；低于合格分数的，须重新考试。") % {"least": least}
    if not clean(reason):
        wrong["reason"] = _("请写明考试的时间、地点和组织单位。")
    if wrong:
        raise Invalid(fields=wrong)
    if not order.needs_exam or order.exam_passed_at is not None or order.status != "OPEN":
        raise Conflict(_("该再培训令没有待登记的考试。"))
    if order.programme.is_unified_on(Calendar().local_date(now)):
        raise Conflict(_("该大纲实行四个统一，考试须使用统一试卷，不能登记其他考试的成绩。"))
    with transaction.atomic():
        note_exam_passed(actor=actor, person=order.person, programme=order.programme, score=score, now=now)
        facts = {"order": order.pk, "reason": clean(reason)[:200]}
        note(actor, "training.order.exam_on_paper", order.person, now, facts)


def withdraw_order(
    *, actor: Actor, order: RetrainingOrder, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> None:
    """Take an order back; whoever gave it alone may."""
    with transaction.atomic():
        move(actor=actor, row=order, name="withdraw", now=now, given={"reason": clean(reason)[:300]},
             changes={"closed_at": now}, client_id=client_id)  # fmt: skip
        note(actor, "training.order.withdraw", order.person, now, {"order": order.pk, "code": order.code})
        measure([order.person_id], now=now)


def order_for(person: Person, *, programme: Programme, day: date) -> RetrainingOrder | None:
    """The open order for which hours of a programme on a day count, the one that is due first; locked."""
    rows = RetrainingOrder.objects.select_for_update(of=("self",), no_key=True).filter(
        person=person, programme=programme, status="OPEN", ordered_date__lte=day
    )
    return rows.select_related("programme", "person").order_by("due_date", "pk").first()


def settle(order: RetrainingOrder, *, now: datetime) -> None:
    """Count an open order's hours anew in the caller's transaction, and close it when all is there."""
    counted = TrainingRecord.objects.filter(order=order, struck_at__isnull=True)
    done: Decimal = counted.aggregate(sum=Sum("hours"))["sum"] or Decimal(0)
    RetrainingOrder.objects.filter(pk=order.pk).update(hours_done=done, updated_at=now)
    order.hours_done = done
    if order.status == "OPEN" and done >= order.hours and (order.exam_passed_at or not order.needs_exam):
        move(actor=HOUSE, row=order, name="complete", now=now, changes={"closed_at": now})
        measure([order.person_id], now=now)


def stop_for_leaving(person: Person, *, now: datetime) -> None:
    """Who left can fulfil nothing: open orders stop, in the caller's transaction, and go on when he comes back."""
    for row in _rows(person, "OPEN"):
        move(actor=HOUSE, row=row, name="leave", now=now, changes={"closed_at": now})


def resume_after_return(person: Person, *, now: datetime) -> None:
    """Orders that stopped go on; a day that passed meanwhile is moved to two weeks from today."""
    today = Calendar().local_date(now)
    for row in _rows(person, "LEFT"):
        due = max(row.due_date, today + timedelta(days=14))
        move(actor=HOUSE, row=row, name="resume", now=now, changes={"closed_at": None, "due_date": due})


def order_for_key_post(*, actor: Actor, person: Person, post: PersonPost, now: datetime) -> RetrainingOrder | None:
    """Who newly holds a key post owes the first hours of its programme and an exam, in the days that it grants
    (S5-3.1e), whatever day the enterprise says. None for other posts, and where the same is owed already.
    """
    role, today = post.role.code, Calendar().local_date(now)
    if role not in KEY_ROLES:
        return None
    found = next(
        (
            one
            for one in programmes_on(today)
            if one.kind == ProgrammeKind.OFFICE
            and one.concerns(roles={role}, employment=person.employment, kind=person.file.kind)
        ),
        None,
    )
    if found is None or RetrainingOrder.objects.filter(person=person, programme=found, status="OPEN").exists():
        return None
    due = min(max(post.from_date, today) + timedelta(days=found.within_days), today + timedelta(days=FARTHEST_D))
    return order_retraining(
        actor=_house_for(person), person=person, reason=OrderReason.KEY_PERSON, programme=found,
        hours=found.first_hours, needs_exam=found.pass_mark is not None, off_post=False, due_date=due, now=now,
        source_type=f"{PersonPost._meta.app_label}.{PersonPost._meta.model_name}", source_id=post.pk,
        explained=post.title,
    )  # fmt: skip


def order_for_transfer(*, actor: Actor, person: Person, post: PersonPost, now: datetime) -> RetrainingOrder | None:
    """Who goes from one post to another learns at workshop and team level again, off the job until it is done.

    None for a first post, for heads and safety managers, and where the same is owed already.
    """
    last = PersonPost.objects.filter(person=person).exclude(pk=post.pk).order_by("-from_date", "-created_at").first()
    if last is None or last.role_id == post.role_id:
        return None
    return _order_again(person, OrderReason.CHANGED_POST, post.title, {post.role.code}, now)


def order_for_absence(*, actor: Actor, person: Person, left: date, back: date, now: datetime) -> None:
    """Who was away for a year or longer does the same."""
    if back >= left + relativedelta(months=rules().absent_months):
        _order_again(person, OrderReason.ABSENT, "", set(), now)


def _order_again(
    person: Person, reason: str, explained: str, roles: set[str], now: datetime
) -> RetrainingOrder | None:
    today = Calendar().local_date(now)
    found = next((one for one in programmes_on(today) if one.kind == ProgrammeKind.TRANSFER), None)
    if found is None or not found.concerns(roles=roles, employment=person.employment, kind=person.file.kind):
        return None
    same = RetrainingOrder.objects.filter(person=person, programme=found, status="OPEN", off_post=True)
    # An order of the enterprise's own can be taken back by it, and stands for none that is owed by law.
    if same.filter(hours__gte=found.first_hours).exclude(ordered_org=person.file_id).exists():
        return None
    return order_retraining(
        actor=_house_for(person), person=person, reason=reason, programme=found,
        hours=found.first_hours, needs_exam=False, off_post=True, due_date=today + timedelta(days=30), now=now,
        explained=explained,
    )  # fmt: skip


def _house_for(person: Person) -> Actor:
    """The house in the name of the office that supervises his enterprise: it alone may withdraw what law demands."""
    return replace(HOUSE, organisation_id=person.file.supervisor_id)


def _rows(person: Person, status: str) -> list[RetrainingOrder]:
    rows = RetrainingOrder.objects.filter(person=person, status=status).select_related("programme", "person")
    return list(rows.order_by("pk"))


def _counts(programme: Programme, day: date) -> bool:
    return (programme.valid_from is None or programme.valid_from <= day) and (
        programme.valid_to is None or programme.valid_to >= day
    )
