"""Addresses of experts and agencies, beside the others of the domain."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.views import agencies, pools

pool_patterns = [
    path("pool", pools.MemberList.as_view(), name="pool"),
    path("pool/new", pools.NewMember.as_view(), name="pool_new"),
    path("pool/draw", pools.Draw.as_view(), name="pool_draw"),
    path("pool/<uuid:pk>", pools.MemberPage.as_view(), name="pool_member"),
    path("pool/<uuid:pk>/assign", pools.Assign.as_view(), name="pool_assign"),
    path("assignments", pools.AssignmentList.as_view(), name="assignments"),
    path("assignments/<uuid:pk>", pools.AssignmentPage.as_view(), name="assignment"),
    path("assignments/<uuid:pk>/finding", pools.NewFinding.as_view(), name="assignment_finding"),
    path("assignments/<uuid:pk>/report.<str:ending>", pools.DiagnosisReport.as_view(), name="assignment_report"),
    path("agency-reports", agencies.ReportList.as_view(), name="agency_reports"),
    path("agency-reports/new", agencies.NewReport.as_view(), name="agency_report_new"),
    path("agency-reports/<uuid:pk>", agencies.ReportPage.as_view(), name="agency_report"),
    path("agency-reports/<uuid:pk>/check", agencies.NewCheck.as_view(), name="agency_check"),
    path("services", agencies.ServiceList.as_view(), name="services"),
    path("services/new", agencies.NewService.as_view(), name="service_new"),
    path("services/<uuid:pk>", agencies.ServicePage.as_view(), name="service"),
    path("services/<uuid:pk>/visit", agencies.NewVisit.as_view(), name="service_visit"),
]
