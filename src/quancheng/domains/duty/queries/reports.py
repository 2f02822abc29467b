"""Reads of report duties, reports, reporters, and what the house knows for a report."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from quancheng.domains.duty.lights import RED, YELLOW, light_case
from quancheng.domains.duty.models import Assignment, Progress, Report, ReportDuty, Reporter
from quancheng.domains.duty.queries.plans import plan_texts
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.people.models import Organisation

OPEN = ("DUE", "APPROVAL")


@dataclass(frozen=True, slots=True)
class Figures:
    """What the house counts for a report (自动数据): the unit's assignments under the plan, and the period's work."""

    total: int
    done: int
    on_time: int
    red: int
    yellow: int
    #: Closed, and reports of progress made, within the days that the report tells of.
    closed_in_period: int
    reported_in_period: int


def list_duties(*, actor: Actor) -> QuerySet[ReportDuty]:
    """Report duties that the actor may see, by plan, with counts of open and late reports."""
    return (
        ReportDuty.objects.visible_to(actor)
        .select_related("plan", "owner_org", "rule")
        .defer(*plan_texts("plan"))
        .annotate(
            report_count=Count("reports"),
            waiting_count=Count("reports", Q(reports__status__in=OPEN)),
            late_count=Count("reports", Q(reports__is_late=True)),
        )
        .order_by("-plan__imported_at", "title", "pk")
    )


def get_duty(*, actor: Actor, duty_id: uuid.UUID) -> ReportDuty:
    """Raise NotFound for absent and for out of scope alike."""
    found = ReportDuty.objects.visible_to(actor).select_related("plan", "owner_org", "rule", "draft")
    duty = found.filter(pk=duty_id).first()
    if duty is None:
        raise NotFound
    return duty


def list_reports(*, actor: Actor) -> QuerySet[Report]:
    """Reports that the actor may see, the next due first."""
    return (
        Report.objects.visible_to(actor)
        .select_related("duty__plan", "org", "reporter", "owner_org")
        .defer(*plan_texts("duty__plan"))
        .order_by("-due_date", "org__pinyin", "pk")
    )


def list_own_reports(*, actor: Actor) -> QuerySet[Report]:
    """What the actor's own organisation reports (本单位报告)."""
    return list_reports(actor=actor).filter(org=actor.organisation_id)


def get_report(*, actor: Actor, report_id: uuid.UUID) -> Report:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_reports(actor=actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound
    return found


def late_q(*, now: datetime) -> Q:
    """Reports that are late: handed in after their day, or past it and not handed in (退回 counts as handed in)."""
    today = Calendar().local_date(now)
    return Q(is_late=True) | Q(status__in=OPEN, due_date__lt=today, submitted_at__isnull=True)


def reports_of(*, actor: Actor, duty: ReportDuty, period: str) -> list[Report]:
    """All units' reports of one period, by name of the unit."""
    found = list_reports(actor=actor).filter(duty=duty, period=period).exclude(status="CANCELLED")
    return list(found.order_by("org__pinyin", "pk"))


def periods_of(*, actor: Actor, duty: ReportDuty) -> list[tuple[str, str]]:
    """Key and name of the periods that arose, the latest first."""
    rows = Report.objects.visible_to(actor).filter(duty=duty).order_by("-due_date")
    return list(dict(rows.values_list("period", "label")).items())


def list_summaries(*, actor: Actor, duty: ReportDuty) -> list[Paper]:
    """Letters in which the periods of a duty were reported upwards, the latest first."""
    return list(Paper.objects.visible_to(actor).filter(about_id=duty.pk).order_by("-drafted_at", "pk"))


def figures_of(*, actor: Actor, report: Report, now: datetime) -> Figures:
    """Count for a report what its unit did under the plan. One query for the work, one for its reports."""
    mine = Assignment.objects.visible_to(actor).filter(
        task__plan=report.duty.plan_id, org=report.org_id, parent__isnull=True
    )
    calendar = Calendar()
    since, until = calendar.start_of(report.first_date), calendar.end_of(report.last_date)
    found = mine.annotate(light=light_case(now=now)).aggregate(
        total=Count("pk", ~Q(status="CANCELLED")),
        done=Count("pk", Q(status="DONE")),
        on_time=Count("pk", Q(status="DONE") & (Q(submitted_at__date__lte=F("due_date")) | Q(due_date__isnull=True))),
        red=Count("pk", Q(light=RED)),
        yellow=Count("pk", Q(light=YELLOW)),
        closed_in_period=Count("pk", Q(closed_at__range=(since, until))),
    )
    reported = Progress.objects.filter(assignment__in=mine, at__range=(since, until)).count()
    return Figures(**found, reported_in_period=reported)


def prefill_of(*, actor: Actor, report: Report) -> dict[str, str]:
    """What the unit reported in the period, as a first text of each section; empty sections where it said nothing."""
    calendar = Calendar()
    since, until = calendar.start_of(report.first_date), calendar.end_of(report.last_date)
    mine = Assignment.objects.visible_to(actor).filter(
        task__plan=report.duty.plan_id, org=report.org_id, parent__isnull=True
    )
    said = list(
        Progress.objects.filter(assignment__in=mine, at__range=(since, until))
        .select_related("assignment__task")
        .order_by("assignment__task__order", "assignment__task__code", "at", "pk")
    )
    latest: dict[uuid.UUID, Progress] = {one.assignment_id: one for one in said}
    closed = list(
        mine.filter(closed_at__range=(since, until), status="DONE").select_related("task").order_by("task__order")
    )
    results = ""
    if closed:
        titles = "".join(f"《{one.task.title}》" for one in closed)
        results = f"本期办结{len(closed)}项任务：{titles}。"
    return {
        "progress": _numbered(
            f"{one.assignment.task.title}：{one.text}（进度{one.percent}%）" for one in latest.values()
        ),
        "results": results,
        "problems": _numbered(one.problems for one in said),
        "next_steps": _numbered(
            f"{one.assignment.task.title}：{one.next_steps}" for one in latest.values() if one.next_steps.strip()
        ),
        "good_practice": "",
    }


def _numbered(texts: Iterable[str]) -> str:
    kept = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if len(kept) == 1:
        return kept[0]
    return "\n".join(f"{number}. {text}" for number, text in enumerate(kept, 1))


# Reporters -------------------------------------------------------------------------------------------------------


def current_reporters(*, actor: Actor) -> QuerySet[Reporter]:
    """Who writes reports now, of the organisations that the actor may see."""
    found = Reporter.objects.visible_to(actor).filter(ended_at__isnull=True)
    return found.select_related("owner_org", "user").order_by("owner_org__pinyin", "pk")


def without_reporter(*, actor: Actor) -> list[Organisation]:
    """Units that owe reports and have named nobody (信息报送员缺失)."""
    owing = Report.objects.visible_to(actor).exclude(status="CANCELLED").values("org_id")
    named = Reporter.objects.filter(ended_at__isnull=True).values("owner_org_id")
    return list(Organisation.objects.filter(pk__in=owing).exclude(pk__in=named).by_name())
