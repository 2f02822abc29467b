"""Exchange (数据交换): spreadsheets in and out."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "quancheng.kernel.exchange"
    label = "exchange"
