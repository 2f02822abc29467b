"""Addresses of files: always of a link, never of a file."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.files import views

app_name = "files"
prefix = "files/"
urlpatterns = [
    path("<uuid:link_id>", views.download, name="download"),
    path("<uuid:link_id>/show", views.show, name="show"),
    path("<uuid:link_id>/original", views.original, name="original"),
    path("<uuid:link_id>/take-back", views.take_back, name="take_back"),
]
