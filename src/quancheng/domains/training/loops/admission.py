"""An enterprise admits a contractor (承包商准入): papers, a look at the place, a year, and how it ends.

Terms and states are defaults of ours [D] on GB 45673-2025 5.9.1.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_KEEP = "training.contractors.keep@owner_org"
_ADMIT = "training.contractors.admit@owner_org"
_HOUSE = "training.contractors.keep@system"
#: States in which the contractor may work, if nothing else bars it.
ADMITTED = ("ADMITTED", "RESTRICTED")
#: States in which nothing follows any more.
ENDED = ("REFUSED", "EXITED")
_STANDING = ("ADMITTED", "RESTRICTED", "SUSPENDED", "EXPIRED")

ADMISSION = register(
    Loop(
        code="training.admission",
        name=_("承包商准入"),
        version=1,
        start="CANDIDATE",
        states={
            "CANDIDATE": State(_("候选"), owner=_KEEP, review=within(days=30)),
            "DOC_REVIEW": State(_("资料审查"), owner=_KEEP, due=within(working_days=10)),
            "SITE_CHECK": State(_("现场核查"), owner=_ADMIT, due=within(working_days=10)),
            "ADMITTED": State(_("已准入"), owner=_KEEP, review=on("valid_to")),
            "RESTRICTED": State(_("限制作业"), owner=_KEEP, review=on("valid_to")),
            "SUSPENDED": State(_("暂停准入"), owner=_ADMIT, review=on("suspended_until", otherwise=within(days=30))),
            "EXPIRED": State(_("准入到期"), owner=_KEEP, review=within(days=30)),
            "REFUSED": State(_("不予准入"), owner=None),
            "EXITED": State(_("已退出"), owner=None),
        },
        moves={
            "submit": Move("CANDIDATE", "DOC_REVIEW", by=_KEEP, label=_("提交资料审查"), primary=True),
            "accept": Move("DOC_REVIEW", "SITE_CHECK", by=_KEEP, label=_("资料审查通过"), needs=("note",),
                           primary=True),
            "return": Move("DOC_REVIEW", "CANDIDATE", by=_KEEP, label=_("退回补充"), needs=("reason",)),
            "admit": Move("SITE_CHECK", "ADMITTED", by=_ADMIT, label=_("准入"), needs=("text",),
                          not_by=("submit", "accept"), primary=True),
            "refuse": Move(("DOC_REVIEW", "SITE_CHECK"), "REFUSED", by=_ADMIT, label=_("不予准入"), needs=("reason",)),
            "restrict": Move("ADMITTED", "RESTRICTED", by=_ADMIT, label=_("限制作业"), needs=("reason",)),
            "restrict_by_score": Move("ADMITTED", "RESTRICTED", by=_HOUSE, label=_("按计分限制作业")),
            "suspend": Move(("ADMITTED", "RESTRICTED"), "SUSPENDED", by=_ADMIT, label=_("暂停准入"),
                            needs=("reason",)),
            "suspend_by_score": Move(("ADMITTED", "RESTRICTED"), "SUSPENDED", by=_HOUSE, label=_("按计分暂停准入")),
            "restore": Move(("RESTRICTED", "SUSPENDED"), "ADMITTED", by=_ADMIT, label=_("恢复准入"),
                            needs=("reason",)),
            "lapse": Move(("ADMITTED", "RESTRICTED", "SUSPENDED"), "EXPIRED", by=_HOUSE, label=_("准入到期")),
            "renew": Move(("ADMITTED", "EXPIRED"), "ADMITTED", by=_ADMIT, label=_("续期"), needs=("text",)),
            "exit": Move(("CANDIDATE", *_STANDING), "EXITED", by=_KEEP, label=_("退出"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="training:admission",
        ladder="task",
        strip=("CANDIDATE", "DOC_REVIEW", "SITE_CHECK", "ADMITTED"),
    )
)  # fmt: skip
