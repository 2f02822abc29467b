"""Addresses of the ladder's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.ladder import views

app_name = "ladder"

urlpatterns = [
    path("", views.EscalationList.as_view(), name="list"),
    path("rungs", views.rungs, name="rungs"),
    path("<uuid:pk>", views.EscalationPage.as_view(), name="escalation"),
    path("items/<uuid:item_id>/propose", views.propose, name="propose"),
]
