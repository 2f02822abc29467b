"""Government special inspection rounds (政府专项检查): the round, each unit's part of it, and the look on site.

The look on site is a row of its own, so that the unit does not know beforehand that it was drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

if TYPE_CHECKING:
    from quancheng.domains.hazards.models import InspectionRound

_ISSUE = "hazards.rounds.issue@owner_org"
_ISSUER = "hazards.rounds.issue@issuer"
_ANSWER = "hazards.rounds.answer@owner_org"
_VERIFY = "hazards.rounds.verify@owner_org"
_HOUSE = "hazards.rounds.answer@system"
_VERIFY_HOUSE = "hazards.rounds.verify@system"
#: Hours within which a unit signs for a round (签收时限). Source: exchange spec of dual prevention, 1.2.9 [D].
RECEIVE_HOURS = 24


def _all_looked_at(row: InspectionRound) -> Text | None:
    waiting = row.checks.filter(closed_at__isnull=True).count()
    if waiting:
        return _("还有 %(count)s 家抽中的单位没有现场核查。") % {"count": waiting}
    return None


def _somebody_answered(row: InspectionRound) -> Text | None:
    if row.targets.filter(status="ANSWERED").exists():
        return None
    return _("还没有单位填报，不能抽取。")


def _nobody_answered(row: InspectionRound) -> Text | None:
    if row.targets.filter(status="ANSWERED").exists():
        return _("已有单位填报，请先抽取核查对象。")
    return None


ROUND = register(
    Loop(
        code="hazards.round",
        name=_("政府专项检查"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("拟订中"), owner=_ISSUE, review=within(days=30)),
            "RUNNING": State(_("企业自查中"), owner=_ISSUE, due=on("due_date")),
            "CHECKING": State(_("现场核查中"), owner=_ISSUE, due=on("verify_date", otherwise=within(days=15))),
            "CLOSED": State(_("已办结"), owner=None),
            "VOID": State(_("已作废"), owner=None),
        },
        moves={
            "issue": Move("DRAFT", "RUNNING", by=_ISSUE, label=_("下发"), primary=True),
            "draw": Move("RUNNING", "CHECKING", by=_ISSUE, label=_("抽取核查对象"), when=_somebody_answered,
                         primary=True),
            "close": Move("CHECKING", "CLOSED", by=_ISSUE, label=_("汇总办结"), needs=("comment",), when=_all_looked_at,
                          primary=True),
            "close_bare": Move("RUNNING", "CLOSED", by=_ISSUE, label=_("办结（无单位填报）"), needs=("comment",),
                               when=_nobody_answered),
            "void": Move(("DRAFT", "RUNNING", "CHECKING"), "VOID", by=_ISSUE,
                         label=pgettext_lazy("round", "作废"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="hazards:round",
        ladder="task",
        strip=("DRAFT", "RUNNING", "CHECKING", "CLOSED"),
    )
)  # fmt: skip

ROUND_TARGET = register(
    Loop(
        code="hazards.round_target",
        name=_("专项检查任务"),
        version=1,
        start="ISSUED",
        states={
            "ISSUED": State(_("待签收"), owner=_ANSWER, due=within(hours=RECEIVE_HOURS)),
            "RECEIVED": State(_("自查填报中"), owner=_ANSWER, due=on("due_date")),
            "ANSWERED": State(_("已填报"), owner=None),
            "LAPSED": State(_("逾期未填报"), owner=None),
            "ENDED": State(_("无需填报"), owner=None),
        },
        moves={
            "receive": Move("ISSUED", "RECEIVED", by=_ANSWER, label=_("签收"), primary=True),
            "answer": Move("RECEIVED", "ANSWERED", by=_ANSWER, label=_("提交自查结果"), needs=("items",),
                           primary=True),
            "lapse": Move(("ISSUED", "RECEIVED"), "LAPSED", by=_HOUSE, label=_("逾期未填报")),
            "end": Move(("ISSUED", "RECEIVED"), "ENDED", by=_HOUSE, label=_("无需填报")),
        },
        title=lambda row: row.title,
        url_name="hazards:round_target",
        ladder="task",
        strip=("ISSUED", "RECEIVED", "ANSWERED"),
    )
)  # fmt: skip

ROUND_CHECK = register(
    Loop(
        code="hazards.round_check",
        name=_("专项检查现场核查"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待现场核查"), owner=_VERIFY, due=on("due_date")),
            "MATCHED": State(_("核查相符"), owner=None),
            "DIFFERED": State(_("核查不符"), owner=None),
            "ENDED": State(_("不再核查"), owner=None),
        },
        moves={
            "match": Move("DUE", "MATCHED", by=_VERIFY, label=_("与自查相符"), needs=("text",), primary=True),
            "differ": Move("DUE", "DIFFERED", by=_VERIFY, label=_("与自查不符"), needs=("text",)),
            "drop": Move("DUE", "ENDED", by=_ISSUER, label=_("不再核查，补抽一家"), needs=("reason",)),
            "end": Move("DUE", "ENDED", by=_VERIFY_HOUSE, label=_("不再核查")),
        },
        title=lambda row: row.title,
        url_name="hazards:round_check",
        ladder="task",
        strip=("DUE", "MATCHED"),
    )
)
