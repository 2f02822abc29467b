"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.duties import OWN, READ
from quancheng.kernel.pages.nav import NavItem, register


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    register(NavItem("hazards", _("登记隐患"), "hazards:report_own", "plus", duty=OWN, order=5))
    register(NavItem("hazards", _("隐患台账"), "hazards:findings", "alert", order=10))
    register(NavItem("hazards", _("重大隐患数据库"), "hazards:majors", "flame", order=15))
    register(NavItem("hazards", _("隐患复查"), "hazards:rechecks", "eye", duty="hazards.findings.supervise", order=20))
    register(NavItem("hazards", _("同类自查"), "hazards:push_replies", "search", order=25))
    register(NavItem("hazards", _("隐患统计"), "hazards:statistics", "chart", order=30))
    register(NavItem("hazards", _("数据交换"), "hazards:exchange", "refresh", duty="hazards.exchange.read", order=50))
    register(NavItem("hazards", _("重大隐患判定标准"), "hazards:criteria", "scale", duty=READ, order=60))
    register(NavItem("hazards", _("检查表"), "hazards:checklists", "checklist", duty=READ, order=65))
