"""Drafting a permit and asking for it (作业申请)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.isolation import OPEN_STATES
from quancheng.domains.permits.models import IsolationLink, Kind, LinkRole, Part, Permit, PermitPerson
from quancheng.domains.permits.queries.blocks import level_of_permit
from quancheng.domains.permits.queries.booking import is_late
from quancheng.domains.permits.queries.facts import WORK_KEYS, check_told, storable
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.queries.permits import PLAN, REQUEST, SIGN_UNIT
from quancheng.domains.permits.services.checking import (
    act_on,
    faults_of_place,
    invalid,
    locked,
    note,
    one_at_a_time,
    require_own,
    require_pass,
    require_state,
)
from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.domains.training.models import Person
from quancheng.domains.training.queries.entries import OF_CONTRACTORS
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotFound, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.services import take_number
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.booking import CLAUSE as BOOKING
from quancheng.standards.gb30871.kinds import levels
from quancheng.standards.gb30871.levels import Level
from quancheng.standards.gb30871.roles import tasks_known
from quancheng.standards.gb30871.tickets import HOT_WORK_METHODS

#: So many slots at most, and so long a window at the very most: what is longer is a slip of the pen.
MOST_SLOTS, LONGEST_D = 60, 31
_WORDS = {"place": 200, "content": 500, "apply_unit": 80, "work_unit": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a requester tells. ``work`` holds facts of the job as keys of the standard's ``PermitFacts``; ``slots``
    pairs of aware times inside the window."""

    kind: str
    level: str = ""
    is_upgraded: bool = False
    place: str
    content: str
    apply_unit: str
    work_unit: str
    window_start: datetime
    window_end: datetime
    slots: Sequence[tuple[datetime, datetime]] = ()
    unit: Unit | None = None
    facility: Facility | None = None
    is_emergency: bool = False
    emergency_reason: str = ""
    work: Mapping[str, Any] = field(default_factory=dict)


def draft_permit(
    *, actor: Actor, file: Enterprise, draft: Draft, now: datetime, supersedes: Permit | None = None,
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """Begin a permit.

    :raises NotPermitted: not the enterprise itself. :raises Invalid: by field; a fact that cannot be one by its place.
    """
    require_own(actor, file, REQUEST)
    given = _checked(draft, file)
    if supersedes is not None and supersedes.file_id != file.pk:
        raise NotFound
    booked_at = _booked_before(supersedes, given, now) if supersedes is not None else None
    given |= _emergency(actor, draft, None, booked_at, now)
    row = Permit(
        **file.row_scope(), file=file, requester_id=actor.user_id, supersedes=supersedes, created_at=now,
        booked_at=booked_at, **given,
    )  # fmt: skip
    facts = {"kind": row.kind, "level": row.level, "place": row.place, "start": row.window_start}
    return enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)


#: So long after its window what follows a permit is still the job that was booked with it [D].
INHERITED = timedelta(days=1)
#: Ended with its work undone: what is still to be done needs a new permit (4.16, 4.17).
RENEWED = ("VOID", "EXPIRED", "CANCELLED")


def renew_permit(
    *, actor: Actor, former: Permit, draft: Draft, now: datetime, client_id: uuid.UUID | None = None
) -> Permit:
    """Begin a permit in place of one that ended undone; those of its people who still work here are on it.

    :raises Conflict: the former did not end so, or has a successor. :raises Invalid: by field.
    """
    with transaction.atomic():
        # None of its points ends meanwhile.
        one_at_a_time()
        held = Permit.objects.select_for_update(of=("self",), no_key=True).get(pk=former.pk)
        if held.status not in RENEWED:
            raise Conflict(_("作业票未作废、撤销或过期，不能重新办票。"))
        if draft.kind != held.kind:
            raise Invalid(fields={"kind": _("作业类别不能更改，请另行申请。")})
        made = draft_permit(
            actor=actor, file=former.file, draft=draft, now=now, supersedes=held, client_id=client_id
        )
        if made.people.exists():
            # The same request again.
            return made
        if Permit.objects.filter(supersedes=held).exclude(pk=made.pk).exists():
            raise Conflict(_("该作业票已重新办票。"))
        kept = ("person_id", "part", "number", "tasks", "educated_on", "medical_on", "exam_score", "experience_years")
        people = PermitPerson.objects.filter(permit=held, person__left_date__isnull=True, ended_at__isnull=True)
        PermitPerson.objects.bulk_create(
            [PermitPerson(permit=made, **{name: getattr(one, name) for name in kept}) for one in people]
        )
        _say_who_works(made)
        # What it relied on it relies on still, as far as that stands.
        points = IsolationLink.objects.filter(permit=held, role=LinkRole.RELIES, point__status__in=OPEN_STATES)
        IsolationLink.objects.bulk_create([
            IsolationLink(permit=made, point=one.point, role=one.role, linked_by=actor.name, linked_at=now)
            for one in points.select_related("point")
        ], ignore_conflicts=True)  # fmt: skip
    return made


