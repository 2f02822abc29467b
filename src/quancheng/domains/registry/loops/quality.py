"""The loop of an inspected product (产品质量检验): what failed is answered by the enterprise and inspected anew."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_RECORD = "registry.quality.record@owner_org"
_ANSWER = "registry.files.keep@enterprise"

QUALITY = register(
    Loop(
        code="registry.quality",
        name=_("产品质量检验"),
        version=1,
        start="RECORDED",
        states={
            "RECORDED": State(_("待判定"), owner=_RECORD, due=within(working_days=3)),
            "PASSED": State(_("合格"), owner=None),
            "MENDING": State(_("不合格，待整改"), owner=_ANSWER, due=on("due_date")),
            "ANSWERED": State(_("已整改，待复检"), owner=_RECORD, due=on("retest_due_date")),
            "CLOSED": State(_("复检合格"), owner=None),
            "PUNISHED": State(_("已立案处理"), owner=None),
            "VOIDED": State(_("已作废"), owner=None),
        },
        moves={
            "file": Move("RECORDED", "PASSED", by=_RECORD, label=_("判定合格")),
            "demand": Move("RECORDED", "MENDING", by=_RECORD, label=_("责令整改")),
            "answer": Move("MENDING", "ANSWERED", by=_ANSWER, label=_("报送整改情况"), needs=("text",), primary=True),
            "close": Move(
                "ANSWERED", "CLOSED", by=_RECORD, label=_("复检合格，办结"), needs=("retest_no",), primary=True
            ),
            "fail": Move("ANSWERED", "MENDING", by=_RECORD, label=_("复检仍不合格"), needs=("retest_no", "reason")),
            "return": Move("ANSWERED", "MENDING", by=_RECORD, label=_("退回补充"), needs=("reason",)),
            "punish": Move(("MENDING", "ANSWERED"), "PUNISHED", by=_RECORD, label=_("立案处理"), needs=("case",)),
            "void": Move(("MENDING", "ANSWERED"), "VOIDED", by=_RECORD, label=_("作废"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="registry:inspection",
        ladder="task",
        strip=("MENDING", "ANSWERED", "CLOSED"),
    )
)  # fmt: skip
