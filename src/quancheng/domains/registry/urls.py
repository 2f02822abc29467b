"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.registry.views import chemicals, enterprises, facilities, hazards

app_name = "registry"
prefix = "registry/"

urlpatterns = [
    path("enterprises", enterprises.EnterpriseList.as_view(), name="enterprises"),
    path("enterprises/new", enterprises.NewEnterprise.as_view(), name="enterprise_new"),
    path("enterprises/<uuid:pk>", enterprises.EnterprisePage.as_view(), name="enterprise"),
    path("enterprises/<uuid:pk>/units/new", facilities.NewUnit.as_view(), name="unit_new"),
    path("own", enterprises.OwnFile.as_view(), name="own"),
    path("own/new", enterprises.OpenOwnFile.as_view(), name="own_new"),
    path("units/<uuid:pk>", facilities.UnitPage.as_view(), name="unit"),
    path("units/<uuid:pk>/facilities/new", facilities.NewFacility.as_view(), name="facility_new"),
    path("facilities/<uuid:pk>", facilities.FacilityPage.as_view(), name="facility"),
    path("facilities/<uuid:pk>/stock/new", facilities.NewHolding.as_view(), name="holding_new"),
    path("stock/<uuid:pk>", facilities.HoldingPage.as_view(), name="holding"),
    path("assessments/<uuid:pk>", facilities.AssessmentPage.as_view(), name="assessment"),
    path("hazards", hazards.HazardList.as_view(), name="hazards"),
    path("hazards/<uuid:pk>", hazards.HazardPage.as_view(), name="hazard"),
    path("hazards/checks/<uuid:pk>", hazards.CheckPage.as_view(), name="hazard_check"),
    path("chemicals", chemicals.ChemicalList.as_view(), name="chemicals"),
    path("chemicals/new", chemicals.NewChemical.as_view(), name="chemical_new"),
    path("chemicals/<uuid:pk>", chemicals.ChemicalPage.as_view(), name="chemical"),
]
