"""Addresses of the exchange: webhooks and imports."""

from __future__ import annotations

from django.urls import path, register_converter

from quancheng.kernel.exchange import views
from quancheng.kernel.exchange.imports import views as imports


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
    path("imports", imports.choose, name="imports"),
    path("imports/records", imports.RunList.as_view(), name="import_runs"),
    path("imports/of/<str:code>", imports.upload, name="import_new"),
    path("imports/of/<str:code>/template.xlsx", imports.template, name="import_template"),
    path("imports/<uuid:run_id>", imports.run_page, name="import_run"),
    path("imports/<uuid:run_id>/commit", imports.commit, name="import_commit"),
    path("imports/<uuid:run_id>/undo", imports.undo, name="import_undo"),
    path("imports/<uuid:run_id>/errors.xlsx", imports.marked_sheet, name="import_errors"),
    path("imports/<uuid:run_id>/source.xlsx", imports.source, name="import_source"),
]
