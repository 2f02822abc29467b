"""What audits come to by enterprise, rule and month, and the figures of the rules over an enterprise."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate, TruncMonth

from quancheng.domains.permits.models import (
    AuditFinding,
    GasTest,
    Permit,
    PermitAudit,
    PermitSignature,
    PermitViolation,
)
from quancheng.domains.permits.queries.audits import list_audits, list_findings, standing, standing_enterprise_rules
from quancheng.domains.permits.queries.outside import judged, list_outside
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.calendar.working import ZONE
from quancheng.standards.gb30871.audit.enterprise import Figures, audit_enterprise
from quancheng.standards.gb30871.audit.index import Share, index
from quancheng.standards.gb30871.audit.registry import Verdict
from quancheng.standards.gb30871.basis import Slot
from quancheng.standards.gb30871.upgrades import touches_night

#: The rules over an enterprise look at so many days.
DAYS = 30


@dataclass(slots=True)
class Line:
    """One enterprise, month or the whole: permits audited, those that fail, the mean score, findings by severity."""

    key: uuid.UUID | None = None
    name: str = ""
    audited: int = 0
    failing: int = 0
    scores: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    late: int = 0
    index: int | None = None
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def mean(self) -> int | None:
        return None if not self.audited else round(self.scores / self.audited)

    @property
    def share(self) -> str:
        return "—" if not self.audited else f"{100 * self.failing / self.audited:.0f}%"


@dataclass(frozen=True, slots=True)
class Statistics:
    """One period: all, by enterprise (worst first), by rule (most often first)."""

    whole: Line
    enterprises: Sequence[Line]
    rules: Sequence[tuple[str, int]]


def within(rows: QuerySet[PermitAudit], first: date, last: date) -> QuerySet[PermitAudit]:
    """Audits of work of some days, by the district's calendar."""
    days = Calendar()
    return rows.filter(work_at__gte=days.start_of(first), work_at__lt=days.start_of(last + timedelta(days=1)))


def statistics(*, actor: Actor, first: date, last: date, now: datetime, town: str = "") -> Statistics:
    """Audits of the period that the actor may see; late is what was not answered in time by now, or by its end. Two
    queries."""
    rows = within(list_audits(actor=actor), first, last)
    found = list_findings(actor=actor).filter(
        found_at__gte=Calendar().start_of(first), found_at__lt=Calendar().start_of(last + timedelta(days=1))
    )
    if town:
        rows, found = rows.filter(area__path__startswith=town), found.filter(area__path__startswith=town)
    whole, often = Line(), Counter[str]()
    lines: defaultdict[uuid.UUID, Line] = defaultdict(Line)
    asked = rows.values_list("enterprise", "enterprise__name", "score", "failed", "passed", "no_data_count")
    for key, name, score, failed, passed, unknown in asked:
        often.update(failed)
        for line in (whole, lines[key]):
            line.key, line.name = (line.key, line.name) if line is whole else (key, name)
            line.audited += 1
            line.failing += bool(failed)
            line.scores += score
            _share(line, "AUDIT", not failed)
            _parts(line, failed, passed)
            _share(line, "DATA", len(failed) + len(passed), len(failed) + len(passed) + unknown)
    told = found.values_list("enterprise", "enterprise__name", "severity", "status", "answered_at", "answer_by")
    now = min(now, Calendar().start_of(last + timedelta(days=1)))
    for key, name, severity, status, answered, due in told.exclude(status="DROPPED"):
        lines[key].key, lines[key].name = key, name
        is_late = (answered or now) > due
        for line in (whole, lines[key]):
            line.findings[severity] += 1
            line.late += is_late
            if answered is not None or due < now:
                _share(line, "CLOSING", status == "CLOSED" and not is_late)
    for line in (whole, *lines.values()):
        line.index = index(line.counts)[0]
    ordered = sorted(lines.values(), key=lambda one: (one.index if one.index is not None else 101, one.name))
    return Statistics(whole, ordered, sorted(often.items(), key=lambda pair: (-pair[1], pair[0])))


def outside_statistics(
    *, actor: Actor, first: date, last: date, town: str = "", file_id: uuid.UUID | None = None
) -> Statistics:  # fmt: skip
    """Permits of other systems whose work began in the period and that the audit could judge, counted apart from our
    own: their records tell few rules enough, so that no index is made of them and both are never added up. One query.
    """
    days = Calendar()
    rows = list_outside(actor=actor).filter(
        judged(), window_start__gte=days.start_of(first), window_start__lt=days.start_of(last + timedelta(days=1))
    )
    if town:
        rows = rows.filter(area__path__startswith=town)
    if file_id is not None:
        rows = rows.filter(file=file_id)
    whole, often = Line(), Counter[str]()
    lines: defaultdict[uuid.UUID, Line] = defaultdict(Line)
    for key, name, score, failed in rows.order_by().values_list("file", "enterprise__name", "score", "failed"):
        often.update(failed)
        lines[key].key, lines[key].name = key, name
        for line in (whole, lines[key]):
            line.audited += 1
            line.failing += bool(failed)
            line.scores += score or 0
    ordered = sorted(lines.values(), key=lambda one: (one.mean if one.mean is not None else 101, one.name))
    return Statistics(whole, ordered, sorted(often.items(), key=lambda pair: (-pair[1], pair[0])))


