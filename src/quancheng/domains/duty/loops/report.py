"""The loop of one report (进展报告): due, perhaps approved inside the unit, submitted, accepted or returned."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within


def _direct(row: Any) -> Text | None:
    return _("本项报告须先经本单位负责人审核。") if row.duty.needs_approval else None


def _approved(row: Any) -> Text | None:
    return None if row.duty.needs_approval else _("本项报告无须单位内部审核，可直接提交。")


REPORT = register(
    Loop(
        code="duty.report",
        name=_("进展报告"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待填报"), owner="duty.reports.write@org", due=on("due_date")),
            "APPROVAL": State(_("待本单位审核"), owner="duty.reports.approve@org", due=on("due_date")),
            "SUBMITTED": State(_("待接收"), owner="duty.reports.accept@owner_org", due=within(working_days=5)),
            "ACCEPTED": State(_("已接收"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "submit": Move(
                "DUE",
                "SUBMITTED",
                by="duty.reports.write@org",
                label=_("提交报告"),
                needs=("progress",),
                when=_direct,
                primary=True,
            ),
            "send_up": Move(
                "DUE",
                "APPROVAL",
                by="duty.reports.write@org",
                label=_("送本单位审核"),
                needs=("progress",),
                when=_approved,
                primary=True,
            ),
            "approve": Move(
                "APPROVAL",
                "SUBMITTED",
                by="duty.reports.approve@org",
                label=_("审核通过并提交"),
                not_by=("send_up",),
                primary=True,
            ),
            "send_back": Move("APPROVAL", "DUE", by="duty.reports.approve@org", label=_("退回修改"), needs=("reason",)),
            "accept": Move(
                "SUBMITTED",
                "ACCEPTED",
                by="duty.reports.accept@owner_org",
                label=_("接收报告"),
                not_by=("submit", "approve"),
                primary=True,
            ),
            "return": Move(
                "SUBMITTED", "DUE", by="duty.reports.accept@owner_org", label=_("退回补充"), needs=("reason",)
            ),
            "cancel": Move(
                "DUE", "CANCELLED", by="duty.reports.accept@owner_org", label=_("取消本期"), needs=("reason",)
            ),
        },
        title=lambda row: f"{row.label} {row.duty.title}",
        url_name="duty:report",
        ladder="report",
        strip=("DUE", "SUBMITTED", "ACCEPTED"),
    )
)
