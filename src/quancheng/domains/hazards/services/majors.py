"""What a major danger calls for besides (重大隐患双报告): reports within their terms."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding, MajorMark, MajorReport
from quancheng.domains.hazards.models.findings import ReportKind
from quancheng.domains.hazards.models.majors import COMPUTED, Part
from quancheng.domains.hazards.services.hand_overs import open_to_supervisor
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.standards.hidden_dangers import levels

_DUTY = "hazards.findings.confirm"
SUPERVISE = "hazards.findings.supervise"


def call_for_reports(*, row: Finding, now: datetime) -> None:
    """Owe the brief and the full report to the supervisor, and that to the workers, each once for a danger."""
    house = system_actor("hazards", _DUTY)
    limits, calendar = levels.limits(), Calendar()
    brief = now + timedelta(hours=int(limits["REPORT_BRIEF"].amount or 24))
    days = int(limits["REPORT_FULL"].amount or 3)
    full = calendar.end_of(calendar.add_working_days(calendar.local_date(now), days))
    due = {ReportKind.BRIEF: brief, ReportKind.FULL: full, ReportKind.WORKERS: full}
    known = set(MajorReport.objects.filter(finding=row).exclude(status="ENDED").values_list("kind", flat=True))
    for kind, at in due.items():
        if kind.value in known:
            continue
        title = f"{row.code} {kind.label}"[:340]
        made = MajorReport(
            **row.file.row_scope(), finding=row, kind=kind, title=title, due_at=at, created_at=now,
        )  # fmt: skip
        enter(actor=house, row=made, now=now, facts={"finding": row.pk, "kind": kind.value})
        open_to_supervisor(row=row, part=made, actor=house, now=now)


def end_reports(*, row: Finding, now: datetime) -> None:
    """Reports that are still owed of what is no major danger are owed no more."""
    house = system_actor("hazards", _DUTY)
    for report in MajorReport.objects.filter(finding=row, status="DUE").order_by("pk"):
        move(actor=house, row=report, name="end", now=now)


def send_report(
    *, actor: Actor, report: MajorReport, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> MajorReport:
    """Report a major danger; the full report says state and cause, harm and difficulty, and the plan.

    :raises Invalid: too short to say that.
    """
    least = 20 if report.kind == ReportKind.FULL else 4
    if len(clean(text)) < least:
        raise Invalid(fields={"text": _("请写明现状和原因、危害程度和整改难易、治理方案。")})
    changes = {"text": clean(text)[:4000], "sent_at": now}
    move(actor=actor, row=report, name="send", now=now, given={"text": clean(text)[:200]}, changes=changes,
         client_id=client_id)  # fmt: skip
    return report


def full_text(*, state: str, harm: str, treatment: str) -> str:
    """The full report out of its three parts, in the words of official papers."""
    return f"现状及产生原因：{clean(state)}\n危害程度和整改难易：{clean(harm)}\n治理方案：{clean(treatment)}"


def mark_part(*, actor: Actor, row: Finding, part: str, is_needed: bool, note: str, now: datetime) -> MajorMark:
    """Say that a part of the mechanism (一闭环、两移交、三公开、四考核、一追溯) is done, or why it is not needed.

    What is said again replaces what stood; the journal keeps both.

    :raises Invalid: it is no major danger, the part follows from the house's records, or nothing is said.
    """
    actor.require(SUPERVISE)
    if not actor.supervises:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if not row.is_major:
        wrong["part"] = _("该隐患不是重大隐患。")
    elif part not in Part.values or part in COMPUTED:
        wrong["part"] = _("该状态项由系统按记录判断，不能登记。")
    if not clean(note):
        wrong["note"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    known = {"is_needed": is_needed, "note": clean(note)[:300], "by_name": actor.name, "at": now}
    with transaction.atomic():
        made, _created = MajorMark.objects.update_or_create(finding=row, part=part, defaults=known)
        facts = {"part": part, "needed": is_needed, "note": known["note"]}
        journal.record(actor=actor, act="hazards.major.mark", subject_type=row.row_type(), subject_id=row.pk,
                       org_id=row.owner_org_id, facts=facts, now=now)  # fmt: skip
    return made
