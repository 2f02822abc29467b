"""Addresses of education: programmes, orders, courses, records."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.views import orders, programmes

education_patterns = [
    path("programmes", programmes.ProgrammeList.as_view(), name="programmes"),
    path("programmes/new", programmes.NewProgramme.as_view(), name="programme_new"),
    path("programmes/<uuid:pk>", programmes.ProgrammePage.as_view(), name="programme"),
    path("orders", orders.OrderList.as_view(), name="orders"),
    path("orders/<uuid:pk>", orders.OrderPage.as_view(), name="order"),
    path("persons/<uuid:pk>/orders/new", orders.NewOrder.as_view(), name="order_new"),
    path("records", orders.RecordList.as_view(), name="records"),
    path("records/<uuid:pk>", orders.RecordPage.as_view(), name="record"),
    path("persons/<uuid:pk>/records/new", orders.NewRecord.as_view(), name="record_new"),
]