def change_draft(*, actor: Actor, permit: Permit, version: int, draft: Draft, now: datetime) -> Permit:
    """Write a draft anew. The kind stays.

    :raises StaleState: no draft any more, or somebody changed it since it was read. :raises Invalid: by field.
    """
    require_own(actor, permit.file, REQUEST)
    given = _checked(draft, permit.file)
    if draft.kind != permit.kind:
        raise Invalid(fields={"kind": _("作业类别不能更改，请另行申请。")})
    booked_at = permit.booked_at if _is_booked_job(permit, given) else None
    given |= {"booked_at": booked_at, **_emergency(actor, draft, permit, booked_at, now)}
    with transaction.atomic():
        rows = Permit.objects.visible_to(actor).filter(pk=permit.pk, status="DRAFT", version=version)
        if rows.update(**given, version=F("version") + 1, updated_at=now) != 1:
            raise StaleState
        note(actor, "permits.permit.change", permit, now, {"level": draft.level, "place": draft.place})
        permit.refresh_from_db()
        _say_who_works(permit)
        _part(actor, permit, now)
    return permit


def add_person(
    *, actor: Actor, permit: Permit, person: Person, part: str, now: datetime, tasks: Collection[str] = (),
    educated_on: date | None = None, medical_on: date | None = None, exam_score: Decimal | None = None,
    experience_years: Decimal | None = None,
) -> PermitPerson:  # fmt: skip
    """Put somebody of the enterprise's own files on a draft.

    :param exam_score: of a guardian, of 100. :param experience_years: of a guardian, up to 80.
    :raises Invalid: no such part or task, somebody of another enterprise, a day to come, a figure out of its range.
    :raises Conflict: he is on it as that already, or the work has its leader.
    """
    require_own(actor, permit.file, REQUEST)
    wrong: dict[str, Text] = {}
    today = Calendar().local_date(now)
    if part not in Part.values:
        wrong["part"] = _("没有这个选项。")
    if person.file_id != permit.file_id or person.left_date is not None:
        wrong["person"] = _("请选择本单位在岗人员。")
    if unknown := set(tasks) - tasks_known() - set(HOT_WORK_METHODS) - {"WORKER"}:
        wrong["tasks"] = _("没有分工%(task)s。") % {"task": sorted(unknown)[0]}
    for name, value in (("educated_on", educated_on), ("medical_on", medical_on)):
        if value is not None and value > today:
            wrong[name] = _("日期不能晚于今天。")
    for name, figure, most in (("exam_score", exam_score, 100), ("experience_years", experience_years, 80)):
        if figure is not None and not 0 <= figure <= most:
            wrong[name] = _("应在0到%(most)s之间。") % {"most": most}
    if wrong:
        raise Invalid(fields=wrong)
    try:
        with transaction.atomic():
            locked(permit, "DRAFT")
            others = list(PermitPerson.objects.filter(permit=permit).values_list("person_id", "number"))
            number = dict(others).get(person.pk) or max((one for _pk, one in others), default=0) + 1
            made = PermitPerson.objects.create(
                permit=permit, person=person, part=part, number=number, tasks=sorted(tasks), educated_on=educated_on,
                medical_on=medical_on, exam_score=exam_score, experience_years=experience_years,
            )  # fmt: skip
            _say_who_works(permit)
            note(actor, "permits.person.add", permit, now, {"person": person.pk, "part": part})
    except IntegrityError as twice:
        raise Conflict(_("该人员已在作业票上，或已有作业负责人。")) from twice
    return made


def _say_who_works(permit: Permit) -> None:
    """Whoever is sent by a contractor makes the work a contractor's, whatever was told: it is counted as one's."""
    sent = PermitPerson.objects.filter(permit=permit, ended_at__isnull=True, person__employment__in=OF_CONTRACTORS)
    if permit.work.get("is_contractor") is not True and sent.exists():
        permit.work = {**permit.work, "is_contractor": True}
        permit.save(update_fields=["work"])


def remove_person(*, actor: Actor, permit: Permit, row: PermitPerson, now: datetime) -> None:
    """Take somebody off a draft. :raises StaleState: it is no draft any more."""
    require_own(actor, permit.file, REQUEST)
    with transaction.atomic():
        locked(permit, "DRAFT")
        PermitPerson.objects.filter(pk=row.pk, permit=permit).delete()
        note(actor, "permits.person.remove", permit, now, {"person": row.person_id, "part": row.part})


