"""The enterprise applies to run again after a stop (复产申请); the regulator reviews on site and decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.finding import term
from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, register

if TYPE_CHECKING:
    from quancheng.domains.hazards.models import Resumption

_SUPERVISE = "hazards.findings.supervise@supervisor"
_APPLY = "hazards.findings.confirm@owner_org"


def _cancelled(row: Resumption) -> Text | None:
    return None if row.finding.status == "CLOSED" else _("请先复核隐患并销号，再同意恢复生产。")


RESUMPTION = register(
    Loop(
        code="hazards.resumption",
        name=_("复产申请"),
        version=1,
        start="APPLIED",
        states={
            "APPLIED": State(_("待现场审查"), owner=_SUPERVISE, due=term("REVIEW")),
            "ALLOWED": State(_("同意恢复"), owner=None),
            "REFUSED": State(_("不同意恢复"), owner=None),
            "WITHDRAWN": State(_("已撤回"), owner=None),
        },
        moves={
            "allow": Move("APPLIED", "ALLOWED", by=_SUPERVISE, label=_("审查合格，同意恢复"), needs=("text", "visited"),
                          when=_cancelled, primary=True),
            "refuse": Move("APPLIED", "REFUSED", by=_SUPERVISE, label=_("审查不合格，不同意恢复"),
                           needs=("reason", "visited")),
            "withdraw": Move("APPLIED", "WITHDRAWN", by=_APPLY, label=_("撤回申请"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="hazards:resumption",
        ladder="task",
        strip=("APPLIED", "ALLOWED"),
    )
)  # fmt: skip
