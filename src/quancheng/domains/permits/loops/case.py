"""A case of special work that is published (典型案例曝光): written, approved by another, published, taken back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_WRITE = "permits.audit@owner_org"
_APPROVE = "permits.cases@owner_org"
_HOUSE = "permits.audit@system"

#: Terms are ours [D]; what is published is looked at again after a year.
CASE = register(
    Loop(
        code="permits.case",
        name=_("典型案例"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(pgettext_lazy("exposed case", "编写中"), owner=_WRITE, review=within(days=30)),
            "SUBMITTED": State(pgettext_lazy("exposed case", "待审批"), owner=_APPROVE, due=within(working_days=5)),
            "PUBLISHED": State(pgettext_lazy("exposed case", "已发布"), owner=_APPROVE, review=within(days=365)),
            "WITHDRAWN": State(pgettext_lazy("exposed case", "已撤回"), owner=None),
            "DROPPED": State(pgettext_lazy("exposed case", "已放弃"), owner=None),
        },
        moves={
            "submit": Move("DRAFT", "SUBMITTED", by=_WRITE, label=_("提交审批"), primary=True),
            "change": Move("DRAFT", "DRAFT", by=_WRITE, label=_("修改")),
            "publish": Move("SUBMITTED", "PUBLISHED", by=_APPROVE, label=_("审批并发布"),
                            not_by=("", "change", "submit"), primary=True),
            "return": Move("SUBMITTED", "DRAFT", by=_APPROVE, label=_("退回修改"), needs=("reason",)),
            "drop": Move(("DRAFT", "SUBMITTED"), "DROPPED", by=_WRITE, label=_("放弃案例"), needs=("reason",)),
            "confirm": Move("PUBLISHED", "PUBLISHED", by=_APPROVE, label=_("复核后继续公开"), needs=("note",)),
            "withdraw": Move("PUBLISHED", "WITHDRAWN", by=_APPROVE, label=_("撤回公开"), needs=("reason",)),
            # Its finding was dropped: what was no problem is no case.
            "end": Move(("DRAFT", "SUBMITTED"), "DROPPED", by=_HOUSE, label=_("问题已撤销，案例作废")),
            "recall": Move("PUBLISHED", "WITHDRAWN", by=_HOUSE, label=_("问题已撤销，停止公开")),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="permits:exposed_case",
        ladder="task",
        strip=("DRAFT", "SUBMITTED", "PUBLISHED"),
    )
)  # fmt: skip
