"""Audits, findings and violations that the actor may see, and the rules as they stand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from quancheng.domains.permits.models import (
    AuditFinding,
    AuditRuleChange,
    ExposedCase,
    Permit,
    PermitAudit,
    PermitPerson,
    PermitViolation,
)
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people.models import Membership
from quancheng.standards.gb30871.audit.enterprise import enterprise_rules
from quancheng.standards.gb30871.audit.registry import POINTS, AuditRule, Verdict, rules, score
from quancheng.standards.gb30871.checks.model import IN_FORCE

AUDIT, RULES = "permits.audit", "permits.audit_rules"
#: Violations of so many days count as repeated ones.
REPEAT_DAYS = 365
Row = TypeVar("Row")
#: The rules of each day.
RuleBook = Callable[[date], tuple[AuditRule, ...]]


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


# Rules ---------------------------------------------------------------------------------------------------------------


def changes_of(code: str = "") -> Sequence[AuditRuleChange]:
    """Changes of a rule, the newest first; of all rules where none is named."""
    rows = AuditRuleChange.objects.select_related("entered_by").order_by("-entered_at", "-pk")
    return list(rows.filter(code=code) if code else rows)


def _as_set(rule: AuditRule, changes: Sequence[AuditRuleChange], day: date) -> AuditRule:
    """A rule on a day: the newest change that had begun by then, else as shipped."""
    # Work before the standard came into force is judged by its first law.
    day = max(day, IN_FORCE)
    change = next((one for one in changes if one.code == rule.code and one.valid_from <= day), None)
    if change is None:
        return rule
    return replace(
        rule, is_on=change.is_on, severity=change.severity, points=POINTS[change.severity],
        params={**rule.params, **change.params}, valid_from=change.valid_from, valid_to=change.valid_to,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """What the rules said of a permit, as it is kept: verdicts that failed or knew too little, sentences of both
    languages, no name of a person."""

    score: int
    verdicts: list[dict[str, Any]]
    failed: list[str]
    worst: str


def kept_of(verdicts: Sequence[Verdict]) -> Kept:
    """Verdicts as a permit's audit keeps them."""
    told = [
        {
            "code": one.code, "outcome": one.outcome, "severity": one.severity, "points": one.points,
            "alarm": one.alarm, "clause": one.clause, "mark": one.mark, "text": list(one.text), **one.evidence(),
        }
        for one in verdicts if one.outcome in ("FAIL", "NO_DATA")
    ]  # fmt: skip
    failed = [one for one in verdicts if one.outcome == "FAIL"]
    worst = min((one.severity for one in failed), key="CMGI".index, default="")
    return Kept(score(verdicts), told, [one.code for one in failed], worst)


def rule_book() -> RuleBook:
    """The 96 rules as the office set them, for each day that is asked. One query, whatever the number of days."""
    changes = changes_of()
    return cache(lambda day: tuple(_as_set(one, changes, day) for one in rules()))


def standing_enterprise_rules(day: date) -> tuple[AuditRule, ...]:
    """The eight over an enterprise as they stand on a day. One query."""
    changes = changes_of()
    return tuple(_as_set(one, changes, day) for one in enterprise_rules())


def all_rules(day: date) -> tuple[AuditRule, ...]:
    """Both, as they stand on a day. One query."""
    changes = changes_of()
    return tuple(_as_set(one, changes, day) for one in (*rules(), *enterprise_rules()))


def get_rule(code: str, day: date) -> AuditRule:
    """As it stands on a day. :raises NotFound: no such rule."""
    return _found(next((one for one in all_rules(day) if one.code == code), None))


def shipped_rule(code: str) -> AuditRule:
    return _found(next((one for one in (*rules(), *enterprise_rules()) if one.code == code), None))


# Audits --------------------------------------------------------------------------------------------------------------


def list_audits(*, actor: Actor) -> QuerySet[PermitAudit]:
    """The newest audit of each permit that the actor may see, the latest work first."""
    actor.require(VIEW)
    rows: QuerySet[PermitAudit] = PermitAudit.objects.visible_to(actor).filter(is_newest=True)
    return rows.select_related("permit", "enterprise", "area").order_by("-work_at", "pk")


def get_audit(*, actor: Actor, audit_id: uuid.UUID) -> PermitAudit:
    """Any run, also one that was overtaken. :raises NotFound: absent or out of scope."""
    actor.require(VIEW)
    rows = PermitAudit.objects.visible_to(actor).select_related("permit__file__enterprise", "enterprise")
    return _found(rows.filter(pk=audit_id).first())


