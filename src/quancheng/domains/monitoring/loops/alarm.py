"""The life of an alarm (报警处置), after ISA-18.2 and GB/T 41261-2022, with the answer that supervision asks for.

``UNACK`` active and unacknowledged, ``ACKED`` active and acknowledged, ``RTNUN`` returned to normal and
unacknowledged; ``SHELVED``, ``SUPDES`` (suppressed by design) and ``OOS`` (out of service) are silent. What the frame
calls normal is here: answered with reason and measures (``FEEDBACK``), looked at by a second person where the one who
answers may not close it alone (``REVIEW``), ``CLOSED``.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_ANSWER = "monitoring.answer@owner_org"
_CONFIRM = "monitoring.confirm@owner_org"
_HOUSE = "monitoring.answer@system"
#: States in which nobody is called.
SILENT = ("SHELVED", "SUPDES", "OOS")
#: States in which somebody must still acknowledge.
UNACKNOWLEDGED = ("UNACK", "RTNUN")

ALARM = register(
    Loop(
        code="monitoring.alarm",
        name=_("报警处置"),
        version=1,
        start="UNACK",
        states={
            "UNACK": State(_("未确认"), owner=_ANSWER, due=on("respond_by")),
            "ACKED": State(_("已确认"), owner=_ANSWER, due=on("feedback_by")),
            "RTNUN": State(_("恢复未确认"), owner=_ANSWER, due=on("respond_by")),
            "FEEDBACK": State(_("待反馈"), owner=_ANSWER, due=on("feedback_by")),
            "REVIEW": State(_("待核实"), owner=_CONFIRM, due=within(hours=24)),
            "SHELVED": State(_("搁置"), owner=_ANSWER, due=on("held_until", otherwise=within(hours=12))),
            "SUPDES": State(_("设计抑制"), owner=_ANSWER, review=within(days=1)),
            "OOS": State(pgettext_lazy("alarm", "停用"), owner=_ANSWER, due=on("held_until", otherwise=within(days=1))),
            "CLOSED": State(_("已关闭"), owner=None),
        },
        moves={
            "ack": Move("UNACK", "ACKED", by=_ANSWER, label=_("确认"), needs=("action",), primary=True),
            "ack_returned": Move("RTNUN", "FEEDBACK", by=_ANSWER, label=_("确认"), needs=("action",), primary=True),
            # The reason may be known before the signal is back.
            "state": Move("ACKED", "ACKED", by=_ANSWER, label=_("填报原因和处置"), needs=("reason", "measures")),
            "answer": Move(
                "FEEDBACK", "CLOSED", by=_ANSWER, label=_("反馈并关闭"), needs=("reason", "measures"), primary=True
            ),
            "submit": Move(
                "FEEDBACK", "REVIEW", by=_ANSWER, label=_("反馈并提交核实"), needs=("reason", "measures"), primary=True
            ),
            "confirm": Move(
                "REVIEW", "CLOSED", by=_CONFIRM, label=_("核实并关闭"), not_by=("submit", "state"), primary=True
            ),
            "refuse": Move("REVIEW", "FEEDBACK", by=_CONFIRM, label=_("退回重报"), needs=("reason",)),
            "reset": Move("ACKED", "FEEDBACK", by=_ANSWER, label=_("复位")),
            "clear": Move("UNACK", "RTNUN", by=_HOUSE, label=_("信号恢复")),
            "clear_acked": Move("ACKED", "FEEDBACK", by=_HOUSE, label=_("信号恢复")),
            "clear_answered": Move("ACKED", "CLOSED", by=_HOUSE, label=_("信号恢复，已有反馈")),
            "clear_submitted": Move("ACKED", "REVIEW", by=_HOUSE, label=_("信号恢复，反馈待核实")),
            "clear_by_itself": Move(("UNACK", "RTNUN"), "CLOSED", by=_HOUSE, label=_("信号恢复，自动确认")),
            "raise_again": Move(
                ("ACKED", "RTNUN", "FEEDBACK", "REVIEW"), "UNACK", by=_HOUSE, label=_("再次报警")
            ),
            "shelve": Move(
                ("UNACK", "ACKED", "RTNUN", "FEEDBACK"), "SHELVED", by=_HOUSE, label=_("搁置"), needs=("reason",)
            ),
            "suppress": Move(
                ("UNACK", "ACKED", "RTNUN", "SHELVED"), "SUPDES", by=_HOUSE, label=_("设计抑制"), needs=("reason",)
            ),
            "take_out": Move(
                ("UNACK", "ACKED", "RTNUN", "FEEDBACK", "SHELVED", "SUPDES"), "OOS", by=_HOUSE,
                label=pgettext_lazy("alarm", "停用"), needs=("reason",),
            ),
            "speak_again": Move(SILENT, "UNACK", by=_HOUSE, label=_("恢复报警")),
            "quiet": Move(SILENT, "FEEDBACK", by=_HOUSE, label=_("恢复，信号已正常")),
            "end": Move(
                ("UNACK", "ACKED", "RTNUN", "FEEDBACK", "REVIEW", *SILENT), "CLOSED", by=_HOUSE,
                label=_("点位停用，自动关闭"), needs=("reason",),
            ),
        },
        title=lambda row: row.title,
        url_name="monitoring:alarm",
        strip=("UNACK", "ACKED", "FEEDBACK", "REVIEW", "CLOSED"),
    )
)  # fmt: skip
