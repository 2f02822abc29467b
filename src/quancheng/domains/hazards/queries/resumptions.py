"""Reads of review reports, of what stands still for a danger, and of applications to run again (复产申请)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import F, QuerySet

from quancheng.domains.hazards.models import Finding, Resumption, ReviewReport
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def reports_on(row: Finding) -> Sequence[ReviewReport]:
    """Review reports of a danger that the caller got through its own query, the newest first."""
    return list(row.review_reports.order_by("-at", "-pk"))


def standing_report(row: Finding) -> ReviewReport | None:
    """The newest report since it was put right last; None where there is none, or it is being put right again."""
    if row.finished_at is None:
        return None
    return row.review_reports.filter(at__gte=row.finished_at).order_by("-at", "-pk").first()


def list_resumptions(*, actor: Actor) -> QuerySet[Resumption]:
    """Applications that the actor may see, open ones first."""
    rows = Resumption.objects.visible_to(actor).select_related(
        "file__enterprise", "file__area", "finding", "supervisor"
    )
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("created_at").desc(), "pk")


def get_resumption(*, actor: Actor, resumption_id: uuid.UUID) -> Resumption:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_resumptions(actor=actor).filter(pk=resumption_id).first()
    if found is None:
        raise NotFound
    return found


def resumptions_of(row: Finding, *, actor: Actor) -> Sequence[Resumption]:
    """Applications on one danger, the newest first."""
    return list(list_resumptions(actor=actor).filter(finding=row).order_by("-created_at", "-pk"))
