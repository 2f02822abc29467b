"""The watch for fire after hot work (监火计时): from when, until when, with which photos."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import FireWatch, Permit
from quancheng.domains.permits.queries.facts import Around
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.queries import files_of_many

#: Roles in which a permit holds the photos.
STARTS, ENDS = "fire_start", "fire_end"
#: What we demand beyond the standard (5.2.11 asks that no fire is left).
CLAUSE = _("本系统要求：监火计时")


@dataclass(frozen=True, slots=True)
class Watch:
    """Of hot work that ended: how long it is watched, until when, and what was told of it."""

    minutes: int
    until: datetime
    row: FireWatch | None
    #: The enterprise asks for the watch with its photos.
    is_asked: bool
    photos: tuple[FileLink, ...] = ()

    @property
    def awaited(self) -> datetime | None:
        """Until when it goes on; None where somebody ended it."""
        return None if self.row is not None and self.row.ended_at is not None else self.until

    def left_min(self, now: datetime) -> int:
        """Whole minutes that are left, begun ones counted; 0 when it is over."""
        return max(0, -int((now - self.until).total_seconds() // 60))


def watches_of(permits: Collection[Permit], now: datetime) -> Mapping[uuid.UUID, Watch]:
    """Of hot work among these that ended and is not void. Two queries and one of each enterprise's figures; none
    without such work."""
    ended = {one.pk: one for one in permits if one.kind == "HW" and one.finished_at is not None}
    if not ended:
        return {}
    around = Around()
    rows = {one.permit_id: one for one in FireWatch.objects.filter(permit__in=list(ended))}
    files = files_of_many(Permit, ended)
    found = {}
    for key, permit in ended.items():
        figures, row = around.figures_of(permit.file_id, now), rows.get(key)
        least = int(figures.fire_watch_min)
        minutes = max(least, row.minutes) if row else least
        since = permit.finished_at or now
        until = since + timedelta(minutes=least)
        if row is not None:
            until = max(until, row.begun_at + timedelta(minutes=minutes))
        found[key] = Watch(
            minutes=minutes, until=until, row=row, is_asked=bool(figures.fire_photos_asked),
            photos=tuple(one for one in files.get(key, ()) if one.role in (STARTS, ENDS)),
        )  # fmt: skip
    return found


def watch_of(permit: Permit, now: datetime) -> Watch | None:
    """Of one permit; None where it is no hot work, or has not ended."""
    return watches_of([permit], now).get(permit.pk)
