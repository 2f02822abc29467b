"""The life of one permit (作业票) of GB 30871-2022, from its draft to the archive.

States follow ``standards.gb30871.endings.STATES`` where they stand for one; ``EXPIRED`` is ours: a permit whose window
ended before work began, which is void by 4.16. What each move must find is asked by the services of the registry of
checks; here stands who owes what, and by when.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_REQUEST = "permits.request@enterprise"
_WORK = "permits.work@enterprise"
#: Whoever of the enterprise sees the permit: to stop work is never waited for.
_SEES = "permits.view@enterprise"
_UNIT = "permits.sign_unit@enterprise"
#: Whoever signs: which signature asks which duty is asked by the service.
_SIGN = "permits.sign@enterprise"
_CLOCK = "permits.work@system"
#: Before work: what may still be cancelled, or be overtaken by the end of its window.
BEFORE = ("REQUESTED", "PREPARING", "APPROVING", "ISSUED")
#: Signed through and not ended: its people are bound by it.
RUNNING = ("ISSUED", "WORKING", "SUSPENDED")
#: Begun and not ended, also while it stands.
BEGUN = ("WORKING", "SUSPENDED")

PERMIT = register(
    Loop(
        code="permits.permit",
        name=_("特殊作业票"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("草稿"), owner=_REQUEST, review=within(days=7)),
            "REQUESTED": State(_("已申请"), owner=_UNIT, due=on("window_start")),
            "PREPARING": State(_("作业前准备"), owner=_WORK, due=on("window_start")),
            "APPROVING": State(_("会签审批中"), owner=_SIGN, due=on("window_start")),
            "ISSUED": State(pgettext_lazy("permit", "已签发"), owner=_WORK, due=on("window_end")),
            "WORKING": State(_("作业中"), owner=_WORK, due=on("window_end")),
            "SUSPENDED": State(pgettext_lazy("permit", "暂停"), owner=_WORK, due=on("window_end")),
            "FINISHED": State(_("完工待验收"), owner=_UNIT, due=within(hours=24)),
            "ACCEPTED": State(pgettext_lazy("permit", "已验收"), owner=_WORK, due=within(hours=48)),
            "CLOSED": State(_("已归档"), owner=None),
            "CANCELLED": State(pgettext_lazy("permit", "已撤销"), owner=None),
            "VOID": State(pgettext_lazy("permit", "已作废"), owner=None),
            "EXPIRED": State(_("过期作废"), owner=None),
        },
        moves={
            "submit": Move("DRAFT", "REQUESTED", by=_REQUEST, label=_("提交申请"), primary=True),
            "take_up": Move("REQUESTED", "PREPARING", by=_UNIT, label=_("受理，开始准备"), primary=True),
            "return": Move("REQUESTED", "DRAFT", by=_UNIT, label=_("退回修改"), needs=("reason",)),
            "present": Move("PREPARING", "APPROVING", by=_WORK, label=_("准备完毕，提交会签"), primary=True),
            "sign": Move("APPROVING", "APPROVING", by=_SIGN, label=_("签字"), whoever=True),
            "issue": Move("APPROVING", "ISSUED", by=_SIGN, label=_("签发"), not_by=("submit",), whoever=True),
            "reject": Move(
                "APPROVING", "PREPARING", by=_SIGN, label=_("不同意，退回准备"), needs=("reason",), whoever=True
            ),
            "unfit": Move(
                ("APPROVING", "ISSUED"), "PREPARING", by=_CLOCK, label=_("分析不合格，退回准备"), needs=("reason",)
            ),
            "verify": Move("ISSUED", "ISSUED", by=_SIGN, label=_("动火前验票")),
            "start": Move("ISSUED", "WORKING", by=_WORK, label=_("开始作业"), primary=True),
            "suspend": Move(
                "WORKING", "SUSPENDED", by=_SEES, label=_("暂停作业"), needs=("stop_reason",), whoever=True
            ),
            "stop": Move("WORKING", "SUSPENDED", by=_CLOCK, label=_("系统暂停"), needs=("stop_reason",)),
            "resume": Move("SUSPENDED", "WORKING", by=_WORK, label=_("恢复作业"), primary=True),
            "finish": Move(("WORKING", "SUSPENDED"), "FINISHED", by=_WORK, label=_("完工"), needs=("note",)),
            "accept": Move("FINISHED", "ACCEPTED", by=_UNIT, label=_("完工验收"), needs=("note",), primary=True),
            "close": Move("ACCEPTED", "CLOSED", by=_WORK, label=_("归档"), primary=True),
            "archive": Move("ACCEPTED", "CLOSED", by=_CLOCK, label=_("自动归档")),
            "cancel": Move(("DRAFT", *BEFORE), "CANCELLED", by=_UNIT, label=_("撤销"), needs=("reason",)),
            "void": Move(
                (*RUNNING, "FINISHED"), "VOID", by=_UNIT, label=_("作废"), needs=("event", "reason"), whoever=True
            ),
            "expire": Move(("DRAFT", *BEFORE), "EXPIRED", by=_CLOCK, label=_("有效期已过，自动作废")),
        },
        title=lambda row: row.title,
        url_name="permits:permit",
        strip=("DRAFT", "REQUESTED", "PREPARING", "APPROVING", "ISSUED", "WORKING", "FINISHED", "ACCEPTED", "CLOSED"),
    )
)  # fmt: skip
