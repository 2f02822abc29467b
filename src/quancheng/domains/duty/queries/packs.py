"""Reads of situation packs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet

from quancheng.domains.duty.models import Assignment, Pack, Plan
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: A pack on more assignments may take longer than a second.
WAITED_FOR = 2000


def is_long(*, actor: Actor, plans: Sequence[Plan]) -> bool:
    """Whether a pack on these plans is made in the background. One query."""
    work = Assignment.objects.visible_to(actor).filter(task__plan__in=plans, parent__isnull=True)
    return work[: WAITED_FOR + 1].count() > WAITED_FOR


def list_packs(*, actor: Actor) -> QuerySet[Pack]:
    """Packs that the actor may see, the latest first."""
    return Pack.objects.visible_to(actor).select_related("owner_org", "made_by").order_by("-made_at", "pk")


def get_pack(*, actor: Actor, pack_id: uuid.UUID) -> Pack:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_packs(actor=actor).filter(pk=pack_id).first()
    if found is None:
        raise NotFound
    return found
