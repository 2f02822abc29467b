"""Cases of special work (典型案例): those that the actor may see, and what anybody reads of them."""

from __future__ import annotations

import uuid

from django.db.models import F, Q, QuerySet

from quancheng.domains.permits.models import ExposedCase
from quancheng.domains.permits.queries.audits import AUDIT, has_case
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

APPROVE = "permits.cases"


def list_cases(*, actor: Actor) -> QuerySet[ExposedCase]:
    """Published ones, whoever reads; before and after that those of the actor's own office, for who writes or approves
    there. What waits first, then the newest."""
    rows: QuerySet[ExposedCase] = ExposedCase.objects.visible_to(actor)
    if not (actor.is_system or actor.has(AUDIT) or actor.has(APPROVE)):
        rows = rows.filter(status="PUBLISHED")
    else:
        rows = rows.filter(Q(status="PUBLISHED") | Q(owner_org=actor.organisation_id))
    rows = rows.select_related("owner_org", "file__enterprise", "file__area", "finding")
    return rows.order_by(F("published_at").desc(nulls_first=True), "-created_at", "pk")


def get_case(*, actor: Actor, case_id: uuid.UUID) -> ExposedCase:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_cases(actor=actor).filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def is_own(case: ExposedCase, actor: Actor) -> bool:
    """Whether the actor's office publishes it: it alone sees whose case an unnamed one is."""
    return case.owner_org_id == actor.organisation_id


def open_cases() -> QuerySet[ExposedCase]:
    """What anybody may read, the newest first."""
    rows = ExposedCase.objects.filter(status="PUBLISHED").select_related("owner_org", "file__enterprise", "file__area")
    return rows.order_by("-published_at", "pk")


def open_case(case_id: uuid.UUID) -> ExposedCase | None:
    return open_cases().filter(pk=case_id).first()


def not_exposed() -> Q:
    """Findings of which no case stands, for the list from which an office chooses."""
    return ~Q(has_case()) & ~Q(status="DROPPED")
