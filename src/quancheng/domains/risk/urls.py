"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.risk.views import assessing, gradings, maps, overview, plans, policies, posts, risks

app_name = "risk"
prefix = "risk/"

urlpatterns = [
    path("", risks.EventList.as_view(), name="events"),
    path("own", overview.OwnRisks.as_view(), name="own"),
    path("colours", overview.Colours.as_view(), name="colours"),
    path("map", maps.RiskMap.as_view(), name="map"),
    path("map/data", maps.RiskMapData.as_view(), name="map_data"),
    path("map/at", maps.RiskMapAt.as_view(), name="map_at"),
    path("enterprises/<uuid:pk>/site", plans.Site.as_view(), name="site"),
    path("enterprises/<uuid:pk>/plans/new", plans.NewPlan.as_view(), name="plan_new"),
    path("plans/<uuid:pk>/draw", plans.DrawPlan.as_view(), name="plan_draw"),
    path("plans/<uuid:pk>/scale", plans.PlanScale.as_view(), name="plan_scale"),
    path("plans/<uuid:pk>/end", plans.EndPlan.as_view(), name="plan_end"),
    path("plans/<uuid:pk>/marks/<uuid:mark>/erase", plans.EraseMark.as_view(), name="mark_erase"),
    path("plans/<uuid:pk>/print/<slug:size>", plans.SitePdf.as_view(), name="plan_pdf"),
    path("enterprises", overview.FileList.as_view(), name="files"),
    path("enterprises/<uuid:pk>", overview.FileOfRisk.as_view(), name="file"),
    path("enterprises/<uuid:pk>/objects/new", risks.NewObject.as_view(), name="object_new"),
    path("enterprises/<uuid:pk>/posts/new", posts.NewPost.as_view(), name="post_new"),
    path("enterprises/<uuid:pk>/gradings/new", gradings.BeginGrading.as_view(), name="grading_new"),
    path("gradings", gradings.GradedList.as_view(), name="graded"),
    path("gradings/rounds", gradings.RoundList.as_view(), name="gradings"),
    path("gradings/calendar", gradings.ReviewCalendar.as_view(), name="grading_calendar"),
    path("gradings/new", gradings.BeginGradings.as_view(), name="gradings_begin"),
    path("gradings/<uuid:pk>", gradings.GradingPage.as_view(), name="grading"),
    path("gradings/<uuid:pk>/fill", gradings.FillGrading.as_view(), name="grading_fill"),
    path("gradings/<uuid:pk>/lines/<str:code>", gradings.CorrectGrading.as_view(), name="grading_line"),
    path("policies", policies.PolicyList.as_view(), name="policies"),
    path("policies/<uuid:pk>", policies.PolicyPage.as_view(), name="policy"),
    path("objects", risks.ObjectList.as_view(), name="objects"),
    path("objects/<uuid:pk>", risks.ObjectOfRisk.as_view(), name="object"),
    path("objects/<uuid:pk>/units/new", risks.NewUnit.as_view(), name="unit_new"),
    path("units/<uuid:pk>", risks.UnitOfRisk.as_view(), name="unit"),
    path("units/<uuid:pk>/events/new", risks.NewEvent.as_view(), name="event_new"),
    path("events/<uuid:pk>", risks.EventOfRisk.as_view(), name="event"),
    path("events/<uuid:pk>/measures/new", risks.NewMeasure.as_view(), name="measure_new"),
    path("events/<uuid:pk>/assess/<slug:method>", assessing.Assess.as_view(), name="assess"),
    path("measures/<uuid:pk>", risks.MeasureOfRisk.as_view(), name="measure"),
    path("posts", posts.PostList.as_view(), name="posts"),
    path("posts/<uuid:pk>", posts.PostPage.as_view(), name="post"),
    path("rules", assessing.GradingRules.as_view(), name="rules"),
    path("rules/new", assessing.NewGradingRule.as_view(), name="rule_new"),
]
