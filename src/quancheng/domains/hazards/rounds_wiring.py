"""What inspection rounds offer to the rest of the house: the menu, files, and the rows that the schedule makes."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages.nav import NavItem, register

if TYPE_CHECKING:
    from django.db import models

    from quancheng.kernel.access.actor import Actor


def connect_rounds() -> None:
    """Called once, when the app is ready."""
    from quancheng.domains.hazards.models import InspectionRound, RoundAnswer, RoundCheck, RoundTarget
    from quancheng.domains.hazards.queries.rounds import list_answers
    from quancheng.domains.hazards.services.round_sections import ADDED
    from quancheng.domains.hazards.services.rounds import GENERATOR, ISSUE, VERIFY, make_next
    from quancheng.kernel.files.holders import register_holder, register_scoped
    from quancheng.kernel.notices.texts import declare_notice
    from quancheng.kernel.schedule.generators import register_generator

    def answer(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        return list_answers(actor=actor).filter(pk=pk).first()

    for model in (InspectionRound, RoundTarget, RoundCheck):
        register_scoped(model)
    # An answer stands as it was given: what belongs to it is only added to.
    register_holder(RoundAnswer._meta.label_lower, answer, is_closed=lambda row: True)
    register_generator(GENERATOR, make_next)
    declare_notice(ADDED, _("专项检查增加必检部分"),
                   _("“%(title)s”增加了特殊作业必检部分，请在%(due)s前一并填报。"))  # fmt: skip
    register(NavItem("hazards", _("政府专项检查"), "hazards:rounds", "clipboard", order=16,
                     when=lambda actor: actor.supervises))  # fmt: skip
    register(NavItem("hazards", _("专项检查任务"), "hazards:round_targets", "checklist", order=17))
    register(NavItem("hazards", _("专项检查现场核查"), "hazards:round_checks", "eye", duty=VERIFY, order=17))
    register(NavItem("hazards", _("高危细分领域"), "hazards:sub_fields", "flag", duty=ISSUE, order=66))
