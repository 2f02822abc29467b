"""Addresses of recurring duties."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.schedule import views

app_name = "schedule"

urlpatterns = [
    path("", views.RuleList.as_view(), name="rules"),
    path("<uuid:pk>", views.RulePage.as_view(), name="rule"),
]
