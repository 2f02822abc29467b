"""Addresses of laws and standards."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.law import views

app_name = "law"
urlpatterns = [
    path("", views.TextList.as_view(), name="texts"),
    path("new", views.new, name="new"),
    path("t/<str:code>", views.TextPage.as_view(), name="text"),
]
