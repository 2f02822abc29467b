"""The loop of a construction project (建设项目安全审查): condition review, design review, trial, completion."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_APPLY = "registry.projects.apply@owner_org"
_JUDGE = "registry.projects.judge@supervisor"


def _may_pass(row: Any) -> Text | None:
    """No condition review is passed without the consultation, and none of explosives without a special approval."""
    if row.has_explosives and not row.special_approval:
        return _("项目涉及爆炸性化学品，没有特别批准文号，不能通过安全条件审查。")
    if row.consulted_date is None:
        return _("没有决策咨询记录，不能通过安全条件审查。")
    open_items = row.unanswered()
    if open_items:
        return _("准入清单还有 %(count)s 项未核对，不能通过安全条件审查。") % {"count": open_items}
    return None


def _may_try(row: Any) -> Text | None:
    if row.trial_from is None or row.trial_to is None:
        return _("请先登记试生产方案和起止日期。")
    return None


PROJECT = register(
    Loop(
        code="registry.project",
        name=_("建设项目安全审查"),
        version=1,
        start="PREPARING",
        states={
            "PREPARING": State(_("待申请条件审查"), owner=_APPLY, review=within(days=90)),
            "CONDITION": State(_("条件审查中"), owner=_JUDGE, due=within(days=45)),
            "DESIGNING": State(_("待申请设计审查"), owner=_APPLY, review=within(days=180)),
            "DESIGN": State(_("设计审查中"), owner=_JUDGE, due=within(days=30)),
            "BUILDING": State(_("建设中"), owner=_APPLY, review=within(days=180)),
            "TRIAL": State(_("试生产"), owner=_APPLY, due=on("trial_to")),
            "COMPLETION": State(_("竣工验收核查中"), owner=_JUDGE, due=within(working_days=20)),
            "DONE": State(_("已验收"), owner=None),
            "REFUSED": State(_("未通过"), owner=None),
            "WITHDRAWN": State(_("已撤回"), owner=None),
        },
        moves={
            "apply": Move("PREPARING", "CONDITION", by=_APPLY, label=_("申请安全条件审查"), needs=("text",),
                          primary=True),
            "pass": Move("CONDITION", "DESIGNING", by=_JUDGE, label=_("通过条件审查"), needs=("text",), when=_may_pass,
                         primary=True),
            "return": Move("CONDITION", "PREPARING", by=_JUDGE, label=_("退回补正"), needs=("reason",)),
            "refuse": Move(("CONDITION", "DESIGN"), "REFUSED", by=_JUDGE, label=_("不予通过"), needs=("reason",)),
            "apply_design": Move("DESIGNING", "DESIGN", by=_APPLY, label=_("申请设计审查"), needs=("text",),
                                 primary=True),
            "pass_design": Move("DESIGN", "BUILDING", by=_JUDGE, label=_("通过设计审查"), needs=("text",),
                                primary=True),
            "return_design": Move("DESIGN", "DESIGNING", by=_JUDGE, label=_("退回补正"), needs=("reason",)),
            "start_trial": Move("BUILDING", "TRIAL", by=_APPLY, label=_("开始试生产"), when=_may_try, primary=True),
            "stop_trial": Move("TRIAL", "BUILDING", by=_JUDGE, label=_("责令停止试生产"), needs=("reason",)),
            "finish": Move("TRIAL", "COMPLETION", by=_APPLY, label=_("报送竣工验收"), needs=("text",), primary=True),
            "complete": Move("COMPLETION", "DONE", by=_JUDGE, label=_("核查通过"), needs=("text",), primary=True),
            "return_completion": Move("COMPLETION", "TRIAL", by=_JUDGE, label=_("退回整改"), needs=("reason",)),
            "withdraw": Move(("PREPARING", "DESIGNING", "BUILDING"), "WITHDRAWN", by=_APPLY, label=_("撤回项目"),
                             needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="registry:project",
        strip=("PREPARING", "CONDITION", "DESIGNING", "DESIGN", "BUILDING", "TRIAL", "COMPLETION", "DONE"),
    )
)  # fmt: skip
