"""Grid patrols (网格巡查): a route walked in its time, what was found there, and dangers looked at again on the spot.

When a step is due is told by the row, where the terms that the district set were written when the step began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register

if TYPE_CHECKING:
    from quancheng.domains.hazards.models import PatrolClue

_WALK = "hazards.patrols.walk@owner_org"
_HOUSE = "hazards.patrols.walk@system"
_HANDLE = "hazards.patrols.handle@handler"
_ASSIGN = "hazards.patrols.assign@owner_org"
_LOOK = "hazards.patrols.walk@org"


def _of_enterprise(row: PatrolClue) -> Text | None:
    return None if row.place.file_id else _("该巡查点没有关联企业档案，请办理后直接答复。")


def _answered_without(row: PatrolClue) -> Text | None:
    """What is found in an enterprise that has a file is a danger of it, unless it is no danger but an illegal act."""
    if row.place.file_id and row.kind != "illegal":
        return _("该巡查点已关联企业档案，请立为隐患，由企业整改。")
    return None


PATROL = register(
    Loop(
        code="hazards.patrol",
        name=_("网格巡查"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待巡查"), owner=_WALK, due=on("due_date"), person="officer"),
            "WALKED": State(_("已巡查"), owner=None),
            "MISSED": State(_("未巡查"), owner=None),
            "CANCELLED": State(pgettext_lazy("patrol", "已取消"), owner=None),
        },
        moves={
            "walk": Move("DUE", "WALKED", by=_WALK, label=_("记录巡查"), needs=("results",), primary=True),
            "excuse": Move("DUE", "MISSED", by=_WALK, label=_("说明未巡原因"), needs=("reason",)),
            "lapse": Move("DUE", "MISSED", by=_HOUSE, label=_("逾期未巡")),
            "cancel": Move("DUE", "CANCELLED", by=_HOUSE, label=_("路线停用，不再巡查"), needs=("reason",)),
            "tell": Move(("MISSED", "CANCELLED"), "WALKED", by=_HOUSE, label=_("补报期内的巡查"), needs=("results",)),
        },
        title=lambda row: row.title,
        url_name="hazards:patrol",
        strip=("DUE", "WALKED"),
    )
)

PATROL_CLUE = register(
    Loop(
        code="hazards.patrol_clue",
        name=_("网格线索"),
        version=1,
        start="RAISED",
        states={
            "RAISED": State(_("待受理"), owner=_HANDLE, due=on("take_by")),
            "SENT": State(_("已转办，待接收"), owner=_HANDLE, due=on("take_by")),
            "TAKEN": State(_("办理中"), owner=_HANDLE, due=on("answer_by")),
            "FOUND": State(_("已立为隐患"), owner=None),
            "DONE": State(_("已办结"), owner=None),
            "NOTHING": State(_("查无问题"), owner=None),
        },
        moves={
            "take": Move(("RAISED", "SENT"), "TAKEN", by=_HANDLE, label=_("受理"), primary=True),
            "find": Move("TAKEN", "FOUND", by=_HANDLE, label=_("立为隐患"), when=_of_enterprise, primary=True),
            "answer": Move("TAKEN", "DONE", by=_HANDLE, label=_("答复办理结果"), needs=("text",),
                           when=_answered_without, primary=True),
            "transfer": Move(("RAISED", "TAKEN"), "SENT", by=_HANDLE, label=pgettext_lazy("verb", "转办"),
                             needs=("receiver", "reason")),
            "return": Move("SENT", "RAISED", by=_HANDLE, label=pgettext_lazy("clue", "退回镇街"), needs=("reason",)),
            "nothing": Move(("RAISED", "TAKEN"), "NOTHING", by=_HANDLE, label=_("查无问题"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="hazards:patrol_clue",
        ladder="task",
        strip=("RAISED", "TAKEN", "DONE"),
    )
)  # fmt: skip

PATROL_RECHECK = register(
    Loop(
        code="hazards.patrol_recheck",
        name=_("网格复查"),
        version=1,
        start="SENT",
        states={
            "SENT": State(_("待到场查看"), owner=_LOOK, due=on("due_date"), person="officer"),
            "ANSWERED": State(_("已查看"), owner=None),
            "RECALLED": State(_("已撤回"), owner=None),
        },
        moves={
            "answer": Move("SENT", "ANSWERED", by=_LOOK, label=_("填写查看情况"), needs=("seen",), primary=True),
            "recall": Move("SENT", "RECALLED", by=_ASSIGN, label=pgettext_lazy("recheck", "撤回派发"),
                           needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="hazards:patrol_recheck",
        ladder="task",
    )
)  # fmt: skip
