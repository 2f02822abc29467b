"""The loops of a campaign (专项行动) and of each unit that it covers (覆盖单位)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, all_closed, on, register, within

_MANAGE = "duty.campaigns.manage@owner_org"


def _prepared(row: Any) -> Text | None:
    if not row.items.exists():
        return _("请先填写检查清单。")
    return None if row.orgs.exists() else _("请先选择覆盖单位。")


CAMPAIGN = register(
    Loop(
        code="duty.campaign",
        name=_("专项行动"),
        version=1,
        start="PLANNED",
        states={
            "PLANNED": State(_("筹备中"), owner=_MANAGE, due=on("period_from")),
            "RUNNING": State(_("开展中"), owner=_MANAGE, due=on("period_to")),
            "REPORTED": State(_("待收尾"), owner=_MANAGE, due=within(working_days=10)),
            "CLOSED": State(_("已结束"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "start": Move("PLANNED", "RUNNING", by=_MANAGE, label=_("启动"), when=_prepared, primary=True),
            "report": Move("RUNNING", "REPORTED", by=_MANAGE, label=_("提交总结"), needs=("report",), primary=True),
            "resume": Move("REPORTED", "RUNNING", by=_MANAGE, label=_("继续开展"), needs=("reason",)),
            "close": Move(
                "REPORTED", "CLOSED", by=_MANAGE, label=_("结束行动"), when=all_closed("units"), primary=True
            ),
            "cancel": Move(
                ("PLANNED", "RUNNING"),
                "CANCELLED",
                by=_MANAGE,
                label=_("取消行动"),
                needs=("reason",),
                when=all_closed("units"),
            ),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="duty:campaign",
        ladder="task",
        strip=("PLANNED", "RUNNING", "REPORTED", "CLOSED"),
    )
)

CAMPAIGN_UNIT = register(
    Loop(
        code="duty.campaign_unit",
        name=_("覆盖单位"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待排查"), owner="duty.campaigns.answer@checker", due=on("due_date")),
            "SUBMITTED": State(_("待审核"), owner=_MANAGE, due=within(working_days=5)),
            "DONE": State(_("已完成"), owner=None),
            "RELEASED": State(_("不纳入"), owner=None),
        },
        moves={
            "submit": Move(
                "DUE",
                "SUBMITTED",
                by="duty.campaigns.answer@checker",
                label=_("填报清单"),
                needs=("answers", "evidence"),
                primary=True,
            ),
            "accept": Move("SUBMITTED", "DONE", by=_MANAGE, label=_("审核通过"), not_by=("submit",), primary=True),
            "return": Move("SUBMITTED", "DUE", by=_MANAGE, label=_("退回补充"), needs=("reason",)),
            "release": Move("DUE", "RELEASED", by=_MANAGE, label=_("不纳入"), needs=("reason",)),
        },
        title=lambda row: f"{row.campaign.title}：{row.org.label}",
        url_name="duty:campaign_unit",
        ladder="task",
        strip=("DUE", "SUBMITTED", "DONE"),
    )
)
