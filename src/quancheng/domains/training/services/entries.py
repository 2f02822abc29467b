"""People from outside (外来人员): what they come for, the four steps, and the gate."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.training.models import (
    Direction,
    Employment,
    EntryStep,
    GatePass,
    Person,
    SiteEntry,
    StepKind,
    WorkRole,
)
from quancheng.domains.training.queries.entries import GATE, KEEP, may_enter
from quancheng.domains.training.services.keeping import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

STEP_FIELDS = (
    "done_date", "plant_hours", "area_hours", "work_area", "score", "responsible", "is_passed", "note",
)  # fmt: skip


def register_entry(
    *, actor: Actor, person: Person, trade: WorkRole | None, work_area: str, zones: str, now: datetime
) -> SiteEntry:
    """Say for what he comes: trade, area, where he may go. Another area asks for area education anew.

    :raises NotPermitted: another enterprise. :raises Conflict: he is of the own staff, or has left.
    """
    _require(actor, person, KEEP)
    if person.left_date is not None:
        raise Conflict(_("该人员已离场，请先在其档案办理重新到岗。"))
    if not clean(work_area):
        raise Invalid(fields={"work_area": _("请填写作业区域。")})
    given = {"trade": trade, "work_area": clean(work_area)[:60], "zones": clean(zones)[:200], "updated_at": now}
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk").get()
        row = SiteEntry.objects.filter(person=person).first()
        if row is None:
            row = SiteEntry.objects.create(person=person, card=secrets.token_hex(16), created_at=now, **given)
        else:
            SiteEntry.objects.filter(pk=row.pk).update(**given)
            row.refresh_from_db()
        note(actor, "training.entry.register", person, now, {"trade": trade.code if trade else None})
    return row


def withdraw_entry(*, actor: Actor, person: Person, now: datetime) -> None:
    """Take back for what somebody was registered, before anything of it was done.

    :raises Conflict: a step was done, or he stood at the gate.
    """
    _require(actor, person, KEEP)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk").get()
        if any(one.objects.filter(person=person).exists() for one in (EntryStep, GatePass)):
            raise Conflict(_("该人员已有四个统一或进出厂记录，不能撤销入厂登记。"))
        SiteEntry.objects.filter(person=person).delete()
        note(actor, "training.entry.withdraw", person, now, {})


def record_step(
    *, actor: Actor, person: Person, kind: str, known: Mapping[str, Any], files: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> EntryStep:  # fmt: skip
    """One of the four steps was done; a later one takes the place of the earlier.

    What falls short (hours, marks, not passed) is entered as it was, and refuses at the gate.

    :raises Invalid: by field.
    """
    _require(actor, person, KEEP)
    given = _step(kind, known, files, now)

    def make() -> uuid.UUID:
        row = EntryStep.objects.create(person=person, kind=kind, by_name=actor.name, entered_at=now, **given)
        attach_files(actor=actor, row=row, file_ids=list(files), now=now)
        note(actor, "training.entry.step", person, now, {"kind": kind, "done_date": given["done_date"]})
        return row.pk

    body = {"person": person.pk, "kind": kind, **given}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="training.entry.step", body=body, now=now, make=make)
    return EntryStep.objects.get(pk=pk)


def pass_gate(
    *, actor: Actor, person: Person, direction: str, gate: str, now: datetime, client_id: uuid.UUID | None = None
) -> GatePass:
    """Somebody stands at the gate. Who may not enter is refused, with every reason; nobody is kept in.

    A refusal is a record too: the answer says so, nothing is raised.

    :raises NotPermitted: another enterprise's gate. :raises Invalid: no such direction.
    """
    actor.require(GATE)
    if actor.organisation_id != person.file_id:
        raise NotPermitted
    if direction not in Direction.values:
        raise Invalid(fields={"direction": _("请选择进入或离开。")})

    def make() -> uuid.UUID:
        grounds = may_enter(person, Calendar().local_date(now)).grounds if direction == Direction.IN else ()
        row = GatePass.objects.create(
            **person.scope_columns(), file_id=person.file_id, person=person, direction=direction,
            gate=clean(gate)[:60], at=now, is_allowed=not grounds, grounds=[one.code for one in grounds],
            by_name=actor.name,
        )  # fmt: skip
        if grounds:
            note(actor, "training.gate.refuse", person, now, {"grounds": row.grounds, "pass": row.pk})
            publish("training.gate.refused", row, actor=actor, now=now, facts={"grounds": row.grounds})
        return row.pk

    body = {"person": person.pk, "direction": direction, "gate": clean(gate)}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="training.gate.pass", body=body, now=now, make=make)
    return GatePass.objects.select_related("person").get(pk=pk)


def _require(actor: Actor, person: Person, duty: str) -> None:
    actor.require(duty)
    if actor.organisation_id != person.file_id:
        raise NotPermitted
    if person.employment == Employment.OWN:
        raise Conflict(_("本单位职工不办理外来人员入厂。"))


def _step(kind: str, known: Mapping[str, Any], files: Sequence[uuid.UUID], now: datetime) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {name: known.get(name) for name in STEP_FIELDS}
    for name, most in (("work_area", 60), ("responsible", 120), ("note", 500)):
        given[name] = clean(known.get(name) or "")[:most]
    given["is_passed"] = bool(known.get("is_passed", True))
    if kind not in StepKind.values:
        raise Invalid(fields={"kind": _("请选择步骤。")})
    if given["done_date"] is None or given["done_date"] > Calendar().local_date(now):
        wrong["done_date"] = _("请填写完成日期，不能晚于今天。")
    if kind == StepKind.TRAINING:
        for name in ("plant_hours", "area_hours", "score"):
            if given[name] is None or given[name] < 0:
                wrong[name] = _("请填写，不能为负数。")
        if given["score"] is not None and given["score"] > 100:
            wrong["score"] = _("成绩不能超过100分。")
        if not given["work_area"]:
            wrong["work_area"] = _("请填写作业区域。")
    if kind == StepKind.RESPONSIBILITY:
        if not given["responsible"]:
            wrong["responsible"] = _("请填写本单位责任人。")
        if not files:
            wrong["files"] = _("请上传签字的安全责任书。")
    if kind in (StepKind.INSPECTION, StepKind.ASSESSMENT) and not given["note"]:
        wrong["note"] = _("请写明检查（考核）内容。")
    if wrong:
        raise Invalid(fields=wrong)
    return given
