"""What processors write down: how far they are, what they could not read. For no user's eyes, and in no scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils.timezone import now as _now

from quancheng.domains.monitoring.models import AsideMessage, LimitEvent, PartitionState, Source, Tag

#: Messages kept of one source and reason; older ones go, their number stays with the source.
MOST_ASIDES = 100


def take_over(partition: int) -> tuple[int, int, bytes]:
    """Become a partition's owner: epoch, number of the last envelope written down, states as they were packed.

    Whoever owned it before cannot write any more.
    """
    with transaction.atomic():
        PartitionState.objects.get_or_create(partition=partition)
        PartitionState.objects.filter(partition=partition).update(epoch=F("epoch") + 1)
        row = PartitionState.objects.get(partition=partition)
    return row.epoch, row.seq, bytes(row.content)


def save_state(partition: int, epoch: int, *, seq: int, content: bytes, now: datetime) -> bool:
    """Write down how far a partition is; False where another has taken it over."""
    mine = PartitionState.objects.filter(partition=partition, epoch=epoch)
    return bool(mine.update(seq=seq, content=content, saved_at=now))


@dataclass(frozen=True, slots=True)
class Unread:
    """A message that was put aside, or one reading of it."""

    source: int
    at: datetime
    form: str
    topic: str
    reason: str
    key: str
    detail: str
    body: bytes


def keep_asides(unread: Sequence[Unread]) -> None:
    """Keep what could not be read, the newest of each source and reason."""
    sources = dict(Source.objects.filter(number__in={one.source for one in unread}).values_list("number", "pk"))
    rows = [
        AsideMessage(
            source_id=sources[one.source], at=one.at, form=one.form, topic=one.topic[:300], reason=one.reason[:40],
            key=one.key[:200], detail=one.detail[:200], body=one.body,
        )
        for one in unread
        if one.source in sources
    ]  # fmt: skip
    with transaction.atomic():
        AsideMessage.objects.bulk_create(rows, batch_size=500)
        for source, reason in sorted({(row.source_id, row.reason) for row in rows}):
            kept = AsideMessage.objects.filter(source=source, reason=reason, replayed_at__isnull=True)
            oldest = kept.order_by("-at", "-pk").values_list("pk", flat=True)[MOST_ASIDES : MOST_ASIDES + 1].first()
            if oldest is not None:
                kept.filter(pk__lte=oldest).delete()


def note_unknown(unknown: Mapping[int, Mapping[str, int]], *, now: datetime | None = None) -> None:
    """Count the names that no tag has, by the number of their source."""
    at = now or _now()
    sources = dict(Source.objects.filter(number__in=unknown).values_list("number", "pk"))
    rows = [
        (sources[number], key[:200], count, at, at)
        for number, keys in sorted(unknown.items())
        if number in sources
        for key, count in sorted(keys.items())
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO monitoring_unknownkey (source_id, key, count, first_at, last_at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (source_id, key) DO UPDATE SET count = monitoring_unknownkey.count + EXCLUDED.count, "
            "last_at = EXCLUDED.last_at",
            rows,
        )


@dataclass(frozen=True, slots=True)
class Passed:
    """A limit that a tag passed, or left again."""

    tag: int
    limit: str
    is_raised: bool
    at: datetime
    value: float
    limit_value: float | None
    is_late: bool


def note_events(passed: Sequence[Passed], *, now: datetime) -> int:
    """Write down what limits did; what stands already is passed over. Answers how many were new."""
    tags = dict(Tag.objects.filter(number__in={one.tag for one in passed}).values_list("number", "pk"))
    rows = [
        LimitEvent(
            tag_id=tags[one.tag], limit=one.limit, is_raised=one.is_raised, at=one.at, value=one.value,
            limit_value=one.limit_value, is_late=one.is_late, noted_at=now,
        )
        for one in passed
        if one.tag in tags
    ]  # fmt: skip
    before = LimitEvent.objects.filter(tag__in=tags.values(), noted_at=now).count()
    LimitEvent.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return LimitEvent.objects.filter(tag__in=tags.values(), noted_at=now).count() - before
