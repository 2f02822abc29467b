"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.monitoring.views import (
    coverage,
    events,
    key_processes,
    key_time,
    leaks,
    quality,
    quality_lists,
    readings,
    sources,
    tags,
)

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
    path("sources/<uuid:pk>/unknown/<int:key_id>/find", tags.FindTag.as_view(), name="tag_find"),
    path("tags", tags.TagList.as_view(), name="tags"),
    path("files/<uuid:pk>/tags/new", tags.NewTag.as_view(), name="tag_new"),
    path("files/<uuid:pk>/tags/fill", tags.FillTag.as_view(), name="tag_fill"),
    path("files/<uuid:pk>/tags/template", tags.TagTemplate.as_view(), name="tag_template"),
    path("files/<uuid:pk>/tags/picks", tags.TagPicks.as_view(), name="tag_picks"),
    path("tags/<uuid:pk>", tags.TagPage.as_view(), name="tag"),
    path("tags/<uuid:pk>/change", tags.ChangeTag.as_view(), name="tag_change"),
    path("alarm-quality", quality.QualityBoard.as_view(), name="quality"),
    path("alarm-quality/enterprises", quality_lists.QualityRanking.as_view(), name="quality_ranking"),
    path("alarm-quality/rows", quality_lists.QualityRows.as_view(), name="quality_rows"),
    path("alarm-quality/holds", quality_lists.OverstayedList.as_view(), name="quality_holds"),
    path("alarm-quality/limits", quality_lists.LoosenedList.as_view(), name="quality_tags"),
    path("files/<uuid:pk>/alarm-quality", quality.FileQuality.as_view(), name="file_quality"),
    path("leaks", leaks.LeakList.as_view(), name="leaks"),
    path("key-processes", key_processes.KeyProcessList.as_view(), name="key_processes"),
    path("key-time", key_time.KeyTimeList.as_view(), name="key_time"),
    path("coverage", coverage.CoverageList.as_view(), name="coverage"),
    path("files/<uuid:pk>/coverage", coverage.FileCoverage.as_view(), name="file_coverage"),
]
