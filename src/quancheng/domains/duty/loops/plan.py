"""The loop of a plan document (计划文件): reviewed, committed, carried out, closed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, all_closed, on, register, within

PLAN = register(
    Loop(
        code="duty.plan",
        name=_("计划文件"),
        version=1,
        start="REVIEW",
        states={
            "REVIEW": State(_("待审核"), owner="duty.plans.review@owner_org", due=within(working_days=5)),
            "RUNNING": State(
                _("执行中"), owner="duty.plans.review@owner_org", review=on("period_to", otherwise=within(days=365))
            ),
            "CLOSED": State(_("已办结"), owner=None),
            "DISCARDED": State(_("已作废"), owner=None),
        },
        moves={
            "commit": Move("REVIEW", "RUNNING", by="duty.plans.review@owner_org", label=_("下达任务"), primary=True),
            "discard": Move(
                "REVIEW", "DISCARDED", by="duty.plans.review@owner_org", label=_("作废"), needs=("reason",)
            ),
            "close": Move(
                "RUNNING",
                "CLOSED",
                by="duty.plans.review@owner_org",
                label=_("办结计划"),
                when=all_closed("tasks"),
                primary=True,
            ),
        },
        title=lambda row: row.title,
        url_name="duty:plan",
        strip=("REVIEW", "RUNNING", "CLOSED"),
    )
)

RECEIPT = register(
    Loop(
        code="duty.receipt",
        name=_("文件签收"),
        version=1,
        start="SENT",
        states={
            "SENT": State(_("待签收"), owner="duty.plans.receive@org", due=within(working_days=2)),
            "RECEIVED": State(_("已签收"), owner=None),
            "WITHDRAWN": State(_("已撤回"), owner=None),
        },
        moves={
            "receive": Move("SENT", "RECEIVED", by="duty.plans.receive@org", label=_("签收"), primary=True),
            "withdraw": Move("SENT", "WITHDRAWN", by="duty.plans.review@owner_org", label=_("撤回"), needs=("reason",)),
        },
        title=lambda row: str(_("签收：%(title)s") % {"title": row.plan.title}),
        url_name="duty:receipt",
        ladder="task",
    )
)

OUTSIDE_RECEIPT = register(
    Loop(
        code="duty.outside_receipt",
        name=_("系统外回执"),
        version=1,
        start="SENT",
        states={
            "SENT": State(_("待回执"), owner="duty.plans.review@owner_org", due=within(working_days=10)),
            "RECEIVED": State(_("已回执"), owner=None),
            "DROPPED": State(_("不需回执"), owner=None),
        },
        moves={
            "register": Move(
                "SENT",
                "RECEIVED",
                by="duty.plans.review@owner_org",
                label=_("登记回执"),
                needs=("received_by",),
                primary=True,
            ),
            "drop": Move("SENT", "DROPPED", by="duty.plans.review@owner_org", label=_("不需回执"), needs=("reason",)),
        },
        title=lambda row: str(
            _("回执：%(name)s《%(title)s》") % {"name": row.name, "title": row.plan.title}
        ),
        url_name="duty:outside_receipt",
    )
)
