"""Addresses of the phone: its shell, the worker that keeps it, its manifest."""

from __future__ import annotations

from django.urls import path

from quancheng.web.phone import views

app_name = "phone_pages"
prefix = "phone/"
urlpatterns = [
    path("", views.shell, name="shell"),
    path("worker.js", views.worker, name="worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
