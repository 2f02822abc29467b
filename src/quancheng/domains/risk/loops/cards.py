"""The loops of cards of posts (岗位卡), of who reads them and is asked (阅读测试), of the quarterly draw (抽查)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, all_closed, on, register, within

_KEEP = "risk.cards.keep@owner_org"
_CHECK = "risk.cards.check@owner_org"
_CLOCK = "risk.cards.keep@system"
_READ = "risk.cards.read@owner_org"

CARD = register(
    Loop(
        code="risk.card",
        name=_("岗位卡版本"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("编写中"), owner=_KEEP, due=within(days=30)),
            "SUBMITTED": State(_("待审核"), owner=_CHECK, due=within(working_days=5)),
            "STANDING": State(_("执行中"), owner=_KEEP, review=on("review_date")),
            "OUTDATED": State(_("须更新"), owner=_KEEP, due=within(working_days=5)),
            "SUPERSEDED": State(_("已停用"), owner=None),
            "DROPPED": State(_("已放弃"), owner=None),
        },
        moves={
            "submit": Move("DRAFT", "SUBMITTED", by=_KEEP, label=_("提交审核"), primary=True),
            "approve": Move("SUBMITTED", "STANDING", by=_CHECK, label=_("审核通过并执行"), not_by=("submit",),
                            primary=True),
            "return": Move("SUBMITTED", "DRAFT", by=_CHECK, label=_("退回修改"), needs=("reason",)),
            "drop": Move("DRAFT", "DROPPED", by=_KEEP, label=_("放弃此版"), needs=("reason",)),
            "change": Move("STANDING", "OUTDATED", by=_CLOCK, label=_("内容已变化")),
            "restore": Move("OUTDATED", "STANDING", by=_CLOCK, label=_("变化已消除")),
            "supersede": Move(("STANDING", "OUTDATED"), "SUPERSEDED", by=_CLOCK, label=_("停用")),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="risk:card",
        ladder="task",
        strip=("DRAFT", "SUBMITTED", "STANDING"),
    )
)  # fmt: skip

READING = register(
    Loop(
        code="risk.reading",
        name=_("岗位卡阅读与测试"),
        version=1,
        start="TO_READ",
        states={
            "TO_READ": State(_("待阅读"), owner=_READ, due=on("due_date"), person="reader"),
            "TO_TEST": State(_("待测试"), owner=_READ, due=on("due_date"), person="reader"),
            "PASSED": State(_("测试合格"), owner=None),
            "ENDED": State(_("已终止"), owner=None),
        },
        moves={
            "read": Move("TO_READ", "TO_TEST", by=_READ, label=_("确认已阅读并签名"), needs=("signed",), primary=True),
            "open": Move("TO_READ", "TO_TEST", by=_CLOCK, label=_("抽中测试")),
            "pass": Move("TO_TEST", "PASSED", by=_READ, label=_("测试合格")),
            "end": Move(("TO_READ", "TO_TEST"), "ENDED", by=_CLOCK, label=_("终止")),
        },
        title=lambda row: row.title,
        url_name="risk:reading",
        strip=("TO_READ", "TO_TEST", "PASSED"),
    )
)  # fmt: skip

SPOT = register(
    Loop(
        code="risk.spot",
        name=_("岗位卡季度抽查"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("抽查中"), owner=_KEEP, due=on("due_date")),
            "CLOSED": State(_("已结束"), owner=None),
        },
        moves={
            "close": Move("OPEN", "CLOSED", by=_KEEP, label=_("结束抽查"), when=all_closed("readings"), primary=True),
            "expire": Move("OPEN", "CLOSED", by=_CLOCK, label=_("季度结束")),
        },
        title=lambda row: row.title,
        url_name="risk:spot",
    )
)  # fmt: skip
