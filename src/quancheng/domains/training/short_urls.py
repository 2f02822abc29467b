"""Addresses that stand on candidates' slips and are open to everybody; ``-`` is no code."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from quancheng.domains.training.views import sitting

app_name = "exam"


class ExamCodeConverter(StringConverter):
    """Letters and digits as doors and codes have them, typed in either case and with hyphens."""

    regex = "[0-9A-Za-z][0-9A-Za-z-]{0,39}"


register_converter(ExamCodeConverter, "examcode")

urlpatterns = [
    path("x/<examcode:door>", sitting.Door.as_view(), name="door"),
    path("x/<examcode:door>/<examcode:code>", sitting.Door.as_view(), name="slip"),
    path("x/<examcode:door>/-/start", sitting.Start.as_view(), name="start"),
    path("x/<examcode:door>/-/paper", sitting.Paper.as_view(), name="paper"),
    path("x/<examcode:door>/-/facts", sitting.Facts.as_view(), name="facts"),
    path("x/<examcode:door>/-/result", sitting.Result.as_view(), name="result"),
    path("x/<examcode:door>/-/practice", sitting.Practice.as_view(), name="practice"),
]
