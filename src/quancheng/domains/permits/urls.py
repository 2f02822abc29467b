"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.models import Kind
from quancheng.domains.permits.views import boards, entering, maps, papers, permits, statistics

app_name = "permits"
prefix = "permits/"

urlpatterns = [
    path("", permits.PermitList.as_view(), name="permits"),
    path("new", entering.NewPermit.as_view(), name="permit_new"),
    *(path(f"new/{kind}", entering.NewDraft.as_view(kind=kind), name=f"new_{kind.lower()}") for kind in Kind.values),
    path("board", boards.BoardPage.as_view(), name="board"),
    path("statistics", statistics.Statistics.as_view(), name="statistics"),
    path("statistics/rows", statistics.CountedPermits.as_view(), name="counted"),
    path("map", maps.PermitMap.as_view(), name="map"),
    path("sites/<uuid:pk>", maps.PermitSite.as_view(), name="site"),
    path("screens/new", boards.NewScreen.as_view(), name="screen_new"),
    path("screens/<uuid:pk>/revoke", boards.RevokeScreen.as_view(), name="screen_revoke"),
    path("<uuid:pk>", permits.PermitPage.as_view(), name="permit"),
    path("<uuid:pk>/change", entering.ChangeDraft.as_view(), name="change"),
    path("<uuid:pk>/paper", papers.PrintPermit.as_view(), name="paper"),
    path("<uuid:pk>/form", papers.Particulars.as_view(), name="particulars"),
    path("<uuid:pk>/people/new", entering.NewPerson.as_view(), name="person_new"),
    path("<uuid:pk>/people/<uuid:row_id>/remove", entering.RemovePerson.as_view(), name="person_remove"),
    path("<uuid:pk>/measures/<str:code>", entering.Measure.as_view(), name="measure"),
]
