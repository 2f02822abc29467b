"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.monitoring.views import events, readings, sources

app_name = "monitoring"
prefix = "monitoring/"

urlpatterns = [
    path("events", events.EventList.as_view(), name="events"),
    path("tags/<uuid:pk>/trend", readings.TrendPage.as_view(), name="trend"),
    path("sources", sources.SourceList.as_view(), name="sources"),
    path("files/<uuid:pk>/sources/new", sources.NewSource.as_view(), name="source_new"),
    path("sources/<uuid:pk>", sources.SourcePage.as_view(), name="source"),
    path("sources/<uuid:pk>/change", sources.ChangeSource.as_view(), name="source_change"),
    path("sources/<uuid:pk>/secret", sources.NewSecret.as_view(), name="source_secret"),
]
