"""A department words a checklist of its own (部门自定检查表): drafted, published by another, withdrawn."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_OWN = "law.own@owner_org"
_HOUSE = "law.own@system"

#: Terms are defaults of ours [D]; what is published is looked at again after a year.
DEPARTMENT_CHECKLIST = register(
    Loop(
        code="hazards.department_checklist",
        name=_("部门自定检查表"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("拟订中"), owner=_OWN, review=within(days=30)),
            "CHECKING": State(_("待发布"), owner=_OWN, due=within(working_days=5)),
            "PUBLISHED": State(pgettext_lazy("checklist", "已发布"), owner=_OWN, review=within(days=365)),
            "REPLACED": State(_("已有新版"), owner=None),
            "WITHDRAWN": State(_("已停用"), owner=None),
            "DROPPED": State(_("已放弃"), owner=None),
        },
        moves={
            "submit": Move("DRAFT", "CHECKING", by=_OWN, label=_("提交发布"), needs=("items",), primary=True),
            "publish": Move("CHECKING", "PUBLISHED", by=_OWN, label=pgettext_lazy("checklist", "发布"),
                            needs=("effective_date",), not_by=("submit",), primary=True),
            "return": Move("CHECKING", "DRAFT", by=_OWN, label=_("退回修改"), needs=("reason",)),
            "drop": Move(("DRAFT", "CHECKING"), "DROPPED", by=_OWN, label=_("放弃草稿"), needs=("reason",)),
            "confirm": Move("PUBLISHED", "PUBLISHED", by=_OWN, label=_("复核后继续使用"), needs=("note",)),
            "withdraw": Move("PUBLISHED", "WITHDRAWN", by=_OWN, label=pgettext_lazy("checklist", "停用"),
                             needs=("reason",)),
            "replace": Move("PUBLISHED", "REPLACED", by=_HOUSE, label=_("由新版代替")),
            "reopen": Move("REPLACED", "PUBLISHED", by=_HOUSE, label=_("新版收回，继续使用")),
        },
        title=lambda row: f"{row.title} {row.edition.number}",
        url_name="hazards:department_list",
        ladder="task",
        strip=("DRAFT", "CHECKING", "PUBLISHED"),
    )
)  # fmt: skip
