"""The functions of the risk warning system with their acceptance (S5-3.2d, S5-T19)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from quancheng.domains.monitoring.models import AcceptanceItem, ItemResult, SystemFunction
from quancheng.kernel.errors import NotFound


def list_functions() -> QuerySet[SystemFunction]:
    """All functions in their order, with ``items_all``, ``items_met`` and ``items_unmet``. They say something of the
    system and of nobody's business, so they are in no scope.
    """
    counted = {
        "items_all": Count("items"), "items_met": Count("items", filter=Q(items__result=ItemResult.MET)),
        "items_unmet": Count("items", filter=Q(items__result=ItemResult.UNMET)),
    }  # fmt: skip
    return SystemFunction.objects.annotate(**counted).order_by("position", "area", "name", "pk")


def get_function(*, function_id: uuid.UUID) -> SystemFunction:
    """Raise NotFound for absent."""
    found = list_functions().filter(pk=function_id).first()
    if found is None:
        raise NotFound
    return found


def items_of(function: SystemFunction) -> Sequence[AcceptanceItem]:
    """What a function must show, in its order."""
    return list(AcceptanceItem.objects.filter(function=function).order_by("position", "pk"))


def items_of_many(functions: Sequence[SystemFunction]) -> dict[uuid.UUID, list[AcceptanceItem]]:
    """The same of many; one query."""
    found: dict[uuid.UUID, list[AcceptanceItem]] = {one.pk: [] for one in functions}
    for row in AcceptanceItem.objects.filter(function__in=list(found)).order_by("position", "pk"):
        found[row.function_id].append(row)
    return found
