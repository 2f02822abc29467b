"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.registry.views import (
    applications,
    chemicals,
    enterprises,
    expenses,
    facilities,
    hazards,
    licences,
    posts,
    projects,
    restrictions,
    stock_list,
)

app_name = "registry"
prefix = "registry/"

urlpatterns = [
    path("enterprises", enterprises.EnterpriseList.as_view(), name="enterprises"),
    path("enterprises/new", enterprises.NewEnterprise.as_view(), name="enterprise_new"),
    path("enterprises/<uuid:pk>", enterprises.EnterprisePage.as_view(), name="enterprise"),
    path("enterprises/<uuid:pk>/units/new", facilities.NewUnit.as_view(), name="unit_new"),
    path("enterprises/<uuid:pk>/licences/new", licences.NewLicence.as_view(), name="licence_new"),
    path("enterprises/<uuid:pk>/exit/new", licences.OpenExit.as_view(), name="licence_exit_new"),
    path("enterprises/<uuid:pk>/expenses/new", expenses.NewExpense.as_view(), name="expense_new"),
    path("licences", licences.LicenceList.as_view(), name="licences"),
    path("licences/calendar", licences.LicenceCalendar.as_view(), name="licence_calendar"),
    path("licences/rules", licences.LicenceRules.as_view(), name="licence_rules"),
    path("licences/rules/<slug:kind>", licences.LicenceRulePage.as_view(), name="licence_rule"),
    path("licences/exits", licences.ExitList.as_view(), name="licence_exits"),
    path("licences/exits/<uuid:pk>", licences.ExitPage.as_view(), name="licence_exit"),
    path("licences/renewals/<uuid:pk>", licences.RenewalPage.as_view(), name="licence_renewal"),
    path("licences/<uuid:pk>", licences.LicencePage.as_view(), name="licence"),
    path("posts", posts.PostGaps.as_view(), name="post_gaps"),
    path("expenses", expenses.ExpenseList.as_view(), name="expenses"),
    path("expenses/<uuid:pk>", expenses.ExpensePage.as_view(), name="expense"),
    path("apply", applications.apply, name="apply"),
    path("apply/receipt", applications.receipt, name="receipt"),
    path("applications", applications.ApplicationList.as_view(), name="applications"),
    path("applications/<uuid:pk>", applications.ApplicationPage.as_view(), name="application"),
    path("applications/<uuid:pk>/admit", applications.admit, name="application_admit"),
    path("own", enterprises.OwnFile.as_view(), name="own"),
    path("own/new", enterprises.OpenOwnFile.as_view(), name="own_new"),
    path("units/<uuid:pk>", facilities.UnitPage.as_view(), name="unit"),
    path("units/<uuid:pk>/facilities/new", facilities.NewFacility.as_view(), name="facility_new"),
    path("facilities/<uuid:pk>", facilities.FacilityPage.as_view(), name="facility"),
    path("facilities/<uuid:pk>/stock/new", facilities.NewHolding.as_view(), name="holding_new"),
    path("stock", stock_list.HoldingList.as_view(), name="stock"),
    path("stock/<uuid:pk>", facilities.HoldingPage.as_view(), name="holding"),
    path("assessments/<uuid:pk>", facilities.AssessmentPage.as_view(), name="assessment"),
    path("hazards", hazards.HazardList.as_view(), name="hazards"),
    path("hazards/<uuid:pk>", hazards.HazardPage.as_view(), name="hazard"),
    path("hazards/checks/<uuid:pk>", hazards.CheckPage.as_view(), name="hazard_check"),
    path("projects", projects.ProjectList.as_view(), name="projects"),
    path("projects/new", projects.NewProject.as_view(), name="project_new"),
    path("projects/<uuid:pk>", projects.ProjectPage.as_view(), name="project"),
    path("chemicals", chemicals.ChemicalList.as_view(), name="chemicals"),
    path("restrictions", restrictions.RestrictionList.as_view(), name="restrictions"),
    path("restrictions/new", restrictions.NewRestriction.as_view(), name="restriction_new"),
    path("restrictions/<uuid:pk>", restrictions.RestrictionPage.as_view(), name="restriction"),
    path("chemicals/new", chemicals.NewChemical.as_view(), name="chemical_new"),
    path("chemicals/<uuid:pk>", chemicals.ChemicalPage.as_view(), name="chemical"),
]
