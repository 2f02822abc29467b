"""The loop of a clue (线索): a place that stores or trades without standing in the register."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_JUDGE = "registry.clues.judge@owner_org"
_RECEIVER = "registry.clues.receive@handed_to"


def _licensed(row: Any) -> Text | None:
    """It is legal only with a verified licence; so far as a place stands in no file, there is nothing to hold it."""
    if row.file is None:
        return _("请先为该场所建立档案。")
    licences = row.file.licences.filter(replaced_by__isnull=True, decision="", verified_at__isnull=False)
    return None if licences.exists() else _("该场所还没有经核验的有效证照。")


CLUE = register(
    Loop(
        code="registry.clue",
        name=_("无证场所线索"),
        version=1,
        start="FOUND",
        states={
            "FOUND": State(_("待核查"), owner=_JUDGE, due=within(working_days=5)),
            "VERIFIED": State(_("已核实，待处置"), owner=_JUDGE, due=within(working_days=10)),
            "LEGALIZING": State(_("限期办证"), owner=_JUDGE, due=on("due_date")),
            "DISMISSED": State(_("不属实"), owner=None),
            "LEGALIZED": State(_("已合法化"), owner=None),
            "STRUCK": State(_("已取缔"), owner=None),
            "OFFERED": State(_("移交中，待接收"), owner=_RECEIVER, due=within(working_days=5)),
            "HANDED_OVER": State(_("已移交"), owner=None),
        },
        moves={
            "verify": Move("FOUND", "VERIFIED", by=_JUDGE, label=_("核查属实"), needs=("text",), primary=True),
            "dismiss": Move("FOUND", "DISMISSED", by=_JUDGE, label=_("不属实"), needs=("reason",)),
            "legalize": Move("VERIFIED", "LEGALIZING", by=_JUDGE, label=_("限期办证"), needs=("text",)),
            "settle": Move(
                "LEGALIZING", "LEGALIZED", by=_JUDGE, label=_("已取得证照"), needs=("text",), when=_licensed,
                primary=True,
            ),
            "strike": Move(("VERIFIED", "LEGALIZING"), "STRUCK", by=_JUDGE, label=_("取缔"), needs=("text",)),
            "hand_over": Move(
                ("FOUND", "VERIFIED"), "OFFERED", by=_JUDGE, label=_("移交其他部门"), needs=("reason",)
            ),
            "take_on": Move("OFFERED", "HANDED_OVER", by=_RECEIVER, label=_("接收办理"), primary=True),
            "return": Move("OFFERED", "FOUND", by=_RECEIVER, label=_("退回移交单位"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="registry:clue",
        ladder="task",
        strip=("FOUND", "VERIFIED", "LEGALIZING", "LEGALIZED"),
    )
)  # fmt: skip
