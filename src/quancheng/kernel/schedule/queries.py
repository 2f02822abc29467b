"""Reads of rules and occurrences."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.queries import members_of
from quancheng.kernel.schedule.models import Occurrence, RecurringRule


def list_rules(*, actor: Actor) -> QuerySet[RecurringRule]:
    """Rules that the actor may see, by name."""
    return RecurringRule.objects.visible_to(actor).select_related("owner_org", "group").order_by("name", "pk")


def get_rule(*, actor: Actor, rule_id: uuid.UUID) -> RecurringRule:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_rules(actor=actor).filter(pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def owners_of(rule: RecurringRule) -> list[Organisation]:
    """Whom a rule binds today: its organisations that stand, and its group's, each once."""
    found = {org.pk: org for org in rule.organisations.standing()}
    if rule.group is not None:
        found |= {org.pk: org for org in members_of(group=rule.group)}
    return sorted(found.values(), key=lambda org: (org.pinyin, org.pk))


def occurrences_of(*, rule: RecurringRule) -> QuerySet[Occurrence]:
    """What was generated from a rule that the caller got through its query, the latest due first."""
    return Occurrence.objects.filter(rule=rule).select_related("org").order_by("-due_date", "org__pinyin", "pk")


def former_occurrences(*, subject_type: str, subject_id: uuid.UUID) -> list[Occurrence]:
    """The same organisation's earlier periods of the rule that made a row, the nearest first; empty for other rows."""
    own = Occurrence.objects.filter(subject_type=subject_type, subject_id=subject_id).first()
    if own is None:
        return []
    before = Occurrence.objects.filter(rule_id=own.rule_id, org_id=own.org_id, due_date__lt=own.due_date)
    return list(before.order_by("-due_date", "-pk")[:24])
