"""Reads of violations: rows for the enterprise that they happened in, counts for who supervises it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, QuerySet

from quancheng.domains.hazards.models import Finding, Violation
from quancheng.kernel.access.actor import Actor


def list_violations(*, actor: Actor) -> QuerySet[Violation]:
    """Violations of the actor's own enterprise, the newest first; nobody else reads one."""
    rows = Violation.objects.filter(finding__owner_org=actor.organisation_id, finding__enterprise=actor.organisation_id)
    return rows.select_related("finding").order_by("-at", "pk")


def violation_of(row: Finding, *, actor: Actor) -> Violation | None:
    """That of one danger, for its own enterprise."""
    return list_violations(actor=actor).filter(finding=row).first()


def count_by_kind(*, actor: Actor, begin: datetime, end: datetime, town: str = "") -> Mapping[str, int]:
    """Violations of the dangers that the actor sees, found from ``begin`` to before ``end``, by type."""
    rows = Finding.objects.visible_to(actor).filter(violation__isnull=False, found_at__gte=begin, found_at__lt=end)
    if town:
        rows = rows.filter(area__path__startswith=town)
    told = rows.order_by().values_list("violation__kind").annotate(number=Count("pk"))
    return {str(kind): number for kind, number in told}
