"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.queries.alarms import unacknowledged
from quancheng.kernel.pages.nav import NavItem, register

_SEES = ("monitoring.keep", "monitoring.view", "monitoring.watch", "monitoring.enter")


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    register(NavItem("monitoring", _("报警"), "monitoring:alarms", "bell", duty=_SEES, order=5, waiting=unacknowledged))
    register(NavItem("monitoring", _("报警搁置与停用"), "monitoring:holds", "clock", duty=_SEES, order=20))
    register(NavItem("monitoring", _("设计抑制规则"), "monitoring:rules", "ban", duty=_SEES, order=22))
    register(NavItem("monitoring", _("报警泛滥"), "monitoring:floods", "activity", duty=_SEES, order=24))
    register(NavItem("monitoring", _("首出报警"), "monitoring:first_outs", "hierarchy", duty=_SEES, order=26))
    register(NavItem("monitoring", _("报警处置参数"), "monitoring:alarm_terms", "settings", duty=_SEES, order=90))
    register(NavItem("monitoring", _("报警事件"), "monitoring:events", "alert", duty=_SEES, order=10))
    register(NavItem("monitoring", _("监测点位"), "monitoring:tags", "gauge", duty=_SEES, order=50))
    register(NavItem("monitoring", _("监测接入情况"), "monitoring:coverage", "checklist", duty=_SEES, order=55))
    register(NavItem("monitoring", _("接入源"), "monitoring:sources", "plug", duty=_SEES, order=60))
