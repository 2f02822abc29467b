"""Addresses of events: the live stream and the operators' page."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.events import stream, views

app_name = "events"
prefix = ""

urlpatterns = [
    path("stream", stream.stream, name="stream"),
    path("events/failed", views.failed, name="failed"),
    path("events/failed/<int:delivery_id>/retry", views.retry, name="retry"),
]
