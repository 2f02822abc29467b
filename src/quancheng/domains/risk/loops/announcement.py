"""The loops of a day's announcement (承诺公告), of the study below it (研判), of a doubt about it, of a spot check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

if TYPE_CHECKING:
    from quancheng.domains.risk.models import Study

_STUDY = "risk.announcements.study@owner_org"
_PUBLISH = "risk.announcements.publish@owner_org"
_CHECK = "risk.announcements.check@supervisor"
_DRAWN = "risk.announcements.check@owner_org"
_CLOCK = "risk.announcements.check@system"

ANNOUNCEMENT = register(
    Loop(
        code="risk.announcement",
        name=_("安全风险研判与承诺公告"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("待公告"), owner=_PUBLISH, due=on("due_at")),
            "PUBLISHED": State(_("已公告"), owner=None),
            "MISSED": State(_("当日未公告"), owner=None),
            "EXCUSED": State(_("免予公告"), owner=None),
        },
        moves={
            "publish": Move("OPEN", "PUBLISHED", by=_PUBLISH, label=_("承诺并公告"), primary=True),
            "excuse": Move("OPEN", "EXCUSED", by=_CHECK, label=_("免予公告"), needs=("reason",)),
            "miss": Move("OPEN", "MISSED", by=_CLOCK, label=_("当日结束未公告")),
        },
        title=lambda row: f"{row.day:%Y-%m-%d} {row.title}",
        url_name="risk:announcement",
        strip=("OPEN", "PUBLISHED"),
    )
)  # fmt: skip


def _below_answered(row: Study) -> Text | None:
    waiting = row.children.filter(status="ASKED").count()
    if waiting and not row.skip_reason:
        return _("还有%(count)s个班组没有研判。") % {"count": waiting}
    return None


STUDY = register(
    Loop(
        code="risk.study",
        name=_("安全风险研判"),
        version=1,
        start="ASKED",
        states={
            "ASKED": State(_("待研判"), owner=_STUDY, due=on("due_at"), person="person"),
            "ANSWERED": State(_("已研判"), owner=None),
            "LAPSED": State(_("未研判"), owner=None),
        },
        moves={
            "answer": Move("ASKED", "ANSWERED", by=_STUDY, label=_("提交研判"), when=_below_answered, primary=True),
            "lapse": Move("ASKED", "LAPSED", by=_CLOCK, label=_("当日结束未研判")),
        },
        title=lambda row: f"{row.day:%Y-%m-%d} {row.name}",
        url_name="risk:study",
        strip=("ASKED", "ANSWERED"),
    )
)

DOUBT = register(
    Loop(
        code="risk.doubt",
        name=_("承诺公告疑点"),
        version=1,
        start="ASKED",
        states={
            "ASKED": State(_("待企业说明"), owner=_PUBLISH, due=within(working_days=1)),
            "EXPLAINED": State(_("待核实"), owner=_CHECK, due=within(working_days=2)),
            "FOUND": State(_("已登记隐患"), owner=None),
            "SETTLED": State(_("说明成立"), owner=None),
        },
        moves={
            "explain": Move("ASKED", "EXPLAINED", by=_PUBLISH, label=_("说明情况"), needs=("text",), primary=True),
            "accept": Move("EXPLAINED", "SETTLED", by=_CHECK, label=_("说明成立"), needs=("reason",), primary=True),
            "find": Move(("ASKED", "EXPLAINED"), "FOUND", by=_CHECK, label=_("登记隐患"), needs=("reason",)),
            "raise": Move("ASKED", "FOUND", by=_CLOCK, label=_("按口径登记隐患")),
        },
        title=lambda row: f"{row.day:%Y-%m-%d} {row.title}",
        url_name="risk:doubt",
        strip=("ASKED", "EXPLAINED", "SETTLED"),
    )
)

SPOT_CHECK = register(
    Loop(
        code="risk.spot_check",
        name=_("承诺公告抽查"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待抽查"), owner=_DRAWN, due=on("due_date")),
            "MATCHED": State(_("相符"), owner=None),
            "DIFFERED": State(_("不相符"), owner=None),
        },
        moves={
            "match": Move("DUE", "MATCHED", by=_DRAWN, label=_("相符"), needs=("text",), primary=True),
            "differ": Move("DUE", "DIFFERED", by=_DRAWN, label=_("不相符，登记疑点"), needs=("text",)),
        },
        title=lambda row: f"{row.day:%Y-%m-%d} {row.title}",
        url_name="risk:spot_check",
        strip=("DUE", "MATCHED"),
    )
)
