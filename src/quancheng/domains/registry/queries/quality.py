"""Reads of inspected products (产品质量检验)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date

from django.db.models import F, Q, QuerySet

from quancheng.domains.registry.models import Enterprise, Inspection, Product
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_inspections(*, actor: Actor) -> QuerySet[Inspection]:
    """Inspections that the actor recorded, supervises or is concerned by; open ones first, then the newest."""
    return (
        Inspection.objects.visible_to(actor)
        .select_related("file", "file__enterprise", "file__area", "owner_org", "enterprise", "product")
        .order_by(F("closed_at").desc(nulls_first=True), "-sampled_date", "pk")
    )


def get_inspection(*, actor: Actor, inspection_id: uuid.UUID) -> Inspection:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_inspections(actor=actor).filter(pk=inspection_id).first()
    if found is None:
        raise NotFound
    return found


def is_late(*, on: date) -> Q:
    """What is mended or inspected anew too late."""
    return Q(status="MENDING", due_date__lt=on) | Q(status="ANSWERED", retest_due_date__lt=on)


def products_to_inspect(file: Enterprise) -> QuerySet[Product]:
    """Products of a file that a query gave, for a choice; those no longer made too, since samples come late."""
    return Product.objects.filter(file=file).order_by("name", "pk")


def reports_numbered(*, actor: Actor, numbers: Collection[str]) -> list[Inspection]:
    """Inspections under these report numbers that stand, whoever issued them, as far as the actor sees them."""
    return list(list_inspections(actor=actor).filter(report_no__in=numbers, voided_at__isnull=True))
