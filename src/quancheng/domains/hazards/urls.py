"""Addresses of 隐患."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.exchange_urls import exchange_patterns
from quancheng.domains.hazards.views import checklists, criteria, findings, followups, learning, statistics

app_name = "hazards"
prefix = "hazards/"

urlpatterns = [
    path("", findings.FindingList.as_view(), name="findings"),
    path("statistics", statistics.Statistics.as_view(), name="statistics"),
    path("majors", findings.MajorList.as_view(), name="majors"),
    path("report", findings.ReportOwn.as_view(), name="report_own"),
    path("enterprises/<uuid:pk>/report", findings.NewFinding.as_view(), name="finding_new"),
    path("findings/<uuid:pk>", findings.FindingPage.as_view(), name="finding"),
    path("reports/<uuid:pk>", followups.ReportPage.as_view(), name="report"),
    path("rechecks", followups.RecheckList.as_view(), name="rechecks"),
    path("rechecks/<uuid:pk>", followups.RecheckPage.as_view(), name="recheck"),
    path("pushes", learning.PushList.as_view(), name="pushes"),
    path("pushes/new", learning.NewPush.as_view(), name="push_new"),
    path("pushes/<uuid:pk>", learning.PushPage.as_view(), name="push"),
    path("self-checks", learning.ReplyList.as_view(), name="push_replies"),
    path("self-checks/<uuid:pk>", learning.ReplyPage.as_view(), name="push_reply"),
    *exchange_patterns,
    path("criteria", criteria.CriterionList.as_view(), name="criteria"),
    path("criteria/candidates", criteria.Candidates.as_view(), name="candidates"),
    path("criteria/<str:code>", criteria.CriterionPage.as_view(), name="criterion"),
    path("checklists", checklists.ChecklistList.as_view(), name="checklists"),
    path("checklists/<str:code>", checklists.ChecklistPage.as_view(), name="checklist"),
]
