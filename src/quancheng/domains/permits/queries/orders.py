"""Stop orders (停工指令): which are in force, and which permits they are for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet

from quancheng.domains.permits.models import Permit, StopOrder
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.coordinates import Point, distance_m

ORDER = "permits.order"


def list_orders(*, actor: Actor) -> QuerySet[StopOrder]:
    """Orders that the actor may see, the newest first."""
    actor.require(VIEW)
    rows: QuerySet[StopOrder] = StopOrder.objects.visible_to(actor)
    return rows.select_related("owner_org", "enterprise", "area", "unit", "permit").order_by("-issued_at", "pk")


def get_order(*, actor: Actor, order_id: uuid.UUID) -> StopOrder:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_orders(actor=actor).select_related("file__enterprise").filter(pk=order_id).first()
    if found is None:
        raise NotFound
    return found


def in_force() -> Sequence[StopOrder]:
    """Every order in force, whoever gave it: what it forbids holds for all. One query."""
    return list(StopOrder.objects.filter(status="IN_FORCE").select_related("owner_org").order_by("issued_at", "pk"))


def is_for(order: StopOrder, permit: Permit) -> bool:
    """Whether an order is for a permit. One for a unit is for permits that name none as well: they may be there. A
    circle reaches a permit without a place at the point of its enterprise."""
    if order.permit_id is not None:
        return order.permit_id == permit.pk
    if order.file_id is not None:
        return order.file_id == permit.file_id and (
            order.unit_id is None or permit.unit_id in (None, order.unit_id)
        )
    if order.lon is None or order.lat is None or order.radius_m is None:
        return False
    lon, lat = (permit.lon, permit.lat) if permit.lon is not None else (permit.file.lon, permit.file.lat)
    return lon is not None and lat is not None and is_within(
        (float(order.lon), float(order.lat)), order.radius_m, (float(lon), float(lat)), float(permit.radius_m or 0)
    )  # fmt: skip


def is_within(middle: tuple[float, float], radius_m: float, point: tuple[float, float], reach_m: float) -> bool:
    """Whether a place touches a circle; degrees and metres."""
    return distance_m(Point(*middle), Point(*point)) - reach_m <= radius_m
