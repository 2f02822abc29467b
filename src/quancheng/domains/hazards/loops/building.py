"""The regulator accepts that an enterprise has built dual prevention (双重预防机制建设验收)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_JUDGE = "hazards.building.accept@supervisor"
_ASK = "hazards.building.keep@enterprise"

#: The term is a default of ours [D].
BUILDING = register(
    Loop(
        code="hazards.building_acceptance",
        name=_("双重预防机制建设验收"),
        version=1,
        start="ASKED",
        states={
            "ASKED": State(_("待验收"), owner=_JUDGE, due=within(working_days=20)),
            "ACCEPTED": State(_("验收通过"), owner=None),
            "REFUSED": State(_("验收未通过"), owner=None),
            "WITHDRAWN": State(_("企业撤回"), owner=None),
        },
        moves={
            "accept": Move("ASKED", "ACCEPTED", by=_JUDGE, label=_("验收通过"), needs=("text",), primary=True),
            "refuse": Move("ASKED", "REFUSED", by=_JUDGE, label=_("验收不通过"), needs=("reason",)),
            "withdraw": Move("ASKED", "WITHDRAWN", by=_ASK, label=_("撤回验收申请"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="hazards:building_acceptance",
        ladder="task",
        strip=("ASKED", "ACCEPTED"),
    )
)
