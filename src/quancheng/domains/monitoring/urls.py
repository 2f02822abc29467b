"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.monitoring.views import (
    bridges,
    coverage,
    district,
    events,
    operating,
    outages,
    rates,
    readings,
    scores,
    sources,
    tags,
    timeline,
    wall,
)

app_name = "monitoring"
prefix = "monitoring/"

urlpatterns = [
    path("events", events.EventList.as_view(), name="events"),
    path("map", district.DistrictMap.as_view(), name="map"),
    path("map/data", district.DistrictMapData.as_view(), name="map_data"),
    path("map/at", district.DistrictMapAt.as_view(), name="map_at"),
    path("timeline", timeline.TimelinePage.as_view(), name="timeline"),
    path("wall", wall.OwnWall.as_view(), name="own_wall"),
    path("files/<uuid:pk>/wall", wall.WallPage.as_view(), name="wall"),
    path("tags/<uuid:pk>/trend", readings.TrendPage.as_view(), name="trend"),
    path("sources", sources.SourceList.as_view(), name="sources"),
    path("files/<uuid:pk>/sources/new", sources.NewSource.as_view(), name="source_new"),
    path("sources/<uuid:pk>", sources.SourcePage.as_view(), name="source"),
    path("sources/<uuid:pk>/change", sources.ChangeSource.as_view(), name="source_change"),
    path("sources/<uuid:pk>/secret", sources.NewSecret.as_view(), name="source_secret"),
    path("sources/<uuid:pk>/unknown/<int:key_id>/find", tags.FindTag.as_view(), name="tag_find"),
    path("sources/<uuid:pk>/replay", sources.Replay.as_view(), name="source_replay"),
    path("brokers", bridges.BrokerList.as_view(), name="brokers"),
    path("brokers/new", bridges.NewBroker.as_view(), name="broker_new"),
    path("brokers/<uuid:pk>", bridges.BrokerPage.as_view(), name="broker"),
    path("brokers/<uuid:pk>/rules/<int:rule_id>/drop", bridges.DropRule.as_view(), name="broker_rule_drop"),
    path("tags", tags.TagList.as_view(), name="tags"),
    path("files/<uuid:pk>/tags/new", tags.NewTag.as_view(), name="tag_new"),
    path("files/<uuid:pk>/tags/fill", tags.FillTag.as_view(), name="tag_fill"),
    path("files/<uuid:pk>/tags/template", tags.TagTemplate.as_view(), name="tag_template"),
    path("files/<uuid:pk>/tags/picks", tags.TagPicks.as_view(), name="tag_picks"),
    path("tags/<uuid:pk>", tags.TagPage.as_view(), name="tag"),
    path("tags/<uuid:pk>/change", tags.ChangeTag.as_view(), name="tag_change"),
    path("outages", outages.OutageList.as_view(), name="outages"),
    path("outages/<uuid:pk>", outages.OutagePage.as_view(), name="outage"),
    path("notices", outages.NoticeList.as_view(), name="notices"),
    path("notices/<uuid:pk>", outages.NoticePage.as_view(), name="notice"),
    path("sources/<uuid:pk>/notices/new", outages.NewNotice.as_view(), name="notice_new"),
    path("rules", outages.RuleList.as_view(), name="watch_rules"),
    path("rules/new", outages.NewRule.as_view(), name="watch_rule_new"),
    path("connection", rates.ConnectionList.as_view(), name="connection"),
    path("files/<uuid:pk>/rates", rates.FileRates.as_view(), name="file_rates"),
    path("scores", scores.ScoreList.as_view(), name="scores"),
    path("operating", operating.operating, name="operating"),
    path("coverage", coverage.CoverageList.as_view(), name="coverage"),
    path("files/<uuid:pk>/coverage", coverage.FileCoverage.as_view(), name="file_coverage"),
]
