from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "quancheng.kernel.journal"
    label = "journal"
    verbose_name = "日志"
