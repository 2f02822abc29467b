"""What processors write down: how far they are, what they could not read. For no user's eyes, and in no scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from quancheng.domains.monitoring.models import (
    AsideMessage,
    LimitEvent,
    PairSplit,
    PartitionState,
    Source,
    SourceState,
    Tag,
    UnknownKey,
)
from quancheng.domains.monitoring.services.backfill import PastPassed, note_past

#: Messages kept of one source and reason; older ones go, their number stays with the source.
MOST_ASIDES = 100
#: Names of one source that are counted one by one, and what the rest are counted as.
MOST_UNKNOWN, OTHERS = 1_000, "…"


@dataclass(frozen=True, slots=True)
class Done:
    """How far a partition is; see :class:`.PartitionState`."""

    epoch: int
    stream: str
    seq: int
    content: bytes


def take_over(partition: int) -> Done:
    """Become a partition's owner. Whoever owned it before cannot write any more."""
    with transaction.atomic():
        PartitionState.objects.get_or_create(partition=partition)
        PartitionState.objects.filter(partition=partition).update(epoch=F("epoch") + 1)
        row = PartitionState.objects.get(partition=partition)
    return Done(row.epoch, row.stream, row.seq, bytes(row.content))


def write_down(
    partition: int, done: Done, *, passed: Sequence[Passed] = (), unread: Sequence[Unread] = (),
    unknown: Mapping[int, Mapping[str, int]] | None = None, past: Sequence[PastPassed] = (),
    splits: Sequence[Split] = (), now: datetime,
) -> bool:  # fmt: skip
    """Write down how far a partition is, with all that came of it: together or not at all. False where another has
    taken it over."""
    with transaction.atomic():
        mine = PartitionState.objects.filter(partition=partition, epoch=done.epoch)
        if not mine.update(stream=done.stream, seq=done.seq, content=done.content, saved_at=now):
            return False
        if passed:
            _note_events(partition, passed, now=now)
        if past:
            note_past(past, now=now)
        if splits:
            _note_splits(splits, now=now)
        if unread:
            put_aside_and_count(unread, now=now)
        if unknown:
            _note_unknown(unknown, now=now)
    return True


@dataclass(frozen=True, slots=True)
class Split:
    """The clocks of a tag and its partner are too far apart to be compared; ``since`` None: they can be again."""

    tag: int
    partner: int
    since: datetime | None
    apart_ms: int


def _note_splits(splits: Sequence[Split], *, now: datetime) -> None:
    """Write down which pairs cannot be compared, and forget those that can."""
    numbers = {number for one in splits for number in (one.tag, one.partner)}
    tags = dict(Tag.objects.filter(number__in=numbers).values_list("number", "pk"))
    rows = [one for one in splits if one.tag in tags and one.partner in tags]
    PairSplit.objects.filter(tag__in=[tags[one.tag] for one in rows if one.since is None]).delete()
    PairSplit.objects.bulk_create(
        [
            PairSplit(tag_id=tags[one.tag], partner_id=tags[one.partner], since_at=one.since, apart_ms=one.apart_ms,
                      noted_at=now)
            for one in rows if one.since is not None
        ],
        update_conflicts=True, unique_fields=["tag"], update_fields=["partner", "since_at", "apart_ms", "noted_at"],
    )  # fmt: skip


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
    newest: dict[tuple[int, str], list[Unread]] = {}
    for one in unread:
        if one.source in sources:
            newest.setdefault((one.source, one.reason), []).append(one)
    rows = [
        AsideMessage(
            source_id=sources[one.source], at=one.at, form=one.form, topic=_text(one.topic, 300),
            reason=_text(one.reason, 40), key=_text(one.key, 200), detail=_text(one.detail, 200), body=one.body,
        )
        for found in newest.values()
        for one in found[-MOST_ASIDES:]
    ]  # fmt: skip
    with transaction.atomic():
        AsideMessage.objects.bulk_create(rows, batch_size=50)
        for source, reason in sorted({(row.source_id, row.reason) for row in rows}):
            kept = AsideMessage.objects.filter(source=source, reason=reason, asked_at__isnull=True)
            oldest = kept.order_by("-at", "-pk").values_list("pk", flat=True)[MOST_ASIDES : MOST_ASIDES + 1].first()
            if oldest is not None:
                kept.filter(pk__lte=oldest).delete()


def put_aside_and_count(unread: Sequence[Unread], *, now: datetime) -> None:
    """Keep what could not be read, and add it to what gateways refused of each source, by reason."""
    keep_asides(unread)
    counts: dict[int, Counter[str]] = {}
    for one in unread:
        counts.setdefault(one.source, Counter())[_text(one.reason, 40)] += 1
    rows = SourceState.objects.select_for_update(of=("self",)).filter(source__number__in=counts)
    changed = []
    for row in rows.select_related("source").order_by("pk"):
        for reason, count in counts[row.source.number].items():
            row.refused[reason] = row.refused.get(reason, 0) + count
        row.updated_at = now
        changed.append(row)
    SourceState.objects.bulk_update(changed, ("refused", "updated_at"), batch_size=500)


def _note_unknown(unknown: Mapping[int, Mapping[str, int]], *, now: datetime) -> None:
    """Count the names that no tag has, by the number of their source; of one source so many, and the rest as one."""
    sources = dict(Source.objects.filter(number__in=unknown).values_list("number", "pk"))
    rows = []
    for number, keys in sorted(unknown.items()):
        if number not in sources:
            continue
        known = set(UnknownKey.objects.filter(source=sources[number]).values_list("key", flat=True)[:MOST_UNKNOWN])
        counts: dict[str, int] = {}
        for key, count in keys.items():
            name = _text(key, 200)
            if name not in known and len(known) >= MOST_UNKNOWN:
                name = OTHERS
            known.add(name)
            counts[name] = counts.get(name, 0) + count
        rows += [(sources[number], name, count, now, now) for name, count in sorted(counts.items())]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO monitoring_unknownkey (source_id, key, count, first_at, last_at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (source_id, key) DO UPDATE SET count = monitoring_unknownkey.count + EXCLUDED.count, "
            "last_at = EXCLUDED.last_at",
            rows,
        )


def _text(value: str, most: int) -> str:
    """What a device wrote, as the database can keep it."""
    return value.replace("\0", "\ufffd").encode(errors="replace").decode()[:most]


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


def _note_events(partition: int, passed: Sequence[Passed], *, now: datetime) -> None:
    """Write down what limits did; what stands already is passed over."""
    tags = dict(Tag.objects.filter(number__in={one.tag for one in passed}).values_list("number", "pk"))
    rows = [
        LimitEvent(
            tag_id=tags[one.tag], limit=one.limit, is_raised=one.is_raised, at=one.at, value=one.value,
            limit_value=one.limit_value, is_late=one.is_late, noted_at=now, partition=partition,
        )
        for one in passed
        if one.tag in tags
    ]  # fmt: skip
    LimitEvent.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
