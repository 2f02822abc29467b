from pathlib import Path

from django.apps import AppConfig


class HazardsConfig(AppConfig):
    name = "quancheng.domains.hazards"
    label = "hazards"
    verbose_name = "隐患"

    def ready(self) -> None:
        from quancheng.domains.hazards import duties, navigation, shipped
        from quancheng.domains.hazards.models import Finding, MajorReport, Recheck
        from quancheng.domains.hazards.queries.forcing import open_majors
        from quancheng.domains.risk.services.gradings import register_forcing
        from quancheng.kernel.files.holders import register_scoped
        from quancheng.kernel.law.services import register_data

        duties.declare()
        register_data(Path(__file__).parent / "data" / "bases.json")
        register_data(shipped.texts)
        navigation.register_all()
        register_forcing("MAJOR_OPEN", open_majors)
        for model in (Finding, MajorReport, Recheck):
            register_scoped(model)
