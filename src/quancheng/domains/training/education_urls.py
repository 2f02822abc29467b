"""Addresses of education: programmes, orders, courses, records."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.views import programmes

education_patterns = [
    path("programmes", programmes.ProgrammeList.as_view(), name="programmes"),
    path("programmes/new", programmes.NewProgramme.as_view(), name="programme_new"),
    path("programmes/<uuid:pk>", programmes.ProgrammePage.as_view(), name="programme"),
]
