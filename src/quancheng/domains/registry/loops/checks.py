"""The loops of a stoppage (停产停用) and of a design re-verification (设计复核)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register

if TYPE_CHECKING:
    from quancheng.domains.registry.models.checks import Stoppage

_KEEP = "registry.files.keep@owner_org"
_MEND = "registry.files.keep@enterprise"
_JUDGE = "registry.files.verify@owner_org"


def _nothing_on_hand(row: Stoppage) -> Text | None:
    held = row.file.holdings.filter(ended_date__isnull=True).exclude(present_t=0)
    if row.unit_id is not None:
        held = held.filter(facility__unit=row.unit_id)
    if held.exists():
        return _("仍有危险化学品留存（或存量未填报），清空并更新存量后才能办理不再恢复。")
    return None


STOPPAGE = register(
    Loop(
        code="registry.stoppage",
        name=_("停产停用"),
        version=1,
        start="STOPPED",
        states={
            "STOPPED": State(_("停产中"), owner=_KEEP, due=on("next_check_date")),
            "RESUMED": State(_("已恢复"), owner=None),
            "ENDED": State(_("已退出"), owner=None),
        },
        moves={
            "check": Move("STOPPED", "STOPPED", by=_KEEP, label=_("填报停产检查"), needs=("record",), primary=True),
            "resume": Move("STOPPED", "RESUMED", by=_KEEP, label=_("恢复生产"), needs=("text",)),
            "end": Move("STOPPED", "ENDED", by=_KEEP, label=_("不再恢复"), needs=("text",),
                        when=_nothing_on_hand),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="registry:stoppage",
        ladder="task",
        strip=("STOPPED", "RESUMED"),
    )
)

REVERIFICATION = register(
    Loop(
        code="registry.reverification",
        name=_("设计复核"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待复核"), owner=_JUDGE, due=on("due_date")),
            "MENDING": State(_("整改中"), owner=_MEND, due=on("mend_date")),
            "PASSED": State(_("复核通过"), owner=None),
            "PUNISHED": State(_("已立案处理"), owner=None),
        },
        moves={
            "pass": Move("DUE", "PASSED", by=_JUDGE, label=_("复核通过"), needs=("record",), primary=True),
            "demand": Move("DUE", "MENDING", by=_JUDGE, label=_("责令整改"), needs=("record",)),
            "mended": Move("MENDING", "DUE", by=_MEND, label=_("报送整改情况"), needs=("text",), primary=True),
            "punish": Move(("DUE", "MENDING"), "PUNISHED", by=_JUDGE, label=_("立案处理"), needs=("case",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="registry:reverification",
        ladder="task",
        strip=("DUE", "MENDING", "PASSED"),
    )
)
