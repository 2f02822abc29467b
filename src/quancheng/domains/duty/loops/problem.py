"""The loop of a problem on a problem list (问题清单): seven mechanisms, each a section that must be written."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, all_closed, on, register, within

_MANAGE = "duty.problems.manage@owner_org"

PROBLEM = register(
    Loop(
        code="duty.problem",
        name=_("问题"),
        version=1,
        start="FOUND",
        states={
            "FOUND": State(_("已发现"), owner=_MANAGE, due=within(working_days=3)),
            "LISTED": State(_("已列清单"), owner=_MANAGE, due=within(working_days=5)),
            "CAUSED": State(_("已查原因"), owner=_MANAGE, due=within(working_days=5)),
            "PLANNED": State(_("已定措施"), owner=_MANAGE, due=within(working_days=3)),
            "ASSIGNED": State(_("整改中"), owner="duty.problems.rectify@org", due=on("due_date")),
            "RECTIFIED": State(_("待核验"), owner=_MANAGE, due=within(working_days=5)),
            "VERIFIED": State(_("已核验"), owner=_MANAGE, due=within(working_days=10)),
            "CHECKED": State(_("已举一反三"), owner=_MANAGE, due=within(working_days=10)),
            "ROOTED": State(_("已抓本治源"), owner=_MANAGE, due=within(working_days=10)),
            "ANALYSED": State(_("已综合分析"), owner=_MANAGE, review=within(days=30)),
            "CLOSED": State(_("已销号"), owner=None),
            "DISCARDED": State(_("不列入"), owner=None),
        },
        moves={
            "enlist": Move("FOUND", "LISTED", by=_MANAGE, label=_("列入清单"), primary=True),
            "discard": Move("FOUND", "DISCARDED", by=_MANAGE, label=_("不列入"), needs=("reason",)),
            "state_cause": Move(
                "LISTED", "CAUSED", by=_MANAGE, label=_("写明原因"), needs=("cause",), primary=True
            ),
            "plan_measure": Move(
                "CAUSED", "PLANNED", by=_MANAGE, label=_("制定措施"), needs=("measure",), primary=True
            ),
            "assign": Move("PLANNED", "ASSIGNED", by=_MANAGE, label=_("落实责任"), needs=("org", "due_date"),
                           primary=True),
            "rectify": Move(
                "ASSIGNED",
                "RECTIFIED",
                by="duty.problems.rectify@org",
                label=_("提交整改"),
                needs=("result", "evidence"),
                primary=True,
            ),
            "verify": Move(
                "RECTIFIED", "VERIFIED", by=_MANAGE, label=_("核验通过"), not_by=("rectify",), primary=True
            ),
            "return": Move("RECTIFIED", "ASSIGNED", by=_MANAGE, label=_("退回整改"), needs=("reason",)),
            "compare": Move(
                "VERIFIED", "CHECKED", by=_MANAGE, label=_("举一反三"), needs=("analogy",), primary=True
            ),
            "root": Move("CHECKED", "ROOTED", by=_MANAGE, label=_("抓本治源"), needs=("root_measure",), primary=True),
            "analyse": Move(
                "ROOTED", "ANALYSED", by=_MANAGE, label=_("综合分析"), needs=("analysis",), primary=True
            ),
            "close": Move(
                "ANALYSED", "CLOSED", by=_MANAGE, label=_("销号"), when=all_closed("similar"), primary=True
            ),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="duty:problem",
        ladder="task",
        strip=("FOUND", "LISTED", "CAUSED", "PLANNED", "ASSIGNED", "RECTIFIED", "VERIFIED", "CHECKED", "ROOTED",
               "ANALYSED", "CLOSED"),
    )
)  # fmt: skip
