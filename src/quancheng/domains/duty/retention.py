"""What of this domain goes when. Plans, tasks, reports, meetings and decisions are kept for good."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import Problem, Proposal, StudyRecord, SupportItem
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.retention.declare import Rule, declare


def declare_rules() -> None:
    """Called while the apps get ready. All are archived: somebody may ask after them in court."""
    for rule in (
        Rule("duty.problem", _("问题清单"), Problem, "5 years", _("销号"), _closed_problems, "archive"),
        Rule("duty.proposal", _("奖惩建议"), Proposal, "5 years", _("作出决定"), _decided, "archive"),
        Rule("duty.study", _("学习记录"), StudyRecord, "5 years", _("学习日期"), _held, "archive"),
        Rule("duty.support", _("支持事项"), SupportItem, "10 years", _("支持日期"), _given, "archive"),
    ):
        declare(rule)


def _closed_problems(before: datetime) -> QuerySet[Problem]:
    """One whose similar ones still stand waits for them."""
    return Problem.objects.filter(status="CLOSED", closed_at__lt=before, similar__isnull=True)


def _decided(before: datetime) -> QuerySet[Proposal]:
    return Proposal.objects.filter(status_at__lt=before).exclude(status="PROPOSED")


def _held(before: datetime) -> QuerySet[StudyRecord]:
    return StudyRecord.objects.filter(held_date__lt=Calendar().local_date(before))


def _given(before: datetime) -> QuerySet[SupportItem]:
    return SupportItem.objects.filter(given_date__lt=Calendar().local_date(before))
