"""What self-checks offer to the rest of the house: their rows for the schedule, their files."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db import models

    from quancheng.kernel.access.actor import Actor


def connect_self_checks() -> None:
    """Called once, when the app is ready."""
    from quancheng.domains.hazards.models import BuildingAcceptance, BuildingPaper, Mechanism, SelfCheck, SiteAssessment
    from quancheng.domains.hazards.queries.building import list_papers as list_building_papers
    from quancheng.domains.hazards.queries.self_checks import list_papers
    from quancheng.domains.hazards.queries.site_assessments import may_read_role
    from quancheng.domains.hazards.services import self_checks, signed_statistics
    from quancheng.domains.hazards.views.site_assessments import enterprise_tab
    from quancheng.domains.registry.views.extras import register_enterprise_tab
    from quancheng.kernel.files.holders import register_holder, register_scoped
    from quancheng.kernel.schedule.generators import register_generator

    def paper(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        return list_papers(actor=actor).filter(pk=pk).first()

    def building(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        return list_building_papers(actor=actor).filter(pk=pk).first()

    register_generator(self_checks.GENERATOR, self_checks.make_check)
    register_generator(signed_statistics.GENERATOR, signed_statistics.make_report)
    register_scoped(SelfCheck)
    register_scoped(SiteAssessment, shown=may_read_role)
    register_scoped(BuildingAcceptance)
    register_holder(BuildingPaper._meta.label_lower, building, is_closed=lambda row: True)
    register_enterprise_tab(enterprise_tab)
    # What was confirmed stands as it was confirmed.
    register_holder(Mechanism._meta.label_lower, paper, is_closed=lambda row: True)
