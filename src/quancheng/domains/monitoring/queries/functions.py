"""The functions of the risk warning system with their acceptance (S5-3.2d, S5-T19)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import BooleanField, Count, Q, QuerySet, Value

from quancheng.domains.monitoring.models import AcceptanceItem, ItemResult, SystemFunction
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def sees_acceptance(actor: Actor) -> bool:
    """Whether the actor reads what was seen at an acceptance and by whom: evidence may name enterprises."""
    return actor.is_system or actor.has("monitoring.watch") or actor.has("monitoring.functions")


def list_functions(*, actor: Actor) -> QuerySet[SystemFunction]:
    """All functions in their order, with ``items_all``, ``items_met``, ``items_unmet`` and ``is_told``: whether the
    actor may read ``note``, ``changed_by`` and the items. Area, name and state are in no scope.
    """
    counted = {
        "items_all": Count("items"), "items_met": Count("items", filter=Q(items__result=ItemResult.MET)),
        "items_unmet": Count("items", filter=Q(items__result=ItemResult.UNMET)),
    }  # fmt: skip
    told = Value(sees_acceptance(actor), output_field=BooleanField())
    return SystemFunction.objects.annotate(**counted, is_told=told).order_by("position", "area", "name", "pk")


def get_function(*, actor: Actor, function_id: uuid.UUID) -> SystemFunction:
    """Raise NotFound for absent."""
    found = list_functions(actor=actor).filter(pk=function_id).first()
    if found is None:
        raise NotFound
    return found


def items_of(function: SystemFunction, *, actor: Actor) -> Sequence[AcceptanceItem]:
    """What a function must show, in its order; nothing for whoever may not read it."""
    if not sees_acceptance(actor):
        return []
    return list(AcceptanceItem.objects.filter(function=function).order_by("position", "pk"))


def items_of_many(functions: Sequence[SystemFunction], *, actor: Actor) -> dict[uuid.UUID, list[AcceptanceItem]]:
    """The same of many; one query."""
    found: dict[uuid.UUID, list[AcceptanceItem]] = {one.pk: [] for one in functions}
    if not sees_acceptance(actor):
        return found
    for row in AcceptanceItem.objects.filter(function__in=list(found)).order_by("position", "pk"):
        found[row.function_id].append(row)
    return found
