"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.monitoring.views import coverage, events, readings, sources, tags, telling, warnings

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
    path("alarms/<uuid:pk>/telling", telling.AlarmTelling.as_view(), name="alarm_telling"),
    path("telling", telling.RuleList.as_view(), name="telling_rules"),
    path("telling/new", telling.NewRule.as_view(), name="telling_rule_new"),
    path("telling/preview", telling.Preview.as_view(), name="telling_preview"),
    path("telling/<uuid:pk>", telling.RulePage.as_view(), name="telling_rule"),
    path("telling/<uuid:pk>/change", telling.ChangeRule.as_view(), name="telling_rule_change"),
    path("escalation", telling.Escalation.as_view(), name="escalation"),
    path("escalation/new", telling.NewEscalation.as_view(), name="escalation_new"),
    path("warnings", warnings.WarningList.as_view(), name="warnings"),
    path("warnings/terms", warnings.WarningTerms.as_view(), name="warning_terms"),
    path("warnings/terms/new", warnings.NewWarningTerms.as_view(), name="warning_terms_new"),
    path("warnings/<uuid:pk>", warnings.WarningPage.as_view(), name="warning"),
    path("warning-checks/<uuid:pk>", warnings.CheckPage.as_view(), name="warning_check"),
    path("coverage", coverage.CoverageList.as_view(), name="coverage"),
    path("files/<uuid:pk>/coverage", coverage.FileCoverage.as_view(), name="file_coverage"),
]
