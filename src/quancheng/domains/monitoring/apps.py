from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "quancheng.domains.monitoring"
    label = "monitoring"
    verbose_name = "监测"

    def ready(self) -> None:
        from quancheng.domains.monitoring import duties, imports, navigation, notices, retention
        from quancheng.domains.monitoring.models import Alarm
        from quancheng.domains.monitoring.queries.tags import visible_exemption
        from quancheng.kernel.files.holders import register_holder, register_scoped

        duties.declare()
        navigation.register_all()
        imports.register_all()
        notices.declare_notices()
        retention.declare_rules()
        register_scoped(Alarm)
        register_holder("monitoring.tagexemption", visible_exemption, is_closed=lambda row: True)
