"""Addresses of 隐患."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "hazards"
prefix = "hazards/"

urlpatterns: list[URLPattern] = []
