"""The loops of a meeting (会议) and of the receipts of its minutes (纪要签收)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, all_closed, on, register, within


def _attendance_known(row: Any) -> Text | None:
    """Minutes say who was there: nobody invited may stand without an entry."""
    if not row.attendees.exists():
        return _("请先登记参会单位。")
    waiting = row.attendees.filter(attendance="").count()
    if waiting:
        return _("还有 %(count)s 个单位未登记出席情况。") % {"count": waiting}
    return None


def _settled(row: Any) -> Text | None:
    """A meeting ends when every addressee has its minutes and every decision is in the hands of a unit that took it."""
    waiting = all_closed("receipts")(row)
    if waiting:
        return waiting
    open_ = row.decisions.filter(task__assignments__status__in=("ASSIGNED", "DECLINED")).distinct().count()
    if open_:
        return _("还有 %(count)s 项议定事项未被责任单位接收。") % {"count": open_}
    return None


MEETING = register(
    Loop(
        code="duty.meeting",
        name=_("会议"),
        version=1,
        start="PLANNED",
        states={
            "PLANNED": State(_("待召开"), owner="duty.meetings.manage@owner_org", due=on("due_date")),
            "HELD": State(_("待印发纪要"), owner="duty.meetings.manage@owner_org", due=within(working_days=5)),
            "MINUTED": State(_("待送达"), owner="duty.tasks.assign@owner_org", due=within(working_days=2)),
            "CIRCULATED": State(_("待落实"), owner="duty.meetings.manage@owner_org", due=within(working_days=10)),
            "CLOSED": State(_("已办结"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "hold": Move("PLANNED", "HELD", by="duty.meetings.manage@owner_org", label=_("登记召开"), primary=True),
            "reschedule": Move(
                "PLANNED", "PLANNED", by="duty.meetings.manage@owner_org", label=_("改期"), needs=("reason",)
            ),
            "cancel": Move(
                "PLANNED", "CANCELLED", by="duty.meetings.manage@owner_org", label=_("取消会议"), needs=("reason",)
            ),
            "minute": Move(
                "HELD",
                "MINUTED",
                by="duty.meetings.manage@owner_org",
                label=_("形成纪要"),
                needs=("minutes",),
                when=_attendance_known,
                primary=True,
            ),
            "revise": Move(
                "MINUTED", "HELD", by="duty.meetings.manage@owner_org", label=_("退回修改"), needs=("reason",)
            ),
            "circulate": Move(
                "MINUTED",
                "CIRCULATED",
                by="duty.tasks.assign@owner_org",
                label=_("印发纪要并交办"),
                primary=True,
            ),
            "close": Move(
                "CIRCULATED",
                "CLOSED",
                by="duty.meetings.manage@owner_org",
                label=_("办结会议"),
                when=_settled,
                primary=True,
            ),
        },
        title=lambda row: row.title,
        url_name="duty:meeting",
        ladder="task",
        strip=("PLANNED", "HELD", "MINUTED", "CIRCULATED", "CLOSED"),
    )
)

MEETING_RECEIPT = register(
    Loop(
        code="duty.meeting_receipt",
        name=_("纪要签收"),
        version=1,
        start="SENT",
        states={
            "SENT": State(_("待签收"), owner="duty.plans.receive@org", due=within(working_days=2)),
            "RECEIVED": State(_("已签收"), owner=None),
            "WITHDRAWN": State(_("已撤回"), owner=None),
        },
        moves={
            "receive": Move("SENT", "RECEIVED", by="duty.plans.receive@org", label=_("签收"), primary=True),
            "withdraw": Move("SENT", "WITHDRAWN", by="duty.meetings.manage@owner_org", label=_("撤回"),
                             needs=("reason",)),
        },
        title=lambda row: str(_("签收会议纪要：%(title)s") % {"title": row.meeting.title}),
        url_name="duty:meeting_receipt",
        ladder="task",
    )
)  # fmt: skip
