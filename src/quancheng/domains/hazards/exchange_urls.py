"""Addresses of the exchange of dual prevention data, below those of the room."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.views import exchange, exchange_in
from quancheng.domains.hazards.views.exchange_tables import PAGES

exchange_patterns = [
    path("exchange", exchange.ExchangeList.as_view(), name="exchange"),
    path("exchange/rows/<uuid:pk>", exchange.ExchangeRowPage.as_view(), name="exchange_row"),
    path("exchange/applications", exchange_in.ApplicationList.as_view(), name="exchange_applications"),
    path("exchange/applications/<uuid:pk>", exchange_in.ApplicationPage.as_view(), name="exchange_application"),
    path(
        "exchange/enterprises/<uuid:pk>/application", exchange_in.NewApplication.as_view(),
        name="exchange_application_new",
    ),
    *(path(f"exchange/tables/{code}", page.as_view(), name=f"exchange_table_{code}") for code, page in PAGES.items()),
    path("exchange/received", exchange_in.ReceivedList.as_view(), name="exchange_received"),
    path("exchange/adapters", exchange.AdapterList.as_view(), name="exchange_adapters"),
    path("exchange/adapters/new", exchange.NewAdapter.as_view(), name="exchange_adapter_new"),
    path("exchange/enterprises/<uuid:pk>/adapter", exchange.NewAdapter.as_view(), name="exchange_adapter_of"),
    path("exchange/adapters/<uuid:pk>", exchange.AdapterPage.as_view(), name="exchange_adapter"),
    path("exchange/adapters/<uuid:pk>/resend", exchange.ResendDifferences.as_view(), name="exchange_resend"),
]
