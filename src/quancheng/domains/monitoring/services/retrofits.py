"""What an enterprise tells of the automation of its key processes (自动化改造情况)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import FINISHED, AutomationRetrofit, RetrofitState
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.domains.registry.models import Facility
from quancheng.domains.training.queries.operators import HAZARD
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.lists.processes import key_processes

_ACT = "monitoring.retrofit.tell"
_UNDER_WAY = (RetrofitState.PLANNED, RetrofitState.RUNNING)


def tell_retrofit(
    *, actor: Actor, facility: Facility, process: str, known: Mapping[str, Any], now: datetime,
    evidence: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> AutomationRetrofit:  # fmt: skip
    """Tell how far the automation of a process in a facility is, or of a major hazard where none runs; what was told
    before stays.

    :param known: ``state``, ``paper``, ``paper_date``, ``finish_date``, ``note``. What is finished is proved by a
        paper with its date, not after today; what is under way has a day on which it shall be done.
    :param evidence: uploads of the actor: the paper itself. :raises Invalid: by field.
    """
    if not may_keep(actor, facility.unit.file):
        raise NotPermitted
    given = {
        "state": known.get("state") or "", "paper": clean(known.get("paper") or ""),
        "paper_date": known.get("paper_date"), "finish_date": known.get("finish_date"),
        "note": clean(known.get("note") or ""),
    }  # fmt: skip
    wrong = _faults(facility, process, given, Calendar().local_date(now))
    if wrong:
        raise Invalid(fields=wrong)
    body = {"facility": facility.pk, "process": process, **given}

    def make() -> uuid.UUID:
        row = AutomationRetrofit.objects.create(
            facility=facility, process=process, by_name=actor.name[:130], told_at=now, **given
        )
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        journal.record(
            actor=actor, act=_ACT, subject_type="monitoring.automationretrofit", subject_id=row.pk,
            org_id=facility.unit.file_id, facts=body, now=now,
        )  # fmt: skip
        return row.pk

    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act=_ACT, body=body, now=now, make=make)
    return AutomationRetrofit.objects.get(pk=pk)


def _faults(facility: Facility, process: str, given: Mapping[str, Any], today: date) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    known = key_processes()
    if process == HAZARD:
        is_due = facility.unit.legal_grade is not None and known.keys().isdisjoint(facility.processes)
    else:
        is_due = process in known and process in facility.processes
    if not is_due:
        wrong["process"] = _("该设施没有登记这种重点监管工艺，也不是没有重点监管工艺的重大危险源。")
    if given["state"] not in RetrofitState.values:
        wrong["state"] = _("请选择自动化改造状态。")
    for name, limit in (("paper", 200), ("note", 500)):
        if len(given[name]) > limit:
            wrong[name] = _("最多%(count)s个字。") % {"count": limit}
    if given["state"] in FINISHED:
        if not given["paper"]:
            wrong["paper"] = _("请写明验收、设计等依据文件的名称和文号。")
        if given["paper_date"] is None:
            wrong["paper_date"] = _("请填写文件日期。")
    if given["paper_date"] is not None and given["paper_date"] > today:
        wrong["paper_date"] = _("文件日期不能晚于今天。")
    if given["state"] in _UNDER_WAY and given["finish_date"] is None:
        wrong["finish_date"] = _("请填写计划完成日期。")
    return wrong
