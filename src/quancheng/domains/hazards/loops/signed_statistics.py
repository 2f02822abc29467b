"""Statistics of hidden dangers that the main person signs each quarter and year (隐患排查治理情况统计报表)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_SIGN = "hazards.signed_statistics.sign@owner_org"
_JUDGE = "hazards.signed_statistics.judge@supervisor"
_CLOCK = "hazards.signed_statistics.sign@system"

SIGNED_STATISTICS = register(
    Loop(
        code="hazards.signed_statistics",
        name=_("隐患排查治理统计报表"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待签字报送"), owner=_SIGN, due=on("due_date")),
            "SIGNED": State(_("已签字报送，待接收"), owner=_JUDGE, due=within(working_days=10)),
            "RETURNED": State(_("已退回，待重新报送"), owner=_SIGN, due=within(working_days=5)),
            "ACCEPTED": State(_("已接收"), owner=None),
            "ENDED": State(_("不再需要"), owner=None),
        },
        moves={
            "sign": Move(("DUE", "RETURNED"), "SIGNED", by=_SIGN, label=_("核对并签字报送"), needs=("signed",),
                         primary=True),
            "accept": Move("SIGNED", "ACCEPTED", by=_JUDGE, label=_("接收"), primary=True),
            "return": Move("SIGNED", "RETURNED", by=_JUDGE, label=_("退回"), needs=("reason",)),
            "end": Move(("DUE", "RETURNED"), "ENDED", by=_CLOCK, label=_("不再需要")),
        },
        title=lambda row: row.title,
        url_name="hazards:statistics_report",
        ladder="task",
        strip=("DUE", "SIGNED", "ACCEPTED"),
    )
)  # fmt: skip
