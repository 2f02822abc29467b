"""Retraining orders (再培训令): hours and exam that somebody owes, until a day."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_LEARN = "training.keep@owner_org"
_HOUSE = "training.order@system"

RETRAINING = register(
    Loop(
        code="training.retraining",
        name=_("再培训令"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("待完成"), owner=_LEARN, due=on("due_date")),
            "DONE": State(_("已完成"), owner=None),
            "WITHDRAWN": State(_("已撤回"), owner=None),
            "LEFT": State(_("人员离岗，中止"), owner=None),
        },
        moves={
            "complete": Move("OPEN", "DONE", by=_HOUSE, label=_("完成")),
            "withdraw": Move("OPEN", "WITHDRAWN", by="training.order@ordered_org", label=_("撤回"), needs=("reason",)),
            "leave": Move("OPEN", "LEFT", by=_HOUSE, label=_("人员离岗，中止")),
            "resume": Move("LEFT", "OPEN", by=_HOUSE, label=_("重新到岗，恢复")),
        },
        # No name: work items are read by people who may not read persons.
        title=lambda row: f"{row.code} {row.programme.name}",
        url_name="training:order",
        ladder="task",
        strip=("OPEN", "DONE"),
    )
)
