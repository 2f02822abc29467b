"""What the assigned unit does: accept, decline, report, submit, ask for more time; and what the office answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.loops.task import CONTINUING, THEN_CONTINUING
from quancheng.domains.duty.models import Assignment, Extension, Instalment, Progress
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.errors import Invalid
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.once import once

#: Continuing work is looked at again after a year unless the office says otherwise.
REVIEW_EVERY = timedelta(days=365)
_TEXT_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class ProgressSpec:
    """What a unit reports: percent 0 to 100, text, and the figures of measured targets by target id."""

    percent: int
    text: str
    problems: str = ""
    next_steps: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)
    evidence: Sequence[uuid.UUID] = ()


def accept(*, actor: Actor, assignment: Assignment, now: datetime, client_id: uuid.UUID | None = None) -> Assignment:
    """Accept a task for one's unit; continuing work then runs from review to review."""
    name = "accept_continuing" if assignment.kind == CONTINUING else "accept"
    changes: dict[str, Any] = {}
    if assignment.person_id is None and actor.user_id is not None and actor.has("duty.tasks.work"):
        changes["person_id"] = actor.user_id
    return move(actor=actor, row=assignment, name=name, now=now, changes=changes, client_id=client_id)


def decline(
    *, actor: Actor, assignment: Assignment, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Assignment:
    """Give a task back with the reason why it is not the unit's; the office assigns it anew."""
    given = {"reason": _text(reason, "reason")}
    return move(actor=actor, row=assignment, name="decline", now=now, given=given, client_id=client_id)


def report_progress(
    *,
    actor: Actor,
    assignment: Assignment,
    spec: ProgressSpec,
    now: datetime,
    submit: bool = False,
    client_id: uuid.UUID | None = None,
) -> Progress:
    """Report progress on an assignment, or submit it as finished (``submit``; then evidence is needed).

    Evidence are files that the caller stored; they are held by the report and cannot be replaced afterwards.

    :raises Invalid: percent out of range, a figure that is no finite number, an empty text; by field.
    :raises StaleState: the assignment is not being worked on, or parts of it are still open.
    """
    figures = _figures(assignment, spec.figures)
    if not 0 <= spec.percent <= 100:
        raise Invalid(fields={"percent": _("进度应为 0 到 100 的整数。")})
    text = _text(spec.text, "text")

    def make() -> uuid.UUID:
        report = Progress.objects.create(
            assignment=assignment,
            percent=100 if submit else spec.percent,
            text=text,
            problems=spec.problems.strip()[:_TEXT_LIMIT],
            next_steps=spec.next_steps.strip()[:_TEXT_LIMIT],
            figures=figures,
            by_id=actor.user_id,
            org_id=assignment.org_id,
            at=now,
        )
        _move_with_report(actor=actor, assignment=assignment, report=report, spec=spec, submit=submit, now=now)
        attach_files(actor=actor, row=report, file_ids=list(spec.evidence), now=now)
        return report.pk

    body = {"assignment": assignment.pk, "submit": submit, **asdict(spec)}
    with transaction.atomic():
        pk, made = once(actor=actor, client_id=client_id, act="duty.progress", body=body, now=now, make=make)
    if not made:
        assignment.refresh_from_db()
    return Progress.objects.get(pk=pk)


def _move_with_report(
    *, actor: Actor, assignment: Assignment, report: Progress, spec: ProgressSpec, submit: bool, now: datetime
) -> None:
    onward = "report_continuing" if assignment.status == "CONTINUING" else "report"
    changes: dict[str, Any] = {
        "progress": report.percent,
        "figures": {**assignment.figures, **report.figures},
        "last_report_at": now,
        "last_report": report.text[:500],
    }
    if submit:
        changes["submitted_at"] = now
    move(
        actor=actor,
        row=assignment,
        name="submit" if submit else onward,
        now=now,
        given={"text": report.text, "report": report.pk, "evidence": [str(one) for one in spec.evidence]},
        changes=changes,
    )


def verify(
    *, actor: Actor, assignment: Assignment, opinion: str, now: datetime, client_id: uuid.UUID | None = None
) -> Assignment:
    """Accept what was submitted: closed, or for a dated part of continuing work carried on to the next review.

    :raises NotPermitted: the same person submitted it.
    :raises StaleState: a target is not met, or somebody was faster.
    """
    given = {"opinion": opinion.strip()[:_TEXT_LIMIT]}
    if assignment.kind == THEN_CONTINUING:
        review = max(assignment.review_date or now.date(), (now + REVIEW_EVERY).date())
        return move(
            actor=actor,
            row=assignment,
            name="verify_continuing",
            now=now,
            given=given,
            changes={"review_date": review},
            client_id=client_id,
        )
    return move(
        actor=actor,
        row=assignment,
        name="verify",
        now=now,
        given=given,
        changes={"closed_at": now},
        client_id=client_id,
    )


def send_back(
    *, actor: Actor, assignment: Assignment, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Assignment:
    """Return what was submitted, with the reason; the deadline stays."""
    given = {"reason": _text(reason, "reason")}
    return move(actor=actor, row=assignment, name="return", now=now, given=given, client_id=client_id)


def renew(
    *,
    actor: Actor,
    assignment: Assignment,
    review_date: date,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Assignment:
    """After a review, let continuing work go on until the next one."""
    if review_date <= now.date():
        raise Invalid(fields={"review_date": _("下次复核日期应在今天之后。")})
    given = {"reason": _text(reason, "reason")}
    changes = {"review_date": review_date}
    return move(actor=actor, row=assignment, name="renew", now=now, given=given, changes=changes, client_id=client_id)


def close_by_office(
    *,
    actor: Actor,
    assignment: Assignment,
    name: str,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Assignment:
    """``end`` continuing work after a review, or ``cancel``, ``suspend`` or ``resume`` an assignment, with a reason."""
    if name not in ("end", "cancel", "suspend", "resume"):
        raise Invalid(_("没有这个操作。"))
    given = {"reason": _text(reason, "reason")} if name != "resume" else {"reason": reason.strip()}
    changes: dict[str, Any] = {"closed_at": now} if name in ("end", "cancel") else {}
    with transaction.atomic():
        move(actor=actor, row=assignment, name=name, now=now, given=given, changes=changes, client_id=client_id)
        if name in ("end", "cancel"):
            for instalment in assignment.instalments.filter(status="DUE"):
                move(actor=actor, row=instalment, name="cancel", now=now, given=given)
    return assignment


def submit_instalment(
    *,
    actor: Actor,
    instalment: Instalment,
    text: str,
    evidence: Sequence[uuid.UUID],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Instalment:
    """Submit one period or milestone with its evidence."""
    text = _text(text, "text")
    given = {"text": text, "evidence": [str(one) for one in evidence]}
    with transaction.atomic():
        move(
            actor=actor,
            row=instalment,
            name="submit",
            now=now,
            given=given,
            changes={"text": text},
            client_id=client_id,
        )
        attach_files(actor=actor, row=instalment, file_ids=list(evidence), now=now)
    return instalment


def answer_instalment(
    *,
    actor: Actor,
    instalment: Instalment,
    accept: bool,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Instalment:
    """Accept or return one period or milestone."""
    if accept:
        changes = {"closed_at": now}
        return move(
            actor=actor, row=instalment, name="verify", now=now, changes=changes, client_id=client_id,
            given={"opinion": reason.strip()[:_TEXT_LIMIT]},
        )  # fmt: skip
    given = {"reason": _text(reason, "reason")}
    return move(actor=actor, row=instalment, name="return", now=now, given=given, client_id=client_id)


def ask_extension(
    *,
    actor: Actor,
    assignment: Assignment,
    to_date: date,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Extension:
    """Ask for more time, with a reason; one request at a time.

    :raises Invalid: no deadline to extend, a date not later than it, one already asked, or no reason.
    """
    actor.require("duty.tasks.work")
    if assignment.org_id != actor.organisation_id:
        raise Invalid(_("只能为本单位承办的任务申请延期。"))
    if assignment.status != "IN_PROGRESS" or assignment.due_date is None:
        raise Invalid(_("只有办理中且有完成时限的任务可以申请延期。"))
    if to_date <= assignment.due_date:
        raise Invalid(fields={"to_date": _("申请日期应晚于现时限（%(due)s）。") % {"due": assignment.due_date}})
    reason = _text(reason, "reason")
    if client_id is None and assignment.extensions.filter(status="ASKED").exists():
        raise Invalid(_("已有一项延期申请待审批。"))
    extension = Extension(
        owner_org_id=assignment.owner_org_id,
        enterprise_id=assignment.enterprise_id,
        area_id=assignment.area_id,
        links=assignment.links,
        reach=assignment.reach,
        assignment=assignment,
        org_id=assignment.org_id,
        from_date=assignment.due_date,
        to_date=to_date,
        reason=reason,
        asked_at=now,
    )
    with transaction.atomic():
        share(actor=actor, row=extension, to_org=assignment.org_id, why="lead", now=now)
        facts = {"assignment": assignment.pk, "to_date": to_date, "reason": reason}
        return enter(actor=actor, row=extension, now=now, facts=facts, client_id=client_id)


def answer_extension(
    *,
    actor: Actor,
    extension: Extension,
    grant: bool,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Extension:
    """Grant more time, which moves the assignment's deadline in the same transaction, or refuse with the reason."""
    if not grant:
        given = {"reason": _text(reason, "reason")}
        return move(actor=actor, row=extension, name="refuse", now=now, given=given, client_id=client_id)
    with transaction.atomic():
        move(
            actor=actor,
            row=extension,
            name="grant",
            now=now,
            given={"reason": reason.strip()[:_TEXT_LIMIT]},
            client_id=client_id,
        )
        assignment = Assignment.objects.visible_to(actor).get(pk=extension.assignment_id)
        if assignment.due_date != extension.to_date:
            move(
                actor=actor,
                row=assignment,
                name="extend",
                now=now,
                given={"reason": extension.reason},
                changes={"due_date": extension.to_date},
            )
    return extension


def _text(value: str, name: str) -> str:
    value = value.strip()
    if not value:
        raise Invalid(fields={name: _("此项必填。")})
    if len(value) > _TEXT_LIMIT:
        raise Invalid(fields={name: _("内容过长，请控制在 %(limit)s 字以内。") % {"limit": _TEXT_LIMIT}})
    return value


def _figures(assignment: Assignment, figures: Mapping[str, str]) -> dict[str, str]:
    known = {str(pk) for pk in assignment.task.targets.values_list("pk", flat=True)}
    clean: dict[str, str] = {}
    for key, raw in figures.items():
        if key not in known:
            raise Invalid(fields={f"figure_{key}": _("没有这个指标。")})
        if raw in ("", None):
            continue
        try:
            value = Decimal(str(raw))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            raise Invalid(fields={f"figure_{key}": _("请填写数字。")})
        clean[key] = format(value, "f")
    return clean
