"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.monitoring.queries.alarms import unacknowledged
from quancheng.kernel.pages.nav import NavItem, register

_SEES = ("monitoring.keep", "monitoring.view", "monitoring.watch", "monitoring.enter")
#: Who looks at how far the system itself is.
_SYSTEM = ("monitoring.watch", "monitoring.functions")


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    for item in (
        NavItem(
            "alarms", pgettext_lazy("several", "报警"), "monitoring:alarms", "bell", duty=_SEES, order=10,
            waiting=unacknowledged,
        ),
        NavItem("alarms", _("风险预警"), "monitoring:warnings", "flag", duty=_SEES, order=20),
        NavItem("alarms", _("泄漏监测对象"), "monitoring:leaks", "alert", duty=_SEES, order=25),
        NavItem("alarms", _("报警搁置与停用"), "monitoring:holds", "clock", duty=_SEES, order=30),
        NavItem("alarms", _("联锁旁路台账"), "monitoring:bypasses", "lock", duty=_SEES, order=32),
        NavItem("alarms", _("报警泛滥"), "monitoring:floods", "activity", duty=_SEES, order=35),
        NavItem("alarms", _("首出报警"), "monitoring:first_outs", "hierarchy", duty=_SEES, order=40),
        NavItem("alarms", _("报警绩效"), "monitoring:quality", "chart", duty=_SEES, order=45),
        NavItem("alarms", _("重点时段检查名单"), "monitoring:key_time", "checklist", duty="monitoring.watch", order=50),
        NavItem("alarms", _("设计抑制规则"), "monitoring:rules", "ban", duty=_SEES, order=60),
        NavItem("alarms", _("报警告知规则"), "monitoring:telling_rules", "bell", duty=_SEES, order=65),
        NavItem("alarms", _("报警升级时限"), "monitoring:escalation", "hourglass", duty=_SEES, order=70),
        NavItem("alarms", _("报警处置参数"), "monitoring:alarm_terms", "settings", duty=_SEES, order=75),
        NavItem("monitoring", _("实时监测墙"), "monitoring:own_wall", "radar", duty="monitoring.view", order=5),
        NavItem("monitoring", _("实时监测图"), "monitoring:map", "map", duty="monitoring.watch", order=6),
        NavItem("monitoring", _("事件时间线"), "monitoring:timeline", "history", duty=_SEES, order=8),
        NavItem("monitoring", _("报警事件"), "monitoring:events", "alert", duty=_SEES, order=10),
        NavItem("monitoring", _("补传报警"), "monitoring:past_alarms", "history", duty=_SEES, order=12),
        NavItem("monitoring", _("监测断线"), "monitoring:outages", "ban", duty=_SEES, order=20),
        NavItem("monitoring", _("停用报备"), "monitoring:notices", "calendar", duty=_SEES, order=25),
        NavItem("monitoring", _("接入与在线率"), "monitoring:connection", "chart", duty=_SEES, order=30),
        NavItem("monitoring", _("数据质量评分"), "monitoring:scores", "checklist", duty=_SEES, order=35),
        NavItem("monitoring", _("监测点位"), "monitoring:tags", "gauge", duty=_SEES, order=50),
        NavItem("monitoring", _("监测接入情况"), "monitoring:coverage", "checklist", duty=_SEES, order=55),
        NavItem("monitoring", _("重点监管工艺"), "monitoring:key_processes", "checklist", duty=_SEES, order=57),
        NavItem("monitoring", _("重大危险源监控"), "monitoring:installations", "checklist", duty=_SEES, order=58),
        NavItem("monitoring", _("接入源"), "monitoring:sources", "plug", duty=_SEES, order=60),
        NavItem("monitoring", _("消息服务器桥接"), "monitoring:brokers", "plug", duty="monitoring.bridge", order=70),
        NavItem("monitoring", _("系统功能清单"), "monitoring:functions", "checklist", duty=_SYSTEM, order=72),
        NavItem("monitoring", _("数据五级贯通"), "monitoring:passage", "hierarchy", duty=_SYSTEM, order=73),
        NavItem(
            "monitoring", _("监测质量口径"), "monitoring:watch_rules", "gauge",
            duty=("monitoring.rules", "monitoring.watch"), order=75,
        ),
        NavItem(
            "admin", _("运行监视"), "monitoring:operating", "activity", duty="monitoring.operate",
            administrator="system", order=78,
        ),
    ):  # fmt: skip
        register(item)
