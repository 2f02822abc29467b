"""Addresses of code lists."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.dictionaries import views

app_name = "dictionaries"
urlpatterns = [
    path("", views.ItemList.as_view(), name="items"),
    path("new", views.new, name="new"),
    path("<uuid:item_id>", views.ItemPage.as_view(), name="item"),
]
