"""Addresses of work alarms and of the exchange of permits, below those of the room."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.views import alarms, outside, upward

exchange_patterns = [
    path("alarms", alarms.AlarmList.as_view(), name="alarms"),
    path("alarms/<uuid:pk>", alarms.AlarmPage.as_view(), name="alarm"),
    path("exchange", upward.UploadList.as_view(), name="exchange"),
    path("outside", outside.OutsideList.as_view(), name="outside"),
    path("outside/<uuid:pk>", outside.OutsidePage.as_view(), name="outside_permit"),
    path("outside/kept", outside.KeptList.as_view(), name="kept_records"),
    path("outside/kept/<uuid:pk>", outside.KeptPage.as_view(), name="kept_record"),
]
