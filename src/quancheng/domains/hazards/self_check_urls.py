"""Addresses of self-checks led by the main person, and of what enterprises confirm and report of them."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.views import building, mechanisms, self_checks, signed_statistics, site_assessments

self_check_patterns = [
    path("led-checks", self_checks.SelfCheckList.as_view(), name="self_checks"),
    path("led-checks/towns", self_checks.Towns.as_view(), name="self_check_towns"),
    path("led-checks/rules", self_checks.Rules.as_view(), name="self_check_rules"),
    path("led-checks/rules/new", self_checks.NewRule.as_view(), name="self_check_rule_new"),
    path("led-checks/<uuid:pk>", self_checks.SelfCheckPage.as_view(), name="self_check"),
    path("led-checks/<uuid:pk>/record", self_checks.RecordSelfCheck.as_view(), name="self_check_record"),
    path("mechanisms", mechanisms.MechanismList.as_view(), name="mechanisms"),
    path("mechanisms/own", mechanisms.OwnMechanism.as_view(), name="mechanism_own"),
    path("mechanisms/<uuid:pk>", mechanisms.MechanismPage.as_view(), name="mechanism"),
    path("mechanisms/<uuid:pk>/new", mechanisms.NewMechanism.as_view(), name="mechanism_new"),
    path("statistics/reports", signed_statistics.ReportList.as_view(), name="statistics_reports"),
    path("statistics/reports/<uuid:pk>", signed_statistics.ReportPage.as_view(), name="statistics_report"),
    path("statistics/reports/<uuid:pk>/sign", signed_statistics.SignReport.as_view(), name="statistics_report_sign"),
    path("statistics/reports/<uuid:pk>/sheet", signed_statistics.ReportSheet.as_view(), name="statistics_report_sheet"),
    path("statistics/reports/<uuid:pk>/<slug:code>", signed_statistics.FigureRows.as_view(), name="statistics_rows"),
    path("assessments", site_assessments.AssessmentList.as_view(), name="site_assessments"),
    path("assessments/progress", site_assessments.ProgressList.as_view(), name="site_assessment_progress"),
    path("assessments/<uuid:pk>", site_assessments.AssessmentPage.as_view(), name="site_assessment"),
    path("assessments/<uuid:pk>/self", site_assessments.Score.as_view(), {"side": "self"},
         name="site_assessment_self"),
    path("assessments/<uuid:pk>/site", site_assessments.Score.as_view(), {"side": "site"},
         name="site_assessment_site"),
    path("enterprises/<uuid:pk>/assessment", site_assessments.NewAssessment.as_view(), name="site_assessment_new"),
    path("building", building.BuildingList.as_view(), name="building"),
    path("building/own", building.OwnBuilding.as_view(), name="building_own"),
    path("building/steps", building.Steps.as_view(), name="building_steps"),
    path("building/acceptances/<uuid:pk>", building.AcceptancePage.as_view(), name="building_acceptance"),
    path("building/<uuid:pk>", building.BuildingPage.as_view(), name="building_of"),
    path("building/<uuid:pk>/paper", building.NewPaper.as_view(), name="building_paper_new"),
    path("building/<uuid:pk>/ask", building.Ask.as_view(), name="building_ask"),
]  # fmt: skip
