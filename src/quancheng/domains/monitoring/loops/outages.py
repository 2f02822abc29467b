"""An outage of monitoring (断线): begun and ended by what comes in, explained by the enterprise."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_KEEP = "monitoring.keep@enterprise"
_CLOCK = "monitoring.keep@system"

OUTAGE = register(
    Loop(
        code="monitoring.outage",
        name=_("监测断线"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("断线待说明"), owner=_KEEP, due=on("due_at")),
            "STATED": State(_("已说明未恢复"), owner=_KEEP, review=within(days=1)),
            "RESTORED": State(_("已恢复待说明"), owner=_KEEP, due=on("due_at")),
            "CLOSED": State(_("已办结"), owner=None),
            "LAPSED": State(_("逾期未说明"), owner=None),
            "DROPPED": State(_("不再监测"), owner=None),
        },
        moves={
            "state": Move("OPEN", "STATED", by=_KEEP, label=_("说明原因和措施"), needs=("cause", "measures"),
                          primary=True),
            "amend": Move("STATED", "STATED", by=_KEEP, label=_("补充说明"), needs=("cause", "measures"), primary=True),
            "explain": Move("RESTORED", "CLOSED", by=_KEEP, label=_("说明原因并办结"), needs=("cause", "measures"),
                            primary=True),
            "restore": Move("OPEN", "RESTORED", by=_CLOCK, label=_("数据恢复")),
            "end": Move("STATED", "CLOSED", by=_CLOCK, label=_("数据恢复")),
            "lapse": Move("RESTORED", "LAPSED", by=_CLOCK, label=_("逾期未说明")),
            "drop": Move(("OPEN", "STATED"), "DROPPED", by=_CLOCK, label=_("不再监测")),
        },
        title=lambda row: row.title,
        url_name="monitoring:outage",
        ladder="task",
        strip=("OPEN", "STATED", "RESTORED", "CLOSED"),
    )
)  # fmt: skip
