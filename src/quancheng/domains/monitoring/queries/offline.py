"""How long sources are silent without notice (未报备离线): a fact of warnings by the five rules and of the index of the
room of risk, whose signs and floor about data are told here.

What was filed and what was the platform's own fault is not counted, so nothing rises while nobody can tell.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from quancheng.domains.monitoring.loops.alarm import SILENT
from quancheng.domains.monitoring.models import Alarm, FileDay, Outage, OutageKind, Source
from quancheng.domains.monitoring.queries.dangers import INSTRUMENT_TYPES
from quancheng.domains.monitoring.queries.outages import house_gaps, planned, plans_over
from quancheng.domains.registry.models import Unit
from quancheng.domains.risk.queries.index_facts import MOST_ROWS, Signs
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.standards.risk.dynamic_index import Seen

#: From when on silence is a sign of the index, when it is a floor, and from when on a bad critical tag is a sign [D].
SIGN, DEAD, BAD = timedelta(minutes=30), timedelta(hours=4), timedelta(hours=1)
#: Below this share of the due minutes of yesterday the rate is a sign [D].
LOW_RATE = 0.9
_GRAVE = (1, 2)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that is silent now. :ivar lasts: what of it counts."""

    outage: Outage
    lasts: timedelta


def silences(files: Collection[uuid.UUID] | None, *, now: datetime) -> dict[uuid.UUID, list[Silence]]:
    """Sources of some enterprises, or of all, that are silent and not filed now, the longest first. Three queries.

    In no scope: for clocks and rooms that show what follows.
    """
    running = Outage.objects.filter(kind=OutageKind.SOURCE, ended_at__isnull=True)
    if files is not None:
        running = running.filter(file__in=list(files))
    rows = list(running.select_related("source").order_by("began_at", "pk"))
    if not rows:
        return {}
    first = rows[0].began_at
    ours = house_gaps(first, now)
    plans: dict[int, list[Span]] = defaultdict(list)
    for source, tags, begin, end in planned(first, now + timedelta(seconds=1), sources={row.source_id for row in rows}):
        if not tags:
            plans[source].append((begin, end))
    found: dict[uuid.UUID, list[Silence]] = defaultdict(list)
    for row in rows:
        filed = plans[row.source.number]
        if not any(begin <= now < end for begin, end in filed):
            found[row.file_id].append(Silence(row, _counted(row.began_at, now, [*ours, *filed])))
    return {pk: sorted(each, key=lambda one: one.lasts, reverse=True) for pk, each in found.items()}


def silent_files() -> set[uuid.UUID]:
    """Enterprises of which a source is silent. One query."""
    return set(Outage.objects.filter(kind=OutageKind.SOURCE, ended_at__isnull=True).values_list("file_id", flat=True))


def list_silent(*, actor: Actor, file_id: uuid.UUID) -> Sequence[Outage]:
    """Outages of sources of an enterprise that last, as far as the actor may see them."""
    rows: QuerySet[Outage] = Outage.objects.visible_to(actor)
    rows = rows.filter(file=file_id, kind=OutageKind.SOURCE, ended_at__isnull=True)
    return list(rows.select_related("source").order_by("began_at", "pk"))


def just_passed(*, now: datetime, within: timedelta) -> set[uuid.UUID]:
    """Enterprises whose silence became a sign or a floor of the index a moment ago: no event says so. It may have been
    one for long, and only now is no longer filed.
    """
    over = plans_over(now - within, now)
    return {
        pk for pk, each in silences(None, now=now).items()
        for one in each
        if any(limit < one.lasts <= limit + within for limit in (SIGN, DEAD))
        or (one.lasts > SIGN and one.outage.source_id in over)
    }  # fmt: skip


def _counted(begin: datetime, end: datetime, gaps: Sequence[Span]) -> timedelta:
    """A span without what of it lies in gaps, which may overlap."""
    left, at = timedelta(0), begin
    for start, stop in sorted(gaps):
        left += max(min(start, end) - at, timedelta(0))
        at = max(at, min(stop, end))
    return left + max(end - at, timedelta(0))


# The early-warning index -----------------------------------------------------------------------------------------


def index_signs(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Signs]:
    """Signs about the data of each file that is connected; of one that never was nothing is known."""
    connected = Source.objects.filter(file__in=list(files), state__last_at__isnull=False)
    known = set(connected.order_by().values_list("file_id", flat=True).distinct())
    seen: dict[uuid.UUID, list[Seen]] = {pk: [] for pk in known}
    rows: dict[uuid.UUID, list[str]] = {pk: [] for pk in known}
    for pk, each in silences(known, now=now).items():
        for one in each:
            if one.lasts > SIGN:
                seen[pk].append(Seen(sign="data.GATEWAY"))
                rows[pk].append(_said(one))
    bad = Alarm.objects.filter(
        file__in=known, type__in=INSTRUMENT_TYPES, is_critical=True, cleared_at__isnull=True,
        raised_at__lt=now - BAD,
    ).exclude(status__in=SILENT)
    for pk, title in bad.order_by("raised_at", "pk").values_list("file_id", "title"):
        seen[pk].append(Seen(sign="data.TAG_BAD"))
        rows[pk].append(title)
    yesterday = Calendar().local_date(now) - timedelta(days=1)
    days = FileDay.objects.filter(file__in=known, day=yesterday, due_min__gt=0)
    for pk, valid, due in days.values_list("file_id", "valid_min", "due_min"):
        if valid < LOW_RATE * due:
            seen[pk].append(Seen(sign="data.ONLINE_RATE"))
            rows[pk].append(f"{yesterday:%Y-%m-%d} 在线率 {valid * 1000 // due / 10}%")
    return {pk: Signs(tuple(seen[pk]), tuple(rows[pk][:MOST_ROWS])) for pk in known}


def dead_gateways(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, list[str]]:
    """Files with a major hazard of grade 1 or 2 of which a source is silent for more than four hours."""
    grave = Unit.objects.filter(file__in=list(files), ended_date__isnull=True, legal_grade__in=_GRAVE)
    known = set(grave.order_by().values_list("file_id", flat=True).distinct())
    found = silences(known, now=now) if known else {}
    named = {pk: [_said(one) for one in each if one.lasts > DEAD] for pk, each in found.items()}
    return {pk: rows for pk, rows in named.items() if rows}


def _said(one: Silence) -> str:
    # Kept with the index, in Chinese as every record.
    return f"{one.outage.source.name} 离线{int(one.lasts.total_seconds() // 60)}分钟"
