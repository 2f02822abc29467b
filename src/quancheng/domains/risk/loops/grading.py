"""The loops of an enterprise's grading (安全风险分级) and of the plan that a grave colour calls for (一企一策)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_OWN = "risk.list.keep@owner_org"
_OFFICE = "risk.list.enter@supervisor"
_JUDGE = "risk.gradings.judge@supervisor"
_CLOCK = "risk.gradings.judge@system"

GRADING = register(
    Loop(
        code="risk.grading",
        name=_("企业安全风险分级"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("待填报"), owner=_OWN, due=on("due_date")),
            "SUBMITTED": State(_("待核定"), owner=_JUDGE, due=within(working_days=20)),
            "PUBLISHED": State(_("已公布"), owner=_JUDGE, review=on("review_date")),
            "SUPERSEDED": State(_("已被新一轮取代"), owner=None),
            "EXPIRED": State(_("已到期"), owner=None),
            "WITHDRAWN": State(_("已撤销"), owner=None),
        },
        moves={
            "submit": Move("DRAFT", "SUBMITTED", by=_OWN, label=_("提交核定"), primary=True),
            "enter": Move("DRAFT", "SUBMITTED", by=_OFFICE, label=_("代企业提交"), needs=("reason",), primary=True),
            "correct": Move("SUBMITTED", "SUBMITTED", by=_JUDGE, label=_("核改答案"), needs=("reason",)),
            "return": Move("SUBMITTED", "DRAFT", by=_JUDGE, label=_("退回补正"), needs=("reason",)),
            "publish": Move("SUBMITTED", "PUBLISHED", by=_JUDGE, label=_("核定并公布"),
                            not_by=("submit", "enter"), primary=True),
            "withdraw": Move(("DRAFT", "SUBMITTED"), "WITHDRAWN", by=_JUDGE, label=_("撤销"), needs=("reason",)),
            "supersede": Move("PUBLISHED", "SUPERSEDED", by=_CLOCK, label=_("被新一轮取代")),
            "expire": Move("PUBLISHED", "EXPIRED", by=_CLOCK, label=_("有效期届满")),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="risk:grading",
        ladder="task",
        strip=("DRAFT", "SUBMITTED", "PUBLISHED"),
    )
)  # fmt: skip

POLICY = register(
    Loop(
        code="risk.policy",
        name=_("一企一策"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待制定"), owner=_OWN, due=on("due_date")),
            "SUBMITTED": State(_("待审定"), owner=_JUDGE, due=within(working_days=10)),
            "STANDING": State(_("执行中"), owner=_OWN, review=on("review_date")),
            "ENDED": State(_("已终止"), owner=None),
        },
        moves={
            "submit": Move("DUE", "SUBMITTED", by=_OWN, label=_("提交方案"), needs=("measures",), primary=True),
            "approve": Move("SUBMITTED", "STANDING", by=_JUDGE, label=_("审定方案"), not_by=("submit",), primary=True),
            "return": Move("SUBMITTED", "DUE", by=_JUDGE, label=_("退回修改"), needs=("reason",)),
            "review": Move("STANDING", "DUE", by=_CLOCK, label=_("年度复审")),
            "end": Move(("DUE", "SUBMITTED", "STANDING"), "ENDED", by=_JUDGE, label=_("终止"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="risk:policy",
        ladder="task",
        strip=("DUE", "SUBMITTED", "STANDING"),
    )
)  # fmt: skip
