"""Looking back for responsibility (责任倒查): opened with the records frozen, conclusions link by link, approved."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_LOOK = "hazards.lookbacks.conduct@owner_org"
_APPROVE = "hazards.lookbacks.approve@owner_org"

LOOKBACK = register(
    Loop(
        code="hazards.lookback",
        name=_("责任倒查"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("倒查中"), owner=_LOOK, due=within(days=30)),
            "SUBMITTED": State(_("待审批"), owner=_APPROVE, due=within(working_days=5)),
            "APPROVED": State(_("已审批"), owner=None),
            "DROPPED": State(_("已撤销"), owner=None),
        },
        moves={
            "submit": Move("OPEN", "SUBMITTED", by=_LOOK, label=_("提交审批"), needs=("text",), primary=True),
            "approve": Move("SUBMITTED", "APPROVED", by=_APPROVE, label=_("批准倒查结论"), not_by=("submit",),
                            primary=True),
            "return": Move("SUBMITTED", "OPEN", by=_APPROVE, label=_("退回补充"), needs=("reason",)),
            "drop": Move("OPEN", "DROPPED", by=_LOOK, label=_("撤销倒查"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="hazards:lookback",
        ladder="task",
    )
)  # fmt: skip
