"""Addresses that other systems are told once and keep: the exchange of dual prevention data."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.views import exchange_machine

app_name = "interchange"

urlpatterns = [
    path("exchange/v1/token", exchange_machine.Token.as_view(), name="token"),
    path("exchange/v1/batches", exchange_machine.Batch.as_view(), name="batch"),
    path("exchange/v1/batches/<uuid:pk>", exchange_machine.BatchState.as_view(), name="batch_state"),
    path("exchange/v1/receipts/<uuid:pk>", exchange_machine.Receipt.as_view(), name="receipt"),
]
