"""Addresses of work alarms and of the exchange of permits, below those of the room."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.views import alarms, upward

exchange_patterns = [
    path("alarms", alarms.AlarmList.as_view(), name="alarms"),
    path("alarms/<uuid:pk>", alarms.AlarmPage.as_view(), name="alarm"),
    path("exchange", upward.UploadList.as_view(), name="exchange"),
]
