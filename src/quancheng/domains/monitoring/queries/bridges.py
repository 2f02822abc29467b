"""Reads of brokers and their rules (消息服务器)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from quancheng.domains.monitoring.models import BridgeRule, Broker
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_brokers(*, actor: Actor) -> QuerySet[Broker]:
    """Brokers that the actor may see, those in use first."""
    rows: QuerySet[Broker] = Broker.objects.visible_to(actor)
    counted = rows.select_related("state", "owner_org").annotate(rule_count=Count("rules"))
    return counted.order_by("-stopped_at", "name", "pk")


def get_broker(*, actor: Actor, broker_id: uuid.UUID) -> Broker:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_brokers(actor=actor).filter(pk=broker_id).first()
    if found is None:
        raise NotFound
    return found


def rules_of(broker: Broker) -> QuerySet[BridgeRule]:
    """Rules of a broker that a query gave, with their sources."""
    return BridgeRule.objects.filter(broker=broker).select_related("source__file__enterprise").order_by("pattern", "pk")


@dataclass(frozen=True, slots=True)
class Route:
    """Whose the topics of a pattern are: number and code of a source, its enterprise, its limits."""

    pattern: str
    form: str
    source: int
    code: str
    enterprise: uuid.UUID
    forms: Sequence[str]
    points_per_s: int
    burst_points: int
    points_per_day: int
    most_bytes: int


@dataclass(frozen=True, slots=True)
class OpenBroker:
    """A broker as the bridge knows it; ``password`` is sealed still."""

    pk: uuid.UUID
    host: str
    port: int
    is_tls: bool
    user: str
    password: str
    routes: tuple[Route, ...]


def open_brokers() -> list[OpenBroker]:
    """All from which messages are fetched now, with the rules whose sources are not blocked. In no scope: for the
    bridge."""
    rows = BridgeRule.objects.filter(source__blocked_at__isnull=True, broker__stopped_at__isnull=True)
    found: dict[uuid.UUID, list[Route]] = {}
    for row in rows.order_by("pattern").values_list(
        "broker", "pattern", "form", "source__number", "source__code", "source__file", "source__forms",
        "source__points_per_s", "source__burst_points", "source__points_per_day", "source__most_bytes",
    ):  # fmt: skip
        found.setdefault(row[0], []).append(Route(*row[1:6], tuple(row[6]), *row[7:]))
    brokers = Broker.objects.filter(stopped_at__isnull=True).order_by("pk")
    return [
        OpenBroker(one.pk, one.host, one.port, one.is_tls, one.user, one.password, tuple(found.get(one.pk, ())))
        for one in brokers
    ]
