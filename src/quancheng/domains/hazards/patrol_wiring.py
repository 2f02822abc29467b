"""What grid patrols offer to the rest of the house: the menu, types, files, the phone's pack, rows of the schedule."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages.nav import NavItem, register

if TYPE_CHECKING:
    from django.db import models

    from quancheng.kernel.access.actor import Actor


def connect_patrols() -> None:
    """Called once, when the app is ready."""
    from quancheng.domains.hazards.models import Patrol, PatrolClue, PatrolRecheck, PatrolVisit
    from quancheng.domains.hazards.queries.patrol_pack import pack
    from quancheng.domains.hazards.queries.patrols import list_visits
    from quancheng.domains.hazards.services.patrol_clues import ANSWERED
    from quancheng.domains.hazards.services.patrol_places import GENERATOR
    from quancheng.domains.hazards.services.patrols import make_patrol
    from quancheng.kernel.dictionaries.services import register_data
    from quancheng.kernel.files.holders import register_holder, register_scoped
    from quancheng.kernel.notices.texts import declare_notice
    from quancheng.kernel.phone.parts import register_part
    from quancheng.kernel.schedule.generators import register_generator

    def visit(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        return list_visits(actor=actor).filter(pk=pk).first()

    register_data(Path(__file__).parent / "data" / "patrol_place_types.json")
    for model in (Patrol, PatrolClue, PatrolRecheck):
        register_scoped(model)
    # A line of the ledger stands as it was told: what belongs to it is only added to.
    register_holder(PatrolVisit._meta.label_lower, visit, is_closed=lambda row: True)
    register_generator(GENERATOR, make_patrol)
    register_part("patrols", pack)
    declare_notice(ANSWERED, _("线索答复"), _("您上报的网格线索%(title)s已有答复。"))
    _register_menu()


def _register_menu() -> None:
    def concerned(actor: Actor) -> bool:
        return actor.supervises or actor.has("hazards.patrols.walk")

    register(NavItem("hazards", _("网格巡查"), "hazards:patrols", "eye", when=concerned, order=43))
    register(NavItem("hazards", _("网格线索"), "hazards:patrol_clues", "flag", when=concerned, order=44))
    register(NavItem("hazards", _("网格排查台账"), "hazards:patrol_visits", "clipboard", when=concerned, order=45))
    register(NavItem("hazards", _("网格复查"), "hazards:patrol_rechecks", "eye", when=concerned, order=46))
    register(NavItem("hazards", _("巡查点"), "hazards:patrol_places", "list", when=concerned, order=47))
    register(NavItem("hazards", _("巡查路线"), "hazards:patrol_routes", "list", when=concerned, order=48))
    register(NavItem("hazards", _("网格线索时限"), "hazards:patrol_terms", "calendar", duty="hazards.terms.set",
                     order=66))  # fmt: skip
