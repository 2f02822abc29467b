"""A point of isolation (隔离点): planned, applied, shown to be without energy by a second person, removed again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_WORK = "permits.work@enterprise"
_UNIT = "permits.sign_unit@enterprise"
#: Whoever sees that a point is open says so; who may, the service asks.
_SEES = "permits.view@*"
#: In place, whether shown to be without energy or not.
STANDING = ("APPLIED", "VERIFIED")
#: Not ended: its tag is its own.
OPEN_STATES = ("PLANNED", *STANDING, "LIFTED", "TESTING")

ISOLATION = register(
    Loop(
        code="permits.isolation",
        name=_("隔离点"),
        version=1,
        start="PLANNED",
        states={
            "PLANNED": State(pgettext_lazy("isolation", "计划"), owner=_WORK, review=within(days=7)),
            "APPLIED": State(pgettext_lazy("isolation", "已隔离，待验证"), owner=_WORK, due=within(hours=4)),
            "VERIFIED": State(pgettext_lazy("isolation", "已验证"), owner=_WORK, review=on("review_at")),
            "LIFTED": State(pgettext_lazy("isolation", "隔离失效"), owner=_WORK, due=within(hours=2)),
            "TESTING": State(pgettext_lazy("isolation", "试运，临时解除"), owner=_WORK, due=on("review_at")),
            "REMOVED": State(pgettext_lazy("isolation", "已解除"), owner=None),
            "CANCELLED": State(pgettext_lazy("isolation", "已取消"), owner=None),
        },
        moves={
            "apply": Move(("PLANNED", "LIFTED", "TESTING"), "APPLIED", by=_WORK, label=_("实施隔离"), primary=True),
            # Four eyes are of the newest application alone: the service asks them.
            "verify": Move("APPLIED", "VERIFIED", by=_WORK, label=_("验证零能量"), needs=("result",), primary=True),
            "fail": Move("APPLIED", "LIFTED", by=_WORK, label=_("验证不合格"), needs=("reason",), whoever=True),
            "check": Move("VERIFIED", "VERIFIED", by=_WORK, label=_("现场复查"), needs=("result",)),
            "lift": Move(
                ("APPLIED", "VERIFIED"), "LIFTED", by=_SEES, label=_("报告隔离失效"), needs=("reason",), whoever=True
            ),
            # With a sanction to test alone.
            "release": Move("VERIFIED", "TESTING", by=_UNIT, label=_("试运，临时解除"), whoever=True),
            "remove": Move(
                ("APPLIED", "VERIFIED", "LIFTED", "TESTING"), "REMOVED", by=_WORK, label=_("解除隔离")
            ),
            "cancel": Move("PLANNED", "CANCELLED", by=_WORK, label=_("取消"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="permits:isolation",
        strip=("PLANNED", "APPLIED", "VERIFIED", "REMOVED"),
    )
)  # fmt: skip
