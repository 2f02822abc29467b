"""Reads of the files of major hazards."""

from __future__ import annotations

import uuid

from django.db.models import F, QuerySet

from quancheng.domains.registry.models import HazardCheck, MajorHazard
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_hazards(*, actor: Actor) -> QuerySet[MajorHazard]:
    """Major hazards that the actor may see, the gravest first."""
    return (
        MajorHazard.objects.visible_to(actor)
        .select_related("unit", "enterprise", "area", "supervisor")
        .order_by(F("closed_at").desc(nulls_first=True), "grade", "code", "pk")
    )


def get_hazard(*, actor: Actor, hazard_id: uuid.UUID) -> MajorHazard:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_hazards(actor=actor).select_related("unit__file").filter(pk=hazard_id).first()
    if found is None:
        raise NotFound
    return found


def get_check(*, actor: Actor, check_id: uuid.UUID) -> HazardCheck:
    """Raise NotFound for absent and for out of scope alike."""
    found = (
        HazardCheck.objects.visible_to(actor)
        .select_related("hazard", "hazard__unit", "enterprise", "owner_org")
        .filter(pk=check_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def checks_of(hazard: MajorHazard) -> list[HazardCheck]:
    """The looks that the office took at it, the newest first."""
    return list(hazard.checks.select_related("owner_org").order_by("-created_at", "-pk"))
