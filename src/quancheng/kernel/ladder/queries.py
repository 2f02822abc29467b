"""Reads of the ladder: proposals, and what a unit has on its file."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.ladder.models import Escalation, LadderRung


def list_escalations(*, actor: Actor) -> QuerySet[Escalation]:
    """Proposals that the actor may see, the latest first. One query."""
    return (
        Escalation.objects.visible_to(actor)
        .select_related("target", "issuer", "owner_org", "paper", "item")
        .order_by("-proposed_at", "-pk")
    )


def get_escalation(*, actor: Actor, escalation_id: uuid.UUID) -> Escalation:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_escalations(actor=actor).filter(pk=escalation_id).first()
    if found is None:
        raise NotFound
    return found


def list_undecided(*, actor: Actor) -> QuerySet[Escalation]:
    """Proposals that wait for a decision of the actor's organisation."""
    mine = Escalation.objects.visible_to(actor).undecided().filter(owner_org=actor.organisation_id)
    return mine.filter(status="PROPOSED")


def unit_file(*, actor: Actor, organisation_id: uuid.UUID) -> QuerySet[Escalation]:
    """Every rung against a unit that the actor may see, the latest first: the unit itself sees what it was served."""
    return list_escalations(actor=actor).filter(target_id=organisation_id)


def rungs_of_item(*, actor: Actor, subject_type: str, subject_id: uuid.UUID) -> QuerySet[Escalation]:
    """The rungs climbed for one row, in their order."""
    found = list_escalations(actor=actor).filter(about_type=subject_type, about_id=subject_id)
    return found.order_by("item_due_at", "step", "pk")


def list_rungs(*, kind: str = "") -> list[LadderRung]:
    """Rungs by kind and step. They hold no business content."""
    rungs = LadderRung.objects.order_by("kind", "step")
    return list(rungs.filter(kind=kind) if kind else rungs)