def _share(line: Line, code: str, good: int, total: int = 1) -> None:
    before = line.counts.get(code, (0, 0))
    line.counts[code] = (before[0] + int(good), before[1] + total)


#: Rules by which parts of the index are told; a permit counts where any of them answered.
_RULES = {"ON_SITE": {"A-005"}, "PLAN": {"A-013", "A-014"}, "TRAINING": {"A-036"}}


def _parts(line: Line, failed: Sequence[str], passed: Sequence[str]) -> None:
    for code, rules in _RULES.items():
        if rules & {*failed, *passed}:
            _share(line, code, not rules & set(failed))


def months(*, actor: Actor, until: date, count: int = 6, file_id: uuid.UUID | None = None) -> Sequence[Line]:
    """The last months, the oldest first. One query."""
    first = until.replace(day=1)
    for _n in range(count - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    rows = within(list_audits(actor=actor), first, until)
    if file_id is not None:
        rows = rows.filter(enterprise=file_id)
    lines: dict[str, Line] = {}
    month = first
    while month <= until:
        lines[f"{month:%Y-%m}"] = Line(name=f"{month:%Y-%m}")
        month = (month + timedelta(days=32)).replace(day=1)
    told = rows.order_by().annotate(month=TruncMonth("work_at", tzinfo=ZONE)).values_list("month", "score", "failed")
    for at, score, failed in told:
        line = lines[f"{at:%Y-%m}"]
        line.audited += 1
        line.failing += bool(failed)
        line.scores += score
    return list(lines.values())


def parts_of(line: Line) -> tuple[int | None, Sequence[Share]]:
    """The index of a line with its parts."""
    return index(line.counts)


# Rules over an enterprise --------------------------------------------------------------------------------------------


def judge_enterprise(*, file: Enterprise, now: datetime) -> Sequence[Verdict]:
    """What the rules E-01 to E-08 say of an enterprise that a query gave to the actor. Nine queries."""
    day = Calendar().local_date(now)
    return audit_enterprise(figures_of(file, now), standing_enterprise_rules(day), day)


def figures_of(file: Enterprise, now: datetime) -> Figures:
    """Counts of the last thirty days. How many repairs there were at running plant, and whether maintenance goes on,
    no register of the house tells."""
    since = now - timedelta(days=DAYS)
    audits = PermitAudit.objects.filter(enterprise=file.pk, is_newest=True, work_at__gt=since, work_at__lte=now)
    failed = list(audits.values_list("failed", flat=True))
    tests = GasTest.objects.filter(permit__file=file, sampled_at__gt=since, sampled_at__lte=now)
    gas = tests.aggregate(all=Count("pk"), by_hand=Count("pk", filter=Q(reading="")))
    before = Permit.objects.filter(
        file=file, issued_at__isnull=False, window_start__gt=now - timedelta(days=90), window_start__lte=now
    ).count()
    bad = standing(PermitViolation.objects.filter(enterprise=file.pk, severity="C", at__gt=since, at__lte=now))
    houses = bad.exclude(contractor="").order_by().values_list("contractor").annotate(n=Count("pk"))
    return Figures(
        tickets=len(failed), failing=sum(bool(one) for one in failed), repeated=_repeated(file, since, now),
        night_days=_night_days(file, since, now),
        special_ever=Permit.objects.filter(file=file, kind="HW", effective="S", started_at__isnull=False).count(),
        mean_90=Decimal(before) / 3 if before else None, approvals_most=_approvals(file, since, now),
        gas_values=gas["all"], gas_by_hand=gas["by_hand"], contractors={str(name): number for name, number in houses},
    )  # fmt: skip


def _repeated(file: Enterprise, since: datetime, now: datetime) -> Mapping[str, int]:
    rows = AuditFinding.objects.filter(enterprise=file.pk, found_at__gt=since, found_at__lte=now)
    told = rows.exclude(Q(rule="") | Q(status="DROPPED")).order_by().values_list("rule").annotate(n=Count("pk"))
    return {str(code): number for code, number in told}


def _night_days(file: Enterprise, since: datetime, now: datetime) -> int:
    """Most days with work at night in one week of the calendar."""
    rows = Permit.objects.filter(file=file, started_at__gt=since, started_at__lte=now)
    weeks: dict[tuple[int, int], set[date]] = defaultdict(set)
    for start, stopped, finished in rows.values_list("started_at", "stopped_at", "finished_at"):
        end = finished or stopped or now
        if start is not None and end > start and touches_night(Slot(start, end)):
            day = start.astimezone(ZONE).date()
            weeks[day.isocalendar()[:2]].add(day)
    return max((len(days) for days in weeks.values()), default=0)


def _approvals(file: Enterprise, since: datetime, now: datetime) -> int:
    """Most permits that one account issued in a day."""
    rows = PermitSignature.objects.filter(
        permit__file=file, signed_at__gt=since, signed_at__lte=now, signed_at=F("permit__issued_at"), user__isnull=False
    )
    by_day = rows.order_by().annotate(day=TruncDate("signed_at", tzinfo=ZONE)).values("user", "day")
    return max((one["n"] for one in by_day.annotate(n=Count("pk"))), default=0)
