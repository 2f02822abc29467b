"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.duty.views import (
    board,
    campaigns,
    lists,
    meetings,
    objects,
    packs,
    problems,
    reports,
    review,
    wall,
)

app_name = "duty"
prefix = "duty/"

urlpatterns = [
    path("plans", lists.PlanList.as_view(), name="plans"),
    path("plans/import", review.ImportView.as_view(), name="import"),
    path("plans/<uuid:pk>", objects.PlanPage.as_view(), name="plan"),
    path("plans/<uuid:pk>/review", review.ReviewView.as_view(), name="review"),
    path("tasks", lists.TaskList.as_view(), name="tasks"),
    path("tasks/<uuid:pk>", objects.TaskPage.as_view(), name="task"),
    path("assignments", lists.AssignmentList.as_view(), name="assignments"),
    path("assignments/<uuid:pk>", objects.AssignmentPage.as_view(), name="assignment"),
    path("own", lists.OwnAssignmentList.as_view(), name="own"),
    path("instalments/<uuid:pk>", objects.InstalmentPage.as_view(), name="instalment"),
    path("extensions/<uuid:pk>", objects.ExtensionPage.as_view(), name="extension"),
    path("receipts", lists.ReceiptList.as_view(), name="receipts"),
    path("receipts/<uuid:pk>", objects.ReceiptPage.as_view(), name="receipt"),
    path("meetings", meetings.MeetingList.as_view(), name="meetings"),
    path("meetings/new", meetings.NewMeeting.as_view(), name="meeting_new"),
    path("meetings/series", meetings.SeriesList.as_view(), name="meeting_series_list"),
    path("meetings/series/new", meetings.NewSeries.as_view(), name="meeting_series_new"),
    path("meetings/series/<uuid:pk>", meetings.SeriesPage.as_view(), name="meeting_series"),
    path("meetings/<uuid:pk>", meetings.MeetingPage.as_view(), name="meeting"),
    path("meetings/<uuid:pk>/minutes", meetings.MinutesDocument.as_view(), name="meeting_minutes"),
    path("minutes/<uuid:pk>", meetings.MeetingReceiptPage.as_view(), name="meeting_receipt"),
    path("reports", reports.ReportList.as_view(), name="reports"),
    path("reports/own", reports.OwnReportList.as_view(), name="own_reports"),
    path("reports/<uuid:pk>", reports.ReportPage.as_view(), name="report"),
    path("reports/<uuid:pk>/write", reports.ReportWrite.as_view(), name="report_write"),
    path("report-duties", reports.DutyList.as_view(), name="report_duties"),
    path("report-duties/<uuid:pk>", reports.DutyPage.as_view(), name="report_duty"),
    path("report-duties/<uuid:pk>/merged.docx", reports.MergeDocument.as_view(), name="report_merge"),
    path("reporters", reports.ReporterList.as_view(), name="reporters"),
    path("reporters/name", reports.ReporterName.as_view(), name="reporter_name"),
    path("problems", problems.ProblemListPage.as_view(), name="problems"),
    path("problems/new", problems.NewProblem.as_view(), name="problem_new"),
    path("problems/<uuid:pk>", problems.ProblemPage.as_view(), name="problem"),
    path("wall", wall.WallChart.as_view(), name="wall"),
    path("wall/import", wall.WallImport.as_view(), name="wall_import"),
    path("campaigns", campaigns.CampaignList.as_view(), name="campaigns"),
    path("campaigns/new", campaigns.NewCampaign.as_view(), name="campaign_new"),
    path("campaigns/<uuid:pk>", campaigns.CampaignPage.as_view(), name="campaign"),
    path("campaigns/units/<uuid:pk>", campaigns.CampaignUnitPage.as_view(), name="campaign_unit"),
    path("board", board.BoardView.as_view(), name="board"),
    path("packs", packs.PackList.as_view(), name="packs"),
    path("packs/new", packs.NewPack.as_view(), name="pack_new"),
    path("packs/<uuid:pk>", packs.PackPage.as_view(), name="pack"),
    path("packs/<uuid:pk>/document.<str:ending>", packs.PackDocument.as_view(), name="pack_document"),
]
