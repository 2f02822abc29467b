"""Papers marked, and what follows: a certificate of who passed, a resit or retraining of who did not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from quancheng.domains.training.examining import marked, shared
from quancheng.domains.training.models import (
    Exam,
    ExamKind,
    ExamSitting,
    NotCounted,
    OrderReason,
    Person,
    Programme,
    RetrainingOrder,
    SittingItem,
)
from quancheng.domains.training.queries.exams import failures_of, is_own_paper, runs
from quancheng.domains.training.queries.orders import ORDER
from quancheng.domains.training.queries.papers import SET_EXAMS, policy
from quancheng.domains.training.queries.standing import first_hours_done
from quancheng.domains.training.queries.unified import begun_before, ways_on
from quancheng.domains.training.services.orders import DEFAULT_HOURS, note_exam_passed, order_retraining
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.services import take_number

_log = logging.getLogger(__name__)
#: Kind of number of a certificate of passing.
CERTIFICATE = "training.pass"
#: The house: lets people in who have no account, ends papers whose time is up, and draws what follows of results.
CLERK = system_actor("training.exam", ORDER)
#: Within so many days what an exam showed to be missing is learned anew. [D]
RETRAIN_WITHIN = timedelta(days=30)
CLOSED = ("single", "multiple", "judge")


def mark_closed(sitting: ExamSitting, *, is_partial: bool) -> None:
    """Mark what needs no examiner, in the caller's transaction: closed questions, and cases of closed parts alone."""
    items = list(SittingItem.objects.filter(sitting=sitting).select_related("version"))
    for item in items:
        item.got = closed_marks(item, is_partial=is_partial)
    SittingItem.objects.bulk_update([one for one in items if one.got is not None], ["got"])


def closed_marks(item: SittingItem, *, is_partial: bool) -> Decimal | None:
    """Marks of a question that no examiner need see; None of others."""
    asked = item.version
    if asked.kind in CLOSED:
        given = item.answer.get("", "")
        return marked(kind=asked.kind, right=asked.answer, given=given, marks=item.marks, is_partial=is_partial)
    if asked.kind != "case" or any(part["kind"] not in CLOSED for part in asked.parts):
        return None
    return parts_marks(item, is_partial=is_partial)


def parts_marks(item: SittingItem, *, is_partial: bool) -> Decimal:
    """Marks for the closed parts of a case; an examiner adds those of the others."""
    parts = item.version.parts
    return sum(
        (
            marked(kind=part["kind"], right=part["answer"], given=item.answer.get(str(place), ""), marks=each,
                   is_partial=is_partial)
            for place, (part, each) in enumerate(zip(parts, shared(item.marks, len(parts)), strict=True), start=1)
            if part["kind"] in CLOSED
        ),
        Decimal(0),
    )  # fmt: skip


def mark_by_hand(
    *, actor: Actor, sitting: ExamSitting, given: Mapping[int, Decimal], remarks: Mapping[int, str], now: datetime
) -> None:
    """Give marks for what an examiner must see; once all is marked the result stands.

    :param given: marks by place on the paper. :raises NotPermitted: of another organisation's exam, or one's own paper.
    :raises Invalid: more than a question has, or one that is not to be marked, by ``got<place>``.
    :raises StaleState: it is marked, or not handed in.
    """
    actor.require(SET_EXAMS)
    if not runs(actor, sitting.exam) or is_own_paper(actor, sitting):
        raise NotPermitted
    with transaction.atomic():
        locked = ExamSitting.objects.select_for_update(of=("self",), no_key=True).select_related("exam")
        row = locked.get(pk=sitting.pk)
        if row.handed_in_at is None or row.marked_at is not None:
            raise StaleState
        open_items = {one.place: one for one in SittingItem.objects.filter(sitting=row, got__isnull=True)}
        wrong: dict[str, Text] = {}
        for place, got in given.items():
            if place not in open_items:
                wrong[f"got{place}"] = _("这一题不用人工评分，或没有这一题。")
            elif not 0 <= got <= open_items[place].marks:
                wrong[f"got{place}"] = _("应为 0 至 %(most)s 分。") % {"most": open_items[place].marks}
        if wrong:
            raise Invalid(fields=wrong)
        for place, got in given.items():
            SittingItem.objects.filter(pk=open_items[place].pk).update(
                got=got, remark=clean(remarks.get(place, ""))[:500], marked_by_id=actor.user_id
            )
        _note(actor, "training.exam.mark", row, now, places=sorted(given))
        settle(row, now=now)


