"""A stop order (停工指令): given in one act, in force until who gave it releases it (T26, T27)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_ORDER = "permits.order@owner_org"

STOP_ORDER = register(
    Loop(
        code="permits.stop_order",
        name=_("停工指令"),
        version=1,
        start="IN_FORCE",
        states={
            "IN_FORCE": State(_("执行中"), owner=_ORDER, review=within(days=1)),
            "RELEASED": State(_("已解除"), owner=None),
        },
        moves={
            "release": Move("IN_FORCE", "RELEASED", by=_ORDER, label=_("解除停工"), needs=("note",), primary=True),
        },
        title=lambda row: row.title,
        url_name="permits:order",
    )
)
