"""Addresses of what jobs teach and of what the house asks besides, below those of the room."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.views import advice, learning, loads, plans

learning_patterns = [
    path("lessons", learning.LessonList.as_view(), name="lessons"),
    path("cases", learning.CaseLibrary.as_view(), name="cases"),
    path("cases/new", learning.NewCase.as_view(), name="case_new"),
    path("cases/own/new", learning.NewOwnCase.as_view(), name="own_case_new"),
    path("cases/own/<str:code>", learning.NewOwnCase.as_view(), name="own_case"),
    path("cases/<str:code>", learning.NewCase.as_view(), name="case"),
    path("loads", loads.Loads.as_view(), name="loads"),
    path("plans", plans.PlanList.as_view(), name="plans"),
    path("plans/<uuid:pk>/<str:day>", plans.PlanDay.as_view(), name="plan"),
    path("plans/<uuid:pk>/<str:day>/seal", plans.SealPlan.as_view(), name="plan_seal"),
    path("<uuid:pk>/plan/<str:day>", plans.Decide.as_view(), name="plan_decide"),
    path("<uuid:pk>/cases/<str:code>/analysis", learning.CaseIntoAnalysis.as_view(), name="case_into_analysis"),
    path("<uuid:pk>/analysis/draft", advice.DraftedAnalysis.as_view(), name="analysis_draft"),
]
