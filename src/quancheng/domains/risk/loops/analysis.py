"""The loops of an analysis (风险分析), of its recommendations (建议措施), of a reaction's assessment, of a clearing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_OWN = "risk.list.keep@owner_org"
_OFFICE = "risk.list.enter@supervisor"
_JUDGE = "risk.gradings.judge@supervisor"
_CLOCK = "risk.gradings.judge@system"

ANALYSIS = register(
    Loop(
        code="risk.analysis",
        name=_("风险分析"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("编制中"), owner=_OWN, due=on("due_date")),
            "REVIEW": State(_("待审核"), owner=_OWN, due=within(working_days=10)),
            "IN_FORCE": State(_("有效"), owner=_OWN, review=on("review_date")),
            "DUE": State(_("待重新分析"), owner=_OWN, due=on("due_date")),
            "SUPERSEDED": State(_("已被新版取代"), owner=None),
            "WITHDRAWN": State(_("已撤销"), owner=None),
        },
        moves={
            "submit": Move("DRAFT", "REVIEW", by=_OWN, label=_("提交审核"), primary=True),
            "approve": Move("REVIEW", "IN_FORCE", by=_OWN, label=_("审核通过"), not_by=("submit",), primary=True),
            "return": Move("REVIEW", "DRAFT", by=_OWN, label=_("退回修改"), needs=("reason",)),
            "change": Move("IN_FORCE", "DUE", by=_OWN, label=_("发生变更，重新分析"), needs=("reason",)),
            "order": Move("IN_FORCE", "DUE", by=_OFFICE, label=_("要求重新分析"), needs=("reason",)),
            "expire": Move("IN_FORCE", "DUE", by=_CLOCK, label=_("到期或变更，待重新分析")),
            "supersede": Move(("IN_FORCE", "DUE"), "SUPERSEDED", by=_OWN, label=_("被新版取代")),
            "withdraw": Move(("DRAFT", "REVIEW"), "WITHDRAWN", by=_OWN, label=_("撤销"), needs=("reason",)),
            "end": Move(("IN_FORCE", "DUE"), "WITHDRAWN", by=_OWN, label=_("单元停用，终止"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="risk:analysis",
        ladder="task",
        strip=("DRAFT", "REVIEW", "IN_FORCE", "DUE"),
    )
)  # fmt: skip

RECOMMENDATION = register(
    Loop(
        code="risk.recommendation",
        name=_("分析建议措施"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("未关闭"), owner=_OWN, due=on("due_date")),
            "DONE": State(_("待验证"), owner=_OWN, due=within(working_days=10)),
            "CLOSED": State(_("已关闭"), owner=None),
            "REJECTED": State(_("不采纳"), owner=None),
        },
        moves={
            "finish": Move("OPEN", "DONE", by=_OWN, label=_("完成，提交验证"), needs=("evidence",), primary=True),
            "close": Move("DONE", "CLOSED", by=_OWN, label=_("验证关闭"), not_by=("finish",), primary=True),
            "return": Move("DONE", "OPEN", by=_OWN, label=_("验证不通过"), needs=("reason",)),
            "reject": Move("OPEN", "REJECTED", by=_OWN, label=_("不采纳"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="risk:recommendation",
        ladder="task",
        strip=("OPEN", "DONE", "CLOSED"),
    )
)  # fmt: skip

REACTION = register(
    Loop(
        code="risk.reaction",
        name=_("反应安全风险评估"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("编制中"), owner=_OWN, due=on("due_date")),
            "REVIEW": State(_("待审核"), owner=_OWN, due=within(working_days=10)),
            "IN_FORCE": State(_("有效"), owner=_OWN, review=on("review_date")),
            "DUE": State(_("待重新评估"), owner=_OWN, due=on("due_date")),
            "ENDED": State(_("已终止"), owner=None),
        },
        moves={
            "submit": Move("DRAFT", "REVIEW", by=_OWN, label=_("提交审核"), primary=True),
            "approve": Move("REVIEW", "IN_FORCE", by=_OWN, label=_("审核通过"), not_by=("submit",), primary=True),
            "return": Move("REVIEW", "DRAFT", by=_OWN, label=_("退回修改"), needs=("reason",)),
            "control": Move("IN_FORCE", "IN_FORCE", by=_OWN, label=_("登记管控措施落实")),
            "change": Move("IN_FORCE", "DUE", by=_OWN, label=_("工艺变更，重新评估"), needs=("reason",)),
            "order": Move("IN_FORCE", "DUE", by=_OFFICE, label=_("要求重新评估"), needs=("reason",)),
            "expire": Move("IN_FORCE", "DUE", by=_CLOCK, label=_("到期或变更，待重新评估")),
            "renew": Move("DUE", "DRAFT", by=_OWN, label=_("开始重新评估"), primary=True),
            "end": Move(("DRAFT", "IN_FORCE", "DUE"), "ENDED", by=_OWN, label=_("反应停用，终止"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="risk:reaction",
        ladder="task",
        strip=("DRAFT", "REVIEW", "IN_FORCE", "DUE"),
    )
)  # fmt: skip

CLEARING = register(
    Loop(
        code="risk.clearing",
        name=_("精细化工“四个清零”"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("待清零"), owner=_OWN, due=on("due_date")),
            "REPORTED": State(_("待现场核查"), owner=_JUDGE, due=within(working_days=20)),
            "CLEARED": State(_("已清零"), owner=None),
            "EXEMPT": State(_("不涉及"), owner=None),
        },
        moves={
            "report": Move("OPEN", "REPORTED", by=_OWN, label=_("上报清零"), needs=("evidence",), primary=True),
            "verify": Move("REPORTED", "CLEARED", by=_JUDGE, label=_("现场核查通过"), needs=("text",),
                           not_by=("report",), primary=True),
            "return": Move("REPORTED", "OPEN", by=_JUDGE, label=_("现场核查不通过"), needs=("reason",)),
            "exempt": Move(("OPEN", "REPORTED"), "EXEMPT", by=_JUDGE, label=_("认定不涉及"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="risk:clearing",
        ladder="task",
        strip=("OPEN", "REPORTED", "CLEARED"),
    )
)  # fmt: skip
