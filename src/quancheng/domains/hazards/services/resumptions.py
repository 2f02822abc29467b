"""Running again after a stop (复产申请): applied for in writing with an assessment, reviewed on site, decided."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding, Maker, Resumption
from quancheng.domains.hazards.services.hand_overs import open_to_supervisor
from quancheng.domains.hazards.services.repeats import move_once
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.queries import files_by_id
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

APPLY = "hazards.findings.confirm"


@dataclass(frozen=True, slots=True)
class ResumptionSpec:
    """What the enterprise says, who assessed it and how; ``files`` are keys of uploads, the report among them."""

    text: str
    assessor_kind: str
    assessor: str
    assessment: str
    files: Sequence[uuid.UUID] = ()


def may_apply(row: Finding) -> bool:
    """Whether work stands still by the regulator's word for a danger that was put right and accepted inside."""
    return row.is_stopped and row.needs_resumption and row.status in ("CANCELLING", "CLOSED")


def apply_resumption(
    *, actor: Actor, row: Finding, spec: ResumptionSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Resumption:
    """The enterprise applies to run again; the supervisor reviews on site within its term (standards: REVIEW).

    :raises Conflict: nothing stands still, it is not put right yet, or an application waits. :raises Invalid: by field,
        ``report`` for the files.
    """
    actor.require(APPLY)
    if actor.organisation_id != row.owner_org_id:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if spec.assessor_kind not in Maker.values:
        wrong["assessor_kind"] = _("请选择评估方。")
    for name in ("text", "assessor", "assessment"):
        if not clean(getattr(spec, name)):
            wrong[name] = _("请填写此项。")
    if not spec.files:
        wrong["report"] = _("请上传评估报告。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        locked = Finding.objects.select_for_update(no_key=True).get(pk=row.pk)
        if not may_apply(locked):
            raise Conflict(_("停产治理的隐患整改完成并经本单位验收后，才能申请恢复生产。"))
        made = Resumption(
            **row.file.row_scope(), finding=row, file=row.file, supervisor_id=locked.supervisor_id,
            title=f"{row.code} {row.name}"[:340], stop=locked.stop, text=clean(spec.text)[:4000],
            assessor_kind=spec.assessor_kind, assessor=clean(spec.assessor)[:120],
            assessment=clean(spec.assessment)[:2000], created_at=now,
        )  # fmt: skip
        facts = {"finding": row.pk, "stop": locked.stop, "assessor": made.assessor}
        try:
            with transaction.atomic():
                enter(actor=actor, row=made, now=now, facts=facts)
        except IntegrityError:
            raise Conflict(_("已有复产申请待审查。")) from None
        attach_files(actor=actor, row=made, file_ids=list(spec.files), now=now)
        open_to_supervisor(row=locked, part=made, actor=actor, now=now)
        return made.pk

    with transaction.atomic():
        said = {name: clean(getattr(spec, name)) for name in ("text", "assessor_kind", "assessor", "assessment")}
        body = {"finding": row.pk, **said, "files": sorted(one.original_digest for one in files_by_id(spec.files))}
        act = "hazards.resumption.enter"
        pk, _made = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return Resumption.objects.get(pk=pk)


def decide_resumption(
    *, actor: Actor, row: Resumption, allowed: bool, visited: date | None, text: str, evidence: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> Resumption:  # fmt: skip
    """The supervisor says after its look on site that work may go on, or why it may not: then it stays stopped.

    :raises Invalid: by field; nothing said, no day of the visit, one before the application or to come.
    :raises StaleState: the danger itself is not off the list.
    """
    calendar = Calendar()
    asked = "text" if allowed else "reason"
    wrong: dict[str, Text] = {} if clean(text) else {asked: _("请填写此项。")}
    if visited is None:
        wrong["visited"] = _("请选择日期。")
    elif not calendar.local_date(row.created_at) <= visited <= calendar.local_date(now):
        wrong["visited"] = _("现场审查日期应在申请之后，且不晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    given = {asked: clean(text)[:1000], "visited": visited.isoformat() if visited else ""}
    changes: dict[str, Any] = {
        "review": clean(text)[:2000], "visited_date": visited, "reviewer_name": actor.name, "closed_at": now,
    }  # fmt: skip
    name = "allow" if allowed else "refuse"

    def make() -> None:
        Finding.objects.select_for_update(no_key=True).filter(pk=row.finding_id).values_list("pk").get()
        row.finding.refresh_from_db()
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, facts={"reviewer_name": ""})
        if allowed:
            Finding.objects.filter(pk=row.finding_id).update(resumed_at=now)
            row.finding.refresh_from_db()

    # The same request again lets nothing run that was stopped anew meanwhile.
    return move_once(actor=actor, row=row, name=name, given=given, client_id=client_id, now=now, make=make)


def withdraw_resumption(
    *, actor: Actor, row: Resumption, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Resumption:
    """The enterprise takes its application back; what stands still stays so."""
    move(actor=actor, row=row, name="withdraw", now=now, given={"reason": clean(reason)[:500]},
         changes={"closed_at": now, "review": clean(reason)[:2000]}, client_id=client_id)  # fmt: skip
    return row
