"""Addresses of the retention pages."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.retention import views

app_name = "retention"
prefix = "admin/retention/"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("try", views.try_out, name="try"),
    path("holds/new", views.hold, name="hold"),
    path("holds/<uuid:hold_id>/lift", views.lift, name="lift"),
]
