"""The loops of an official paper (文书) and of its service to each addressee (送达)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, all_closed, register, within

#: A paper that a rung of the ladder proposed; drafted by the house, so that the signer is the second pair of eyes.
LADDER = "ladder"
MANUAL = "manual"


def _is_proposed(row: Any) -> Text | None:
    return None if row.origin == LADDER else _("该文书须先送核稿，再签发。")


def _is_addressed(row: Any) -> Text | None:
    if row.addressees.exists() or row.is_public:
        return None
    return _("请先填写主送单位。")


def _is_public(row: Any) -> Text | None:
    if row.services.exists():
        return _("该文书有主送单位，请逐一送达。")
    return None


def _reply_due(row: Any, entered_at: datetime, calendar: Calendar) -> datetime:
    """The end of the day by which the addressee replies; a paper in this state always has one."""
    return calendar.end_of(row.reply_due)


def _wants_reply(row: Any) -> Text | None:
    return None if row.paper.reply_working_days else _("该文书无需回复。")


def _wants_none(row: Any) -> Text | None:
    return _("该文书须回复。") if row.paper.reply_working_days else None


PAPER = register(
    Loop(
        code="papers.paper",
        name=_("文书"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("拟稿"), owner="papers.draft@owner_org", due=within(working_days=5), person="drafted_by"),
            "CHECKING": State(_("待核稿"), owner="papers.check@owner_org", due=within(working_days=2)),
            "SIGNING": State(_("待签发"), owner="papers.sign@owner_org", due=within(working_days=2)),
            "SIGNED": State(_("已签发，待送达"), owner="papers.serve@owner_org", due=within(working_days=3)),
            "SERVED": State(_("已送达，待回复"), owner="papers.serve@owner_org", review=within(days=30)),
            "CLOSED": State(_("已办结"), owner=None),
            "VOID": State(_("已作废"), owner=None),
            "DISCARDED": State(_("已弃稿"), owner=None),
        },
        moves={
            "submit": Move(
                "DRAFT", "CHECKING", by="papers.draft@owner_org", label=_("送核稿"), when=_is_addressed, primary=True
            ),
            "check": Move(
                "CHECKING",
                "SIGNING",
                by="papers.check@owner_org",
                label=_("核稿通过"),
                not_by=("submit",),
                primary=True,
            ),
            "send_back": Move(
                ("CHECKING", "SIGNING"), "DRAFT", by="papers.check@owner_org", label=_("退回修改"), needs=("reason",)
            ),
            "refuse": Move("SIGNING", "DRAFT", by="papers.sign@owner_org", label=_("不予签发"), needs=("reason",)),
            "sign": Move("SIGNING", "SIGNED", by="papers.sign@owner_org", label=_("签发"), primary=True),
            "sign_proposed": Move(
                "DRAFT", "SIGNED", by="papers.sign@owner_org", label=_("签发"), when=_is_proposed, primary=True
            ),
            "attach_sealed": Move(
                "SIGNED",
                "SIGNED",
                by="papers.serve@owner_org",
                label=_("上传用印扫描件"),
                needs=("evidence",),
            ),
            "publish": Move(
                "SIGNED",
                "CLOSED",
                by="papers.serve@owner_org",
                label=_("登记公布"),
                needs=("note",),
                when=_is_public,
            ),
            "mark_served": Move("SIGNED", "SERVED", by="papers.serve@system", label=_("送达完毕")),
            "close": Move(
                ("SIGNED", "SERVED"),
                "CLOSED",
                by="papers.serve@system",
                label=_("办结"),
                when=all_closed("services"),
            ),
            "void": Move(("SIGNED", "SERVED"), "VOID", by="papers.sign@owner_org", label=_("作废"), needs=("reason",)),
            "discard": Move(
                ("DRAFT", "CHECKING", "SIGNING"),
                "DISCARDED",
                by="papers.draft@owner_org",
                label=_("弃稿"),
                needs=("reason",),
            ),
        },
        title=lambda row: f"{row.number_text or row.kind_name} {row.title}",
        url_name="papers:paper",
        strip=("DRAFT", "CHECKING", "SIGNING", "SIGNED", "SERVED", "CLOSED"),
    )
)

SERVICE = register(
    Loop(
        code="papers.service",
        name=_("文书送达"),
        version=1,
        start="TO_SERVE",
        states={
            "TO_SERVE": State(_("待送达"), owner="papers.serve@owner_org", due=within(working_days=3)),
            "SENT": State(_("待签收"), owner="papers.receive@org", due=within(working_days=2)),
            "SERVED": State(_("待回复"), owner="papers.reply@org", due=_reply_due),
            "REPLIED": State(_("回复待审"), owner="papers.judge@owner_org", due=within(working_days=5)),
            "ACCEPTED": State(_("回复已认可"), owner=None),
            "NO_REPLY": State(_("已签收，无需回复"), owner=None),
            "CANCELLED": State(_("已撤销"), owner=None),
        },
        moves={
            "send": Move("TO_SERVE", "SENT", by="papers.serve@owner_org", label=_("平台送达"), primary=True),
            "deliver": Move(
                ("TO_SERVE", "SENT"),
                "SERVED",
                by="papers.serve@owner_org",
                label=_("登记送达回证"),
                needs=("evidence",),
                when=_wants_reply,
            ),
            "deliver_only": Move(
                ("TO_SERVE", "SENT"),
                "NO_REPLY",
                by="papers.serve@owner_org",
                label=_("登记送达回证"),
                needs=("evidence",),
                when=_wants_none,
            ),
            "acknowledge": Move(
                "SENT", "SERVED", by="papers.receive@org", label=_("签收"), when=_wants_reply, primary=True
            ),
            "acknowledge_only": Move(
                "SENT", "NO_REPLY", by="papers.receive@org", label=_("签收"), when=_wants_none, primary=True
            ),
            "reply": Move("SERVED", "REPLIED", by="papers.reply@org", label=_("回复"), needs=("reply",), primary=True),
            "accept": Move(
                "REPLIED",
                "ACCEPTED",
                by="papers.judge@owner_org",
                label=_("认可回复"),
                not_by=("reply",),
                primary=True,
            ),
            "send_back": Move(
                "REPLIED", "SERVED", by="papers.judge@owner_org", label=_("退回重新回复"), needs=("reason",)
            ),
            "waive": Move("SERVED", "NO_REPLY", by="papers.judge@owner_org", label=_("免予回复"), needs=("reason",)),
            "cancel": Move(
                ("TO_SERVE", "SENT", "SERVED", "REPLIED"),
                "CANCELLED",
                by="papers.serve@system",
                label=_("随文书作废撤销"),
            ),
        },
        title=lambda row: f"{row.paper.number_text} {row.paper.title} → {row.org.label}",
        url_name="papers:service",
        strip=("TO_SERVE", "SENT", "SERVED", "REPLIED", "ACCEPTED"),
    )
)
#: States in which the addressee has the paper in hands.
IN_HANDS = ("SERVED", "REPLIED", "ACCEPTED", "NO_REPLY")
