"""What follows from a week's running effect (运行效果处置), and an enterprise's objection to a count of it (异议)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_JUDGE = "hazards.running.judge@owner_org"
_APPEAL = "hazards.running.appeal@enterprise"

RUNNING_ACTION = register(
    Loop(
        code="hazards.running_action",
        name=_("运行效果处置"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待处置"), owner=_JUDGE, due=on("due_date")),
            "DONE": State(_("已处置"), owner=None),
            "DROPPED": State(_("不予处置"), owner=None),
        },
        moves={
            "record": Move("DUE", "DONE", by=_JUDGE, label=_("登记处置结果"), needs=("text",), primary=True),
            "drop": Move("DUE", "DROPPED", by=_JUDGE, label=_("不予处置"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="hazards:running_action",
        ladder="task",
    )
)

RUNNING_APPEAL = register(
    Loop(
        code="hazards.running_appeal",
        name=_("运行效果异议"),
        version=1,
        start="WAITING",
        states={
            "WAITING": State(_("待核查"), owner=_JUDGE, due=within(working_days=5)),
            "UPHELD": State(_("异议成立，已更正"), owner=None),
            "REFUSED": State(_("异议不成立"), owner=None),
            "WITHDRAWN": State(_("企业撤回"), owner=None),
        },
        moves={
            "uphold": Move("WAITING", "UPHELD", by=_JUDGE, label=_("异议成立，更正"), needs=("text",)),
            "refuse": Move("WAITING", "REFUSED", by=_JUDGE, label=_("异议不成立"), needs=("reason",)),
            "withdraw": Move("WAITING", "WITHDRAWN", by=_APPEAL, label=_("撤回异议"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="hazards:running_appeal",
        ladder="task",
    )
)
