"""What happened, by time (事件时间线): limits that were passed and left, sources that were connected and cut off."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.monitoring.models import LimitEvent, Source
from quancheng.domains.monitoring.models.events import CONNECTED, CUT_OFF
from quancheng.domains.monitoring.queries.events import list_events
from quancheng.domains.monitoring.queries.sources import list_sources
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.events.queries import list_about

#: Kinds of happenings that can be asked for alone.
KINDS = ("limits", "raised", "gravest", "sources")


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the timeline; empty asks for all. ``until`` and ``passed`` are where a page begins: at or before this
    moment, and so many of that very moment were shown already."""

    file: uuid.UUID | None = None
    town: str = ""
    kind: str = ""
    begin: datetime | None = None
    end: datetime | None = None
    until: datetime | None = None
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: what a limit did, or what became of a source."""

    at: datetime
    limit: LimitEvent | None = None
    source: Source | None = None
    is_up: bool = False


def timeline(*, actor: Actor, asked: Asked, size: int) -> tuple[list[Happening], tuple[datetime, int] | None]:
    """A page of what the actor may know of, the newest first, and where the next one begins. At most three queries."""
    most = size + asked.passed + 1
    found: list[Iterable[Happening]] = []
    if asked.kind != "sources":
        rows = _within(_limits(actor, asked), asked)[:most]
        found.append([Happening(row.at, limit=row) for row in rows])
    if asked.kind in ("", "sources"):
        found.append(_of_sources(actor, asked, most))
    ordered = merge(*found, key=lambda one: one.at, reverse=True)
    page = list(islice(ordered, asked.passed, most))
    if len(page) <= size:
        return page, None
    page, last = page[:size], page[size - 1].at
    same = sum(one.at == last for one in page) + (asked.passed if last == asked.until else 0)
    return page, (last, same)


def _limits(actor: Actor, asked: Asked) -> QuerySet[LimitEvent]:
    rows = list_events(actor=actor)
    if asked.file is not None:
        rows = rows.filter(tag__file=asked.file)
    if asked.town:
        rows = rows.filter(tag__area__path__startswith=asked.town)
    if asked.kind in ("raised", "gravest"):
        rows = rows.filter(is_raised=True)
    return rows.filter(limit__in=("HH", "LL")) if asked.kind == "gravest" else rows


def _of_sources(actor: Actor, asked: Asked, most: int) -> list[Happening]:
    sources = list_sources(actor=actor)
    if asked.file is not None:
        sources = sources.filter(file=asked.file)
    if asked.town:
        sources = sources.filter(area__path__startswith=asked.town)
    about = list_about(
        kinds=(CONNECTED, CUT_OFF), subject_type=Source.row_type(), subjects=sources.order_by().values("pk")
    )
    events = list(_within(about.order_by("-at", "-pk"), asked)[:most])
    known = sources.in_bulk({one.subject_id for one in events})
    return [
        Happening(one.at, source=known[one.subject_id], is_up=one.kind == CONNECTED)
        for one in events
        if one.subject_id in known
    ]


def _within(rows: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
    given = {"at__gte": asked.begin, "at__lt": asked.end, "at__lte": asked.until}
    return rows.filter(**{lookup: value for lookup, value in given.items() if value is not None})
