"""The loop of what is to become of an enterprise (企业分类整治)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

if TYPE_CHECKING:
    from quancheng.domains.risk.models import Classing

_OWN = "risk.list.keep@owner_org"
_JUDGE = "risk.gradings.judge@supervisor"


def _to_do(row: Classing) -> Text | None:
    return _("规范达标的企业没有整治任务。") if row.kind == "good" else None


CLASSING = register(
    Loop(
        code="risk.classing",
        name=_("企业分类整治"),
        version=1,
        start="CLASSED",
        states={
            "CLASSED": State(_("已定类"), owner=_JUDGE, review=on("review_date")),
            "OPEN": State(_("整治中"), owner=_OWN, due=on("due_date")),
            "REPORTED": State(_("待验收"), owner=_JUDGE, due=within(working_days=20)),
            "DONE": State(_("整治完成"), owner=None),
            "REPLACED": State(_("已重新定类"), owner=None),
        },
        moves={
            "call": Move("CLASSED", "OPEN", by=_JUDGE, label=_("下达整治要求"), when=_to_do),
            "progress": Move("OPEN", "OPEN", by=_OWN, label=_("填报进展"), needs=("text",), primary=True),
            "report": Move("OPEN", "REPORTED", by=_OWN, label=_("报请验收"), needs=("text",)),
            "accept": Move("REPORTED", "DONE", by=_JUDGE, label=_("验收通过"), needs=("text",), not_by=("report",),
                           primary=True),
            "return": Move("REPORTED", "OPEN", by=_JUDGE, label=_("验收不通过"), needs=("reason",)),
            "replace": Move(("CLASSED", "OPEN", "REPORTED"), "REPLACED", by=_JUDGE, label=_("撤销，重新定类"),
                            needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="risk:classing",
        ladder="task",
        strip=("CLASSED", "OPEN", "REPORTED", "DONE"),
    )
)  # fmt: skip
