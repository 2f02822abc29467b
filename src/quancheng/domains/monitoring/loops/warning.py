"""The life of a warning (风险预警), and what the authority owes of it beside the enterprise (预警核查).

Two loops, since both must act at once: the enterprise answers and reports, the office verifies and decides.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_ANSWER = "monitoring.answer@owner_org"
_REVIEW = "monitoring.review@supervisor"
_APPROVE = "monitoring.approve@supervisor"
_CHECK = "monitoring.review@owner_org"
_HOUSE = "monitoring.answer@system"
_OPEN = ("RAISED", "ANSWERED", "REPORTED", "APPROVING")

RISK_WARNING = register(
    Loop(
        code="monitoring.warning",
        name=_("风险预警"),
        version=1,
        start="RAISED",
        states={
            "RAISED": State(_("待响应"), owner=_ANSWER, due=on("respond_by")),
            "ANSWERED": State(_("处置中"), owner=_ANSWER, due=on("report_by")),
            "REPORTED": State(_("待核实解除"), owner=_REVIEW, due=within(days=3)),
            "APPROVING": State(_("待领导批准"), owner=_APPROVE, due=within(days=1)),
            "CLOSED": State(_("已解除"), owner=None),
        },
        moves={
            "respond": Move("RAISED", "ANSWERED", by=_ANSWER, label=_("响应"), needs=("response",), primary=True),
            "report": Move("ANSWERED", "REPORTED", by=_ANSWER, label=_("报送处置报告"), needs=("report",),
                           primary=True),
            # A low risk is the enterprise's own: the office sees the list and looks at some.
            "finish": Move("ANSWERED", "CLOSED", by=_ANSWER, label=_("自行解除"), needs=("report",)),
            "accept": Move("REPORTED", "CLOSED", by=_REVIEW, label=_("核实并解除"), primary=True),
            "submit": Move("REPORTED", "APPROVING", by=_REVIEW, label=_("核实并报领导批准"), primary=True),
            "return": Move(("REPORTED", "APPROVING"), "ANSWERED", by=_REVIEW, label=_("退回继续处置"),
                           needs=("reason",)),
            "approve": Move("APPROVING", "CLOSED", by=_APPROVE, label=_("批准解除"), not_by=("submit",), primary=True),
            "rise": Move(_OPEN, "RAISED", by=_HOUSE, label=_("预警升级")),
            "lapse": Move("RAISED", "RAISED", by=_HOUSE, label=_("逾期未响应，预警升级")),
        },
        title=lambda row: row.title,
        url_name="monitoring:warning",
        strip=("RAISED", "ANSWERED", "REPORTED", "APPROVING", "CLOSED"),
    )
)  # fmt: skip

WARNING_CHECK = register(
    Loop(
        code="monitoring.warning_check",
        name=_("预警核查"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待核查"), owner=_CHECK, due=on("due_at")),
            "DONE": State(_("已核查"), owner=None),
            "PASSED": State(_("未核查"), owner=None),
        },
        moves={
            "verify": Move("DUE", "DONE", by=_CHECK, label=_("记录核查"), needs=("verdict", "note"), primary=True),
            "raise": Move("DUE", "DUE", by=_HOUSE, label=_("预警升级")),
            "pass": Move("DUE", "PASSED", by=_HOUSE, label=_("预警已解除，未核查")),
        },
        title=lambda row: row.title,
        url_name="monitoring:warning_check",
    )
)
