"""The hand-over of a shift (交接班): from before its change until both leaders signed, or the next change came."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.declare import Loop, Move, State, register

_LEADS = "permits.sign_unit@enterprise"
_CLOCK = "permits.work@system"


def _at_change(row: Any, now: datetime, calendar: Calendar) -> datetime:
    """Due at the change itself; the grace after it is a figure of the enterprise."""
    return max(row.began_at, now)


SHIFT_HAND_OVER = register(
    Loop(
        code="permits.shift_hand_over",
        name=_("班组交接班"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("待交班"), owner=_LEADS, due=_at_change),
            "HANDED": State(_("待接班"), owner=_LEADS, due=_at_change),
            "TAKEN": State(_("已交接"), owner=None),
            "LAPSED": State(_("未交接"), owner=None),
        },
        moves={
            "hand": Move("OPEN", "HANDED", by=_LEADS, label=_("交班签字"), primary=True, whoever=True),
            # Four eyes are asked by the service of whose signature stands: one that was given back binds nobody.
            "take": Move("HANDED", "TAKEN", by=_LEADS, label=_("接班签字"), primary=True, whoever=True),
            "give_back": Move(
                "HANDED", "OPEN", by=_LEADS, label=_("退回重新交班"), needs=("reason",), whoever=True
            ),
            "lapse": Move(("OPEN", "HANDED"), "LAPSED", by=_CLOCK, label=_("到下一班仍未交接")),
        },
        title=lambda row: row.title,
        url_name="permits:shift_hand_over",
        strip=("OPEN", "HANDED", "TAKEN"),
    )
)  # fmt: skip
