"""Which units do special work (有特殊作业的单位), and what shows it; for the mandatory section of inspections."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from quancheng.domains.permits.models import DangerousWorkRule, OutsidePermit, Permit, WorkFiling
from quancheng.kernel.calendar import Calendar
from quancheng.standards.wording import Text

#: Code of the section's checklist in the law register.
SECTION = "CL-SW"
#: Source: ours [D].
MONTHS = 12


def rule_changes() -> Sequence[DangerousWorkRule]:
    """How the months were set, the newest first. One query."""
    return list(DangerousWorkRule.objects.order_by("-entered_at", "-pk"))


def months_on(changes: Sequence[DangerousWorkRule], day: date) -> int:
    """So many months back work counts on a day."""
    return next((one.months for one in changes if one.from_day <= day), MONTHS)


def concerned(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Sequence[Text]]:
    """Of these files those that do special work at a time, each with what shows it: permits that were issued, filings
    that were not withdrawn, issued permits of a system of its own, of so many months back. Four queries.
    """
    calendar = Calendar()
    months = months_on(rule_changes(), calendar.local_date(now))
    since = calendar.start_of(calendar.local_date(now - timedelta(days=months * 365 // 12)))
    issued = Q(issued_at__isnull=False, window_end__gte=since)
    # In a record of another system the state alone may tell that it was issued.
    told_issued = Q(issued_at__isnull=False) | Q(state__in=("1", "2", "3", "6"))
    worked = told_issued & Q(window_end__gte=since, is_deleted=False)
    told: dict[uuid.UUID, list[Text]] = {}
    rows: list[tuple[QuerySet[Permit] | QuerySet[WorkFiling] | QuerySet[OutsidePermit], str, str]] = [
        (Permit.objects.filter(issued), "已签发特殊作业票{n}张", "{n} permits of special work issued"),
        (
            WorkFiling.objects.filter(ends_at__gte=since).exclude(status="WITHDRAWN"),
            "作业报备{n}件", "{n} filings of work",
        ),
        (OutsidePermit.objects.filter(worked), "外部作业票{n}张", "{n} permits of its own system"),
    ]  # fmt: skip
    for query, zh, en in rows:
        found = query.filter(file__in=list(files)).order_by().values_list("file").annotate(n=Count("pk"))
        for file, count in found:
            told.setdefault(file, []).append(Text(
                f"近{months}个月{zh.format(n=count)}", f"{en.format(n=count)} in the last {months} months"
            ))  # fmt: skip
    return told
