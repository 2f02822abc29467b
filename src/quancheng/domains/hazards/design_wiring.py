"""What design diagnoses and departments' checklists offer to the rest of the house: files, scope, a tab, the menu."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages.nav import NavItem, register

if TYPE_CHECKING:
    from django.db import models

    from quancheng.kernel.access.actor import Actor


def connect_design() -> None:
    """Called once, when the app is ready."""
    from quancheng.domains.hazards.models import DepartmentChecklist, DesignDiagnosis
    from quancheng.domains.hazards.queries.design_diagnoses import rows_seen
    from quancheng.domains.hazards.views.design_diagnoses import enterprise_tab
    from quancheng.domains.registry.views.extras import register_enterprise_tab
    from quancheng.kernel.files.holders import register_holder, register_scoped

    def diagnosis(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        return rows_seen(actor=actor).filter(pk=pk).first()

    # A record stands as it was entered: what belongs to it is only added to.
    register_holder(DesignDiagnosis._meta.label_lower, diagnosis, is_closed=lambda row: True)
    register_scoped(DepartmentChecklist)
    register_enterprise_tab(enterprise_tab)
    register(NavItem("hazards", _("安全设计诊断"), "hazards:design_diagnoses", "clipboard", order=49))
    register(NavItem("hazards", _("“两重点一重大”企业设计排查"), "hazards:design_screen", "search", order=51,
                     when=lambda actor: actor.supervises))  # fmt: skip
