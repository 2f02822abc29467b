"""The loops of a task (任务), of its assignments to units, of their instalments, and of asking for more time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, all_closed, on, register, within

#: Kinds of deadline (时限类型) as the parser names them.
DATED, RECURRING, CONTINUING, THEN_CONTINUING, EVENT = (
    "dated",
    "recurring",
    "continuing",
    "dated_then_continuing",
    "event",
)


def _due(row: Any, entered_at: datetime, calendar: Calendar) -> datetime | None:
    """The end of the due day, where the row has one."""
    return calendar.end_of(row.due_date) if row.due_date else None


def _review(row: Any, entered_at: datetime, calendar: Calendar) -> datetime | None:
    """The next look at work that has no due day."""
    return calendar.end_of(row.review_date) if row.review_date else None


def _is(*kinds: str) -> Any:
    def condition(row: Any) -> Text | None:
        return None if row.kind in kinds else _("该任务的时限类型不适用此操作。")

    return condition


def _can_submit(row: Any) -> Text | None:
    """A unit submits what is whole: every sub-assignment and every instalment closed."""
    return all_closed("parts")(row) or all_closed("instalments")(row)


def _can_verify(row: Any) -> Text | None:
    """A measured task closes on its figure alone; a strive target (力争) does not hold it open."""
    unmet = [target.phrase for target in row.task.targets.all() if not target.is_met_by(row) and not target.strive]
    if unmet:
        return _("指标未达到：%(targets)s。") % {"targets": "、".join(unmet)}
    return None


def _dated_verify(row: Any) -> Text | None:
    return _is(DATED, RECURRING, EVENT)(row) or _can_verify(row)


def _then_verify(row: Any) -> Text | None:
    return _is(THEN_CONTINUING)(row) or _can_verify(row)


_OPEN = ("ASSIGNED", "DECLINED", "IN_PROGRESS", "SUSPENDED", "CONTINUING")

TASK = register(
    Loop(
        code="duty.task",
        name=_("任务"),
        version=1,
        start="ISSUED",
        states={
            "ISSUED": State(_("执行中"), owner="duty.tasks.assign@owner_org", due=_due, review=_review),
            "DONE": State(_("已完成"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "complete": Move(
                "ISSUED", "DONE", by="duty.tasks.assign@system", label=_("完成"), when=all_closed("assignments")
            ),
            "cancel": Move(
                "ISSUED",
                "CANCELLED",
                by="duty.tasks.assign@owner_org",
                label=_("取消任务"),
                needs=("reason",),
                when=all_closed("assignments"),
            ),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="duty:task",
    )
)

ASSIGNMENT = register(
    Loop(
        code="duty.assignment",
        name=_("任务承办"),
        version=1,
        start="ASSIGNED",
        states={
            "ASSIGNED": State(_("待接收"), owner="duty.tasks.accept@org", due=within(working_days=3)),
            "DECLINED": State(_("待重新分派"), owner="duty.tasks.assign@owner_org", due=within(working_days=3)),
            "IN_PROGRESS": State(_("办理中"), owner="duty.tasks.work@org", due=_due, review=_review, person="person"),
            "SUBMITTED": State(_("待核验"), owner="duty.tasks.verify@owner_org", due=within(working_days=5)),
            "CONTINUING": State(_("持续推进"), owner="duty.tasks.work@org", review=_review, person="person"),
            "SUSPENDED": State(_("已暂停"), owner="duty.tasks.assign@owner_org", review=within(days=30)),
            "DONE": State(_("已完成"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "accept": Move(
                "ASSIGNED",
                "IN_PROGRESS",
                by="duty.tasks.accept@org",
                label=_("接收任务"),
                when=_is(DATED, RECURRING, THEN_CONTINUING, EVENT),
                primary=True,
            ),
            "accept_continuing": Move(
                "ASSIGNED",
                "CONTINUING",
                by="duty.tasks.accept@org",
                label=_("接收任务"),
                when=_is(CONTINUING),
                primary=True,
            ),
            "decline": Move("ASSIGNED", "DECLINED", by="duty.tasks.accept@org", label=_("退回分派"), needs=("reason",)),
            "reassign": Move(
                "DECLINED", "ASSIGNED", by="duty.tasks.assign@owner_org", label=_("重新分派"), primary=True
            ),
            "report": Move(
                "IN_PROGRESS", "IN_PROGRESS", by="duty.tasks.work@org", label=_("报告进展"), needs=("text",)
            ),
            "report_continuing": Move(
                "CONTINUING", "CONTINUING", by="duty.tasks.work@org", label=_("报告进展"), needs=("text",),
                primary=True,
            ),
            "submit": Move(
                "IN_PROGRESS",
                "SUBMITTED",
                by="duty.tasks.work@org",
                label=_("提交办结"),
                needs=("text", "evidence"),
                when=_can_submit,
                primary=True,
            ),
            "verify": Move(
                "SUBMITTED",
                "DONE",
                by="duty.tasks.verify@owner_org",
                label=_("核验通过"),
                not_by=("submit",),
                when=_dated_verify,
                primary=True,
            ),
            "verify_continuing": Move(
                "SUBMITTED",
                "CONTINUING",
                by="duty.tasks.verify@owner_org",
                label=_("核验通过，转入持续推进"),
                not_by=("submit",),
                when=_then_verify,
                primary=True,
            ),
            "return": Move(
                "SUBMITTED",
                "IN_PROGRESS",
                by="duty.tasks.verify@owner_org",
                label=_("退回补充"),
                needs=("reason",),
            ),
            "extend": Move(
                "IN_PROGRESS",
                "IN_PROGRESS",
                by="duty.tasks.verify@owner_org",
                label=_("调整期限"),
                needs=("reason",),
            ),
            "renew": Move(
                "CONTINUING",
                "CONTINUING",
                by="duty.tasks.verify@owner_org",
                label=_("复核并继续"),
                needs=("reason",),
                primary=True,
            ),
            "end": Move(
                "CONTINUING", "DONE", by="duty.tasks.verify@owner_org", label=_("复核并办结"), needs=("reason",)
            ),
            "suspend": Move(
                "IN_PROGRESS", "SUSPENDED", by="duty.tasks.assign@owner_org", label=_("暂停"), needs=("reason",)
            ),
            "resume": Move("SUSPENDED", "IN_PROGRESS", by="duty.tasks.assign@owner_org", label=_("恢复"), primary=True),
            "cancel": Move(_OPEN, "CANCELLED", by="duty.tasks.assign@owner_org", label=_("取消"), needs=("reason",)),
        },
        title=lambda row: f"{row.task.code} {row.task.title}",
        url_name="duty:assignment",
        ladder="task",
        strip=("ASSIGNED", "IN_PROGRESS", "SUBMITTED", "CONTINUING", "DONE"),
    )
)

INSTALMENT = register(
    Loop(
        code="duty.instalment",
        name=_("任务期次"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待办理"), owner="duty.tasks.work@org", due=on("due_date")),
            "SUBMITTED": State(_("待核验"), owner="duty.tasks.verify@owner_org", due=within(working_days=5)),
            "DONE": State(_("已完成"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "submit": Move(
                "DUE",
                "SUBMITTED",
                by="duty.tasks.work@org",
                label=_("提交本期"),
                needs=("text", "evidence"),
                primary=True,
            ),
            "verify": Move(
                "SUBMITTED",
                "DONE",
                by="duty.tasks.verify@owner_org",
                label=_("核验通过"),
                not_by=("submit",),
                primary=True,
            ),
            "return": Move(
                "SUBMITTED", "DUE", by="duty.tasks.verify@owner_org", label=_("退回补充"), needs=("reason",)
            ),
            "cancel": Move("DUE", "CANCELLED", by="duty.tasks.assign@owner_org", label=_("取消"), needs=("reason",)),
        },
        title=lambda row: f"{row.assignment.task.code} {row.label} {row.assignment.task.title}",
        url_name="duty:instalment",
        ladder="task",
    )
)

EXTENSION = register(
    Loop(
        code="duty.extension",
        name=_("延期申请"),
        version=1,
        start="ASKED",
        states={
            "ASKED": State(_("待审批"), owner="duty.tasks.verify@owner_org", due=within(working_days=3)),
            "GRANTED": State(_("已同意"), owner=None),
            "REFUSED": State(_("未同意"), owner=None),
            "WITHDRAWN": State(_("已撤回"), owner=None),
        },
        moves={
            "grant": Move("ASKED", "GRANTED", by="duty.tasks.verify@owner_org", label=_("同意延期"), primary=True),
            "refuse": Move("ASKED", "REFUSED", by="duty.tasks.verify@owner_org", label=_("不同意"), needs=("reason",)),
            "withdraw": Move("ASKED", "WITHDRAWN", by="duty.tasks.work@org", label=_("撤回申请")),
        },
        title=lambda row: str(_("延期申请：%(title)s") % {"title": row.assignment.task.title}),
        url_name="duty:extension",
    )
)