def relate(*, actor: Actor, permit: Permit, other: Permit, now: datetime) -> None:
    """Say that two permits belong to one job (关联作业): whom one binds the other may bind too. Each names the other,
    and the journal tells it of both.

    :raises Invalid: of another enterprise, ended, itself, or not the same job at the same point.
    :raises StaleState: it was presented already: what is signed says of which job it is a part.
    """
    require_own(actor, permit.file, REQUEST)
    if other.file_id != permit.file_id or other.pk == permit.pk:
        raise Invalid(fields={"other": _("请选择本单位未办结的其他作业票。")})
    with transaction.atomic():
        rows = Permit.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[permit.pk, other.pk])
        both = {one.pk: one for one in rows.order_by("pk")}
        own, partner = both[permit.pk], both[other.pk]
        require_state(own, "DRAFT", "REQUESTED", "PREPARING")
        if partner.is_closed:
            raise Invalid(fields={"other": _("请选择本单位未办结的其他作业票。")})
        if not is_same_job(own, partner):
            words = _("只有同一单元或设施、同一地点和部位、作业时间重叠的作业票才能关联。")
            raise Invalid(fields={"other": words})
        permit.related.add(other)
        note(actor, "permits.permit.relate", own, now, {"other": partner.number or str(partner.pk)})
        note(actor, "permits.permit.relate", partner, now, {"other": own.number or str(own.pk)})


def is_same_job(one: Permit, other: Permit) -> bool:
    """Whether two permits can be of one job at one point: the same unit, facility and place, at the same time."""
    return (
        (one.unit_id, one.facility_id) == (other.unit_id, other.facility_id)
        and "".join(one.place.split()) == "".join(other.place.split())
        and one.window_start < other.window_end
        and other.window_start < one.window_end
    )


def _part(actor: Actor, permit: Permit, now: datetime) -> None:
    """A draft that was moved elsewhere is no longer of the job that it named."""
    for other in permit.related.order_by("pk"):
        if not is_same_job(permit, other):
            permit.related.remove(other)
            note(actor, "permits.permit.part", permit, now, {"other": other.number or str(other.pk)})
            note(actor, "permits.permit.part", other, now, {"other": permit.number or str(permit.pk)})


def attach_plan(*, actor: Actor, permit: Permit, file_ids: Sequence[uuid.UUID], now: datetime) -> None:
    """Put the written plan of the work (作业方案) with the permit. :raises StaleState: it is signed already."""
    require_own(actor, permit.file, REQUEST)
    with transaction.atomic():
        locked(permit, "DRAFT", "REQUESTED", "PREPARING")
        attach_files(actor=actor, row=permit, file_ids=list(file_ids), now=now, role=PLAN)


