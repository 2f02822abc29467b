"""Addresses of contractors, beside the others of the domain."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.views import admissions, contractors, entries, violations

contractor_patterns = [
    path("contractors", contractors.ContractorList.as_view(), name="contractors"),
    path("contractors/new", contractors.NewContractor.as_view(), name="contractor_new"),
    path("contractors/findings", contractors.FindingList.as_view(), name="contractor_findings"),
    path("contractors/<uuid:pk>", contractors.ContractorPage.as_view(), name="contractor"),
    path("contractors/<uuid:pk>/qualifications/new", contractors.NewQualification.as_view(),
         name="contractor_qualification_new"),
    path("contractors/<uuid:pk>/qualifications/<uuid:qualification_id>/end", contractors.EndQualification.as_view(),
         name="contractor_qualification_end"),
    path("contractors/<uuid:pk>/admission", contractors.NewAdmission.as_view(), name="admission_new"),
    path("admissions", admissions.AdmissionList.as_view(), name="admissions"),
    path("admissions/<uuid:pk>", admissions.AdmissionPage.as_view(), name="admission"),
    path("admissions/<uuid:pk>/item", admissions.JudgeItem.as_view(), name="admission_item"),
    path("admissions/<uuid:pk>/agreement", admissions.WriteAgreement.as_view(), name="admission_agreement"),
    path("admissions/<uuid:pk>/contract", admissions.NewContract.as_view(), name="admission_contract"),
    path("admissions/<uuid:pk>/contracts/<uuid:contract_id>/lower", admissions.NewLowerContract.as_view(),
         name="contract_lower"),
    path("admissions/<uuid:pk>/contracts/<uuid:contract_id>", admissions.MendContract.as_view(), name="contract"),
    path("entries", entries.EntryList.as_view(), name="entries"),
    path("entries/<uuid:pk>", entries.EntryPage.as_view(), name="entry"),
    path("entries/<uuid:pk>/register", entries.RegisterEntry.as_view(), name="entry_register"),
    path("entries/<uuid:pk>/steps/<str:kind>", entries.RecordStep.as_view(), name="entry_step"),
    path("entries/<uuid:pk>/card", entries.CardPage.as_view(), name="entry_card"),
    path("gate", entries.GatePage.as_view(), name="gate"),
    path("gate/on-site", entries.OnSiteList.as_view(), name="on_site"),
    path("gate/passes", entries.PassList.as_view(), name="gate_passes"),
    path("violations", violations.ViolationList.as_view(), name="violations"),
    path("violations/<uuid:pk>", violations.ViolationPage.as_view(), name="violation"),
    path("admissions/<uuid:pk>/violation", violations.NewViolation.as_view(), name="admission_violation"),
    path("entries/<uuid:pk>/violation", violations.NewPersonViolation.as_view(), name="entry_violation"),
    path("contractor-incidents", violations.IncidentList.as_view(), name="contractor_incidents"),
    path("contractor-incidents/new", violations.NewIncident.as_view(), name="contractor_incident_new"),
    path("contractor-incidents/<uuid:pk>", violations.IncidentPage.as_view(), name="contractor_incident"),
    path("black-list", violations.BlackListList.as_view(), name="black_listings"),
    path("black-list/<uuid:pk>", violations.BlackListingPage.as_view(), name="black_listing"),
    path("contractors/<uuid:pk>/black-list", violations.NewCompanyListing.as_view(), name="contractor_black_list"),
    path("entries/<uuid:pk>/black-list", violations.NewPersonListing.as_view(), name="entry_black_list"),
    path("outside-rules", contractors.OutsideRuleList.as_view(), name="outside_rules"),
    path("outside-rules/<uuid:pk>", contractors.OutsideRulePage.as_view(), name="outside_rule"),
]  # fmt: skip
