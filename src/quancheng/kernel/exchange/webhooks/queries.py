"""Reads of webhooks and their deliveries."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.exchange.models import Webhook, WebhookDelivery


def list_webhooks(*, actor: Actor) -> QuerySet[Webhook]:
    """Those of one's own organisation, the newest first."""
    return Webhook.objects.visible_to(actor).select_related("membership__user").order_by("-created_at", "pk")


def get_webhook(*, actor: Actor, webhook_id: uuid.UUID) -> Webhook:
    """Raise NotFound for absent and for another organisation's alike."""
    found = list_webhooks(actor=actor).filter(pk=webhook_id).first()
    if found is None:
        raise NotFound
    return found


def list_deliveries(*, webhook: Webhook) -> QuerySet[WebhookDelivery]:
    """What was sent to a receiver that the caller was given, the latest first."""
    return WebhookDelivery.objects.filter(webhook=webhook).order_by("-created_at", "-pk")
