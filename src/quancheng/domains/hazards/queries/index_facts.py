"""What hidden dangers say of an enterprise's early-warning index (综合风险指数取数), for many enterprises at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import CheckDue, Finding, RunningWeek
from quancheng.domains.risk.queries.index_facts import MOST_ROWS, Share, Signs
from quancheng.kernel.calendar import Calendar
from quancheng.standards.risk.dynamic_index import Seen

#: Days over which rectification is judged.
WINDOW_DAYS = 30


def open_dangers(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Signs]:
    """Open dangers of each file as signs; a file without any is quiet, which is known."""
    today = Calendar().local_date(now)
    seen: dict[uuid.UUID, list[Seen]] = {pk: [] for pk in files}
    rows: dict[uuid.UUID, list[str]] = {pk: [] for pk in files}
    found = Finding.objects.filter(file__in=list(files), closed_at__isnull=True).exclude(status__in=NOT_COUNTED)
    for pk, code, name, is_major, deadline in found.order_by("-is_major", "deadline", "pk").values_list(
        "file_id", "code", "name", "is_major", "deadline"
    ):
        late = days_late(deadline, today)
        sign = ("MAJOR_LATE" if late else "MAJOR") if is_major else ("GENERAL_LATE" if late else "GENERAL")
        seen[pk].append(Seen(sign=f"hazard.{sign}", days_late=late))
        rows[pk].append(f"{code} {name[:60]}" + (f"（超期{late}天）" if late else ""))
    return {pk: Signs(tuple(seen[pk]), tuple(rows[pk][:MOST_ROWS])) for pk in files}


def late_majors(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, list[str]]:
    """Files with a major danger that is overdue."""
    today = Calendar().local_date(now)
    rows = Finding.objects.filter(file__in=list(files), is_major=True, closed_at__isnull=True, deadline__lt=today)
    found: dict[uuid.UUID, list[str]] = {}
    for pk, code, name in (
        rows.exclude(status__in=NOT_COUNTED).order_by("deadline", "pk").values_list("file_id", "code", "name")
    ):
        found.setdefault(pk, []).append(f"{code} {name[:60]}")
    return found


def on_time(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Share]:
    """Of the dangers whose term ended in the last 30 days: which share was accepted in time."""
    return _shares(files, now, "按期整改", in_time=True)


def closed(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Share]:
    """Of the same dangers: which share is closed by now."""
    return _shares(files, now, "已闭环", in_time=False)


def checks(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Share]:
    """Of the checks of measures that closed in the last 30 days and no stoppage covers: which share was done."""
    rows = CheckDue.objects.filter(
        file__in=list(files),
        closes_at__gte=now - timedelta(days=WINDOW_DAYS),
        closes_at__lt=now,
        covered_by__isnull=True,
    )
    counted = rows.order_by().values("file_id").annotate(of=Count("pk"), done=Count("done_at"))
    return {one["file_id"]: Share(one["done"] / one["of"], (f"已完成 {one['done']} / {one['of']}",)) for one in counted}


def running_effect(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Share]:
    """The newest weekly running-effect score of each file, if it is no older than 30 days."""
    since = Calendar().local_date(now) - timedelta(days=WINDOW_DAYS)
    rows = RunningWeek.objects.filter(file__in=list(files), monday__gte=since, counted_at__lte=now)
    newest = rows.order_by("file_id", "-monday", "-pk").distinct("file_id")
    return {one.file_id: Share(float(one.e) / 100, (f"{one.monday:%Y-%m-%d} {one.e}",)) for one in newest}


def days_late(deadline: date | None, today: date) -> int:
    """Whole days since a term ended; 0 while it runs or where there is none yet."""
    return 0 if deadline is None else max(0, (today - deadline).days)


def _shares(files: Collection[uuid.UUID], now: datetime, word: str, *, in_time: bool) -> Mapping[uuid.UUID, Share]:
    calendar = Calendar()
    today = calendar.local_date(now)
    due = Q(deadline__gte=today - timedelta(days=WINDOW_DAYS), deadline__lt=today)
    rows = Finding.objects.filter(due, file__in=list(files)).exclude(status__in=NOT_COUNTED)
    counted: dict[uuid.UUID, list[int]] = {}
    for pk, deadline, accepted, ended in rows.values_list("file_id", "deadline", "accepted_at", "closed_at"):
        if deadline is None:
            continue
        done = accepted is not None and calendar.local_date(accepted) <= deadline if in_time else ended is not None
        pair = counted.setdefault(pk, [0, 0])
        pair[0] += bool(done)
        pair[1] += 1
    return {pk: Share(done / of, (f"{word} {done} / {of}",)) for pk, (done, of) in counted.items()}
