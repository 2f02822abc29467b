"""Violations recorded with their points (违章计分), what follows from them, and incidents (S1-4d, S1-4f)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.loops.admission import ENDED
from quancheng.domains.training.models import (
    Admission,
    Contractor,
    ContractorIncident,
    ContractorViolation,
    Employment,
    IncidentType,
    OutsideRule,
    Person,
    RuleGroup,
    WorkContract,
)
from quancheng.domains.training.queries.blacklist import scores_of
from quancheng.domains.training.queries.contractors import companies_of
from quancheng.domains.training.queries.outside_rules import figures, lines_of
from quancheng.domains.training.services.contractors.expiry import CLOCK
from quancheng.domains.training.services.contractors.finding import lock_file
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

RECORD = "training.violations.record"


def record_violation(
    *, actor: Actor, file: Enterprise, rule: str, at: datetime, text: str, now: datetime, place: str = "",
    contractor: Contractor | None = None, person: Person | None = None, contract: WorkContract | None = None,
    permit_number: str = "", permit_id: uuid.UUID | None = None, files: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> ContractorViolation:  # fmt: skip
    """Record what a company or a person from outside did, with the points of the settings and the how manieth it is.

    Below 80 points in the quarter in which it was, the company's admission is restricted, below 60 suspended, at
    once. The room of permits calls this too, with its permit.

    :param contractor: none where the person's own company follows from his file.
    :raises NotPermitted: neither the enterprise nor an office that supervises it. :raises Invalid: by field.
    """
    actor.require(RECORD)
    if actor.organisation_id is None or not (actor.organisation_id == file.pk or actor.supervises):
        raise NotPermitted
    line = _checked(file, rule, at, text, contractor, person, contract, now)
    company = contractor or (companies_of([person]).get(person.pk) if person is not None else None)
    by_org = actor.organisation_id
    months = relativedelta(months=figures()["repeat_months"])

    def make() -> uuid.UUID:
        lock_file(file.pk)
        before = ContractorViolation.objects.filter(
            rule=rule, withdrawn_at__isnull=True, at__gt=at - months, at__lte=at
        )
        of_person = 0
        if person is not None:
            of_person = before.filter(person__id_index=person.id_index).count() + 1
        row = ContractorViolation.objects.create(
            **file.row_scope(), file=file, contractor=company, contract=contract, person=person, rule=rule,
            points=line.value or 0, person_points=(line.person_value or 0) if person is not None else 0, at=at,
            place=clean(place)[:120], text=clean(text)[:1000], permit_number=clean(permit_number)[:60],
            permit_id=permit_id, by_name=actor.name, by_org_id=by_org, entered_at=now, person_repeat_count=of_person,
            repeat_count=before.filter(file=file, contractor=company).count() + 1 if company is not None else 0,
        )  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=list(files), now=now)
        _note(actor, "training.violation.record", row, now, {"rule": rule, "points": row.points})
        publish("training.violation.recorded", row, actor=actor, now=now, facts={"rule": rule})
        if company is not None:
            follow_score(file=file, company=company, day=Calendar().local_date(at), now=now)
        return row.pk

    body = {"file": file.pk, "rule": rule, "at": at, "text": clean(text), "permit": clean(permit_number),
            "person": person.pk if person else None, "contract": contract.pk if contract else None}  # fmt: skip
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="training.violation.record", body=body, now=now,
                        make=make)  # fmt: skip
    return ContractorViolation.objects.get(pk=pk)


def withdraw_violation(*, actor: Actor, row: ContractorViolation, reason: str, now: datetime) -> None:
    """It was recorded wrongly: by who recorded it. What followed from it is lifted by a person.

    :raises StaleState: it was withdrawn.
    """
    actor.require(RECORD)
    if actor.organisation_id != row.by_org_id:
        raise NotPermitted(_("只能由登记单位撤销。"))
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明理由。")})
    with transaction.atomic():
        won = ContractorViolation.objects.filter(pk=row.pk, withdrawn_at__isnull=True).update(
            withdrawn_at=now, withdrawn_reason=clean(reason)[:300]
        )
        if not won:
            raise StaleState
        _note(actor, "training.violation.withdraw", row, now, {"rule": row.rule})


def record_incident(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], contractor: Contractor | None, now: datetime,
    files: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> ContractorIncident:  # fmt: skip
    """An incident with people from outside, by its type. :raises Invalid: by field."""
    actor.require(RECORD)
    if actor.organisation_id != file.pk and not actor.supervises:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if known.get("type") not in IncidentType.values:
        wrong["type"] = _("请选择事故类型。")
    if known.get("at") is None or known["at"] > now:
        wrong["at"] = _("请填写时间，不能晚于现在。")
    needed = {"place": _("请填写地点。"), "text": _("请写明经过。")}
    wrong |= {name: said for name, said in needed.items() if not clean(known.get(name) or "")}
    if wrong:
        raise Invalid(fields=wrong)
    given = {
        "type": known["type"], "at": known["at"], "place": clean(known["place"])[:120],
        "text": clean(known["text"])[:2000], "measures": clean(known.get("measures") or "")[:2000],
        "dead": known.get("dead") or 0, "injured": known.get("injured") or 0,
    }  # fmt: skip

    def make() -> uuid.UUID:
        row = ContractorIncident.objects.create(
            **file.row_scope(), file=file, contractor=contractor, by_name=actor.name, entered_at=now, **given
        )
        attach_files(actor=actor, row=row, file_ids=list(files), now=now)
        journal.record(
            actor=actor, act="training.incident.record", subject_type=ContractorIncident.row_type(),
            subject_id=row.pk, org_id=file.pk, facts={"type": row.type, "dead": row.dead, "injured": row.injured},
            now=now,
        )  # fmt: skip
        return row.pk

    body = {"file": file.pk, "contractor": contractor.pk if contractor else None, **given}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="training.incident.record", body=body, now=now,
                        make=make)  # fmt: skip
    return ContractorIncident.objects.get(pk=pk)


def follow_score(*, file: Enterprise, company: Contractor, day: date, now: datetime) -> bool:
    """What the points of a day's quarter bring for the admission; the term of a suspension begins now.

    In the caller's transaction, which holds the enterprise. Returns whether it was restricted or suspended.
    """
    admission = Admission.objects.filter(file=file, contractor=company).exclude(status__in=ENDED).first()
    if admission is None:
        return False
    today = Calendar().local_date(now)
    worst = scores_of(file_id=file.pk, contractor_id=company.pk, day=day)[0]
    if worst.band == "D" and admission.status in ("ADMITTED", "RESTRICTED"):
        until = today + relativedelta(months=figures()["suspend_months"])
        move(actor=CLOCK, row=admission, name="suspend_by_score", now=now, facts={"points": worst.points},
             changes={"suspended_until": until})  # fmt: skip
        return True
    elif worst.band == "C" and admission.status == "ADMITTED":
        move(actor=CLOCK, row=admission, name="restrict_by_score", now=now, facts={"points": worst.points})
        return True
    return False


def _checked(
    file: Enterprise, rule: str, at: datetime, text: str, contractor: Contractor | None, person: Person | None,
    contract: WorkContract | None, now: datetime,
) -> OutsideRule:  # fmt: skip
    lines = {one.code: one for one in lines_of(RuleGroup.POINT)}
    wrong: dict[str, Text] = {}
    if rule not in lines:
        wrong["rule"] = _("请选择计分项目。")
    if at > now:
        wrong["at"] = _("时间不能晚于现在。")
    if not clean(text):
        wrong["text"] = _("请写明情况。")
    if contractor is None and person is None:
        wrong["person"] = _("请选择承包商或人员。")
    if person is not None and (person.file_id != file.pk or person.employment == Employment.OWN):
        wrong["person"] = _("该人员不是本企业的外来人员。")
    if contract is not None and contract.admission.file_id != file.pk:
        wrong["contract"] = _("该合同不属于本企业。")
    if wrong:
        raise Invalid(fields=wrong)
    if file.merged_into_id is not None:
        raise Conflict
    return lines[rule]


def _note(actor: Actor, act: str, row: ContractorViolation, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=ContractorViolation.row_type(), subject_id=row.pk, org_id=row.file_id,
        facts=facts, now=now,
    )  # fmt: skip
