"""An expert, agency or inspector is sent to an enterprise (专家、机构派遣): asked, agreed, done, scored, paid.

Terms are defaults of ours [D].
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_ASSIGN = "training.pools.assign@owner_org"
#: He answers himself where he has an account, else the office writes down what he said.
_ANSWER = "training.pools.answer@*"
#: States that count as service to the enterprise.
SERVED = ("DONE", "SCORED", "PAID")

ASSIGNMENT = register(
    Loop(
        code="training.assignment",
        name=_("专家和机构派遣"),
        version=1,
        start="PROPOSED",
        states={
            "PROPOSED": State(_("待接受"), owner=_ASSIGN, due=within(working_days=3)),
            "ACCEPTED": State(_("已接受"), owner=_ASSIGN, due=on("visit_date")),
            "DONE": State(_("待评分"), owner=_ASSIGN, due=within(working_days=10)),
            "SCORED": State(_("待付费"), owner=_ASSIGN, due=within(days=60)),
            "PAID": State(pgettext_lazy("assignment", "已办结"), owner=None),
            "DECLINED": State(_("已谢绝"), owner=None),
            "CANCELLED": State(pgettext_lazy("assignment", "已取消"), owner=None),
        },
        moves={
            "accept": Move("PROPOSED", "ACCEPTED", by=_ANSWER, label=pgettext_lazy("assignment", "接受"),
                           primary=True),
            "decline": Move("PROPOSED", "DECLINED", by=_ANSWER, label=_("谢绝"), needs=("reason",)),
            "cancel": Move(("PROPOSED", "ACCEPTED"), "CANCELLED", by=_ASSIGN, label=_("取消派遣"),
                           needs=("reason",)),
            "finish": Move("ACCEPTED", "DONE", by=_ANSWER, label=_("登记履职情况"), needs=("text",), primary=True),
            "score": Move("DONE", "SCORED", by=_ASSIGN, label=_("评分"), needs=("text",), primary=True),
            "pay": Move("SCORED", "PAID", by=_ASSIGN, label=_("登记付费"), needs=("text",), primary=True),
        },
        title=lambda row: row.title,
        url_name="training:assignment",
        ladder="task",
        strip=("PROPOSED", "ACCEPTED", "DONE", "SCORED", "PAID"),
    )
)  # fmt: skip
