"""Scores of sources (数据质量评分), each night for the day that is over."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from quancheng.domains.monitoring.models import Source, SourceScore, TagDay
from quancheng.domains.monitoring.queries.scores import day_of, due_share, scored_tags
from quancheng.kernel.calendar import Calendar
from quancheng.standards.signals.online import DAY_MIN
from quancheng.standards.signals.plausibility import score

#: Codes of tags that are named with a finding; the rest are counted.
MOST_NAMED = 50


def score_sources(*, now: datetime, day: date | None = None) -> int:
    """Score every source that ever told something; yesterday, where no day is named. Returns how many were scored.

    :raises StoreAway: the store does not answer; what was scored stands.
    """
    day = day or Calendar().local_date(now) - timedelta(days=1)
    rows = Source.objects.filter(state__last_at__isnull=False).select_related("state").order_by("pk")
    return sum(_score(source, day, now) for source in rows)


def _score(source: Source, day: date, now: datetime) -> int:
    tags = scored_tags(source)
    if not tags:
        return 0
    counted = TagDay.objects.filter(tag__in=tags, day=day).values_list("due_min", flat=True)
    share = due_share([(due, DAY_MIN) for due in counted])
    if not share:
        # Nothing was due: the platform was down, or it was filed.
        return 0
    found = day_of(source, tags, begin=Calendar().start_of(day), due_s=share * DAY_MIN * 60)
    made = score(found.counts, found.series, minutes=found.minutes)
    known = {
        "score": made.score, "codes": [one.code for one in made.deductions],
        "deductions": [
            {"code": one.code, "points": one.points, "zh": one.text.zh, "en": one.text.en,
             "tags": list(one.tags[:MOST_NAMED])}
            for one in made.deductions
        ],
        "tags": len(tags), "readings": found.counts.received, "expected": found.counts.expected,
        "late": found.counts.late, "clock_ms": found.counts.clock_ms, "made_at": now,
    }  # fmt: skip
    with transaction.atomic():
        is_newest = not SourceScore.objects.filter(source=source, day__gt=day).exists()
        if is_newest:
            SourceScore.objects.filter(source=source, is_newest=True).exclude(day=day).update(is_newest=False)
        SourceScore.objects.update_or_create(source=source, day=day, defaults={**known, "is_newest": is_newest})
    return 1
