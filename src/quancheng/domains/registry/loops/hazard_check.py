"""The loop of the supervising office's own look at a newly found major hazard (现场核实)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_VERIFY = "registry.hazards.verify@owner_org"

HAZARD_CHECK = register(
    Loop(
        code="registry.hazard_check",
        name=_("重大危险源现场核实"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("待现场核实"), owner=_VERIFY, due=within(working_days=10)),
            "CONFIRMED": State(_("核实相符"), owner=None),
            "DISPUTED": State(_("核实不符"), owner=None),
        },
        moves={
            "confirm": Move("OPEN", "CONFIRMED", by=_VERIFY, label=_("核实相符"), needs=("text",), primary=True),
            "dispute": Move("OPEN", "DISPUTED", by=_VERIFY, label=_("核实不符"), needs=("reason",)),
        },
        title=lambda row: f"{row.hazard.code} {row.hazard.unit.name}",
        url_name="registry:hazard_check",
        strip=("OPEN", "CONFIRMED"),
    )
)
