"""The loop of a proposal to climb one rung (督办建议): a person signs it, postpones it or drops it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

ESCALATION = register(
    Loop(
        code="ladder.escalation",
        name=_("督办建议"),
        version=1,
        start="PROPOSED",
        states={
            "PROPOSED": State(_("待决定"), owner="ladder.sign@owner_org", due=within(working_days=3)),
            "POSTPONED": State(_("已暂缓"), owner="ladder.sign@owner_org", review=on("postponed_until")),
            "SIGNED": State(_("已签发"), owner=None),
            "DROPPED": State(_("不予督办"), owner=None),
            "LAPSED": State(_("事由已消除"), owner=None),
        },
        moves={
            "sign": Move(
                ("PROPOSED", "POSTPONED"), "SIGNED", by="ladder.sign@owner_org", label=_("签发"), primary=True
            ),
            "postpone": Move(
                "PROPOSED", "POSTPONED", by="ladder.sign@owner_org", label=_("暂缓"), needs=("reason", "until")
            ),
            "drop": Move(
                ("PROPOSED", "POSTPONED"),
                "DROPPED",
                by="ladder.sign@owner_org",
                label=_("不予督办"),
                needs=("reason",),
            ),
            "come_back": Move("POSTPONED", "PROPOSED", by="ladder.sign@system", label=_("暂缓期满")),
            "lapse": Move(("PROPOSED", "POSTPONED"), "LAPSED", by="ladder.sign@system", label=_("事由消除，自动撤回")),
        },
        title=lambda row: f"{row.rung_name}：{row.facts.get('title', '')}",
        url_name="ladder:escalation",
        strip=("PROPOSED", "SIGNED"),
    )
)
