"""The loops of a census (摸底) and of each area that somebody goes round (责任片区)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, all_closed, on, register, within

_MANAGE = "registry.census.manage@owner_org"
_VISIT = "registry.census.visit@org"


def _assigned(row: Any) -> Text | None:
    return None if row.areas.exists() else _("请先分配责任片区。")


def _answered(row: Any) -> Text | None:
    return all_closed("areas")(row)


CENSUS = register(
    Loop(
        code="registry.census",
        name=_("摸底"),
        version=1,
        start="PREPARING",
        states={
            "PREPARING": State(_("筹备中"), owner=_MANAGE, due=on("period_from")),
            "RUNNING": State(_("开展中"), owner=_MANAGE, due=on("period_to")),
            "CLOSED": State(_("已结束"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "start": Move("PREPARING", "RUNNING", by=_MANAGE, label=_("启动摸底"), when=_assigned, primary=True),
            "close": Move(
                "RUNNING", "CLOSED", by=_MANAGE, label=_("提交总结并结束"), needs=("report",), when=_answered,
                primary=True,
            ),
            "cancel": Move("PREPARING", "CANCELLED", by=_MANAGE, label=_("取消摸底"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="registry:census",
        ladder="task",
        strip=("PREPARING", "RUNNING", "CLOSED"),
    )
)  # fmt: skip


CENSUS_AREA = register(
    Loop(
        code="registry.census_area",
        name=_("摸底责任片区"),
        version=1,
        start="WAITING",
        states={
            "WAITING": State(_("待启动"), owner=_MANAGE, review=on("due_date")),
            "DUE": State(_("走访中"), owner=_VISIT, due=on("due_date")),
            "SUBMITTED": State(_("待审核"), owner=_MANAGE, due=within(working_days=5)),
            "DONE": State(_("已完成"), owner=None),
            "RELEASED": State(_("不再走访"), owner=None),
        },
        moves={
            "open": Move("WAITING", "DUE", by=_MANAGE, label=_("开始走访"), primary=True),
            "submit": Move("DUE", "SUBMITTED", by=_VISIT, label=_("走访完毕，报送"), needs=("text",), primary=True),
            "accept": Move("SUBMITTED", "DONE", by=_MANAGE, label=_("审核通过"), not_by=("submit",), primary=True),
            "return": Move("SUBMITTED", "DUE", by=_MANAGE, label=_("退回补充"), needs=("reason",)),
            "release": Move(("WAITING", "DUE"), "RELEASED", by=_MANAGE, label=_("不再走访"), needs=("reason",)),
        },
        title=lambda row: f"{row.census.title}：{row.area.name}",
        url_name="registry:census_area",
        ladder="task",
        strip=("DUE", "SUBMITTED", "DONE"),
    )
)
