"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.monitoring.views import (
    alarm,
    alarm_sums,
    alarm_terms,
    alarms,
    coverage,
    events,
    holds,
    readings,
    sources,
    tags,
)

app_name = "monitoring"
prefix = "monitoring/"

urlpatterns = [
    path("alarms", alarms.AlarmList.as_view(), name="alarms"),
    path("alarms/acknowledge", alarms.acknowledge_several, name="alarms_acknowledge"),
    path("alarms/<uuid:pk>", alarm.AlarmPage.as_view(), name="alarm"),
    path("holds", holds.HoldList.as_view(), name="holds"),
    path("holds/<uuid:pk>", holds.HoldPage.as_view(), name="hold"),
    path("tags/<uuid:pk>/hold", holds.NewHold.as_view(), name="hold_new"),
    path("rules", holds.RuleList.as_view(), name="rules"),
    path("rules/<uuid:pk>", holds.RulePage.as_view(), name="rule"),
    path("files/<uuid:pk>/rules/new", holds.NewRule.as_view(), name="rule_new"),
    path("floods", alarm_sums.FloodList.as_view(), name="floods"),
    path("floods/<int:pk>", alarm_sums.FloodPage.as_view(), name="flood"),
    path("first-outs", alarm_sums.FirstOutList.as_view(), name="first_outs"),
    path("first-outs/<int:pk>", alarm_sums.FirstOutPage.as_view(), name="first_out"),
    path("alarm-terms", alarm_terms.AlarmTermsPage.as_view(), name="alarm_terms"),
    path("alarm-terms/new", alarm_terms.NewAlarmTerms.as_view(), name="alarm_terms_new"),
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
    path("coverage", coverage.CoverageList.as_view(), name="coverage"),
    path("files/<uuid:pk>/coverage", coverage.FileCoverage.as_view(), name="file_coverage"),
]
