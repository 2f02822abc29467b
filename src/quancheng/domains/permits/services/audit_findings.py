"""What becomes of a finding of the audit (审计问题): sent, received, put right, looked at again, closed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from quancheng.domains.permits.models import AuditFinding, AuditRuleChange, PermitPerson, Severity
from quancheng.domains.permits.queries.audits import AUDIT, RULES, entered_by_office, shipped_rule
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.auditing import hold_against
from quancheng.domains.permits.services.exposed import end_cases
from quancheng.domains.permits.services.setting import set_once
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once

#: Moves that ask nothing but the click.
PLAIN = ("push", "receive")


def act_on_finding(
    *, actor: Actor, row: AuditFinding, name: str, now: datetime, text: str = "", files: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> AuditFinding:  # fmt: skip
    """One step of a finding. The move itself asks who may and what must be given. Dropped, it takes its case along.

    :param text: plan, result, opinion or reason, as the move needs it. :param files: evidence of the enterprise.
    """
    said = clean(text)
    given = {"begin": {"text": said[:2000]}, "answer": {"text": said[:2000]}, "close": {"comment": said[:500]},
             "return": {"reason": said[:500]}, "drop": {"reason": said[:500]}}.get(name, {})  # fmt: skip
    changes: dict[str, object] = {}
    if name == "answer":
        changes = {"answer": said[:2000], "answered_at": now}
    elif name in ("close", "drop"):
        changes = {"comment": said[:500], "closed_at": now}
    elif name == "return":
        changes = {"comment": said[:500]}

    def do() -> None:
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)
        if name == "drop":
            end_cases(finding=row, reason=said, now=now)
        if files:
            attach_files(actor=actor, row=row, file_ids=files, now=now)

    act_once(
        actor=actor, row=row, act=f"{row.loop_code}.{name}", body={"given": given}, now=now, client_id=client_id, do=do
    )  # fmt: skip
    return row


def record_violation(
    *, actor: Actor, row: AuditFinding, person: PermitPerson | None, note: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> AuditFinding:  # fmt: skip
    """Say whose violation a finding is (违章登记): the enterprise of its own people, or the office that supervises.

    :raises NotPermitted: somebody else's. :raises Conflict: the finding was dropped, or he is on another permit; of the
        enterprise also: the finding is closed, or the office said whose it is.
    """
    is_office = actor.has(AUDIT) and actor.organisation_id == row.owner_org_id
    if not is_office:
        actor.require(WORK)
        if actor.organisation_id != row.permit.file_id:
            raise NotPermitted
    if row.status == "DROPPED":
        raise Conflict(_("已撤销的问题不登记违章。"))
    if person is not None and person.permit_id != row.permit_id:
        raise Conflict(_("该人员不在这张作业票上。"))
    words = clean(note)[:300]

    def do() -> None:
        if not is_office and (row.is_closed or entered_by_office(row)):
            raise Conflict(_("问题已闭环，或违章人员已由监管部门登记，企业不能再改。"))
        hold_against(permit=row.permit, finding=row, person=person, note=words, actor=actor, now=now)
        journal.record(
            actor=actor, act="permits.violation.record", subject_type=row.row_type(), subject_id=row.pk,
            org_id=row.permit.file_id, now=now,
            facts={"rule": row.rule, "person": person.code if person else "", "severity": row.severity},
        )  # fmt: skip

    body = {"person": person.pk if person is not None else None, "note": words}
    act_once(
        actor=actor, row=row, act="permits.violation.record", body=body, now=now, client_id=client_id, do=do
    )
    return row


def set_rule(
    *, actor: Actor, code: str, is_on: bool, severity: str, params: dict[str, str], valid_from: date,
    valid_to: date | None, reason: str, now: datetime, client_id: uuid.UUID | None = None,
) -> AuditRuleChange:  # fmt: skip
    """Set a rule for work from a day on (设置审计规则): what was audited stays as it was judged, and work of the days
    before is judged as before.

    :raises Invalid: a severity or parameter that is none, days out of order, no reason.
    """
    actor.require(RULES)
    shipped = shipped_rule(code)
    wrong: dict[str, Text] = {}
    if severity not in Severity.values:
        wrong["severity"] = _("没有这个选项。")
    for name, value in params.items():
        if name not in shipped.params:
            wrong[f"param_{name}"] = _("没有这个参数。")
        elif name != "reason" and not _is_number(value):
            wrong[f"param_{name}"] = _("请填写不小于零的数。")
    if valid_to is not None and valid_to < valid_from:
        wrong["valid_to"] = _("停用日期不能早于起用日期。")
    if not clean(reason):
        wrong["reason"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    told = {"code": code, "is_on": is_on, "severity": severity, "params": params, "reason": clean(reason)[:300]}
    return set_once(
        AuditRuleChange, actor=actor, act="permits.audit_rule.set",
        given={**told, "valid_from": valid_from, "valid_to": valid_to, "entered_by_id": actor.user_id}, facts=told,
        body={**told, "from": valid_from.isoformat(), "to": valid_to.isoformat() if valid_to else ""},
        now=now, client_id=client_id,
    )  # fmt: skip


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).isascii() and value.replace(".", "", 1).isdigit() and len(value) < 9