def settle(sitting: ExamSitting, *, now: datetime) -> None:
    """Count a paper whose every question is marked, and let follow what follows, in the caller's transaction."""
    got = list(SittingItem.objects.filter(sitting=sitting).values_list("got", flat=True))
    if any(one is None for one in got):
        return
    exam = sitting.exam
    score = sum((one for one in got if one is not None), Decimal(0))
    sitting.score, sitting.is_passed, sitting.marked_at = score, score >= exam.pass_mark, now
    sitting.not_counted = why_not_counted(sitting) if sitting.is_passed else ""
    ExamSitting.objects.filter(pk=sitting.pk).update(
        score=sitting.score, is_passed=sitting.is_passed, marked_at=now, not_counted=sitting.not_counted
    )
    _note(CLERK, "training.exam.result", sitting, now, passed=sitting.is_passed)
    if sitting.not_counted:
        _note(CLERK, "training.exam.not_counted", sitting, now, why=sitting.not_counted)
    elif sitting.is_passed:
        if not exam.is_spot:
            certify(actor=CLERK, sitting=sitting, now=now)
        if sitting.person is not None:
            # Of what counts, all that was begun while there was one way was by its paper.
            note_exam_passed(
                actor=CLERK, person=sitting.person, programme=exam.programme, score=int(score), now=now,
                begun=sitting.started_at, is_spot=exam.is_spot,
                is_unified=not exam.is_spot and exam.programme.is_unified_on(_day_of(sitting)),
            )  # fmt: skip
    elif sitting.person is not None:
        _retrain(sitting, sitting.person, now)
    publish(
        "training.exam.passed" if sitting.is_passed else "training.exam.failed", sitting, actor=CLERK, now=now,
        facts={"programme": exam.programme.code, "spot": exam.is_spot, "counted": not sitting.not_counted},
    )


def why_not_counted(sitting: ExamSitting) -> str:
    """Why a formal exam that a person passed stands for nothing; empty where it counts (S3-7.2b).

    His programme has one paper and one syllabus (四个统一); it was held by another paper or organisation, or before he
    had the hours.
    """
    exam, day = sitting.exam, _day_of(sitting)
    if exam.is_spot or sitting.person is None or not exam.programme.is_unified_on(day):
        return ""
    if begun_before(exam.programme, day, sitting.started_at):
        return ""
    ways = list(ways_on(exam.programme, day))
    if all(exam.rule_id != one.rule_id for one in ways):
        return NotCounted.PAPER
    # Who holds an exam adds questions of his own and gives the marks.
    if all(exam.owner_org_id != one.office_id for one in ways):
        return NotCounted.HOLDER
    if not first_hours_done(sitting.person, exam.programme, until=day):
        return NotCounted.SYLLABUS
    return ""


def _day_of(sitting: ExamSitting) -> date:
    """The day by whose rules a paper counts."""
    return Calendar().local_date(sitting.started_at or sitting.exam.opens_at)


def certify(*, actor: Actor, sitting: ExamSitting, now: datetime) -> str:
    """Give a certificate of passing its number (合格证明); a sitting that has one keeps it (S1-5c).

    :raises Conflict: the exam was not passed, or is a spot exam, which proves nothing else.
    """
    if sitting.is_passed is not True:
        raise Conflict(_("考试不合格或尚未阅卷，不能发给合格证明。"))
    if sitting.exam.is_spot:
        raise Conflict(_("现场抽考不发合格证明。"))
    if sitting.not_counted:
        raise Conflict(_("该考试不计入，不发合格证明：%(why)s。") % {"why": sitting.get_not_counted_display()})
    with transaction.atomic():
        # Who held the exam signs: of the four main posts the one office, since no other exam of theirs counts.
        number = take_number(
            actor=actor, organisation=sitting.exam.owner_org, kind=CERTIFICATE, subject_type=ExamSitting.row_type(),
            subject_id=sitting.pk, now=now,
        ).text  # fmt: skip
        ExamSitting.objects.filter(pk=sitting.pk).update(certificate_no=number)
    sitting.certificate_no = number
    return number


