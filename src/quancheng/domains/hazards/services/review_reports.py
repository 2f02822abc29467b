"""The review report of an expert or an agency (审查报告), which goes with the application to be taken off the list."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding, Maker, ReviewReport
from quancheng.domains.hazards.queries.resumptions import standing_report
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.queries import files_by_id
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

ACCEPT = "hazards.findings.accept"
#: The role in which the danger holds the files of its reports.
ROLE = "review"
_ACT = "hazards.review_report.hand_in"


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """Who made a report, when, and what it concludes; ``files`` are keys of uploads."""

    maker_kind: str = ""
    maker: str = ""
    made_date: date | None = None
    verdict: str = ""
    conclusion: str = ""
    files: Sequence[uuid.UUID] = ()


def hand_in_report(
    *, actor: Actor, row: Finding, spec: ReportSpec, now: datetime, client_id: uuid.UUID | None = None
) -> ReviewReport:
    """The enterprise hands in a report while it waits for acceptance or for the regulator; nothing is written over.

    :raises Invalid: by field, ``report_files`` for the files. :raises StaleState: it was not put right, or is closed.
    """
    actor.require(ACCEPT)
    if actor.organisation_id != row.owner_org_id:
        raise NotPermitted(_("该步骤由其他单位办理。"), code="other_organisation")

    def make() -> uuid.UUID:
        if row.status not in ("ACCEPTING", "CANCELLING"):
            raise StaleState(_("整改完成后、销号前才能提交审查报告。"))
        wrong = _faults(row, spec, now)
        if wrong or spec.made_date is None:
            raise Invalid(fields=wrong)
        made = ReviewReport.objects.create(
            finding=row, maker_kind=spec.maker_kind, maker=clean(spec.maker)[:120], made_date=spec.made_date,
            verdict=spec.verdict, conclusion=clean(spec.conclusion)[:2000], by_name=actor.name, at=now,
        )  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=list(spec.files), now=now, role=ROLE)
        facts = {"maker": made.maker, "kind": made.maker_kind, "verdict": made.verdict, "made": made.made_date}
        journal.record(actor=actor, act=_ACT, subject_type=row.row_type(),
                       subject_id=row.pk, org_id=row.owner_org_id, facts=facts, now=now)  # fmt: skip
        return made.pk

    with transaction.atomic():
        body = {"finding": row.pk, "report": _told(spec)}
        pk, _made = once(actor=actor, client_id=client_id, act=_ACT, body=body, now=now, make=make)
    return ReviewReport.objects.get(pk=pk)


def hand_in_with_application(*, actor: Actor, row: Finding, report: ReportSpec | None, now: datetime) -> None:
    """What the application to the supervisor brings along: a report, unless one stands or none is asked for.

    :raises Invalid: by field. Also a report that says the danger still stands goes in only outside an application.
    """
    if report is not None and report != ReportSpec():
        if report.verdict == ReviewReport.Verdict.STANDS:
            raise Invalid(fields={"verdict": _("审查结论为隐患未消除的，不能申请销号，请继续整改。")})
        hand_in_report(actor=actor, row=row, spec=report, now=now)
        return
    if not row.needs_review_report:
        return
    known = standing_report(row)
    if known is None or known.verdict != ReviewReport.Verdict.REMOVED:
        sentence = _("重大隐患或停产治理的隐患申请销号，须附专家或服务机构的审查报告。")
        raise Invalid(fields={"maker": sentence}, code="report_missing")


def _faults(row: Finding, spec: ReportSpec, now: datetime) -> dict[str, Text]:
    calendar = Calendar()
    wrong: dict[str, Text] = {}
    if spec.maker_kind not in Maker.values:
        wrong["maker_kind"] = _("请选择出具方。")
    if spec.verdict not in ReviewReport.Verdict.values:
        wrong["verdict"] = _("请选择审查结论。")
    for name in ("maker", "conclusion"):
        if not clean(getattr(spec, name)):
            wrong[name] = _("请填写此项。")
    if spec.made_date is None:
        wrong["made_date"] = _("请选择日期。")
    elif spec.made_date > calendar.local_date(now):
        wrong["made_date"] = _("出具日期不能晚于今天。")
    elif spec.made_date < calendar.local_date(row.found_at):
        wrong["made_date"] = _("出具日期不能早于发现隐患之日。")
    if not spec.files:
        wrong["report_files"] = _("请上传审查报告。")
    return wrong


def _told(spec: ReportSpec) -> dict[str, Any]:
    """What a report says as plain data, its files by their content: a form that is sent again uploads them anew."""
    said = {name: getattr(spec, name) for name in ("maker_kind", "maker", "made_date", "verdict", "conclusion")}
    return plain({**said, "files": sorted(one.original_digest for one in files_by_id(spec.files))})
