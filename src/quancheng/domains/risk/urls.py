"""Addresses of 风险."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "risk"
prefix = "risk/"

urlpatterns: list[URLPattern] = []
