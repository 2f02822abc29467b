"""The file of a major hazard: filed, accepted or returned, reassessed, removed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import HazardCheck, MajorHazard, Unit
from quancheng.domains.registry.services.assessing import FILING_DAYS, assessing, touch
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.services import take_number
from quancheng.kernel.people.models import Organisation

FILE, VERIFY = "registry.hazards.file", "registry.hazards.verify"
#: A major hazard is assessed anew after three years (暂行规定, art. 11) [G].
REASSESS_YEARS = 3


def file_hazard(
    *, actor: Actor, hazard: MajorHazard, report_date: date, report_by: str, evidence: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> MajorHazard:  # fmt: skip
    """The enterprise files a major hazard with its safety assessment report.

    :raises Invalid: no report, no body that made it, or a day in the future; by field.
    """
    wrong: dict[str, Text] = {}
    if report_date > Calendar().local_date(now):
        wrong["report_date"] = _("报告日期不能晚于今天。")
    if not clean(report_by):
        wrong["report_by"] = _("请填写评估单位；自行评估的写本单位名称。")
    if not evidence:
        wrong["evidence"] = _("请上传安全评估报告。")
    if wrong:
        raise Invalid(fields=wrong)
    called = clean(report_by)[:120]
    given = {"report_date": report_date, "report_by": called, "evidence": [str(one) for one in evidence]}
    changes = {"report_date": report_date, "report_by": called, "filed_at": now, "filed_grade": hazard.grade}
    with transaction.atomic():
        move(actor=actor, row=hazard, name="file", now=now, given=given, changes=changes, client_id=client_id)
        attach_files(actor=actor, row=hazard, file_ids=list(evidence), now=now)
        _follow(hazard, now)
    return hazard


def accept_hazard(
    *, actor: Actor, hazard: MajorHazard, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> MajorHazard:
    """The supervising office accepts a filing and gives it a number; it is assessed anew after three years."""
    if not text.strip():
        raise Invalid(fields={"text": _("请写明核查情况。")})
    with transaction.atomic():
        since = hazard.report_date or Calendar().local_date(now)
        changes: dict[str, Any] = {"reassess_date": _years_after(since, REASSESS_YEARS)}
        if not hazard.number:
            office = Organisation.objects.get(pk=hazard.supervisor_id)
            changes["number"] = take_number(
                actor=actor, organisation=office, kind="registry.hazard", year=Calendar().local_date(now).year,
                subject_type=hazard.row_type(), subject_id=hazard.pk, now=now,
            ).text  # fmt: skip
        move(
            actor=actor, row=hazard, name="accept", now=now, given={"text": text.strip()[:2000]}, changes=changes,
            client_id=client_id,
        )  # fmt: skip
    return hazard


def delist_hazard(
    *, actor: Actor, hazard: MajorHazard, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> MajorHazard:
    """The supervising office agrees that it is a major hazard no more; only now may the legal grade fall.

    :raises Invalid: nothing written, or the calculation still says that it is one.
    """
    if not text.strip():
        raise Invalid(fields={"text": _("请写明核查情况。")})
    with transaction.atomic():
        with assessing(actor=actor, now=now, because="registry.hazard.delist", may_fall=True) as pending:
            move(
                actor=actor, row=hazard, name="agree", now=now, given={"text": text.strip()[:2000]},
                changes={"closed_at": now}, client_id=client_id,
            )  # fmt: skip
            pending.add(hazard.unit_id)
        if Unit.objects.get(pk=hazard.unit_id).legal_grade is not None:
            raise Conflict(_("按设计最大量计算仍构成重大危险源，不能核销；请先登记设施退役或更正数据。"))
    return hazard


def check_hazard(
    *, actor: Actor, check: HazardCheck, name: str, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> HazardCheck:  # fmt: skip
    """The office was there: what it saw agrees with the file, or what does not.

    :raises Invalid: nothing written.
    """
    if not text.strip():
        raise Invalid(fields={"text" if name == "confirm" else "reason": _("请写明核实情况。")})
    given = {"text" if name == "confirm" else "reason": text.strip()[:2000], "evidence": [str(one) for one in evidence]}
    with transaction.atomic():
        attach_files(actor=actor, row=check, file_ids=list(evidence), now=now)
        changes = {"text": text.strip()[:2000], "closed_at": now}
        move(actor=actor, row=check, name=name, now=now, given=given, changes=changes, client_id=client_id)
    return check


def answer_hazard(
    *, actor: Actor, hazard: MajorHazard, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> MajorHazard:
    """The moves that ask for a reason alone: returned, reassessed, removal asked for or refused."""
    changes: dict[str, Any] = {}
    if name in ("reassess", "refuse", "return"):
        today = Calendar().local_date(now)
        changes["due_date"] = date.fromordinal(today.toordinal() + FILING_DAYS)
    with transaction.atomic():
        move(
            actor=actor, row=hazard, name=name, now=now, given={"reason": reason}, changes=changes, client_id=client_id
        )
        _follow(hazard, now)
    return hazard


def _follow(hazard: MajorHazard, now: datetime) -> None:
    if hazard.enterprise_id is not None:
        touch(hazard.enterprise_id, now=now)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
