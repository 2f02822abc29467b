"""The loop of a supervision visit (督导检查): planned, made, its findings dealt with, closed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_MANAGE = "duty.visits.manage@owner_org"


def _dealt_with(row: Any) -> Text | None:
    waiting = row.findings.filter(outcome="").count()
    if waiting:
        return _("还有 %(count)s 个问题没有处理意见，暂不能办结。") % {"count": waiting}
    return None


VISIT = register(
    Loop(
        code="duty.visit",
        name=_("督导检查"),
        version=1,
        start="PLANNED",
        states={
            "PLANNED": State(_("待督导"), owner=_MANAGE, due=on("planned_date")),
            "MADE": State(_("待处理"), owner=_MANAGE, due=within(working_days=5)),
            "CLOSED": State(_("已办结"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "record": Move("PLANNED", "MADE", by=_MANAGE, label=_("登记督导情况"), needs=("text",), primary=True),
            "close": Move("MADE", "CLOSED", by=_MANAGE, label=_("办结"), when=_dealt_with, primary=True),
            "cancel": Move("PLANNED", "CANCELLED", by=_MANAGE, label=_("取消"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.get_kind_display()}：{row.org.label}",
        url_name="duty:visit",
        strip=("PLANNED", "MADE", "CLOSED"),
    )
)
