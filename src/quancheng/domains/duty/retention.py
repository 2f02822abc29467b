"""What of this domain goes when. Plans, tasks, reports, meetings and decisions are kept for good."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import Problem, Proposal, StaffMember, StudyRecord, SupportItem, Visit
from quancheng.domains.duty.queries.retention import (
    list_closed_problems,
    list_decided_proposals,
    list_ended_visits,
    list_left_staff,
    list_old_studies,
    list_old_support,
)
from quancheng.kernel.retention.declare import Rule, declare


def declare_rules() -> None:
    """Called while the apps get ready. Acts are archived: somebody may ask after them in court."""
    for rule in (
        Rule("duty.problem", _("问题清单"), Problem, "5 years", _("销号"), list_closed_problems, "archive"),
        Rule(
            "duty.proposal",
            _("奖惩建议"),
            Proposal,
            "5 years",
            _("作出决定"),
            list_decided_proposals,
            "archive",
        ),
        Rule("duty.study", _("学习记录"), StudyRecord, "5 years", _("学习日期"), list_old_studies, "archive"),
        Rule(
            "duty.visit",
            _("督导检查"),
            Visit,
            "10 years",
            _("办结或取消"),
            list_ended_visits,
            "archive",
            children=("findings",),
        ),
        Rule("duty.staff", _("监管人员"), StaffMember, "5 years", _("离岗"), list_left_staff),
        Rule("duty.support", _("支持事项"), SupportItem, "10 years", _("支持日期"), list_old_support, "archive"),
    ):
        declare(rule)
