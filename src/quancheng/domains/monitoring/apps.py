from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "quancheng.domains.monitoring"
    label = "monitoring"
    verbose_name = "监测"

    def ready(self) -> None:
        from quancheng.domains.monitoring import duties, navigation

        duties.declare()
        navigation.register_all()
