"""Addresses of the shell itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from quancheng.web import views

app_name = "web"
prefix = ""

urlpatterns = [
    path("language", login_not_required(set_language), name="language"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
if settings.DEVELOPMENT:
    from quancheng.web import gallery

    urlpatterns += [
        path("dev/gallery", gallery.gallery, name="gallery"),
        path("dev/failing", gallery.failing, name="failing"),
    ]
