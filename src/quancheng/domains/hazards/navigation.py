"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.duties import OWN, OWN_JUDGE, READ
from quancheng.kernel.pages.nav import NavItem, register


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    own = "hazards.checks.record"
    register(NavItem("hazards", _("今日排查"), "hazards:checks_today", "checklist", duty=own, order=2))
    register(NavItem("hazards", _("登记隐患"), "hazards:report_own", "plus", duty=OWN, order=5))
    register(NavItem("hazards", _("隐患台账"), "hazards:findings", "alert", order=10))
    register(NavItem("hazards", _("重大隐患数据库"), "hazards:majors", "flame", order=15))
    register(NavItem("hazards", _("隐患复查"), "hazards:rechecks", "eye", duty="hazards.findings.supervise", order=20))
    register(NavItem("hazards", _("挂牌督办"), "hazards:listings", "flag", order=18))
    register(NavItem("hazards", _("复产申请"), "hazards:resumptions", "refresh",
                     duty=("hazards.findings.supervise", OWN_JUDGE), order=19))  # fmt: skip
    register(NavItem("hazards", _("期满现场审查"), "hazards:expiry_reviews", "eye",
                     duty="hazards.findings.supervise", order=20))  # fmt: skip
    register(NavItem("hazards", _("隐患移送"), "hazards:hand_overs", "flag", duty="hazards.findings.supervise",
                     order=20))  # fmt: skip
    register(NavItem("hazards", _("隐患整改期限"), "hazards:terms", "calendar", duty=READ, order=66))
    register(NavItem("hazards", _("同类自查"), "hazards:push_replies", "search", order=25))
    register(NavItem("hazards", _("隐患排查任务"), "hazards:check_tasks", "list", order=22))
    register(NavItem("hazards", _("未安排排查的管控措施"), "hazards:uncovered_measures", "flag", order=22))
    register(NavItem("hazards", _("排查任务清单"), "hazards:check_dues", "calendar", order=23))
    register(NavItem("hazards", _("排查记录"), "hazards:check_records", "clipboard", order=24))
    register(NavItem("hazards", _("分层级排查情况"), "hazards:check_own_levels", "chart", duty=own, order=25))
    register(NavItem("hazards", _("企业排查完成情况"), "hazards:check_completion", "chart", order=26,
                     when=lambda actor: actor.supervises))  # fmt: skip
    register(NavItem("hazards", _("本单位岗位覆盖率"), "hazards:post_coverage_own", "users", duty=own, order=25))
    register(NavItem("hazards", _("岗位覆盖率"), "hazards:post_coverage", "users", order=26,
                     when=lambda actor: actor.supervises))  # fmt: skip
    register(NavItem("hazards", _("停用、检修记录"), "hazards:unit_stops", "lock", order=27))
    judge = "hazards.checks.judge"
    register(NavItem("hazards", _("停用核查"), "hazards:stop_reviews", "eye", duty=judge, order=28))
    register(NavItem("hazards", _("排查记录异常"), "hazards:record_flags", "alert", duty=judge, order=28))
    register(NavItem("hazards", _("特殊时段"), "hazards:special_periods", "calendar", order=29))
    register(NavItem("hazards", _("反三违台账"), "hazards:violations", "hand", duty=OWN_JUDGE, order=27))
    register(NavItem("hazards", _("责任倒查"), "hazards:lookbacks", "scan", duty="hazards.lookbacks.conduct", order=28))
    register(NavItem("hazards", _("隐患统计"), "hazards:statistics", "chart", order=30))
    register(NavItem("hazards", _("数据交换"), "hazards:exchange", "refresh", duty="hazards.exchange.read", order=50))
    register(NavItem("hazards", _("重大隐患判定标准"), "hazards:criteria", "scale", duty=READ, order=60))
    register(NavItem("hazards", _("检查表"), "hazards:checklists", "checklist", duty=READ, order=65))
    register(NavItem("hazards", _("本部门检查表"), "hazards:department_lists", "checklist", duty="law.own", order=65))
    register(NavItem("hazards", _("本单位运行效果"), "hazards:running_own", "chart", duty=OWN, order=32))
    watches = ("hazards.running.judge", "duty.supervise")
    register(NavItem("hazards", _("双重预防运行效果"), "hazards:running", "chart", duty=watches, order=33))
    register(NavItem("hazards", _("运行效果分镇街统计"), "hazards:running_towns", "chart", duty=watches, order=34))
    register(NavItem("hazards", _("运行效果处置"), "hazards:running_actions", "alert", duty="hazards.running.judge",
                     order=35))
    register(NavItem("hazards", _("运行效果异议"), "hazards:running_appeals", "scale",
                     duty=("hazards.running.judge", "hazards.running.appeal"), order=36))
    register(NavItem("hazards", _("否决事实"), "hazards:running_vetoes", "flag", duty="hazards.running.judge",
                     order=36))
    register(NavItem("hazards", _("运行效果评价参数"), "hazards:running_rules", "scale", duty="hazards.running.rules",
                     order=67))
    guards = ("hazards.guarantors.keep", "hazards.checks.judge", "duty.supervise")
    register(NavItem("hazards", _("重大危险源包保责任"), "hazards:guarantors", "shield", duty=guards, order=40))
    register(NavItem("hazards", _("包保履职"), "hazards:guarantor_rounds", "user-check", duty=guards, order=41))
    register(NavItem("hazards", _("包保履职情况"), "hazards:guarantor_performance", "chart", duty=guards, order=42))
    _register_self_checks()


def _register_self_checks() -> None:
    register(NavItem("hazards", _("主要负责人带队排查"), "hazards:self_checks", "user-check", order=3))
    register(NavItem("hazards", _("本单位自查自改机制"), "hazards:mechanism_own", "clipboard",
                     duty="hazards.mechanisms.confirm", order=4))  # fmt: skip
    register(NavItem("hazards", _("自查自改机制建立情况"), "hazards:mechanisms", "clipboard", order=38,
                     when=lambda actor: actor.supervises))  # fmt: skip
    register(NavItem("hazards", _("带队排查周期"), "hazards:self_check_rules", "calendar",
                     duty="hazards.self_checks.rules", order=66))  # fmt: skip
    register(NavItem("hazards", _("隐患统计报表"), "hazards:statistics_reports", "chart", order=31))
    register(NavItem("hazards", _("运行成效评估"), "hazards:site_assessments", "scale", order=37))
    register(NavItem("hazards", _("本年度成效评估进度"), "hazards:site_assessment_progress", "chart", order=37,
                     when=lambda actor: actor.supervises))  # fmt: skip
    register(NavItem("hazards", _("本单位双重预防建设"), "hazards:building_own", "list",
                     duty="hazards.building.keep", order=36))  # fmt: skip
    register(NavItem("hazards", _("双重预防机制建设进度"), "hazards:building", "list", order=39,
                     when=lambda actor: actor.supervises))  # fmt: skip
