"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages.nav import NavItem, register

_WATCHES = ("risk.list.enter", "duty.supervise")


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    register(NavItem("risk", _("本单位风险"), "risk:own", "shield", duty=("risk.list.keep", "risk.list.view"), order=5))
    register(NavItem("risk", _("安全风险分布图"), "risk:map", "map", duty=_WATCHES, order=8))
    register(NavItem("risk", _("四色统计"), "risk:colours", "chart", duty=_WATCHES, order=10))
    register(NavItem("risk", _("企业风险清单"), "risk:files", "building-factory", duty=_WATCHES, order=12))
    register(NavItem("risk", _("企业安全风险分级"), "risk:graded", "building-factory", duty=_WATCHES, order=13))
    register(NavItem("risk", _("分级办理"), "risk:gradings", "scale", order=26))
    register(NavItem("risk", _("一企一策"), "risk:policies", "shield", order=27))
    register(NavItem("risk", _("风险分级管控清单"), "risk:events", "table", order=15))
    register(NavItem("risk", _("风险分析对象"), "risk:objects", "database", order=20))
    register(NavItem("risk", _("岗位"), "risk:posts", "user-check", order=25))
    register(NavItem("risk", _("风险分级口径"), "risk:rules", "scale", duty="risk.rules", order=60))
