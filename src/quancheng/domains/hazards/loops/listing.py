"""Listed supervision of a major danger (挂牌督办): proposed, signed, served, published, visited, taken off the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.finding import term
from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

if TYPE_CHECKING:
    from quancheng.domains.hazards.models import Listing

_PROPOSE = "hazards.listings.propose@owner_org"
_REVIEW = "hazards.listings.review@office"
_SIGN = "hazards.listings.sign@signer_org"
_ENTERPRISE = "hazards.findings.confirm@enterprise"
_HOUSE = "hazards.listings.propose@system"
#: Terms that were missed, or months, after which the district asks the city to list it.
FAILED_TERMS, MONTHS = 2, 6


def _put_right(row: Listing) -> Text | None:
    if row.finding.status in ("CANCELLING", "CLOSED"):
        return None
    return _("隐患整改完成并经本单位验收后，才能申请摘牌。")


def _cancelled(row: Listing) -> Text | None:
    return None if row.finding.status == "CLOSED" else _("请先复核隐患并销号，再同意摘牌。")


def _at_county(row: Listing) -> Text | None:
    return _("已由上级挂牌。") if row.level != "county" else None


def _unrecorded(row: Listing) -> Text | None:
    return _("已报上级备案。") if row.recorded_at else None


LISTING = register(
    Loop(
        code="hazards.listing",
        name=_("挂牌督办"),
        version=1,
        start="PROPOSED",
        states={
            "PROPOSED": State(_("待安委办审核"), owner=_REVIEW, due=within(working_days=5)),
            "REVIEWED": State(_("待区领导签发"), owner=_SIGN, due=within(working_days=3)),
            "SIGNED": State(_("待送达并公布"), owner=_REVIEW, due=term("LIST_ORDER")),
            "RUNNING": State(_("督办中"), owner=_ENTERPRISE, due=on("term_date")),
            "EXTENDING": State(_("申请延长督办期限"), owner=_PROPOSE, due=term("EXTEND_DECIDE")),
            "APPLIED": State(_("申请摘牌，待复核"), owner=_PROPOSE, due=term("REVIEW")),
            "PASSED": State(_("待公布摘牌"), owner=_REVIEW, due=term("LIST_REMOVED")),
            "LIFTED": State(_("已摘牌"), owner=None),
            "DROPPED": State(_("未挂牌"), owner=None),
        },
        moves={
            "agree": Move("PROPOSED", "REVIEWED", by=_REVIEW, label=_("审核同意，报区领导签发"), primary=True),
            "drop": Move("PROPOSED", "DROPPED", by=_REVIEW, label=_("不予挂牌"), needs=("reason",)),
            "withdraw": Move("PROPOSED", "DROPPED", by=_PROPOSE, label=_("撤回提议"), needs=("reason",)),
            "sign": Move("REVIEWED", "SIGNED", by=_SIGN, label=_("签发挂牌督办通知书"), not_by=("agree",),
                         primary=True),
            "return": Move("REVIEWED", "PROPOSED", by=_SIGN, label=_("退回安委办"), needs=("reason",)),
            "serve": Move("SIGNED", "RUNNING", by=_REVIEW, label=_("送达企业并公布"), primary=True),
            "record": Move("RUNNING", "RUNNING", by=_REVIEW, label=_("登记上级备案"), needs=("text",),
                           when=_unrecorded),
            "upgrade": Move("RUNNING", "RUNNING", by=_REVIEW, label=_("提请市级挂牌"), needs=("reason",),
                            when=_at_county),
            "ask_more": Move("RUNNING", "EXTENDING", by=_ENTERPRISE, label=_("申请延长督办期限"),
                             needs=("reason", "until")),
            "grant": Move("EXTENDING", "RUNNING", by=_PROPOSE, label=_("同意延长"), primary=True),
            "deny": Move("EXTENDING", "RUNNING", by=_PROPOSE, label=_("不同意延长"), needs=("reason",)),
            "apply": Move("RUNNING", "APPLIED", by=_ENTERPRISE, label=_("申请摘牌"), needs=("text",), when=_put_right,
                          primary=True),
            "pass": Move("APPLIED", "PASSED", by=_PROPOSE, label=_("复核通过，同意摘牌"), needs=("text",),
                         when=_cancelled, primary=True),
            "fail": Move("APPLIED", "RUNNING", by=_PROPOSE, label=_("复核不通过"), needs=("reason",)),
            "miss": Move("RUNNING", "RUNNING", by=_PROPOSE, label=_("期满未完成，重新限期"), needs=("reason",)),
            "lift": Move("PASSED", "LIFTED", by=_REVIEW, label=_("公布摘牌并归档"), primary=True),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="hazards:listing",
        ladder="task",
        strip=("PROPOSED", "REVIEWED", "SIGNED", "RUNNING", "APPLIED", "PASSED", "LIFTED"),
    )
)  # fmt: skip

LISTING_VISIT = register(
    Loop(
        code="hazards.listing_visit",
        name=_("挂牌督办现场督导"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待督导"), owner=_PROPOSE, due=on("due_date")),
            "DONE": State(_("已督导"), owner=None),
            "ENDED": State(_("无需督导"), owner=None),
        },
        moves={
            "visit": Move("DUE", "DONE", by=_PROPOSE, label=_("登记督导情况"), needs=("text", "evidence"),
                          primary=True),
            "end": Move("DUE", "ENDED", by=_HOUSE, label=_("无需督导")),
        },
        title=lambda row: row.title,
        url_name="hazards:listing_visit",
        ladder="task",
    )
)  # fmt: skip
