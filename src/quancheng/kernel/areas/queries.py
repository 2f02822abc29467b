"""Reads of divisions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import lru_cache

from django.db.models import Q, QuerySet

from quancheng.kernel.areas.models import Area
from quancheng.kernel.names import clean


@lru_cache(maxsize=4096)
def path_of(area_id: uuid.UUID) -> str:
    """The path of a division that exists; asked for once in each process, since a path never changes."""
    return Area.objects.values_list("path", flat=True).get(pk=area_id)


def home() -> Area | None:
    """The district that this house supervises; None before it was chosen."""
    return Area.objects.filter(is_home=True).first()


def home_path() -> str:
    """The path of the home district; empty before it was chosen."""
    return Area.objects.filter(is_home=True).values_list("path", flat=True).first() or ""


def standing_area(area_id: uuid.UUID) -> Area | None:
    """A division that exists today, by its key."""
    return Area.objects.filter(pk=area_id, valid_to__isnull=True).first()


def find_areas(text: str, *, under: Area | None = None) -> QuerySet[Area]:
    """Standing divisions by name, alias, code or initials, by pinyin."""
    found = Area.objects.filter(valid_to__isnull=True)
    if under is not None:
        found = found.filter(path__startswith=under.path)
    if text := text.strip():
        found = found.filter(
            Q(name__icontains=text)
            | Q(initials__startswith=text.lower())
            | Q(code__startswith=text)
            | Q(pk__in=Area.objects.filter(aliases__name__icontains=text).values("pk"))
        )
    return found.order_by("path")


def find_area(name: str, *, under: Area | None = None) -> Area | None:
    """The one standing division of that name or alias; None where there is none, or several of the highest level.

    A name counts before an alias: 甲街道 is the street of that name, not the one that was called so once.
    """
    name = clean(name)
    if not name:
        return None
    standing = Area.objects.filter(valid_to__isnull=True)
    if under is not None:
        standing = standing.filter(path__startswith=under.path)
    for found in (standing.filter(Q(name=name) | Q(full_name=name)), standing.filter(aliases__name=name).distinct()):
        areas = list(found.order_by("path")[:50])
        if areas:
            highest = min(area.path.count("/") for area in areas)
            top = [area for area in areas if area.path.count("/") == highest]
            return top[0] if len(top) == 1 else None
    return None


def list_below(area: Area, *, levels: Sequence[str] = ()) -> QuerySet[Area]:
    """Standing divisions below one, in the order of the tree."""
    found = Area.objects.filter(path__startswith=area.path, valid_to__isnull=True).exclude(pk=area.pk)
    if levels:
        found = found.filter(level__in=levels)
    return found.order_by("path")
