"""Addresses of the audit of permits, below those of the room."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.views import (
    audit_findings,
    audit_rules,
    audit_statistics,
    audits,
    booking,
    exposed,
    filings,
    guardian_items,
    spot,
    work_mechanisms,
)

audit_patterns = [
    path("audits", audits.AuditList.as_view(), name="audits"),
    path("audits/<uuid:pk>", audits.AuditPage.as_view(), name="audit"),
    path("audits/rules", audit_rules.RuleList.as_view(), name="audit_rules"),
    path("audits/rules/<str:code>", audit_rules.SetRule.as_view(), name="audit_rule"),
    path("audits/statistics", audit_statistics.AuditStatistics.as_view(), name="audit_statistics"),
    path("audits/enterprises/<uuid:pk>", audit_statistics.EnterpriseAudit.as_view(), name="audit_enterprise"),
    path("findings", audit_findings.FindingList.as_view(), name="findings"),
    path("findings/<uuid:pk>", audit_findings.FindingPage.as_view(), name="finding"),
    path("findings/<uuid:pk>/expose", exposed.NewCase.as_view(), name="exposed_case_new"),
    path("exposed-cases", exposed.CaseList.as_view(), name="exposed_cases"),
    path("exposed-cases/<uuid:pk>", exposed.CasePage.as_view(), name="exposed_case"),
    path("exposed-cases/<uuid:pk>/edit", exposed.EditCase.as_view(), name="exposed_case_edit"),
    path("dangerous-work-rule", exposed.SetMonths.as_view(), name="dangerous_work_rule"),
    path("spot-checks", spot.SpotCheckList.as_view(), name="spot_checks"),
    path("spot-checks/<uuid:pk>", spot.SpotCheckPage.as_view(), name="spot_check"),
    path("spot-checks/<uuid:pk>/online", spot.RecordOnline.as_view(), name="spot_online"),
    path("spot-checks/<uuid:pk>/on-site", spot.RecordOnSite.as_view(), name="spot_on_site"),
    path("spot-checks/draws", spot.DrawList.as_view(), name="spot_draws"),
    path("spot-checks/draws/new", spot.NewDraw.as_view(), name="spot_draw_new"),
    path("spot-checks/draws/<uuid:pk>", spot.DrawPage.as_view(), name="spot_draw"),
    path("spot-checks/rates", spot.SetRates.as_view(), name="spot_rates"),
    path("mechanisms", work_mechanisms.WorkMechanismList.as_view(), name="mechanisms"),
    path("mechanisms/due", work_mechanisms.SetDue.as_view(), name="mechanism_due"),
    path("mechanisms/<uuid:pk>", work_mechanisms.WorkMechanismPage.as_view(), name="mechanism"),
    path("mechanisms/<uuid:pk>/confirm", work_mechanisms.NewMechanism.as_view(), name="mechanism_new"),
    path("filings", filings.FilingList.as_view(), name="filings"),
    path("filings/new", filings.NewFiling.as_view(), name="filing_new"),
    path("filings/lead", filings.SetLead.as_view(), name="filing_lead"),
    path("booking-rule", booking.SetBookingRule.as_view(), name="booking_rule"),
    path("guardian-items", guardian_items.GuardianItems.as_view(), name="guardian_items"),
    path("guardian-items/new", guardian_items.NewItem.as_view(), name="guardian_item_new"),
    path("guardian-items/<str:key>", guardian_items.ChangeItem.as_view(), name="guardian_item"),
    path("filings/<uuid:pk>", filings.FilingPage.as_view(), name="filing"),
    path("<uuid:pk>/file", filings.FilePermit.as_view(), name="file_permit"),
    path("violations", audits.ViolationList.as_view(), name="violations"),
]
