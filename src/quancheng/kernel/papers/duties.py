"""Who may do what with papers in a new house, how papers are numbered, and what addressees are told."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty
from quancheng.kernel.notices.texts import declare_notice
from quancheng.kernel.numbering.kinds import declare_kind

_CHIEFS = ("office.director", "department.head", "town.head")
_OFFICERS = ("office.officer", "department.officer", "town.officer")
_ADDRESSEES = ("village.officer", "enterprise.head", "enterprise.safety", "department.reporter")


def declare() -> None:
    """Declare duties, kinds of numbers and notices; called once, when the app is ready."""
    declare_duty("papers.draft", _("拟稿"), roles=(*_CHIEFS, *_OFFICERS))
    declare_duty("papers.check", _("核稿"), roles=(*_CHIEFS, *_OFFICERS))
    declare_duty("papers.sign", _("签发文书"), roles=("leader", *_CHIEFS))
    declare_duty("papers.serve", _("送达文书"), roles=(*_CHIEFS, *_OFFICERS))
    declare_duty("papers.receive", _("签收文书"), roles=(*_CHIEFS, *_OFFICERS, *_ADDRESSEES))
    declare_duty("papers.reply", _("回复文书"), roles=(*_CHIEFS, *_OFFICERS, *_ADDRESSEES))
    declare_duty("papers.judge", _("审核回复"), roles=(*_CHIEFS, *_OFFICERS))
    declare_duty("papers.templates", _("维护文书模板"), roles=("office.director",))

    declare_kind("papers.warning", _("警示提醒函"), word="警")
    declare_kind("papers.urging", _("督促函"), word="督")
    declare_kind("papers.criticism", _("通报"), word="通报")
    declare_kind("papers.talk", _("约谈通知书"), word="约")
    declare_kind("papers.listing", _("挂牌督办文书"), word="挂")
    declare_kind("papers.danger_listing", _("重大事故隐患挂牌督办文书"), word="督")
    declare_kind("papers.exposure", _("曝光通告"), word="告")
    declare_kind("papers.letter", _("函"), word="函")
    declare_kind("papers.notice", _("通知"))

    declare_notice("papers.sent", _("文书送达"), _("%(from)s送达文书，请签收：%(title)s"))
    declare_notice("papers.replied", _("文书回复"), _("%(from)s已回复，请审核：%(title)s"))
    declare_notice("papers.returned", _("回复退回"), _("回复被退回，请重新回复：%(title)s"))
