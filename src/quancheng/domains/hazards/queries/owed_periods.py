"""Reads of what enterprises owe by the period: whom the schedule's rules bind, and who works so that he can owe."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.schedule.models import RecurringRule

WORKING = (Life.OPERATING, Life.TRIAL)


def bound_now(generator: str) -> Sequence[tuple[RecurringRule, uuid.UUID, uuid.UUID, str]]:
    """Rule, enterprise, office and rhythm of each binding of the rules that make this kind of row. In no scope."""
    rules = {row.pk: row for row in RecurringRule.objects.filter(generator=generator).order_by("pk")}
    through = RecurringRule.organisations.through
    pairs = through.objects.filter(recurringrule__in=list(rules)).order_by("recurringrule", "organisation")
    return [
        (rules[rule], org, rules[rule].owner_org_id, str(rules[rule].data.get("rhythm", "")))
        for rule, org in pairs.values_list("recurringrule", "organisation")
    ]


def working_files() -> QuerySet[Enterprise]:
    """Enterprises that work or are on trial, retired doubles not counted. In no scope: for the clock."""
    return Enterprise.objects.filter(life__in=WORKING, merged_into__isnull=True).order_by("pk")
