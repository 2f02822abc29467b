from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RiskConfig(AppConfig):
    name = "quancheng.domains.risk"
    label = "risk"
    verbose_name = "风险"

    def ready(self) -> None:
        from quancheng.domains.registry.services import places
        from quancheng.domains.risk import duties, imports, jobs, navigation
        from quancheng.domains.risk.models import (
            Classing,
            Clearing,
            EnvironmentalFacility,
            Grading,
            LayoutCase,
            Policy,
            PostCard,
            Reaction,
            Recommendation,
            SitePlan,
            StartStop,
        )
        from quancheng.domains.risk.queries import start_stops
        from quancheng.domains.risk.queries.announced_facts import register_facts
        from quancheng.domains.risk.queries.cards import visible_card, visible_reading
        from quancheng.domains.risk.queries.layout import visible_distance
        from quancheng.domains.risk.services.analysing_anew import hear_change
        from quancheng.domains.risk.services.following import hear_supervisor
        from quancheng.domains.risk.services.recolouring import CHANGED, UNIT_CHANGED
        from quancheng.domains.risk.services.regrading import hear
        from quancheng.domains.risk.views import card_prints
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.files.holders import register_holder, register_scoped
        from quancheng.kernel.longwork.kinds import Kind, register_kind
        from quancheng.kernel.vault import services as vault

        duties.declare()
        register_kind(Kind(code=card_prints.KIND, label=_("岗位卡"), run=card_prints.run_cards, limit_s=900))
        navigation.register_all()
        imports.register_all()
        register_facts("risk.start_stops", start_stops.announced)
        scoped = (
            Classing, Clearing, EnvironmentalFacility, Grading, LayoutCase, Policy, Reaction, Recommendation, StartStop,
        )  # fmt: skip
        for model in scoped:
            register_scoped(model)
        register_holder("risk.externaldistance", visible_distance, is_closed=lambda row: False)
        register_scoped(SitePlan, is_closed=lambda row: False)
        register_holder("risk.postcard", visible_card)
        register_holder("risk.cardreading", visible_reading)
        for name in ("inner_phone", "outer_phone"):
            vault.register_column(f"risk_postcard.{name}:phone", vault.reseal_of(PostCard, name))
        subscribe(CHANGED, jobs.hear_colours, name="risk.cards.colours")
        subscribe(UNIT_CHANGED, jobs.hear_colours, name="risk.cards.units")
        subscribe("registry.supervisor.changed", hear_supervisor, name="risk.classings.files")
        subscribe("registry.major_hazard.*", hear, name="risk.gradings.hazards")
        subscribe("registry.project.*", hear, name="risk.gradings.projects")
        subscribe("registry.project.*", hear_change, name="risk.analyses.projects")
        places.listen(jobs.hear_places)
        for number, kinds in enumerate(("risk.zone.changed", "risk.distance_rule.set")):
            subscribe(kinds, jobs.hear_layout, name=f"risk.layout.{number}")
        for number, kinds in enumerate(("registry.enterprise.*", "registry.major_hazard.*")):
            subscribe(kinds, jobs.hear_site, name=f"risk.layout.site{number}")
        for number, kinds in enumerate(("hazards.finding.*", "registry.major_hazard.*", "registry.enterprise.*")):
            subscribe(kinds, jobs.hear_index, name=f"risk.index.{number}")
