"""Outages (断线): opened and ended by what comes in, explained by the enterprise, told to the supervising office."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Cause, Outage, OutageKind, Source, Tag, TagStatus
from quancheng.domains.monitoring.queries import minutes
from quancheng.domains.monitoring.queries.outages import house_settled_at, is_house_down, planned, rules
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.registry.models import Facility
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.services import notify, people_for
from quancheng.standards.signals.online import Rules, hold_min

KEEP, WATCH = "monitoring.keep", "monitoring.watch"
CLOCK = system_actor("monitoring.watch", KEEP)
#: Roll-ups of a minute stand so long after its end at the latest.
ROLLED = timedelta(minutes=2)
#: What told nothing usable for so long is found by itself, and not among all tags.
RECENT = timedelta(minutes=60)
#: A tag whose last usable value is older than this was given up long ago: it never counted as connected.
OLDEST = timedelta(days=35)

Key = tuple[uuid.UUID, uuid.UUID | None]


def state_cause(
    *, actor: Actor, row: Outage, cause: str, measures: str, now: datetime, client_id: uuid.UUID | None = None
) -> Outage:
    """The enterprise states why something is silent, or was, and what it does meanwhile.

    :raises Invalid: by field.
    """
    wrong: dict[str, Text] = {}
    said = clean(measures)[:1000]
    if cause not in Cause.values:
        wrong["cause"] = _("请选择断线原因。")
    if not said:
        wrong["measures"] = _("请写明处理措施。")
    if wrong:
        raise Invalid(fields=wrong)
    name = {"OPEN": "state", "RESTORED": "explain"}.get(row.status, "amend")
    changes = {"cause": cause, "measures": said, **({"closed_at": now} if name == "explain" else {})}
    return move(
        actor=actor, row=row, name=name, now=now, given={"cause": cause, "measures": said}, changes=changes,
        client_id=client_id,
    )  # fmt: skip


def keep_outages(*, now: datetime) -> tuple[int, int]:
    """What the clock does each minute: opens, ends, closes, tells. Returns how many were opened and ended.

    While something of the platform's own does not work, silence is nobody's fault, and nothing begins or ends.

    :raises StoreAway: the store does not answer; sources were looked at.
    """
    figures = rules()
    lapse(figures, now=now)
    if is_house_down():
        return 0, 0
    settled = house_settled_at()
    opened, ended, silent = _keep_sources(figures, settled, now)
    more, fewer = _keep_tags(figures, settled, silent, now)
    _tell(figures, now=now)
    return opened + more, ended + fewer


def lapse(figures: Rules, *, now: datetime) -> None:
    """Close what came back and nobody explained within its days."""
    since = now - timedelta(days=figures.lapse_after_days)
    rows = Outage.objects.filter(status="RESTORED", ended_at__lt=since).order_by("pk")
    each(rows, lambda row: _lapse(row, now=now), what="lapsing")


def _lapse(row: Outage, *, now: datetime) -> bool:
    move(actor=CLOCK, row=row, name="lapse", now=now, changes={"closed_at": now})
    return True


def _keep_sources(figures: Rules, settled: datetime | None, now: datetime) -> tuple[int, int, set[uuid.UUID]]:
    """Sources; answers also those that are silent, whose tags say nothing of their own."""
    limit = timedelta(minutes=figures.source_offline_min)
    whole = {source for source, tags, *_span in planned(now, now + timedelta(seconds=1)) if not tags}
    plans = _plan_ends(now)
    running = {
        row.source_id: row
        for row in Outage.objects.filter(kind=OutageKind.SOURCE, ended_at__isnull=True).select_related("source__state")
    }
    used = Tag.objects.filter(source=OuterRef("pk"), status__in=(TagStatus.LIVE, TagStatus.SERVICE))
    rows = Source.objects.annotate(is_used=Exists(used)).filter(
        Q(blocked_at__isnull=True) | Q(is_used=True) | Q(pk__in=running), state__last_at__isnull=False
    )
    opened = ended = 0
    silent: set[uuid.UUID] = set()
    for source in rows.select_related("state", "file__enterprise").order_by("pk"):
        state, outage = source.state, running.get(source.pk)
        last_at = state.last_at or source.created_at
        # A connection without messages is a sign too: when it was lost counts, and nothing while it stands.
        sign = max(last_at, last_at if state.is_online else state.since_at or last_at)
        since = max([sign, *filter(None, (settled, plans.get((source.number, 0))))])
        is_silent = not state.is_online and now - since > limit
        if is_silent or outage is not None:
            silent.add(source.pk)
        if outage is None:
            if is_silent and source.number not in whole:
                opened += _open(source, OutageKind.SOURCE, None, [], since, figures, now)
        elif source.blocked_at is not None and not source.is_used:
            move(actor=CLOCK, row=outage, name="drop", now=now, changes={"ended_at": now, "closed_at": now})
        elif not is_silent and last_at > outage.began_at:
            came_at = state.since_at if state.is_online and state.since_at else last_at
            ended += _end(outage, max(came_at, outage.began_at), figures, now)
            silent.discard(source.pk)
    return opened, ended, silent


@dataclass(frozen=True, slots=True)
class _Silent:
    number: int
    since: datetime


def _keep_tags(figures: Rules, settled: datetime | None, silent: set[uuid.UUID], now: datetime) -> tuple[int, int]:
    running = {
        (row.source_id, row.facility_id): row
        for row in Outage.objects.filter(kind=OutageKind.TAGS, ended_at__isnull=True).select_related("source", "file")
    }
    found, checked = _silent_tags(figures, settled, silent, running, now)
    opened = ended = 0
    sources = Source.objects.select_related("file__enterprise").in_bulk({source for source, _place in found})
    places = Facility.objects.in_bulk({place for _source, place in found if place is not None})
    for (source, place), tags in sorted(found.items(), key=str):
        numbers, outage = sorted(one.number for one in tags), running.get((source, place))
        if outage is None:
            began = min(one.since for one in tags)
            facility = places[place] if place is not None else None
            opened += _open(sources[source], OutageKind.TAGS, facility, numbers, began, figures, now)
        elif outage.tags != numbers:
            Outage.objects.filter(pk=outage.pk).update(tags=numbers, updated_at=now)
    for key, outage in running.items():
        if key in found or outage.source_id in silent:
            continue
        if key in checked:
            ended += _end(outage, now, figures, now)
        else:
            move(actor=CLOCK, row=outage, name="drop", now=now, changes={"ended_at": now, "closed_at": now})
    return opened, ended


def _silent_tags(
    figures: Rules, settled: datetime | None, silent: set[uuid.UUID], running: Mapping[Key, Outage], now: datetime
) -> tuple[dict[Key, list[_Silent]], set[Key]]:
    """Tags that told nothing usable for too long, and every place that was looked at."""
    columns = ("number", "source_id", "source__number", "facility_id", "scan_s", "stale_after_s", "is_by_exception")
    rows = Tag.objects.filter(status=TagStatus.LIVE, source__isnull=False, source__state__last_at__isnull=False)
    known = list(rows.exclude(source__in=silent).values_list(*columns))
    recent = minutes.last_told(now - RECENT - ROLLED)
    plans, ends = planned(now, now + timedelta(seconds=1)), _plan_ends(now)
    waiting: list[tuple[int, int, Key, timedelta]] = []
    checked: set[Key] = set()
    for number, source, source_number, place, scan_s, stale_s, by_exception in known:
        if source is None:
            continue
        checked.add((source, place))
        hold = hold_min(scan_s=scan_s, stale_after_s=stale_s, is_by_exception=by_exception)
        limit = timedelta(minutes=max(figures.tag_offline_min, hold)) + ROLLED
        if number in recent and now - recent[number] <= limit:
            continue
        key = (source, place)
        is_told = key in running and number in running[key].tags
        if not is_told and any(of == source_number and (not tags or number in tags) for of, tags, *_span in plans):
            continue
        waiting.append((number, source_number, key, limit))
    last = minutes.last_told(now - OLDEST, [number for number, *_rest in waiting])
    found: dict[Key, list[_Silent]] = defaultdict(list)
    for number, source_number, key, limit in waiting:
        at = last.get(number)
        if at is None:
            if key in running and number in running[key].tags:
                found[key].append(_Silent(number, running[key].began_at))
            continue
        marks = (settled, ends.get((source_number, number)), ends.get((source_number, 0)))
        since = max([at, *(one for one in marks if one is not None)])
        if now - since > limit:
            found[key].append(_Silent(number, since))
    return found, checked


def _plan_ends(now: datetime) -> dict[tuple[int, int], datetime]:
    """When planned periods of the last days ended, by the numbers of source and tag (0: all): silence counts anew."""
    ends: dict[tuple[int, int], datetime] = {}
    for source, tags, _begin, end in planned(now - timedelta(days=35), now):
        for tag in tags or (0,):
            if end <= now:
                ends[source, tag] = max(end, ends.get((source, tag), end))
    return ends


def _open(
    source: Source, kind: OutageKind, facility: Facility | None, tags: list[int], began: datetime, figures: Rules,
    now: datetime,
) -> int:  # fmt: skip
    file = source.file
    who = file.enterprise.name if file.enterprise else ""
    what = "离线" if kind == OutageKind.SOURCE else f"{facility or '未挂设施点位'}无有效数据"
    row = Outage(
        **file.row_scope(), file=file, source=source, kind=kind, facility=facility, tags=tags,
        title=f"{who}：{source.name} {what}"[:300], began_at=began,
        due_at=now + timedelta(hours=figures.state_within_h), created_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            enter(actor=CLOCK, row=row, now=now, facts={"source": source.pk, "kind": kind, "tags": len(tags)})
    except IntegrityError:
        # Another clock was faster.
        return 0
    return 1


def _end(row: Outage, at: datetime, figures: Rules, now: datetime) -> int:
    if row.status == "STATED":
        move(actor=CLOCK, row=row, name="end", now=now, changes={"ended_at": at, "closed_at": now})
    else:
        due = now + timedelta(hours=figures.state_within_h)
        move(actor=CLOCK, row=row, name="restore", now=now, changes={"ended_at": at, "due_at": max(row.due_at, due)})
    return 1


def _tell(figures: Rules, *, now: datetime) -> None:
    """Tell the supervising office of what lasts, once."""
    since = now - timedelta(minutes=figures.tell_after_min)
    rows = Outage.objects.filter(ended_at__isnull=True, told_at__isnull=True, began_at__lte=since)
    for row in rows.select_related("file").order_by("pk"):
        with transaction.atomic():
            if not Outage.objects.filter(pk=row.pk, told_at__isnull=True).update(told_at=now, updated_at=now):
                continue
            notify(users=_watchers(row.file.supervisor_id), kind="monitoring.outage_lasts",
                   data={"title": row.title, "minutes": figures.tell_after_min}, now=now,
                   subject_type=Outage.row_type(), subject_id=row.pk)  # fmt: skip


def _watchers(office: uuid.UUID | None) -> Collection[uuid.UUID]:
    return people_for(organisation_id=office, duty=WATCH) if office is not None else ()
