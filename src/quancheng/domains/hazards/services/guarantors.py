"""Guarantors of major hazards named, their tasks made from the list, and their periods closed by what they recorded."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckDue, CheckTask, Guarantor, GuarantorRole, GuarantorRound
from quancheng.domains.hazards.queries import guarantors as queries
from quancheng.domains.hazards.services.check_records import RECORD
from quancheng.domains.hazards.services.check_tasks import end_task, enter_task
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.queries import find_colleague, list_colleagues
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.recurrence import Period
from quancheng.kernel.schedule.services import RuleSpec, bind_organisation, create_rule
from quancheng.kernel.vault import services as vault
from quancheng.standards.risk import guarantors as standard
from quancheng.standards.risk.check_cycles import CHINA

KEEP, PERFORM = "hazards.guarantors.keep", "hazards.guarantors.perform"
#: The kind of row that the schedule makes.
GENERATOR = "hazards.guarantor_round"
#: How often each role's duties are looked at as a whole (履职周期): the operation person's tasks are weekly, the
#: technical person's quarterly at the latest, the main person's monthly. [G]
RHYTHM: dict[str, tuple[str, dict[str, object]]] = {
    "main": ("monthly", {"day": 31}),
    "technical": ("quarterly", {"day": 31, "months": [3, 6, 9, 12]}),
    "operation": ("weekly", {"weekday": 7}),
}
#: Days ahead for which somebody may be named.
_AHEAD = timedelta(days=60)


def name_guarantor(
    *, actor: Actor, hazard: Unit, role: str, person_id: uuid.UUID, job: str, phone: str, since: date, now: datetime,
    files: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> Guarantor:  # fmt: skip
    """Name who answers for a hazard in a role; who did before leaves it the day before, and his tasks follow.

    :param files: the paper of appointment. :raises NotPermitted: another enterprise's hazard.
    :raises Invalid: by field: nobody of the enterprise, a day before the former one's, no number.
    :raises Conflict: he stands already.
    """
    _require(actor, hazard)
    wrong: dict[str, Text] = {}
    if role not in GuarantorRole.values:
        wrong["role"] = _("请选择包保责任。")
    found = find_colleague(organisation_id=hazard.file_id, user_id=str(person_id))
    if found is None:
        wrong["person"] = _("请选择本单位的人员。")
    elif all(one.user_id != found.pk for one in list_colleagues(organisation_id=hazard.file_id, duty=RECORD)):
        wrong["person"] = _("该人员没有排查隐患并作记录的职责，请先在人员管理中授予。")
    if not clean(job):
        wrong["job"] = _("请填写职务。")
    number = ""
    try:
        number = vault.check_phone(phone)
    except Invalid as refused:
        wrong |= refused.fields
    today = Calendar().local_date(now)
    before = queries.standing_of(hazard.pk).get(role)
    if since > today + _AHEAD:
        wrong["since"] = _("任命日期不能晚于%(day)s。") % {"day": today + _AHEAD}
    elif before is not None and since < before.since_date:
        wrong["since"] = _("不能早于前任的任命日期%(day)s。") % {"day": before.since_date}
    if wrong or found is None:
        raise Invalid(fields=wrong)
    if before is not None and before.person_id == found.pk and before.job == clean(job)[:60]:
        told = {"name": found.name, "role": before.get_role_display()}
        raise Conflict(_("%(name)s已是该重大危险源的%(role)s。") % told)
    sealed, index = vault.seal(vault.PHONE, number), vault.blind_index(vault.PHONE, number)
    body = {"hazard": hazard.pk, "role": role, "person": found.pk, "job": clean(job)[:60], "phone": index,
            "since": since, "files": len(files)}  # fmt: skip

    def make() -> uuid.UUID:
        if before is not None:
            last = max(since - timedelta(days=1), before.since_date)
            Guarantor.objects.filter(pk=before.pk).update(until_date=last)
        made = Guarantor.objects.create(
            file_id=hazard.file_id, hazard=hazard, role=role, person=found, name=found.name, job=clean(job)[:60],
            phone=sealed, phone_index=index, since_date=since, created_at=now,
        )  # fmt: skip
        note(actor, "hazards.guarantor.name", hazard.file_id, made, now, body)
        attach_files(actor=actor, row=made, file_ids=files, now=now)
        _hand_over(hazard, made, now)
        _bind(hazard.file, role, now)
        return made.pk

    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="hazards.guarantor.name", body=body, now=now, make=make)
    return Guarantor.objects.select_related("hazard", "person").get(pk=pk)


def build_tasks(*, actor: Actor, hazard: Unit, first: date, now: datetime) -> int:
    """Make the check tasks of the official lists for the persons who stand: those that stand already are kept.

    :param first: the day from which they count; weekly ones fall on its weekday. Returns how many are new.
    :raises Invalid: nobody stands, or a day that is past. :raises Conflict: the risk list has no object of the hazard.
    """
    _require(actor, hazard)
    standing = queries.standing_of(hazard.pk)
    if not standing:
        raise Invalid(_("请先确定包保责任人。"))
    if first < Calendar().local_date(now):
        raise Invalid(fields={"first": _("不能早于今天。")})
    parent = queries.object_of(hazard)
    if parent is None:
        raise Conflict(_("请先在风险清单中建立这处重大危险源的风险分析对象。"))
    tasks = CheckTask.objects.filter(object=parent, ended_date__isnull=True, work_type__gt=0)
    known = set(tasks.values_list("work_type", "task_number"))
    made = 0
    with transaction.atomic():
        for role, guarantor in standing.items():
            for task in standard.tasks(role):
                work_type = queries.WORK_TYPES[GuarantorRole(role)]
                if (work_type, task.number) in known:
                    continue
                given = {
                    "object": parent, "content": f"{parent.name}：{task.text.zh}", "every": Decimal(task.every),
                    "cycle_unit": task.unit, "starts_at": datetime.combine(first, time(8), CHINA), "days": "every",
                    "person": guarantor.person, "form": "daily", "work_type": work_type, "task_number": task.number,
                }  # fmt: skip
                enter_task(actor=actor, file=hazard.file, known=given, now=now)
                made += 1
    return made


def retire_guarantors(*, actor: Actor, hazard: Unit, reason: str, now: datetime) -> int:
    """All three leave a hazard that is one no longer, and their tasks end; returns how many stood.

    :raises Conflict: it is a major hazard still: somebody else must be named. :raises Invalid: no reason.
    """
    _require(actor, hazard, ended=True)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明理由。")})
    if queries.is_hazard(hazard):
        raise Conflict(_("仍是重大危险源，不能没有包保责任人；请确定继任者。"))
    day = Calendar().local_date(now)
    with transaction.atomic():
        rows = Guarantor.objects.filter(hazard=hazard, until_date__isnull=True)
        # Who was named for a later day leaves on it.
        number = rows.update(until_date=Greatest(F("since_date"), Value(day)))
        for task in CheckTask.objects.filter(object__place=hazard, work_type__gt=0, ended_date__isnull=True):
            end_task(actor=actor, row=task, reason=reason, now=now)
        note(actor, "hazards.guarantor.retire", hazard.file_id, hazard, now, {"reason": clean(reason)[:300]})
    return number


def make_round(
    rule: RecurringRule, period: Period, org: Organisation, due_date: date, now: datetime
) -> GuarantorRound:
    """One period of one role of an enterprise, as the schedule asks for it."""
    file, role = Enterprise.objects.get(pk=org.pk), rule.data["role"]
    standing = Guarantor.objects.filter(file=file, role=role, until_date__isnull=True)
    people = set(standing.values_list("person", flat=True))
    label = str(GuarantorRole(role).label)
    row = GuarantorRound(
        **file.row_scope(reach="chain"), file=file, role=role,
        person_id=next(iter(people)) if len(people) == 1 else None, first_date=period.first,
        last_date=period.last, due_date=period.last + timedelta(days=1), created_at=now,
        title=f"{label}包保履职（{period.first:%Y-%m-%d}至{period.last:%m-%d}）",
    )  # fmt: skip
    house = system_actor("hazards", PERFORM)
    made: GuarantorRound = enter(actor=house, row=row, now=now, facts={"role": role, "period": period.key})
    return made


def close_rounds(*, now: datetime) -> int:
    """Close the periods that are over and whose tasks are all done; returns how many. Others wait for a reason."""
    house = system_actor("hazards", PERFORM)
    closed = 0
    for row in queries.open_rounds(Calendar().local_date(now)):
        planned, done = queries.progress_of(row)
        if planned != done:
            continue
        name = "complete" if planned else "end"
        changes = {"planned": planned, "done": done, "closed_at": now}
        move(actor=house, row=row, name=name, now=now, given={}, changes=changes)
        closed += 1
    return closed


def explain_round(
    *, actor: Actor, row: GuarantorRound, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> GuarantorRound:
    """Say why not all was done; only when the period is over. The regulator reads it beside the numbers."""
    if Calendar().local_date(now) <= row.last_date:
        raise Invalid(_("期间结束后才能说明，期间内请继续履职。"))
    planned, done = queries.progress_of(row)
    said = clean(reason)[:1000]
    changes = {"reason": said, "planned": planned, "done": done, "closed_at": now}
    move(actor=actor, row=row, name="explain", now=now, given={"reason": said}, changes=changes, client_id=client_id)
    return row


def _require(actor: Actor, hazard: Unit, *, ended: bool = False) -> None:
    actor.require(KEEP)
    if hazard.file_id != actor.organisation_id:
        raise NotPermitted
    if not ended and not queries.is_hazard(hazard):
        raise Conflict(_("该单元不是重大危险源。"))


def _hand_over(hazard: Unit, made: Guarantor, now: datetime) -> None:
    """The tasks of the role go to who stands now, and what of them is open."""
    work_type = queries.WORK_TYPES[GuarantorRole(made.role)]
    tasks = CheckTask.objects.filter(object__place=hazard, work_type=work_type, ended_date__isnull=True)
    keys = list(tasks.values_list("pk", flat=True))
    tasks.update(person=made.person, version=F("version") + 1)
    open_ones = CheckDue.objects.filter(task__in=keys, done_at__isnull=True, closes_at__gt=now)
    open_ones.update(person=made.person)


def _bind(file: Enterprise, role: str, now: datetime) -> None:
    """The schedule owes this role's periods by the enterprise from now on: one rule for each office and role."""
    code = f"hazards.guarantors.{role}.{file.supervisor_id.hex[:12]}"
    house = system_actor("hazards", PERFORM)
    rule = RecurringRule.objects.filter(code=code).first()
    if rule is not None:
        bind_organisation(actor=house, rule=rule, organisation_id=file.pk, now=now)
        return
    recurrence, figures = RHYTHM[role]
    spec = RuleSpec(
        code=code, name=f"{GuarantorRole(role).label}包保履职", generator=GENERATOR, recurrence=recurrence,
        figures=figures, first_day=Calendar().local_date(now), organisations=(file.pk,), data={"role": role},
    )  # fmt: skip
    create_rule(actor=house, spec=spec, now=now, owner=file.supervisor_id)
