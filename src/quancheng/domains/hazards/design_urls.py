"""Addresses of design diagnoses (安全设计诊断), beside the others of the domain."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.views import design_diagnoses

design_patterns = [
    path("design", design_diagnoses.DiagnosisList.as_view(), name="design_diagnoses"),
    path("design/board", design_diagnoses.DesignBoard.as_view(), name="design_board"),
    path("design/screening", design_diagnoses.ScreenList.as_view(), name="design_screen"),
    path("design/own/new", design_diagnoses.OwnNew.as_view(), name="design_own_new"),
    path("design/<uuid:pk>", design_diagnoses.DiagnosisPage.as_view(), name="design_diagnosis"),
    path("design/<uuid:pk>/defect", design_diagnoses.NewDefect.as_view(), name="design_defect_new"),
    path("enterprises/<uuid:pk>/design/new", design_diagnoses.NewDiagnosis.as_view(), name="design_new"),
]
