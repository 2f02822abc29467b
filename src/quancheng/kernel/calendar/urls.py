"""Addresses of the working calendar."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.calendar import views

app_name = "workcalendar"
prefix = "calendar/"
urlpatterns = [
    path("", views.YearList.as_view(), name="years"),
    path("<int:year>", views.YearPage.as_view(), name="year"),
]
