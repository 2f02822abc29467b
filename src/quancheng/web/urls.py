"""Addresses of the shell itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from quancheng.web import inbox, item_views, today, views

app_name = "web"
prefix = ""

urlpatterns = [
    path("", today.today, name="today"),
    path("todo", inbox.InboxList.as_view(), name="inbox"),
    path("todo/done", inbox.DoneList.as_view(), name="done"),
    path("todo/copies", inbox.CopyList.as_view(), name="copies"),
    path("todo/copies/<uuid:share_id>", inbox.open_copy, name="copy"),
    path("todo/items", item_views.items_act, name="items_act"),
    path("todo/items/<uuid:item_id>/<slug:act>", item_views.item_act, name="item_act"),
    path("counts", views.counts, name="counts"),
    path("language", login_not_required(set_language), name="language"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
if settings.DEVELOPMENT:
    from quancheng.web import gallery

    urlpatterns += [
        path("dev/gallery", gallery.gallery, name="gallery"),
        path("dev/failing", gallery.failing, name="failing"),
    ]
