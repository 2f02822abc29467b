"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages.nav import NavItem, register

_SEES = ("monitoring.keep", "monitoring.view", "monitoring.watch", "monitoring.enter")


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    register(NavItem("monitoring", _("报警事件"), "monitoring:events", "alert", duty=_SEES, order=10))
    register(NavItem("monitoring", _("泄漏监测对象"), "monitoring:leaks", "alert", duty=_SEES, order=20))
    register(NavItem("monitoring", _("报警绩效"), "monitoring:quality", "chart", duty=_SEES, order=40))
    register(NavItem("monitoring", _("重点时段检查名单"), "monitoring:key_time", "checklist",
                     duty="monitoring.watch", order=45))  # fmt: skip
    register(NavItem("monitoring", _("监测点位"), "monitoring:tags", "gauge", duty=_SEES, order=50))
    register(NavItem("monitoring", _("监测接入情况"), "monitoring:coverage", "checklist", duty=_SEES, order=55))
    register(NavItem("monitoring", _("重点监管工艺"), "monitoring:key_processes", "checklist", duty=_SEES, order=57))
    register(NavItem("monitoring", _("接入源"), "monitoring:sources", "plug", duty=_SEES, order=60))
