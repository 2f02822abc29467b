"""Addresses of the audit of permits, below those of the room."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.views import audit_findings, audit_rules, audit_statistics, audits

audit_patterns = [
    path("audits", audits.AuditList.as_view(), name="audits"),
    path("audits/<uuid:pk>", audits.AuditPage.as_view(), name="audit"),
    path("audits/rules", audit_rules.RuleList.as_view(), name="audit_rules"),
    path("audits/rules/<str:code>", audit_rules.SetRule.as_view(), name="audit_rule"),
    path("audits/statistics", audit_statistics.AuditStatistics.as_view(), name="audit_statistics"),
    path("audits/enterprises/<uuid:pk>", audit_statistics.EnterpriseAudit.as_view(), name="audit_enterprise"),
    path("findings", audit_findings.FindingList.as_view(), name="findings"),
    path("findings/<uuid:pk>", audit_findings.FindingPage.as_view(), name="finding"),
    path("violations", audits.ViolationList.as_view(), name="violations"),
]
