"""The loops of a proposal of reward, talk or key supervision (奖惩建议) and of a veto (一票否决)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_SUPERVISE = "duty.supervise@owner_org"

PROPOSAL = register(
    Loop(
        code="duty.proposal",
        name=_("奖惩建议"),
        version=1,
        start="PROPOSED",
        states={
            "PROPOSED": State(_("待决定"), owner=_SUPERVISE, due=within(working_days=10)),
            "ADOPTED": State(_("已采纳"), owner=None),
            "DROPPED": State(_("不采纳"), owner=None),
        },
        moves={
            "adopt": Move("PROPOSED", "ADOPTED", by=_SUPERVISE, label=_("采纳"), needs=("reason",), primary=True),
            "drop": Move("PROPOSED", "DROPPED", by=_SUPERVISE, label=_("不采纳"), needs=("reason",)),
        },
        title=lambda row: f"{row.get_kind_display()}：{row.org.label}",
        url_name="duty:proposal",
    )
)

VETO = register(
    Loop(
        code="duty.veto",
        name=_("一票否决"),
        version=1,
        start="STANDING",
        states={
            "STANDING": State(_("生效"), owner=_SUPERVISE, review=on("review_date")),
            "LIFTED": State(_("已撤销"), owner=None),
            "EXPIRED": State(_("年度结束"), owner=None),
        },
        moves={
            "lift": Move("STANDING", "LIFTED", by=_SUPERVISE, label=_("撤销"), needs=("reason",)),
            "expire": Move("STANDING", "EXPIRED", by=_SUPERVISE, label=_("年度结束归档"), needs=("reason",)),
        },
        title=lambda row: str(_("一票否决：%(org)s %(year)s") % {"org": row.org.label, "year": row.year}),
        url_name="duty:veto",
    )
)
