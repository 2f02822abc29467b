"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.pages.nav import NavItem, register

_STUDIES = "risk.announcements.study"
_WATCHES = ("risk.list.enter", "duty.supervise")


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    register(NavItem("risk", _("本单位风险"), "risk:own", "shield", duty=("risk.list.keep", "risk.list.view"), order=5))
    register(NavItem("risk", _("安全风险分布图"), "risk:map", "map", duty=_WATCHES, order=8))
    register(NavItem("risk", _("镇街风险汇总"), "risk:rollup", "chart", duty=_WATCHES, order=9))
    register(NavItem("risk", _("变色情况"), "risk:changes", "history", duty=_WATCHES, order=11))
    register(NavItem("risk", _("风险简报"), "risk:briefing", "report", duty=_WATCHES, order=11))
    register(NavItem("risk", _("重点时段检查名单"), "risk:inspections", "checklist", duty=_WATCHES, order=11))
    register(NavItem("risk", _("固有、剩余、现状对照"), "risk:compare_objects", "table", order=22))
    register(NavItem("risk", _("镇街边界"), "risk:outlines", "map", duty="risk.rules", order=61))
    register(NavItem("risk", _("用户与规划分区图"), "risk:layout_map", "map", duty=_WATCHES, order=16))
    register(NavItem("risk", _("规划分区"), "risk:zones", "map", duty=("risk.zones.keep", *_WATCHES), order=17))
    register(NavItem("risk", _("间距核查"), "risk:layout_checks", "search", order=18))
    register(NavItem("risk", _("布局问题协调"), "risk:layout_cases", "checklist", order=19))
    register(NavItem("risk", _("间距要求"), "risk:distance_rules", "scale", duty=_WATCHES, order=62))
    register(NavItem("risk", _("四色统计"), "risk:colours", "chart", duty=_WATCHES, order=10))
    register(NavItem("risk", _("企业风险清单"), "risk:files", "building-factory", duty=_WATCHES, order=12))
    register(NavItem("risk", _("企业安全风险分级"), "risk:graded", "building-factory", duty=_WATCHES, order=13))
    register(NavItem("risk", _("分级办理"), "risk:gradings", "scale", order=26))
    register(NavItem("risk", _("企业分类整治"), "risk:classings", "building-factory", duty=_WATCHES, order=27))
    register(NavItem("risk", _("一企一策"), "risk:policies", "shield", order=27))
    register(NavItem("risk", _("风险分级管控清单"), "risk:events", "table", order=15))
    register(NavItem("risk", _("风险分析对象"), "risk:objects", "database", order=20))
    register(NavItem("risk", _("企业综合风险指数"), "risk:index", "chart", duty=_WATCHES, order=11))
    register(NavItem("risk", _("风险预警处置"), "risk:warnings", "alert", order=11))
    register(NavItem("risk", _("风险分析"), "risk:analyses", "checklist", order=21))
    register(NavItem("risk", _("分析建议措施"), "risk:recommendations", "checklist", order=22))
    register(NavItem("risk", _("保护层分析"), "risk:lopas", "shield", order=23))
    register(NavItem("risk", _("反应安全风险评估"), "risk:reactions", "scale", order=24))
    register(NavItem("risk", _("精细化工四个清零"), "risk:plants", "building-factory", duty=_WATCHES, order=24))
    register(NavItem("risk", _("开停车通知"), "risk:start_stops", "history", order=24))
    register(NavItem("risk", _("重点环保设施"), "risk:environmental_facilities", "table", order=24))
    register(
        NavItem("risk", _("企业环保设施评估"), "risk:environmental_files", "building-factory", duty=_WATCHES, order=24)
    )
    register(NavItem("risk", _("实验室风险清单"), "risk:laboratories", "table", duty=_WATCHES, order=24))
    register(NavItem("risk", pgettext_lazy("post", "岗位"), "risk:posts", "user-check", order=25))
    register(NavItem("risk", _("岗位卡"), "risk:cards", "file-text", order=30))
    register(NavItem("risk", _("岗位卡覆盖情况"), "risk:card_files", "chart", order=31))
    register(NavItem("risk", _("岗位卡阅读与测试"), "risk:readings", "user-check", order=32))
    register(NavItem("risk", _("现场抽考岗位卡"), "risk:card_visits", "user-check", order=34,
                     duty=("risk.cards.visit", "risk.cards.keep", "risk.cards.view")))  # fmt: skip
    register(NavItem("risk", _("岗位卡季度抽查"), "risk:spots", "user-check", order=33))
    register(NavItem("risk", _("风险公告栏和告知牌"), "risk:boards", "alert", order=34))
    register(NavItem("risk", _("岗位卡规则"), "risk:card_rules", "scale", duty="risk.rules", order=61))
    register(NavItem("risk", _("风险分级口径"), "risk:rules", "scale", duty="risk.rules", order=60))
    register(NavItem("risk", _("今日承诺公告"), "risk:announcement_today", "check", duty=_STUDIES, order=28))
    register(NavItem("risk", _("承诺公告当日"), "risk:announcement_day", "calendar", duty=_WATCHES, order=29))
    register(NavItem("risk", _("承诺公告台账"), "risk:announcements", "table", order=30))
    register(NavItem("risk", _("逐级研判台账"), "risk:studies", "table", order=31))
    register(NavItem("risk", _("承诺公告疑点"), "risk:doubts", "alert", order=32))
    register(NavItem("risk", _("承诺公告抽查"), "risk:spot_checks", "search", order=33))
    register(NavItem("risk", _("公告及时率"), "risk:announcement_months", "chart", order=34))
    register(NavItem("risk", _("承诺公告口径"), "risk:announcement_rules", "scale", duty="risk.rules", order=61))
