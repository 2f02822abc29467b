from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "quancheng.domains.monitoring"
    label = "monitoring"
    verbose_name = "监测"

    def ready(self) -> None:
        from quancheng.domains.monitoring import duties, imports, live, navigation, retention
        from quancheng.domains.monitoring.queries.tags import visible_exemption
        from quancheng.kernel.files.holders import register_holder

        duties.declare()
        navigation.register_all()
        imports.register_all()
        live.register_all()
        retention.declare_rules()
        register_holder("monitoring.tagexemption", visible_exemption, is_closed=lambda row: True)
