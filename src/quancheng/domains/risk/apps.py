from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "quancheng.domains.risk"
    label = "risk"
    verbose_name = "风险"
