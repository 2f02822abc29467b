"""Addresses that stand in printed codes; ``-`` is no extension, so that ours take none from an enterprise."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.registry.views import codes

app_name = "code"

urlpatterns = [
    path("c/<str:code>", codes.OpenCode.as_view(), name="open"),
    path("c/<str:code>/-/more", codes.MoreOfCode.as_view(), name="more"),
    path("c/<str:code>/-/save", codes.SaveCode.as_view(), name="save"),
    path("c/<str:code>/<str:extension>", codes.OpenCode.as_view(), name="extended"),
]
