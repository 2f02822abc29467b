"""Addresses that stand on screens at gates and are open to everybody: ``g/`` a screen, ``promises`` the public list."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.risk.views import open_announcements as views

app_name = "announced"

urlpatterns = [
    path("g/<str:token>", views.Screen.as_view(), name="screen"),
    path("g/<str:token>/data", views.ScreenData.as_view(), name="screen_data"),
    path("promises", views.OpenList.as_view(), name="list"),
    path("promises/<uuid:pk>", views.OpenAnnouncement.as_view(), name="one"),
]
