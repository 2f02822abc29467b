"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages.nav import NavItem, register


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    register(NavItem("duty", _("计划文件"), "duty:plans", "file", order=10))
    register(NavItem("duty", _("文件库"), "duty:library", "archive", order=12))
    register(NavItem("duty", _("任务"), "duty:tasks", "checklist", order=20))
    register(
        NavItem("duty", _("本单位承办"), "duty:own", "inbox", duty=("duty.tasks.work", "duty.tasks.accept"), order=30)
    )
    register(
        NavItem("duty", _("承办情况"), "duty:assignments", "dashboard",
                duty=("duty.tasks.verify", "duty.supervise"), order=40)
    )  # fmt: skip
    register(NavItem("duty", _("文件签收"), "duty:receipts", "mail", duty="duty.plans.receive", order=50))
    register(NavItem("duty", _("会议"), "duty:meetings", "users", order=60))
    register(
        NavItem("duty", _("进展报告"), "duty:reports", "file",
                duty=("duty.reports.accept", "duty.supervise"), order=52)
    )  # fmt: skip
    register(NavItem("duty", _("本单位报告"), "duty:own_reports", "edit", duty="duty.reports.write", order=54))
    register(
        NavItem("duty", _("报告要求"), "duty:report_duties", "calendar",
                duty=("duty.reports.accept", "duty.reports.write"), order=56)
    )  # fmt: skip
    register(NavItem("duty", _("信息报送员"), "duty:reporters", "user",
                     duty=("duty.reports.accept", "duty.reporters.name"), order=58))  # fmt: skip
    register(NavItem("duty", _("自定计划"), "duty:own_plans", "clipboard",
                     duty=("duty.own_plans.write", "duty.own_plans.accept"), order=15))  # fmt: skip
    register(NavItem("duty", _("问题清单"), "duty:problems", "flag", order=70))
    register(NavItem("duty", _("挂图作战"), "duty:wall", "table", order=44))
    register(NavItem("duty", _("专项行动"), "duty:campaigns", "megaphone", order=65))
    register(NavItem("duty", _("督办看板"), "duty:board", "dashboard", duty="duty.supervise", order=5))
    register(NavItem("duty", _("情况通报"), "duty:packs", "report", duty="duty.packs.make", order=58))
    register(NavItem("duty", _("职责和任务清单"), "duty:duty_lists", "list", order=80))
    register(NavItem("duty", _("领导责任清单"), "duty:leader_lists", "user-check",
                     duty=("duty.lists.file", "duty.supervise"), order=81))  # fmt: skip
    register(NavItem("duty", _("支持事项"), "duty:supports", "hand", order=82))
    register(NavItem("duty", _("学习记录"), "duty:studies", "book", order=84))
    register(NavItem("duty", _("制度成果"), "duty:rules", "archive", order=86))
    register(NavItem("duty", _("年度成绩"), "duty:results", "star", duty="duty.supervise", order=90))
    register(NavItem("duty", _("奖惩建议"), "duty:proposals", "scale", duty="duty.supervise", order=92))
    register(NavItem("duty", _("一票否决"), "duty:vetoes", "ban", duty="duty.supervise", order=94))
    register(NavItem("duty", _("领导小组和工作组"), "duty:groups", "users", order=62))
    register(NavItem("duty", _("督导检查"), "duty:visits", "eye",
                     duty=("duty.visits.manage", "duty.supervise"), order=67))  # fmt: skip
    register(NavItem("duty", _("督办统计"), "duty:measures", "chart", duty="duty.supervise", order=69))
    register(NavItem("duty", _("监管力量"), "duty:force", "shield",
                     duty=("duty.staff.keep", "duty.supervise"), order=88))  # fmt: skip