def newest_audit(permit: Permit) -> PermitAudit | None:
    """Of a permit that a query gave to the actor."""
    return PermitAudit.objects.filter(permit=permit, is_newest=True).first()


def runs_of(permit: Permit) -> Sequence[PermitAudit]:
    """All runs of a permit, the newest first."""
    return list(PermitAudit.objects.filter(permit=permit).order_by("-audited_at", "-pk")[:100])


def due_permits(now: datetime) -> QuerySet[Permit]:
    """What is audited each night: all that was issued and is open, and what ended in the last week."""
    rows = Permit.objects.filter(issued_at__isnull=False)
    return rows.exclude(ended_at__lt=now - timedelta(days=7)).order_by("pk")


# Findings ------------------------------------------------------------------------------------------------------------


def list_findings(*, actor: Actor) -> QuerySet[AuditFinding]:
    """Findings that the actor may see, open ones first, then the newest."""
    actor.require(VIEW)
    rows: QuerySet[AuditFinding] = AuditFinding.objects.visible_to(actor).select_related("permit", "enterprise", "area")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-found_at", "pk")


def get_finding(*, actor: Actor, finding_id: uuid.UUID) -> AuditFinding:
    """With ``has_case``: whether a case is written or published of it. :raises NotFound: absent or out of scope."""
    rows = list_findings(actor=actor).select_related("permit__file__enterprise", "violation__person", "owner_org")
    return _found(rows.annotate(has_case=has_case()).filter(pk=finding_id).first())


def has_case() -> Exists:
    """Of findings: a case stands that is written or published of them."""
    standing = ExposedCase.objects.filter(finding=OuterRef("pk"))
    return Exists(standing.exclude(status__in=("DROPPED", "WITHDRAWN")))


def dropped_rules(permit: Permit) -> frozenset[str]:
    """Rules of whose finding on a permit the office said that it is none."""
    rows = AuditFinding.objects.filter(permit=permit, is_by_inspector=False, status="DROPPED")
    return frozenset(rows.values_list("rule", flat=True))


def findings_of(permit: Permit, *, actor: Actor) -> Sequence[AuditFinding]:
    return list(list_findings(actor=actor).filter(permit=permit))


# Violations ----------------------------------------------------------------------------------------------------------


def standing(rows: QuerySet[PermitViolation]) -> QuerySet[PermitViolation]:
    """Without those of findings that the office dropped: what was no problem is held against nobody."""
    return rows.exclude(finding__status="DROPPED")


def list_violations(*, actor: Actor) -> QuerySet[PermitViolation]:
    """Violations that the actor may see, the newest first, each with how often its person, its contractor and its rule
    came up in the year before it, itself counted."""
    actor.require(VIEW)
    rows: QuerySet[PermitViolation] = standing(PermitViolation.objects.visible_to(actor))
    year = timedelta(days=REPEAT_DAYS)
    same = standing(PermitViolation.objects.filter(
        enterprise=OuterRef("enterprise"), at__lte=OuterRef("at"), at__gt=OuterRef("at") - year
    )).order_by()  # fmt: skip

    def count(**more: OuterRef) -> Coalesce:
        told = same.filter(**more).values("enterprise").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(told[:1]), 0)

    rows = rows.annotate(
        by_person=count(person=OuterRef("person")), by_contractor=count(contractor=OuterRef("contractor")),
        # What an inspector saw by himself is of no rule, and no two such are of one kind.
        by_rule=Case(When(rule="", then=1), default=count(rule=OuterRef("rule"))),
    )  # fmt: skip
    return rows.select_related("permit", "person", "enterprise", "finding").order_by("-at", "pk")


def entered_by_office(finding: AuditFinding) -> bool:
    """Whether somebody who is not of the enterprise said whose violation a finding is, or how it was dealt with."""
    row = PermitViolation.objects.filter(finding=finding.pk).first()
    if row is None or row.entered_by_id is None or not (row.person_id or row.note):
        return False
    return not Membership.objects.filter(user=row.entered_by_id, organisation=finding.enterprise_id).exists()


def people_to_name(permit: Permit) -> QuerySet[PermitPerson]:
    """Who of a permit may be named as a violator, by number."""
    return PermitPerson.objects.filter(permit=permit).select_related("person").order_by("number", "pk")


def month_of(day: date) -> tuple[date, date]:
    """The first and last day of a month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
