"""Auditing permits (作业票审计): at issue, start and close, each night, and when somebody asks.

The rules find; the house writes down what they say, sends what is wrong to the enterprise, and stops work that runs
while something critical is wrong.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.audit import ANSWER_H
from quancheng.domains.permits.models import (
    AuditFinding,
    Permit,
    PermitAudit,
    PermitPerson,
    PermitViolation,
)
from quancheng.domains.permits.queries import audits as queries
from quancheng.domains.permits.queries.audit_facts import audited, surroundings_of
from quancheng.domains.permits.queries.audits import RuleBook
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services.alarms import raise_audited
from quancheng.domains.permits.services.working import stop
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import DomainError
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.services import enter, move
from quancheng.standards.gb30871.audit.registry import Verdict, audit
from quancheng.standards.gb30871.basis import BadInput

log = logging.getLogger(__name__)
HOUSE = system_actor("permits.audit", queries.AUDIT)
#: Which moves of a permit are followed by an audit, and as which moment.
MOMENTS = {
    "issue": "ISSUE", "start": "START", "resume": "START", "stop": "ALARM", "finish": "CLOSE", "accept": "CLOSE",
    "void": "CLOSE", "close": "CLOSE",
}  # fmt: skip
#: Violations are held against people and contractors for these.
_GRAVE = ("C", "M")


def hear_permit(event: Event, now: datetime) -> None:
    """Subscriber of the loop of permits. The same event again finds what is known."""
    moment = MOMENTS.get(event.kind.rpartition(".")[2])
    row = Permit.objects.filter(pk=event.subject_id).select_related("file__enterprise").first()
    if moment is not None and row is not None:
        audit_permit(permit=row, moment=moment, now=now)


def audit_all(*, now: datetime) -> int:
    """What the clock does each night; returns how many permits were audited. One that cannot be holds up no other."""
    rules = queries.rule_book()
    done = 0
    for pk in queries.due_permits(now).values_list("pk", flat=True):
        try:
            row = Permit.objects.select_related("file__enterprise", "requester").get(pk=pk)
            audit_permit(permit=row, moment="NIGHT", now=now, rules=rules)
            done += 1
        except Exception:
            log.exception("the audit of permit %s failed", pk)
    return done


def audit_by_hand(*, actor: Actor, permit: Permit, now: datetime) -> PermitAudit | None:
    """Audit a permit now, all rules, because somebody asks. :raises NotPermitted: the duty is missing."""
    actor.require(queries.AUDIT)
    return audit_permit(permit=permit, moment="NIGHT", now=now)


def audit_permit(
    *, permit: Permit, moment: str, now: datetime, rules: RuleBook | None = None
) -> PermitAudit | None:
    """Run the rules of a moment and keep what they say. None for a permit that was never issued. A run as of an earlier
    time than the newest changes nothing and answers the newest.

    :param rules: the rules of each day, where the caller has them already.
    """
    with transaction.atomic():
        # Of two runs at once the second reads what the first left, and the permit as it stands by then.
        held = Permit.objects.select_for_update(no_key=True, of=("self",))
        permit = held.select_related("file__enterprise", "requester").get(pk=permit.pk)
        if permit.issued_at is None:
            return None
        newest = queries.newest_audit(permit)
        if newest is not None and newest.confirmed_at > now:
            return newest
        try:
            seen = audited(load_rows(permit), now)
        except BadInput:
            log.exception("permit %s cannot be read by the audit", permit.pk)
            return None
        day = Calendar().local_date(permit.started_at or permit.window_start)
        verdicts = audit(seen, moment, surroundings_of(permit, now), (rules or queries.rule_book())(day))
        row = _keep(permit, newest, moment, verdicts, now)
        failed = [one for one in verdicts if one.outcome == "FAIL" and one.severity != "I"]
        for one in failed:
            _find(permit, one, now)
        dropped = queries.dropped_rules(permit)
    if any(one.severity == "C" and one.code not in dropped for one in failed):
        stop_at_once(permit, now, _("审计发现严重问题"))
    return row


def _keep(
    permit: Permit, known: PermitAudit | None, moment: str, verdicts: tuple[Verdict, ...], now: datetime
) -> PermitAudit:
    kept = queries.kept_of(verdicts)
    passed = [one.code for one in verdicts if one.outcome == "PASS"]
    if known is not None and known.verdicts == kept.verdicts and known.passed == passed:
        PermitAudit.objects.filter(pk=known.pk).update(confirmed_at=now)
        known.confirmed_at = now
        return known
    PermitAudit.objects.filter(permit=permit, is_newest=True).update(is_newest=False)
    return PermitAudit.objects.create(
        **permit.file.row_scope(), permit=permit, kind=permit.kind, moment=moment, score=kept.score,
        verdicts=kept.verdicts, failed=kept.failed, passed=passed, worst=kept.worst,
        no_data_count=sum(one.outcome == "NO_DATA" for one in verdicts),
        work_at=permit.started_at or permit.window_start, audited_at=now, confirmed_at=now,
    )  # fmt: skip


def _find(permit: Permit, one: Verdict, now: datetime) -> AuditFinding | None:
    """Write a finding down, once per permit and rule, and send it. The permit is locked by the caller."""
    if AuditFinding.objects.filter(permit=permit, rule=one.code, is_by_inspector=False).exists():
        return None
    row = AuditFinding(
        **permit.file.row_scope(owner=permit.file.supervisor_id), permit=permit, kind=permit.kind, rule=one.code,
        severity=one.severity, alarm=one.alarm, clause=one.clause[:120], title=f"{one.code} {one.text.zh}"[:300],
        evidence={**one.evidence(), "text": list(one.text)}, found_at=now,
        answer_by=now + timedelta(hours=ANSWER_H[one.severity]),
    )  # fmt: skip
    made = enter(actor=HOUSE, row=row, now=now, facts={"permit": permit.pk, "rule": one.code, "severity": one.severity})
    move(actor=HOUSE, row=made, name="send", now=now)
    raise_audited(permit=permit, code=one.alarm, words=made.title, now=now)
    if one.severity in _GRAVE:
        hold_against(permit=permit, finding=made, person=_named(permit, one), note="", actor=None, now=now)
    return made


def hold_against(
    *, permit: Permit, finding: AuditFinding, person: PermitPerson | None, note: str, actor: Actor | None,
    now: datetime,
) -> PermitViolation:  # fmt: skip
    """A violation of a finding: against the permit, who is named, and the contractor where the work is a contractor's.

    The caller has checked who may, and holds the transaction."""
    is_contractor = permit.work.get("is_contractor") is True
    made, _created = PermitViolation.objects.update_or_create(
        finding=finding,
        defaults={
            **permit.file.row_scope(), "permit": permit, "rule": finding.rule, "text": finding.title,
            "severity": finding.severity, "person_id": person.person_id if person else None,
            "contractor": permit.work_unit if is_contractor else "", "note": note, "at": finding.found_at,
            "entered_by_id": actor.user_id if actor else None,
        },
    )  # fmt: skip
    return made


def _named(permit: Permit, one: Verdict) -> PermitPerson | None:
    """Whom the evidence names by his number on the permit; nobody where it names none or several."""
    words = {word.strip("(),，、") for text in (one.value.en, one.limit.en, one.fact) for word in text.split()}
    people = [row for row in PermitPerson.objects.filter(permit=permit) if row.code in words]
    keys: set[uuid.UUID] = {row.person_id for row in people}
    return people[0] if len(keys) == 1 else None


def stop_at_once(permit: Permit, now: datetime, why: str) -> None:
    """Critical: work that runs stops at once. One that somebody moved meanwhile stands as he moved it.

    :param why: what was found, in Chinese.
    """
    try:
        with transaction.atomic():
            row = Permit.objects.select_for_update(no_key=True, of=("self",)).select_related("file").get(pk=permit.pk)
            if row.status == "WORKING":
                stop(row, "VIOLATION", now, why)
    except DomainError:
        log.exception("permit %s could not be stopped after its audit", permit.pk)
