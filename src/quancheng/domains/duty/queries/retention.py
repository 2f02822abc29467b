"""Rows whose time has come, for the clock of retention, which sees every row."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from quancheng.domains.duty.models import Problem, Proposal, StaffMember, StudyRecord, SupportItem, Visit
from quancheng.kernel.calendar import Calendar


def list_closed_problems(before: datetime) -> QuerySet[Problem]:
    """One whose similar ones still stand waits for them."""
    return Problem.objects.filter(status="CLOSED", closed_at__lt=before, similar__isnull=True)


def list_decided_proposals(before: datetime) -> QuerySet[Proposal]:
    return Proposal.objects.filter(status_at__lt=before).exclude(status="PROPOSED")


def list_old_studies(before: datetime) -> QuerySet[StudyRecord]:
    return StudyRecord.objects.filter(held_date__lt=Calendar().local_date(before))


def list_old_support(before: datetime) -> QuerySet[SupportItem]:
    return SupportItem.objects.filter(given_date__lt=Calendar().local_date(before))


def list_ended_visits(before: datetime) -> QuerySet[Visit]:
    return Visit.objects.filter(status__in=("CLOSED", "CANCELLED"), status_at__lt=before)


def list_left_staff(before: datetime) -> QuerySet[StaffMember]:
    return StaffMember.objects.filter(left_date__lt=Calendar().local_date(before))
