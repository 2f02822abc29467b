"""What anybody may read of announcements (公众查询): published ones, no personal number, no amount of a chemical."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.risk.models import Announcement, AnnouncementEdition, GateScreen
from quancheng.kernel.areas.models import Area
from quancheng.standards.risk import commitment


@dataclass(frozen=True, slots=True)
class Shown:
    """One published announcement as anybody reads it. ``groups``: name of a group, then number and value each."""

    row: Announcement
    edition: AnnouncementEdition
    groups: Sequence[tuple[Any, Sequence[tuple[commitment.Number, int]]]]

    @property
    def values(self) -> Mapping[str, int]:
        return {one.code: value for _name, lines in self.groups for one, value in lines}


@dataclass(frozen=True, slots=True)
class OnScreen:
    """What a screen shows: the newest that was published, and whether it is today's."""

    company: str
    shown: Shown | None
    is_todays: bool
    is_due: bool


def published_on(day: date, *, town: str = "", text: str = "") -> QuerySet[Announcement]:
    """Published announcements of a day, by town and name. :param town: path of an area. :param text: part of a name."""
    rows = Announcement.objects.filter(day=day, status="PUBLISHED").select_related("area")
    if town:
        rows = rows.filter(area__path__startswith=town)
    if text:
        rows = rows.filter(title__contains=text)
    return rows.order_by("area__path", "title", "pk")


def towns() -> Sequence[tuple[str, str]]:
    """Streets and towns that anybody may choose from: path and name."""
    rows = Area.objects.filter(level="street", valid_to__isnull=True).order_by("name")
    return list(rows.values_list("path", "name"))


def shown(announcement_id: uuid.UUID) -> Shown | None:
    """One published announcement; None for every other."""
    row = Announcement.objects.filter(pk=announcement_id, status="PUBLISHED").select_related("area").first()
    return None if row is None else _shown(row)


def _shown(row: Announcement) -> Shown | None:
    edition = row.editions.order_by("-number").first()
    if edition is None:
        return None
    groups = []
    for code, name in commitment.GROUPS.items():
        lines = [
            (one, edition.lines[one.code]["value"])
            for one in commitment.NUMBERS
            if one.group == code and one.is_public and one.code in edition.lines
        ]
        groups.append((name, lines))
    return Shown(row, edition, groups)


def on_screen(token: str, *, day: date, now: datetime) -> OnScreen | None:
    """What the screen of a token shows now; None for a token that never was or was revoked."""
    screen = GateScreen.objects.filter(token=token, revoked_at__isnull=True).select_related("file__enterprise").first()
    if screen is None:
        return None
    today = Announcement.objects.filter(file=screen.file_id, day=day).first()
    last = Announcement.objects.filter(file=screen.file_id, status="PUBLISHED").order_by("-day").first()
    found = None if last is None else _shown(last)
    company = screen.file.enterprise.name if screen.file.enterprise else ""
    is_todays = found is not None and found.row.day == day
    is_due = today is not None and today.status == "OPEN" and now > today.late_after
    return OnScreen(company, found, is_todays, is_due)
