"""Addresses of 隐患."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.views import checklists, criteria

app_name = "hazards"
prefix = "hazards/"

urlpatterns = [
    path("criteria", criteria.CriterionList.as_view(), name="criteria"),
    path("criteria/candidates", criteria.Candidates.as_view(), name="candidates"),
    path("criteria/<str:code>", criteria.CriterionPage.as_view(), name="criterion"),
    path("checklists", checklists.ChecklistList.as_view(), name="checklists"),
    path("checklists/<str:code>", checklists.ChecklistPage.as_view(), name="checklist"),
]
