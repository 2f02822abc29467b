"""Audits, findings and violations that the actor may see, and the rules as they stand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.domains.permits.models import (
    AuditFinding,
    AuditRuleChange,
    Permit,
    PermitAudit,
    PermitPerson,
    PermitViolation,
)
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.audit.enterprise import enterprise_rules
from quancheng.standards.gb30871.audit.registry import POINTS, AuditRule, rules

AUDIT, RULES = "permits.audit", "permits.audit_rules"
#: Violations of so many days count as repeated ones.
REPEAT_DAYS = 365
Row = TypeVar("Row")


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


# Rules ---------------------------------------------------------------------------------------------------------------


def changes_of(code: str = "") -> Sequence[AuditRuleChange]:
    """Changes of a rule, the newest first; of all rules where none is named."""
    rows = AuditRuleChange.objects.select_related("entered_by").order_by("-entered_at", "-pk")
    return list(rows.filter(code=code) if code else rows)


def _newest() -> Mapping[str, AuditRuleChange]:
    found = AuditRuleChange.objects.order_by("code", "-entered_at", "-pk").distinct("code")
    return {one.code: one for one in found}


def _as_set(rule: AuditRule, change: AuditRuleChange | None) -> AuditRule:
    if change is None:
        return rule
    return replace(
        rule, is_on=change.is_on, severity=change.severity, points=POINTS[change.severity],
        params={**rule.params, **change.params}, valid_from=change.valid_from, valid_to=change.valid_to,
    )  # fmt: skip


def standing_rules() -> tuple[AuditRule, ...]:
    """The 96 rules as the office set them. One query."""
    newest = _newest()
    return tuple(_as_set(one, newest.get(one.code)) for one in rules())


def standing_enterprise_rules() -> tuple[AuditRule, ...]:
    newest = _newest()
    return tuple(_as_set(one, newest.get(one.code)) for one in enterprise_rules())


def all_rules() -> tuple[AuditRule, ...]:
    """Both, as they stand. One query."""
    newest = _newest()
    return tuple(_as_set(one, newest.get(one.code)) for one in (*rules(), *enterprise_rules()))


def get_rule(code: str) -> AuditRule:
    """:raises NotFound: no such rule."""
    return _found(next((one for one in all_rules() if one.code == code), None))


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
    """:raises NotFound: absent or out of scope."""
    rows = list_findings(actor=actor).select_related("permit__file__enterprise", "violation__person", "owner_org")
    return _found(rows.filter(pk=finding_id).first())


def findings_of(permit: Permit, *, actor: Actor) -> Sequence[AuditFinding]:
    return list(list_findings(actor=actor).filter(permit=permit))


# Violations ----------------------------------------------------------------------------------------------------------


def list_violations(*, actor: Actor) -> QuerySet[PermitViolation]:
    """Violations that the actor may see, the newest first, each with how often its person, its contractor and its rule
    came up in the year before it, itself counted."""
    actor.require(VIEW)
    rows: QuerySet[PermitViolation] = PermitViolation.objects.visible_to(actor)
    year = timedelta(days=REPEAT_DAYS)
    same = PermitViolation.objects.filter(
        enterprise=OuterRef("enterprise"), at__lte=OuterRef("at"), at__gt=OuterRef("at") - year
    ).order_by()

    def count(**more: OuterRef) -> Coalesce:
        told = same.filter(**more).values("enterprise").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(told[:1]), 0)

    rows = rows.annotate(
        by_person=count(person=OuterRef("person")), by_contractor=count(contractor=OuterRef("contractor")),
        by_rule=count(rule=OuterRef("rule")),
    )  # fmt: skip
    return rows.select_related("permit", "person", "enterprise", "finding").order_by("-at", "pk")


def violations_of(permit: Permit) -> Sequence[PermitViolation]:
    rows = PermitViolation.objects.filter(permit=permit).select_related("person", "finding")
    return list(rows.order_by("-at", "pk"))


def people_to_name(permit: Permit) -> QuerySet[PermitPerson]:
    """Who of a permit may be named as a violator, by number."""
    return PermitPerson.objects.filter(permit=permit).select_related("person").order_by("number", "pk")


def month_of(day: date) -> tuple[date, date]:
    """The first and last day of a month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
