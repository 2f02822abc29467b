"""The loop of a unit's own plan (自定计划): made by its day, handed in, accepted or returned."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_WRITE, _ACCEPT = "duty.own_plans.write@org", "duty.own_plans.accept@owner_org"

OWN_PLAN = register(
    Loop(
        code="duty.own_plan",
        name=_("自定计划"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待制定"), owner=_WRITE, due=on("due_date")),
            "SUBMITTED": State(_("待审核"), owner=_ACCEPT, due=within(working_days=10)),
            "ACCEPTED": State(_("已认可"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "submit": Move("DUE", "SUBMITTED", by=_WRITE, label=_("提交计划"), needs=("evidence",), primary=True),
            "accept": Move("SUBMITTED", "ACCEPTED", by=_ACCEPT, label=_("认可"), not_by=("submit",), primary=True),
            "return": Move("SUBMITTED", "DUE", by=_ACCEPT, label=_("退回修改"), needs=("reason",)),
            "cancel": Move("DUE", "CANCELLED", by=_ACCEPT, label=_("取消"), needs=("reason",)),
        },
        title=lambda row: f"{row.call.title}：{row.org.label}",
        url_name="duty:own_plan",
        ladder="task",
        strip=("DUE", "SUBMITTED", "ACCEPTED"),
    )
)
