"""The loop of an enterprise's application to be registered (企业注册申请)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_ENTER = "registry.files.enter@owner_org"
#: The office that leads its class owes the answer; a town in whose area it lies may give it as well.
_ANYBODY = "registry.files.enter@*"

APPLICATION = register(
    Loop(
        code="registry.application",
        name=_("企业注册申请"),
        version=1,
        start="APPLIED",
        states={
            "APPLIED": State(_("待受理"), owner=_ENTER, due=within(working_days=5)),
            "ADMITTED": State(_("已登记"), owner=None),
            "REFUSED": State(_("不予登记"), owner=None),
        },
        moves={
            "admit": Move("APPLIED", "ADMITTED", by=_ANYBODY, label=_("准予登记"), needs=("username",), primary=True),
            "refuse": Move("APPLIED", "REFUSED", by=_ANYBODY, label=_("不予登记"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.name}",
        url_name="registry:application",
        strip=("APPLIED", "ADMITTED"),
    )
)
