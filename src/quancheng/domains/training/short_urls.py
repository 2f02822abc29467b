"""Addresses that stand on candidates' slips and are open to everybody; ``-`` is no code."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.views import sitting

app_name = "exam"

urlpatterns = [
    path("x/<str:door>", sitting.Door.as_view(), name="door"),
    path("x/<str:door>/<str:code>", sitting.Door.as_view(), name="slip"),
    path("x/<str:door>/-/start", sitting.Start.as_view(), name="start"),
    path("x/<str:door>/-/paper", sitting.Paper.as_view(), name="paper"),
    path("x/<str:door>/-/facts", sitting.Facts.as_view(), name="facts"),
    path("x/<str:door>/-/result", sitting.Result.as_view(), name="result"),
    path("x/<str:door>/-/practice", sitting.Practice.as_view(), name="practice"),
]
