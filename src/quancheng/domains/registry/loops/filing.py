"""The loop of an enterprise's filing of its file (档案备案): prepared, certified by another person, received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

if TYPE_CHECKING:
    from quancheng.domains.registry.models.filings import Filing

_PREPARE = "registry.filings.prepare@owner_org"
_CERTIFY = "registry.filings.certify@owner_org"
_RECEIVE = "registry.files.verify@supervisor"
_CLOCK = "registry.filings.prepare@system"


def _of_own_accord(row: Filing) -> Text | None:
    """What a rule calls for is filed, not dropped."""
    return _("按规则应当备案，不能撤回。") if row.rule else None


FILING = register(
    Loop(
        code="registry.filing",
        name=_("档案备案"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("待填报"), owner=_PREPARE, due=on("due_date")),
            "PREPARED": State(_("待承诺"), owner=_CERTIFY, due=on("due_date")),
            "FILED": State(_("待接收"), owner=_RECEIVE, due=within(working_days=5)),
            "RECEIVED": State(_("已接收"), owner=None),
            "WITHDRAWN": State(_("已撤回"), owner=None),
            "LAPSED": State(_("已无需备案"), owner=None),
        },
        moves={
            "prepare": Move("DRAFT", "PREPARED", by=_PREPARE, label=_("完成填报"), primary=True),
            "withdraw": Move("DRAFT", "WITHDRAWN", by=_PREPARE, label=_("撤回"), needs=("reason",),
                             when=_of_own_accord),
            "certify": Move("PREPARED", "FILED", by=_CERTIFY, label=_("承诺并提交"), needs=("agreed",),
                            not_by=("prepare",), primary=True),
            "send_back": Move("PREPARED", "DRAFT", by=_CERTIFY, label=_("退回填报人"), needs=("reason",)),
            "receive": Move("FILED", "RECEIVED", by=_RECEIVE, label=_("接收备案"), primary=True),
            "return": Move("FILED", "DRAFT", by=_RECEIVE, label=_("退回补正"), needs=("reason",)),
            "sooner": Move("DRAFT", "DRAFT", by=_CLOCK, label=_("备案期限提前")),
            "lapse": Move(("DRAFT", "PREPARED"), "LAPSED", by=_CLOCK, label=_("无需备案")),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="registry:filing",
        ladder="task",
        strip=("DRAFT", "PREPARED", "FILED", "RECEIVED"),
    )
)  # fmt: skip
