"""Hours that people learned, entered and struck out (培训记录)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.training.models import (
    Course,
    EducationLevel,
    Person,
    Programme,
    RecordSource,
    RetrainingOrder,
    TrainingRecord,
)
from quancheng.domains.training.queries.education import OFFICE_HOURS, hours_on, hours_said, rules
from quancheng.domains.training.queries.standing import hours_of, levels_of, next_level
from quancheng.domains.training.queries.unified import begun_before, is_material_on
from quancheng.domains.training.services.keeping import note, require_keeper
from quancheng.domains.training.services.measuring import measure
from quancheng.domains.training.services.orders import order_for, settle
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import listed

_HALF = Decimal("0.5")
#: What sets a name off from a unit.
_SPLIT = re.compile(r"[\W_]+")
#: Older papers than these many days are no matter of this house any more.
OLDEST_D = 3660
#: Out of 100, of a practical part of a programme that names no mark.
PASS_OTHERWISE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The practical part as somebody else judged it: ``score`` out of 100. ``by`` is the user who entered it."""

    score: int
    day: date
    assessor: str
    by: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What somebody learned on a day: ``hours`` are lessons, in halves; ``score`` is out of 100."""

    programme: Programme
    held_date: date
    hours: Decimal
    teacher: str
    place: str
    content: str
    level: str = ""
    score: int | None = None
    #: By whose material; one that the actor may see.
    course: Course | None = None
    #: Under which whoever keeps the source knows it; the same twice of one person is refused.
    number: str = ""
    practice: Practice | None = None
    #: When it began, where that is known: what began before the one way was set for the same day counts.
    began_at: datetime | None = None


def record_hours(
    *, actor: Actor, person: Person, learned: Learned, now: datetime, source: str = RecordSource.PAPER,
    signed_at: datetime | None = None, signature: str = "", is_signed: bool = True, evidence: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> TrainingRecord:  # fmt: skip
    """Enter hours of one person from a paper that he signed; they count for an open order on the programme.

    :param is_signed: whether he signed; a sheet says nothing of it.
    :raises NotPermitted: not the enterprise itself. :raises Conflict: he had left by that day.
    :raises Invalid: by field; more hours on the day than one can learn (rule of the district).
    """
    require_keeper(actor, person.file)
    return _record(
        actor, person, learned, now=now, source=source, signed_at=signed_at or (now if is_signed else None),
        signature=signature, evidence=evidence, client_id=client_id,
    )  # fmt: skip


def record_office_hours(
    *, actor: Actor, person: Person, learned: Learned, source: str, signature: str, now: datetime
) -> uuid.UUID:
    """Enter hours that an office taught people of enterprises, by its sheet (部门组织的培训); returns the record's key.

    :param person: whom the office sees. :raises NotPermitted: no office, or without the duty.
    :raises Conflict: he had left by that day, or his file was merged. :raises Invalid: by field.
    """
    actor.require(OFFICE_HOURS)
    if not actor.supervises:
        raise NotPermitted
    if person.file.merged_into_id is not None:
        raise Conflict
    return _record(
        actor, person, learned, now=now, source=source, signed_at=None, signature=signature,
        office_id=actor.organisation_id,
    ).pk  # fmt: skip


def _record(
    actor: Actor, person: Person, learned: Learned, *, now: datetime, source: str, signed_at: datetime | None,
    signature: str, evidence: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
    office_id: uuid.UUID | None = None,
) -> TrainingRecord:  # fmt: skip
    checked(learned, now=now)

    def make() -> uuid.UUID:
        return credit(
            actor=actor, person=person, learned=learned, source=source, signed_at=signed_at,
            signature=clean(signature) or _("纸质签字"), evidence=evidence, office_id=office_id, now=now,
        ).pk  # fmt: skip

    body = {"person": person.pk, "programme": learned.programme.code, "day": learned.held_date, "hours": learned.hours,
            "level": learned.level, "content": learned.content, "number": learned.number}  # fmt: skip
    # What makes it count; left out where it is not told, so that what was sent by a former release stays the same.
    counts = {"course": learned.course and learned.course.pk, "score": learned.score}
    body |= {name: value for name, value in counts.items() if value is not None}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="training.record.enter", body=body, now=now, make=make)
    return TrainingRecord.objects.get(pk=pk)


def credit(
    *, actor: Actor, person: Person, learned: Learned, source: str, signed_at: datetime | None, signature: str,
    now: datetime, evidence: Sequence[uuid.UUID] = (), office_id: uuid.UUID | None = None,
) -> TrainingRecord:  # fmt: skip
    """Write hours that were checked, in the caller's transaction: by the sheet, the session, or by hand.

    :raises Conflict: he had left. :raises Invalid: too many on the day.
    """
    locked = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    if locked.left_date is not None and locked.left_date < learned.held_date:
        raise Conflict(_("该人员在培训日期前已离岗。"))
    most = rules().most_hours_a_day
    if learned.number and TrainingRecord.objects.filter(
        person=person, source_number=clean(learned.number)[:60], struck_at__isnull=True
    ).exists():  # fmt: skip
        raise Conflict(_("该来源编号的学时已登记。"), fields={"number": _("该来源编号的学时已登记。")})
    had = hours_on(person, learned.held_date)
    if had + learned.hours > most:
        raise Invalid(fields={"hours": _("%(day)s已有%(had)s学时，每人每天最多%(most)s学时。") % {
            "day": learned.held_date, "had": hours_said(had), "most": hours_said(most)
        }})  # fmt: skip
    _require_order(person, learned)
    order = None
    # By the material of that day, also where another is the one by now.
    is_unified = is_material_on(learned.programme, learned.course, learned.held_date) or begun_before(
        learned.programme, learned.held_date, learned.began_at
    )
    if is_unified or not learned.programme.is_unified_on(learned.held_date):
        order = order_for(person, programme=learned.programme, day=learned.held_date)
    row = TrainingRecord.objects.create(
        **person.file.row_scope(), person=person, programme=learned.programme, order=order, level=learned.level,
        held_date=learned.held_date, hours=learned.hours, teacher=clean(learned.teacher)[:60],
        place=clean(learned.place)[:120], content=clean(learned.content)[:500], score=learned.score, source=source,
        course=learned.course, is_unified=is_unified, source_number=clean(learned.number)[:60],
        signed_at=signed_at, signature=signature[:60], entered_by_id=actor.user_id, office_id=office_id,
        created_at=now,
        **_practised(learned),
    )  # fmt: skip
    if evidence:
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
    note(actor, "training.record.enter", person, now, {
        "record": row.pk, "programme": learned.programme.code, "day": learned.held_date, "hours": str(learned.hours),
        "source": source,
    })  # fmt: skip
    if order is not None:
        settle(order, now=now)
    measure([person.pk], now=now)
    return row


def _require_order(person: Person, learned: Learned) -> None:
    """Plant, workshop, team, one after the other: a level begins when those before it have their hours.

    :raises Invalid: no level where the programme tells them apart, or one too early.
    """
    one = learned.programme
    split = [level for level, _needed in levels_of(one)]
    if not split:
        return
    if learned.level not in split:
        raise Invalid(fields={"level": _("请选择教育级别：%(levels)s。") % {
            "levels": listed(str(level.label) for level in split)
        }})  # fmt: skip
    missing = next_level(one, hours_of(person, one, until=learned.held_date))
    if missing and split.index(EducationLevel(missing)) < split.index(EducationLevel(learned.level)):
        raise Invalid(fields={"level": _("%(level)s学时未满，须按厂级、车间级、班组级的顺序进行。") % {
            "level": EducationLevel(missing).label
        }})  # fmt: skip


def assess_record(
    *, actor: Actor, record: TrainingRecord, score: int, assessed_date: date, assessor: Person | None, outside: str,
    now: datetime,
) -> None:  # fmt: skip
    """Enter the practical part of hours, as judged by somebody who is not the trainee.

    A later judgement takes the place of an earlier one; what stood is in the journal.

    :param assessor: of the same enterprise, at work. :param outside: name and unit of one who is not; one of the two.
    :raises Invalid: by field; also where the trainee judges himself, or enters it. :raises StaleState: struck out.
    """
    require_keeper(actor, record.person.file)
    trainee, today = record.person, Calendar().local_date(now)
    named = clean(outside)
    wrong: dict[str, Text] = {}
    if not record.programme.needs_practice:
        raise Conflict(_("该大纲不要求实操考核。"))
    if not 0 <= score <= 100:
        wrong["score"] = _("成绩应为0至100。")
    if not record.held_date <= assessed_date <= today:
        wrong["assessed_date"] = _("考核日期应在培训日期和今天之间。")
    if (assessor is None) == (not named):
        wrong["assessor"] = _("请选择本单位的考核人，或填写外单位考核人，二者填一项。")
    elif (assessor is not None and assessor.pk == trainee.pk) or _names(trainee.name, named):
        wrong["assessor" if assessor is not None else "outside"] = _("考核人不能是学员本人。")
    elif assessor is not None and (assessor.file_id != trainee.file_id or assessor.left_date is not None):
        wrong["assessor"] = _("请选择本单位的在岗人员。")
    elif named and len(_SPLIT.split(named.strip())) < 2:
        wrong["outside"] = _("请填写考核人的姓名和单位，以空格分开。")
    elif actor.name == trainee.name:
        wrong["assessor"] = _("学员本人不能登记自己的实操考核。")
    if wrong:
        raise Invalid(fields=wrong)
    learned = Practice(score=score, day=assessed_date, assessor=assessor.name if assessor else named, by=actor.user_id)
    keep_practice(actor=actor, record=record, practice=learned, assessor=assessor, now=now)


def keep_practice(
    *, actor: Actor, record: TrainingRecord, practice: Practice, now: datetime, assessor: Person | None = None
) -> None:
    """Write a practical part that was checked to hours, by hand or by their session. :raises StaleState: struck out."""
    given = {**_told(practice, record.programme), "assessor_person": assessor}
    with transaction.atomic():
        if not TrainingRecord.objects.filter(pk=record.pk, struck_at__isnull=True).update(**given):
            raise StaleState(_("该记录已作废。"))
        note(actor, "training.record.practice", record.person, now, {
            "record": record.pk, "score": practice.score, "before": record.practice_score,
            "programme": record.programme.code,
        })  # fmt: skip
        measure([record.person_id], now=now)


def _names(name: str, text: str) -> bool:
    """Whether a name stands in a text by itself, however its parts are set off from the rest."""
    wanted, parts = _SPLIT.sub("", name), [one for one in _SPLIT.split(text) if one]
    return any(
        "".join(parts[first:last]) == wanted for first in range(len(parts)) for last in range(first + 1, len(parts) + 1)
    )


def _practised(learned: Learned) -> dict[str, Any]:
    return _told(learned.practice, learned.programme) if learned.practice is not None else {}


def _told(practice: Practice, programme: Programme) -> dict[str, Any]:
    return {
        "practice_score": practice.score, "practice_date": practice.day, "assessor": practice.assessor[:60],
        "practice_by_id": practice.by, "is_practised": practice.score >= (programme.pass_mark or PASS_OTHERWISE),
    }  # fmt: skip


def strike_record(*, actor: Actor, record: TrainingRecord, reason: str, now: datetime) -> None:
    """Strike out hours that were entered wrongly; they stay to be read, and count nowhere. The enterprise may, and the
    office that entered them.

    :raises Invalid: no reason. :raises Conflict: an order was closed by them. :raises StaleState: struck out already.
    """
    if record.office_id is not None and record.office_id == actor.organisation_id:
        actor.require(OFFICE_HOURS)
    else:
        require_keeper(actor, record.person.file)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明作废原因。")})
    with transaction.atomic():
        # His hours and orders change by who holds his row, so that what is read of the order stands.
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=record.person_id)
        row = TrainingRecord.objects.select_for_update(of=("self",)).select_related("order").get(pk=record.pk)
        if row.order_id is not None:
            row.order = RetrainingOrder.objects.select_for_update(of=("self",), no_key=True).get(pk=row.order_id)
        if row.order is not None and row.order.status == "DONE":
            raise Conflict(_("再培训令%(code)s已据此办结，不能作废。") % {"code": row.order.code})
        won = TrainingRecord.objects.filter(pk=row.pk, struck_at__isnull=True).update(
            struck_at=now, struck_reason=clean(reason)[:200]
        )
        if not won:
            raise StaleState(_("该记录已作废。"))
        if row.order is not None:
            settle(row.order, now=now)
        note(actor, "training.record.strike", record.person, now, {"record": row.pk, "reason": clean(reason)[:200]})
        measure([record.person_id], now=now)


def checked(learned: Learned, *, now: datetime) -> None:
    """:raises Invalid: by field."""
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {}
    if learned.held_date > today:
        wrong["held_date"] = _("培训日期不能晚于今天。")
    elif (today - learned.held_date).days > OLDEST_D:
        wrong["held_date"] = _("培训日期过早，请核对。")
    if learned.hours <= 0 or learned.hours > 24 or learned.hours % _HALF:
        wrong["hours"] = _("学时应大于0，最小单位为0.5。")
    for name in ("teacher", "place", "content"):
        if not clean(getattr(learned, name)):
            wrong[name] = _("请填写此项。")
    if learned.level and learned.level not in EducationLevel.values:
        wrong["level"] = _("没有这个选项。")
    if learned.score is not None and not 0 <= learned.score <= 100:
        wrong["score"] = _("成绩应为0至100。")
    if learned.course is not None and learned.course.programme_id != learned.programme.pk:
        wrong["course"] = _("该课程不属于所选的培训大纲。")
    if learned.programme.is_for_regulators:
        wrong["programme"] = _("请选择适用于从业人员的培训大纲。")
    if wrong:
        raise Invalid(fields=wrong)
