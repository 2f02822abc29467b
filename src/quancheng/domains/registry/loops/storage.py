"""The loop of what is stored wrongly (储存问题): put right, or explained and judged; gone when its cause is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, register, within

if TYPE_CHECKING:
    from quancheng.domains.registry.models.storage import StorageFinding

_KEEP = "registry.files.keep@owner_org"
_VERIFY = "registry.files.verify@supervisor"
_HOUSE = "registry.files.keep@system"


def _may_be_explained(row: StorageFinding) -> Text | None:
    if row.is_hard:
        return _("超过许可量、设计量或消防核定储存量的，须减少存量，或先办理许可、设计、消防变更，不能以说明代替。")
    return None


STORAGE = register(
    Loop(
        code="registry.storage",
        name=_("储存问题"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("待整改"), owner=_KEEP, due=within(working_days=5)),
            "EXPLAINED": State(_("已说明，待核定"), owner=_VERIFY, due=within(working_days=10)),
            "ACCEPTED": State(_("核定可以存放"), owner=None),
            "CLEARED": State(_("已消除"), owner=None),
        },
        moves={
            "explain": Move("OPEN", "EXPLAINED", by=_KEEP, label=_("说明实际存放情况"), needs=("text",),
                            when=_may_be_explained, primary=True),
            "accept": Move("EXPLAINED", "ACCEPTED", by=_VERIFY, label=_("核定可以存放"), needs=("text",), primary=True,
                           when=_may_be_explained),
            "reject": Move("EXPLAINED", "OPEN", by=_VERIFY, label=_("不予认可，限期整改"), needs=("reason",)),
            "clear": Move(("OPEN", "EXPLAINED"), "CLEARED", by=_HOUSE, label=_("原因已消除")),
        },
        title=lambda row: row.title,
        url_name="registry:storage_finding",
        ladder="task",
        strip=("OPEN", "EXPLAINED", "CLEARED"),
    )
)  # fmt: skip
