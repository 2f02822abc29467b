"""The loop of a start-up or shut-down (开停车)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

if TYPE_CHECKING:
    from quancheng.domains.risk.models import StartStop

_OWN = "risk.list.keep@owner_org"
_APPROVE = "risk.start_stop.approve@owner_org"
_WATCH = "risk.start_stop.watch@owner_org"
_RECEIVE = "risk.start_stop.receive@supervisor"


def _planned(row: StartStop) -> Text | None:
    return None if row.is_planned else _("紧急停车不需审批，请直接报告。")


def _ready(row: StartStop) -> Text | None:
    """What holds when it is handed in holds when it is approved too: conditions confirmed, the analysis in force."""
    if row.unmet:
        return _("还有开停车条件没有确认。")
    if row.analysis is not None and row.analysis.status != "IN_FORCE":
        return _("所选风险分析已不再有效，请重新选择。")
    return None


def _ready_plan(row: StartStop) -> Text | None:
    return _planned(row) or _ready(row)


def _emergency(row: StartStop) -> Text | None:
    return _("计划内的开停车须先经审批。") if row.is_planned else None


def _waiting(row: StartStop) -> Text | None:
    return None if row.actual_from is None else _("已经开始实施。")


def _before(row: StartStop) -> Text | None:
    """A draft of an emergency that was entered by mistake is cancelled too, though it says that it began."""
    return None if row.status == "DRAFT" else _waiting(row)


def _going_on(row: StartStop) -> Text | None:
    if row.actual_from is None:
        return _("还没有开始实施。")
    return None if row.actual_to is None else _("已经结束。")


def _over(row: StartStop) -> Text | None:
    return None if row.actual_to is not None else _("还没有结束。")


# Whether the office has received the notice does not hold up the plant: until then what happens is recorded in the same
# state, and the receipt leads to where things stand.
START_STOP = register(
    Loop(
        code="risk.start_stop",
        name=_("开停车通知"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("编制中"), owner=_OWN, due=on("due_at")),
            "REVIEW": State(_("待负责人审批"), owner=_APPROVE, due=on("due_at")),
            "NOTICED": State(_("已通知，待属地接收"), owner=_RECEIVE,
                             due=on("receive_by_at", otherwise=within(working_days=1))),
            "RECEIVED": State(_("待实施"), owner=_OWN, due=on("due_at")),
            "RUNNING": State(_("实施中"), owner=_WATCH, due=on("watch_due_at", otherwise=within(hours=12))),
            "DONE": State(_("已结束"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "submit": Move("DRAFT", "REVIEW", by=_OWN, label=_("提交审批"), when=_ready_plan, primary=True),
            "report": Move("DRAFT", "NOTICED", by=_OWN, label=_("报告紧急停车"), when=_emergency, primary=True),
            "approve": Move("REVIEW", "NOTICED", by=_APPROVE, label=_("审批并通知属地"),
                            not_by=("submit",), when=_ready, primary=True),
            "return": Move("REVIEW", "DRAFT", by=_APPROVE, label=_("退回修改"), needs=("reason",)),
            "receive": Move("NOTICED", "RECEIVED", by=_RECEIVE, label=_("接收通知"), when=_waiting, primary=True),
            "receive_running": Move("NOTICED", "RUNNING", by=_RECEIVE, label=_("接收通知"),
                                    when=_going_on, primary=True),
            "receive_over": Move("NOTICED", "DONE", by=_RECEIVE, label=_("接收通知"), when=_over, primary=True),
            "send_back": Move("NOTICED", "DRAFT", by=_RECEIVE, label=_("退回补正"), needs=("reason",), when=_waiting),
            "start": Move("RECEIVED", "RUNNING", by=_OWN, label=_("开始实施"), primary=True),
            "start_early": Move("NOTICED", "NOTICED", by=_OWN, label=_("开始实施"), when=_waiting),
            "watch": Move("RUNNING", "RUNNING", by=_WATCH, label=_("登记监护情况"), primary=True),
            "watch_early": Move("NOTICED", "NOTICED", by=_WATCH, label=_("登记监护情况"), when=_going_on),
            "finish": Move("RUNNING", "DONE", by=_OWN, label=_("结束"), needs=("text",)),
            "finish_early": Move("NOTICED", "NOTICED", by=_OWN, label=_("结束"), needs=("text",), when=_going_on),
            "revise": Move(("NOTICED", "RECEIVED"), "DRAFT", by=_OWN, label=_("变更计划，重新审批"),
                           needs=("reason",), when=_waiting),
            "cancel": Move(("DRAFT", "REVIEW", "NOTICED", "RECEIVED"), "CANCELLED", by=_OWN, label=_("取消"),
                           needs=("reason",), when=_before),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="risk:start_stop",
        ladder="task",
        strip=("DRAFT", "REVIEW", "NOTICED", "RECEIVED", "RUNNING", "DONE"),
    )
)  # fmt: skip