def submit_permit(
    *, actor: Actor, permit: Permit, now: datetime, confirmed: Mapping[str, str] | None = None,
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """Ask for the permit: its level is found, the checks of the application are run, it gets its number.

    :param confirmed: reasons for what only warns, by the code of its check.
    :raises Refused: with every failing check. :raises Conflict: the window is over.
    """
    require_own(actor, permit.file, REQUEST)
    reasons = dict(confirmed or {})
    return act_on(
        actor=actor, permit=permit, name="submit", body=reasons, now=now, client_id=client_id,
        do=lambda: _submit(actor, permit, reasons, now),
    )  # fmt: skip


def _submit(actor: Actor, permit: Permit, reasons: Mapping[str, str], now: datetime) -> None:
    require_state(permit, "DRAFT")
    if permit.window_end <= now:
        raise Conflict(_("作业时间已过，请修改作业时间。"))
    permit.requester_id = actor.user_id
    rows = load_rows(permit)
    if not any(one.part == Part.LEADER for one in rows.people):
        raise Conflict(_("没有作业负责人，请先登记。"))
    require_pass(rows, "apply", "submit", now, actor=actor, confirmed=reasons)
    level = level_of_permit(rows, now)
    number = permit.number or take_number(
        actor=actor, organisation=permit.owner_org, kind=f"permits.{permit.kind}",
        subject_type=Permit.row_type(), subject_id=permit.pk, now=now,
    ).text  # fmt: skip
    # Who asks is who submits, whoever began the draft: he does not approve (C-15).
    booked_at = permit.booked_at or now
    changes = {"number": number, "requester_id": actor.user_id, "booked_at": booked_at, **level_told(level)}
    move(actor=actor, row=permit, name="submit", now=now, changes=changes)


def level_told(level: Level | None) -> dict[str, Any]:
    """What the facts demand, and why, as it is kept with the permit."""
    if level is None:
        return {"base": "", "effective": "", "level_why": []}
    why = [{"code": one.code, "clause": one.clause, "zh": one.text.zh, "en": one.text.en} for one in level.why]
    return {"base": level.base, "effective": level.effective, "level_why": why}


def take_up(*, actor: Actor, permit: Permit, now: datetime, client_id: uuid.UUID | None = None) -> Permit:
    """The local unit takes the request up: preparing begins."""
    require_own(actor, permit.file, SIGN_UNIT)
    return move(actor=actor, row=permit, name="take_up", now=now, client_id=client_id)


def send_back(
    *, actor: Actor, permit: Permit, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Permit:
    """The local unit does not take it up: the requester changes it. It keeps its number."""
    require_own(actor, permit.file, SIGN_UNIT)
    given = {"reason": clean(reason)[:500]}
    return move(actor=actor, row=permit, name="return", now=now, given=given, client_id=client_id)


def _is_booked_job(known: Permit, given: Mapping[str, Any]) -> bool:
    """Whether what is written is the job that was booked: at the same place, the same work, its window no earlier."""
    return (
        (known.unit, known.facility) == (given["unit"], given["facility"])
        and all("".join(getattr(known, name).split()) == "".join(given[name].split()) for name in ("place", "content"))
        and known.window_start <= given["window_start"]
    )


def _booked_before(former: Permit, given: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the job of a permit that ended undone was booked, where what follows it soon is that job."""
    is_soon = now - former.window_end <= INHERITED
    return former.booked_at if is_soon and _is_booked_job(former, given) else None


def _emergency(
    actor: Actor, draft: Draft, former: Permit | None, booked_at: datetime | None, now: datetime
) -> dict[str, Any]:
    """Who said when that it is an emergency; the same said again stays as it was said first. What is put off to a day
    for which it may be booked is none any more.

    :raises Invalid: it begins on such a day anyway: an emergency is filed later than other work.
    """
    none = {"is_emergency": False, "emergency_reason": "", "emergency_by": "", "emergency_at": None}
    if not draft.is_emergency:
        return none
    if not is_late(draft.window_start, booked_at or now):
        if former is not None and former.is_emergency:
            return none
        words = _("开始日期已满足提前预约的要求，不属于紧急预约，请取消勾选（%(clause)s）。")
        raise Invalid(fields={"is_emergency": words % {"clause": BOOKING}})
    reason = clean(draft.emergency_reason)[:300]
    if former is not None and former.is_emergency and former.emergency_reason == reason:
        return {"emergency_by": former.emergency_by, "emergency_at": former.emergency_at}
    return {"emergency_by": actor.name[:130], "emergency_at": now}


def _checked(draft: Draft, file: Enterprise) -> dict[str, Any]:
    """:raises Invalid: by field."""
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {"kind": draft.kind, "level": draft.level, "is_upgraded": draft.is_upgraded}
    if draft.kind not in Kind.values:
        raise Invalid(fields={"kind": _("没有这个选项。")})
    if draft.level not in levels(draft.kind):
        wrong["level"] = _("请选择作业级别。")
    for name, limit in _WORDS.items():
        given[name] = clean(getattr(draft, name))[:limit]
        if not given[name]:
            wrong[name] = _("请填写此项。")
    given |= {"is_emergency": draft.is_emergency, "emergency_reason": clean(draft.emergency_reason)[:300]}
    if draft.is_emergency and not given["emergency_reason"]:
        wrong["emergency_reason"] = _("紧急预约须写明原因（%(clause)s）。") % {"clause": BOOKING}
    elif given["emergency_reason"] and not draft.is_emergency:
        wrong["is_emergency"] = _("写明了紧急预约原因的，请勾选紧急预约。")
    if draft.window_end <= draft.window_start:
        wrong["window_end"] = _("结束时间应晚于开始时间。")
    elif (draft.window_end - draft.window_start).days > LONGEST_D:
        wrong["window_end"] = _("作业时间不能超过%(days)s天。") % {"days": LONGEST_D}
    slots = sorted(draft.slots)
    outside = any(not draft.window_start <= a < b <= draft.window_end for a, b in slots)
    if outside or len(slots) > MOST_SLOTS:
        wrong["slots"] = _("作业时段应在作业时间之内，至多%(count)s段。") % {"count": MOST_SLOTS}
    wrong |= faults_of_place(file, draft.unit, draft.facility)
    if wrong:
        raise Invalid(fields=wrong)
    work = storable(draft.work)
    try:
        check_told(draft.kind, draft.level, work, WORK_KEYS)
    except BadInput as bad:
        raise invalid(bad) from bad
    return given | {
        "window_start": draft.window_start, "window_end": draft.window_end, "work": work,
        "unit": draft.unit or (draft.facility.unit if draft.facility is not None else None),
        "facility": draft.facility, "slots": [[a.isoformat(), b.isoformat()] for a, b in slots],
    }  # fmt: skip