def taught_since(person: Person, programme: Programme, *, after: datetime | None) -> datetime | None:
    """When the hours of the last order to learn a programme anew were done; None where they were not.

    :param after: of orders given since then alone.
    """
    rows = RetrainingOrder.objects.filter(person=person, programme=programme, hours__gt=0, hours_done__gte=F("hours"))
    rows = rows.filter(reason__in=(OrderReason.EXAM_FAILED, OrderReason.SPOT_FAILED))
    if after is not None:
        rows = rows.filter(created_at__gte=after)
    return rows.order_by("-created_at").values_list("created_at", flat=True).first()


def _retrain(sitting: ExamSitting, person: Person, now: datetime) -> None:
    """Off the post after a spot exam (S2-16d); after an exam that was sat again in vain, hours anew."""
    exam = sitting.exam
    if person.left_date is not None:
        return
    taught = taught_since(person, exam.programme, after=None)
    failed = [one for one in failures_of(person, exam.programme) if taught is None or one > taught]
    if not exam.is_spot and len(failed) < 2:
        return
    _order(sitting, person, exam, now)


def look_at_resits(*, now: datetime) -> int:
    """Order hours anew for who failed and let the days of the resit pass; returns for how many."""
    before = now - timedelta(days=policy().resit_days)
    rows = ExamSitting.objects.filter(
        is_passed=False, marked_at__lt=before, retraining_id__isnull=True, person__left_date__isnull=True,
        exam__kind=ExamKind.FORMAL,
    )  # fmt: skip
    later = ExamSitting.objects.filter(
        person=OuterRef("person"), exam__programme=OuterRef("exam__programme"), exam__kind=ExamKind.FORMAL,
        marked_at__gt=OuterRef("marked_at"), not_counted="",
    )  # fmt: skip
    rows = rows.exclude(Exists(later))
    count = 0
    for row in rows.select_related("exam__programme", "person__file").order_by("marked_at", "pk")[:500]:
        if row.person is None:
            continue
        try:
            with transaction.atomic():
                count += _order(row, row.person, row.exam, now)
        except Exception:  # noqa: BLE001 - whatever one row has, the others go on; it is logged
            # One row that cannot be settled stops no other.
            _log.exception("no order after the exam of sitting %s", row.pk)
    return count


def _order(sitting: ExamSitting, person: Person, exam: Exam, now: datetime) -> int:
    if sitting.retraining_id is not None:
        return 0
    office = person.file.supervisor_id if exam.owner_org_id == person.file_id else exam.owner_org_id
    made = order_retraining(
        # Of the office that held the exam or supervises: it alone may withdraw it, never the enterprise itself.
        actor=replace(CLERK, organisation_id=office), person=person,
        reason=OrderReason.SPOT_FAILED if exam.is_spot else OrderReason.EXAM_FAILED, programme=exam.programme,
        hours=policy().spot_hours if exam.is_spot else DEFAULT_HOURS, needs_exam=True, off_post=exam.is_spot,
        due_date=Calendar().local_date(now + RETRAIN_WITHIN), now=now, source_type=ExamSitting.row_type(),
        source_id=sitting.pk,
    )  # fmt: skip
    ExamSitting.objects.filter(pk=sitting.pk).update(retraining_id=made.pk)
    sitting.retraining_id = made.pk
    return 1


def _note(actor: Actor, act: str, sitting: ExamSitting, now: datetime, **facts: Any) -> None:
    journal.record(
        actor=actor, act=act, subject_type=ExamSitting.row_type(), subject_id=sitting.pk, org_id=sitting.enterprise_id,
        facts={"exam": sitting.exam_id, **facts}, now=now,
    )  # fmt: skip
