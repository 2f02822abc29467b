"""A muster (紧急集合点名): called in one act, ended when everybody is accounted for, or with a reason."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_WORK = "permits.work@enterprise"

MUSTER = register(
    Loop(
        code="permits.muster",
        name=_("紧急集合点名"),
        version=1,
        start="CALLED",
        states={
            "CALLED": State(_("点名中"), owner=_WORK, due=within(hours=1)),
            "ENDED": State(_("点名结束"), owner=None),
        },
        moves={
            # Whether somebody is missing the service asks: then who orders stops says why it ends.
            "end": Move("CALLED", "ENDED", by=_WORK, label=_("结束点名"), primary=True, whoever=True),
        },
        title=lambda row: row.title,
        url_name="permits:muster",
    )
)
