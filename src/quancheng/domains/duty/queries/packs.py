"""Reads of situation packs."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from quancheng.domains.duty.models import Pack
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_packs(*, actor: Actor) -> QuerySet[Pack]:
    """Packs that the actor may see, the latest first."""
    return Pack.objects.visible_to(actor).select_related("owner_org", "made_by").order_by("-made_at", "pk")


def get_pack(*, actor: Actor, pack_id: uuid.UUID) -> Pack:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_packs(actor=actor).filter(pk=pack_id).first()
    if found is None:
        raise NotFound
    return found
