"""A company or a person comes on the black list (黑名单) and off it: notice, appeal, review, term, release.

It bars from the notice on. Terms are defaults of ours [D].
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_PROPOSE = "training.blacklist.propose@owner_org"
_DECIDE = "training.blacklist.decide@owner_org"
_HOUSE = "training.blacklist.decide@system"
#: States in which it bars admission and entry.
BARS = ("NOTICED", "APPEALED", "LISTED")

BLACK_LIST = register(
    Loop(
        code="training.black_list",
        name=_("黑名单"),
        version=1,
        start="PROPOSED",
        states={
            "PROPOSED": State(_("拟列入"), owner=_DECIDE, due=within(working_days=5)),
            "NOTICED": State(_("已告知"), owner=_PROPOSE, due=on("appeal_until")),
            "APPEALED": State(_("申诉复核"), owner=_DECIDE, due=within(working_days=15)),
            "LISTED": State(_("已列入"), owner=_DECIDE, review=on("until_date", otherwise=within(days=365))),
            "RELEASED": State(_("已移出"), owner=None),
            "DROPPED": State(_("未列入"), owner=None),
        },
        moves={
            "notice": Move("PROPOSED", "NOTICED", by=_DECIDE, label=_("批准并告知"), needs=("text",), primary=True),
            "drop": Move("PROPOSED", "DROPPED", by=_DECIDE, label=_("不予列入"), needs=("reason",)),
            "appeal": Move("NOTICED", "APPEALED", by=_PROPOSE, label=_("登记申诉"), needs=("text",)),
            "list": Move("NOTICED", "LISTED", by=_HOUSE, label=_("申诉期满列入")),
            "uphold": Move("APPEALED", "LISTED", by=_DECIDE, label=_("维持列入"), needs=("text",), not_by=("appeal",),
                           primary=True),
            "cancel": Move("APPEALED", "DROPPED", by=_DECIDE, label=_("撤销列入"), needs=("text",),
                           not_by=("appeal",)),
            "release": Move("LISTED", "RELEASED", by=_DECIDE, label=_("提前移出"), needs=("reason",)),
            "end": Move("LISTED", "RELEASED", by=_HOUSE, label=_("期满移出")),
        },
        title=lambda row: row.title,
        url_name="training:black_listing",
        ladder="task",
        strip=("PROPOSED", "NOTICED", "LISTED"),
    )
)  # fmt: skip
