from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "quancheng.domains.monitoring"
    label = "monitoring"
    verbose_name = "监测"

    def ready(self) -> None:
        from quancheng.domains.monitoring import duties, errands, imports, live, navigation, notices, retention
        from quancheng.domains.monitoring.models import Alarm, Broker
        from quancheng.domains.monitoring.queries.alarms import open_at_units
        from quancheng.domains.monitoring.queries.bypasses import impairments
        from quancheng.domains.monitoring.queries.instruments import gas_instruments
        from quancheng.domains.monitoring.queries.key_processes import visible_retrofit
        from quancheng.domains.monitoring.queries.offline import dead_gateways, index_signs
        from quancheng.domains.monitoring.queries.tags import visible_exemption
        from quancheng.domains.monitoring.services.bridges import SECRET_KIND
        from quancheng.domains.monitoring.services.following import hear_supervisor
        from quancheng.domains.monitoring.services.special_work import hear_alarm
        from quancheng.domains.permits.queries.impairments import register_impairments
        from quancheng.domains.permits.queries.instruments import register_instruments
        from quancheng.domains.permits.queries.spot import register_open_alarms
        from quancheng.domains.risk.jobs import hear_index
        from quancheng.domains.risk.services import index
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.files.holders import register_holder, register_scoped
        from quancheng.kernel.vault import services as vault

        subscribe("monitoring.alarm.enter", hear_alarm, name="monitoring.special_work")
        # Monitoring tells the index about data; an outage that opens or ends works it out anew.
        index.register_factor("data", index_signs)
        index.register_floor("GATEWAY_DEAD", dead_gateways)
        subscribe("monitoring.outage.*", hear_index, name="monitoring.index")
        subscribe("registry.supervisor.changed", hear_supervisor, name="monitoring.supervisors")
        register_instruments("monitoring", gas_instruments)
        register_impairments("monitoring", impairments)
        register_open_alarms("monitoring", open_at_units)
        duties.declare()
        errands.register_all()
        navigation.register_all()
        imports.register_all()
        live.register_all()
        notices.declare_notices()
        retention.declare_rules()
        register_scoped(Alarm)
        register_holder("monitoring.tagexemption", visible_exemption, is_closed=lambda row: True)
        register_holder("monitoring.automationretrofit", visible_retrofit, is_closed=lambda row: True)
        vault.register_column(f"monitoring_broker.password:{SECRET_KIND}", vault.reseal_of(Broker, "password"))
