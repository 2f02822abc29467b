"""Reads of dangers handed over (移送)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from quancheng.domains.hazards.models import Finding, HandOver
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.queries import list_organisations
from quancheng.standards.hidden_dangers.levels import limits


def list_hand_overs(*, actor: Actor) -> QuerySet[HandOver]:
    """Handings over that the actor may see, open ones first."""
    rows = HandOver.objects.visible_to(actor).select_related(
        "file__enterprise", "file__area", "finding", "owner_org", "receiver"
    )
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("created_at").desc(), "pk")


def get_hand_over(*, actor: Actor, hand_over_id: uuid.UUID) -> HandOver:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_hand_overs(actor=actor).filter(pk=hand_over_id).first()
    if found is None:
        raise NotFound
    return found


def hand_overs_of(row: Finding, *, actor: Actor) -> Sequence[HandOver]:
    """How one danger was handed over, the newest first."""
    return list(list_hand_overs(actor=actor).filter(finding=row).order_by("-created_at", "-pk"))


def handed_over() -> Q:
    """Dangers whose supervision went to another body, or waits to be received by one."""
    return Q(Exists(HandOver.objects.filter(finding=OuterRef("pk"), status__in=("SENT", "ACCEPTED"))))


def receivers(*, actor: Actor) -> QuerySet[Organisation]:
    """Bodies that supervise and to which the actor's office can hand a danger, by name."""
    rows = list_organisations(actor=actor).filter(supervises=True)
    return rows.exclude(pk=actor.organisation_id) if actor.organisation_id else rows


def term_of(row: Finding) -> date:
    """The last of the three working days within which it is handed over, since it came to who supervises it now [D]."""
    came = HandOver.objects.filter(finding=row, status="ACCEPTED", receiver=row.supervisor_id)
    at = came.order_by("-closed_at").values_list("closed_at", flat=True).first() or row.created_at
    calendar = Calendar()
    return calendar.add_working_days(calendar.local_date(at), int(limits()["TRANSFER"].amount or 0))
