"""Same-type self-checks (同类自查): what one danger taught is asked of every unit of the same kind, and answered."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_PUSH = "hazards.lessons.push@owner_org"
_PUSH_HOUSE = "hazards.lessons.push@system"
_ANSWER = "hazards.findings.confirm@owner_org"
_ANSWER_HOUSE = "hazards.findings.confirm@system"

PUSH = register(
    Loop(
        code="hazards.push",
        name=_("同类自查"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("企业自查中"), owner=_PUSH, due=on("due_date")),
            "DONE": State(_("已完成"), owner=None),
            "STOPPED": State(_("已终止"), owner=None),
        },
        moves={
            "finish": Move("OPEN", "DONE", by=_PUSH_HOUSE, label=_("回复比例达到要求"), primary=True),
            "stop": Move("OPEN", "STOPPED", by=_PUSH, label=_("终止"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="hazards:push",
        ladder="task",
    )
)

PUSH_REPLY = register(
    Loop(
        code="hazards.push_reply",
        name=_("同类自查回复"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待自查"), owner=_ANSWER, due=on("due_date")),
            "CHECKED": State(_("已自查，未发现"), owner=None),
            "FOUND": State(_("已自查，发现隐患"), owner=None),
            "NOT_APPLICABLE": State(_("不适用"), owner=None),
            "ENDED": State(_("无需回复"), owner=None),
        },
        moves={
            "clear": Move("DUE", "CHECKED", by=_ANSWER, label=_("已自查，未发现"), needs=("text",), primary=True),
            "found": Move("DUE", "FOUND", by=_ANSWER, label=_("发现同类隐患"), needs=("text", "findings")),
            "not_applicable": Move("DUE", "NOT_APPLICABLE", by=_ANSWER, label=_("不适用"), needs=("reason",)),
            "end": Move("DUE", "ENDED", by=_ANSWER_HOUSE, label=_("无需回复")),
        },
        title=lambda row: row.title,
        url_name="hazards:push_reply",
        ladder="task",
    )
)
