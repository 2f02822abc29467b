"""Addresses that stand on permits and screens: ``w/`` a permit at its place, ``v/`` the board of a control room."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.views import boards
from quancheng.domains.permits.views import open_pages as views

app_name = "work"

urlpatterns = [
    path("w/<str:code>", views.OpenMark.as_view(), name="mark"),
    path("v/<str:token>", boards.OpenBoard.as_view(), name="board"),
]
