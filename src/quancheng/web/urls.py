"""Addresses of the shell itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from quancheng.web import today, views

app_name = "web"
prefix = ""

urlpatterns = [
    path("", today.today, name="today"),
    path("todo", today.InboxList.as_view(), name="inbox"),
    path("todo/done", today.DoneList.as_view(), name="done"),
    path("language", login_not_required(set_language), name="language"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
if settings.DEVELOPMENT:
    from quancheng.web import gallery

    urlpatterns += [
        path("dev/gallery", gallery.gallery, name="gallery"),
        path("dev/failing", gallery.failing, name="failing"),
    ]
