"""Posts of an enterprise drawn and asked about their cards at a visit (现场抽考岗位卡)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register

if TYPE_CHECKING:
    from quancheng.domains.risk.models import CardVisit

_VISIT = "risk.cards.visit@owner_org"


def _all_asked(row: CardVisit) -> Text | None:
    """Every post that was drawn was asked, or nobody was there; and one was asked at least."""
    waiting = row.asks.filter(asked_at__isnull=True).count()
    if waiting:
        return _("还有%(count)s个抽中的岗位没有提问（重点工作要求S1-4g），请逐岗登记结果。") % {"count": waiting}
    if not row.asks.filter(is_passed__isnull=False).exists():
        return _("抽中的岗位都无人在岗，没有提问；请另行安排，本次可取消。")
    return None


CARD_VISIT = register(
    Loop(
        code="risk.card_visit",
        name=_("现场抽考岗位卡"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(pgettext_lazy("card visit", "抽考中"), owner=_VISIT, due=on("due_date")),
            "DONE": State(pgettext_lazy("card visit", "已完成"), owner=None),
            "DROPPED": State(pgettext_lazy("card visit", "已取消"), owner=None),
        },
        moves={
            "finish": Move("OPEN", "DONE", by=_VISIT, label=_("完成抽考并告知企业"), when=_all_asked, primary=True),
            "drop": Move("OPEN", "DROPPED", by=_VISIT, label=_("取消抽考并告知企业"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="risk:card_visit",
        ladder="task",
        strip=("OPEN", "DONE"),
    )
)  # fmt: skip
