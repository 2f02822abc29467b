"""Addresses of the inbox."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.notices import views

app_name = "notices"

urlpatterns = [
    path("", views.NoticeList.as_view(), name="list"),
    path("read", views.read_all, name="read_all"),
    path("<uuid:notice_id>", views.open_notice, name="open"),
]
