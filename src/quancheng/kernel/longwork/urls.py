from __future__ import annotations

from django.urls import path

from quancheng.kernel.longwork import views

app_name = "longwork"
prefix = "work-in-background/"
urlpatterns = [
    path("", views.WorkList.as_view(), name="list"),
    path("<uuid:pk>", views.WorkPage.as_view(), name="work"),
    path("<uuid:pk>/progress", views.progress, name="progress"),
]
