"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.training.queries.papers import SET_EXAMS
from quancheng.domains.training.queries.persons import KEEP, VIEW
from quancheng.domains.training.queries.questions import BANK
from quancheng.domains.training.queries.study import STUDY
from quancheng.kernel.pages.nav import NavItem, register


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    people = pgettext_lazy("several", "从业人员")
    register(NavItem("training", people, "training:persons", "users", duty=VIEW, order=10))
    register(NavItem("training", _("人员证书"), "training:qualifications", "stamp", duty=VIEW, order=20))
    register(NavItem("training", _("岗位任职情况"), "training:own_staff", "user-check", duty=KEEP, order=30))
    register(NavItem("training", _("任职条件差距"), "training:staffing", "checklist", duty=VIEW, order=40))
    register(NavItem("training", _("法定人员配备"), "training:quotas", "users", duty=VIEW, order=41))
    register(NavItem("training", _("培训需求矩阵"), "training:own_matrix", "clipboard", duty=KEEP, order=31))
    register(NavItem("training", _("培训达标情况"), "training:standings", "checklist", duty=VIEW, order=32))
    register(NavItem("training", _("培训覆盖率"), "training:coverage", "chart", duty=VIEW, order=33))
    register(NavItem("training", _("监管人员学习"), "training:regulators", "book", duty=STUDY, order=46))
    register(NavItem("training", _("操作规程和规章制度"), "training:documents", "file", duty=VIEW, order=45))
    register(NavItem("training", _("培训记录"), "training:records", "clipboard", duty=VIEW, order=42))
    register(NavItem("training", _("再培训令"), "training:orders", "refresh", duty=VIEW, order=44))
    register(NavItem("training", _("培训班"), "training:sessions", "calendar", duty=VIEW, order=36))
    register(NavItem("training", _("课程"), "training:courses", "file", duty=VIEW, order=37))
    register(NavItem("training", _("年度培训计划"), "training:plans", "list", duty=VIEW, order=38))
    register(NavItem("training", _("岗位角色和任职要求"), "training:roles", "clipboard", duty=VIEW, order=50))
    register(NavItem("training", _("培训大纲"), "training:programmes", "book", duty=VIEW, order=55))
    register(NavItem("training", _("证书目录"), "training:kinds", "list", duty=VIEW, order=60))
    register(NavItem("training", _("考试题库"), "training:questions", "help", duty=BANK, order=100))
    register(NavItem("training", _("组卷规则"), "training:paper_rules", "settings", duty=SET_EXAMS, order=110))
    register(NavItem("training", pgettext_lazy("several", "考试"), "training:exams", "clipboard", duty=VIEW, order=120))
    register(NavItem("training", _("考试成绩"), "training:sittings", "report", duty=VIEW, order=130))
    register(NavItem("training", _("考试分析"), "training:exam_figures", "chart", duty=VIEW, order=140))
    register(NavItem("training", _("我的考试"), "training:own_exams", "edit", duty=SET_EXAMS, order=150))
