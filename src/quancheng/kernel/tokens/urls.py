"""Addresses of the token pages."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.tokens import views

app_name = "tokens"

urlpatterns = [
    path("", views.tokens, name="list"),
    path("new", views.new, name="new"),
    path("<uuid:token_id>/revoke", views.revoke, name="revoke"),
]
