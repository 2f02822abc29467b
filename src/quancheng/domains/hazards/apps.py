from django.apps import AppConfig


class HazardsConfig(AppConfig):
    name = "quancheng.domains.hazards"
    label = "hazards"
    verbose_name = "隐患"
