"""Reads of what enterprises owe by the period: whom the schedule's rules bind, and who works so that he can owe."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.people.models import Organisation
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


def towns_by_path() -> dict[str, uuid.UUID]:
    """Street and town offices by the path of their area. In no scope: for the clock."""
    rows = Organisation.objects.standing().filter(kind="town", area__isnull=False).order_by("pk")
    return dict(rows.values_list("area__path", "pk"))


def town_of(path: str, towns: dict[str, uuid.UUID]) -> uuid.UUID | None:
    """The office in whose area a place lies, the nearest one; None where there is none."""
    found = [one for one in towns if path.startswith(one)]
    return towns[max(found, key=len)] if found else None
