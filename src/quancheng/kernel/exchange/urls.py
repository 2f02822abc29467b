"""Addresses of the exchange: webhooks."""

from __future__ import annotations

from django.urls import path, register_converter

from quancheng.kernel.exchange import views


class WebhookAct:
    """What can be done with a webhook, in its address."""

    regex = "disable|enable|ping"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(WebhookAct, "webhook_act")

app_name = "exchange"

urlpatterns = [
    path("webhooks", views.webhooks, name="webhooks"),
    path("webhooks/new", views.new, name="webhook_new"),
    path("webhooks/<uuid:webhook_id>", views.webhook, name="webhook"),
    path("webhooks/<uuid:webhook_id>/<webhook_act:name>", views.act, name="webhook_act"),
]
