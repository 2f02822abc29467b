"""What the audit, or an inspector, found on a permit, from finding to proof (审计问题).

The house sends what its rules find at once; what an inspector writes down he sends himself. How long the enterprise
has is told by severity: :data:`ANSWER_H`.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_AUDIT = "permits.audit@owner_org"
_HOUSE = "permits.audit@system"
_OWN = "permits.work@enterprise"
#: Hours until the enterprise answers, by severity [D]: critical, major, general and hints.
ANSWER_H = {"C": 2, "M": 24, "G": 72, "I": 72}

FINDING = register(
    Loop(
        code="permits.finding",
        name=_("作业审计问题"),
        version=1,
        start="FOUND",
        states={
            "FOUND": State(_("待推送"), owner=_AUDIT, due=within(hours=24)),
            "PUSHED": State(_("已推送，待签收"), owner=_OWN, due=on("answer_by")),
            "RECEIVED": State(_("已签收"), owner=_OWN, due=on("answer_by")),
            "RECTIFYING": State(pgettext_lazy("permit audit", "整改中"), owner=_OWN, due=on("answer_by")),
            "RECHECK": State(pgettext_lazy("permit audit", "待复查"), owner=_AUDIT, due=within(working_days=2)),
            "CLOSED": State(_("已闭环"), owner=None),
            "DROPPED": State(_("已撤销"), owner=None),
        },
        moves={
            "push": Move("FOUND", "PUSHED", by=_AUDIT, label=_("推送企业"), primary=True),
            "send": Move("FOUND", "PUSHED", by=_HOUSE, label=_("系统推送")),
            "receive": Move("PUSHED", "RECEIVED", by=_OWN, label=_("签收"), primary=True),
            "begin": Move("RECEIVED", "RECTIFYING", by=_OWN, label=_("开始整改"), needs=("text",)),
            "answer": Move(
                ("RECEIVED", "RECTIFYING"), "RECHECK", by=_OWN, label=_("提交整改结果"), needs=("text",), primary=True
            ),
            "close": Move("RECHECK", "CLOSED", by=_AUDIT, label=_("复查合格，闭环"), needs=("comment",), primary=True),
            "return": Move("RECHECK", "RECTIFYING", by=_AUDIT, label=_("复查不合格，退回整改"), needs=("reason",)),
            "drop": Move(
                ("FOUND", "PUSHED", "RECEIVED", "RECTIFYING", "RECHECK"), "DROPPED", by=_AUDIT,
                label=_("不构成问题，撤销"), needs=("reason",),
            ),
        },
        title=lambda row: row.title,
        url_name="permits:finding",
        ladder="task",
        strip=("FOUND", "PUSHED", "RECEIVED", "RECTIFYING", "RECHECK", "CLOSED"),
    )
)  # fmt: skip
