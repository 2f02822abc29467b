from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "quancheng.domains.risk"
    label = "risk"
    verbose_name = "风险"

    def ready(self) -> None:
        from quancheng.domains.risk import duties, imports, navigation

        duties.declare()
        navigation.register_all()
        imports.register_all()
