from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "quancheng.domains.risk"
    label = "risk"
    verbose_name = "风险"

    def ready(self) -> None:
        from quancheng.domains.risk import duties, imports, navigation
        from quancheng.domains.risk.models import Clearing, Grading, Policy, Reaction, Recommendation, SitePlan
        from quancheng.domains.risk.services.analysing_anew import hear_change
        from quancheng.domains.risk.services.regrading import hear
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.files.holders import register_scoped

        duties.declare()
        navigation.register_all()
        imports.register_all()
        for model in (Clearing, Grading, Policy, Reaction, Recommendation):
            register_scoped(model)
        register_scoped(SitePlan, is_closed=lambda row: False)
        subscribe("registry.major_hazard.*", hear, name="risk.gradings.hazards")
        subscribe("registry.project.*", hear, name="risk.gradings.projects")
        subscribe("registry.project.*", hear_change, name="risk.analyses.projects")
