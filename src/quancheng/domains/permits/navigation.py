"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.pages.nav import NavItem, register


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    register(NavItem("permits", _("特殊作业票"), "permits:permits", "stamp", duty=VIEW, order=10))
    register(NavItem("permits", _("作业活动通报"), "permits:operations", "stamp", duty=VIEW, order=14))
    register(NavItem("permits", _("停工指令"), "permits:orders", "alert", duty=VIEW, order=15))
    register(NavItem("permits", _("紧急集合点名"), "permits:musters", "users", duty=VIEW, order=18))
    register(NavItem("permits", _("隔离与盲板台账"), "permits:isolations", "lock", duty=VIEW, order=16))
    register(NavItem("permits", _("管道仪表流程图"), "permits:drawings", "map", duty=VIEW, order=17))
    register(NavItem("permits", _("试运授权"), "permits:sanctions", "lock", duty=VIEW, order=18))
    register(NavItem("permits", _("班组交接班"), "permits:shift_hand_overs", "users", duty=VIEW, order=18))
    register(NavItem("permits", _("企业作业参数"), "permits:figures", "settings", duty=VIEW, order=19))
    register(NavItem("permits", _("许可看板"), "permits:board", "layout-board", duty=VIEW, order=11))
    register(NavItem("permits", _("作业分布图"), "permits:map", "map", duty=VIEW, order=12))
    register(NavItem("permits", _("作业统计"), "permits:statistics", "chart", duty=VIEW, order=13))
    register(NavItem("permits", _("作业计划"), "permits:plans", "calendar", duty=VIEW, order=10))
    register(NavItem("permits", _("累积风险"), "permits:loads", "scale", duty=VIEW, order=12))
    register(NavItem("permits", _("作业小结"), "permits:lessons", "book", duty=VIEW, order=18))
    register(NavItem("permits", _("事故案例库"), "permits:cases", "book", duty=VIEW, order=18))
    register(NavItem("permits", _("气象预警"), "permits:weather", "alert", duty=VIEW, order=17))
