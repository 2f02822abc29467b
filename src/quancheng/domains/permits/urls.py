"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.audit_urls import audit_patterns
from quancheng.domains.permits.models import Kind
from quancheng.domains.permits.views import entering, permits

app_name = "permits"
prefix = "permits/"

urlpatterns = [
    path("", permits.PermitList.as_view(), name="permits"),
    path("new", entering.NewPermit.as_view(), name="permit_new"),
    *(path(f"new/{kind}", entering.NewDraft.as_view(kind=kind), name=f"new_{kind.lower()}") for kind in Kind.values),
    path("<uuid:pk>", permits.PermitPage.as_view(), name="permit"),
    path("<uuid:pk>/change", entering.ChangeDraft.as_view(), name="change"),
    path("<uuid:pk>/people/new", entering.NewPerson.as_view(), name="person_new"),
    path("<uuid:pk>/people/<uuid:row_id>/remove", entering.RemovePerson.as_view(), name="person_remove"),
    path("<uuid:pk>/measures/<str:code>", entering.Measure.as_view(), name="measure"),
    *audit_patterns,
]
