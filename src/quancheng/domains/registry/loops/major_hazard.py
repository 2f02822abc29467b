"""The loop of a major hazard's file (重大危险源备案、核销): found, filed, verified, reassessed, removed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_FILE = "registry.hazards.file@owner_org"
_VERIFY = "registry.hazards.verify@supervisor"

MAJOR_HAZARD = register(
    Loop(
        code="registry.major_hazard",
        name=_("重大危险源备案"),
        version=1,
        start="FOUND",
        states={
            "FOUND": State(_("待备案"), owner=_FILE, due=on("due_date")),
            "FILED": State(_("备案待核查"), owner=_VERIFY, due=within(working_days=10)),
            "STANDING": State(_("已备案"), owner=_FILE, review=on("reassess_date")),
            "DELISTING": State(_("核销待审"), owner=_VERIFY, due=within(days=30)),
            "DELISTED": State(_("已核销"), owner=None),
        },
        moves={
            "file": Move("FOUND", "FILED", by=_FILE, label=_("提交备案"), needs=("report_date",), primary=True),
            "accept": Move("FILED", "STANDING", by=_VERIFY, label=_("同意备案"), needs=("text",), primary=True),
            "return": Move("FILED", "FOUND", by=_VERIFY, label=_("退回补正"), needs=("reason",)),
            "reassess": Move("STANDING", "FOUND", by=_FILE, label=_("重新评估备案"), needs=("reason",),
                             primary=True),
            "raise": Move(
                ("FILED", "STANDING", "DELISTING"),
                "FOUND",
                by="registry.hazards.file@system",
                label=_("等级升高，重新备案"),
            ),
            "delist": Move(("FOUND", "STANDING"), "DELISTING", by=_FILE, label=_("申请核销"), needs=("reason",)),
            "refuse": Move("DELISTING", "FOUND", by=_VERIFY, label=_("不予核销"), needs=("reason",)),
            "agree": Move("DELISTING", "DELISTED", by=_VERIFY, label=_("同意核销"), needs=("text",), primary=True),
        },
        title=lambda row: f"{row.code} {row.unit.name}",
        url_name="registry:hazard",
        strip=("FOUND", "FILED", "STANDING", "DELISTING", "DELISTED"),
    )
)
