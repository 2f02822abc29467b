"""The address of the search."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.search import views

app_name = "search"
prefix = ""

urlpatterns = [path("search", views.search, name="search")]
