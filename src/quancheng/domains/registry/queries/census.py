"""Reads of censuses: who goes round where, who was seen, who was not; clues that came of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from quancheng.domains.registry.kinds import Life, VisitResult
from quancheng.domains.registry.models import Census, CensusArea, CensusVisit, Clue, Enterprise, EnterpriseMerge
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import NotFound

#: Enterprises not yet seen that a page of an area lists at once; who was seen makes place for the next.
MOST_UNSEEN = 100
#: Possible doubles shown beside a file.
MOST_DOUBLES = 10


def list_censuses(*, actor: Actor) -> QuerySet[Census]:
    """Censuses that the actor opened or takes part in, those that run first."""
    rows = Census.objects.visible_to(actor).select_related("owner_org")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-period_to", "pk")


def get_census(*, actor: Actor, census_id: uuid.UUID) -> Census:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_censuses(actor=actor).filter(pk=census_id).first()
    if found is None:
        raise NotFound
    return found


def list_areas(*, actor: Actor) -> QuerySet[CensusArea]:
    """Areas that the actor goes round or answers for, by day and place."""
    return (
        CensusArea.objects.visible_to(actor)
        .select_related("census", "area", "org", "owner_org")
        .order_by("due_date", "area__path", "pk")
    )


def get_area(*, actor: Actor, place_id: uuid.UUID) -> CensusArea:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_areas(actor=actor).filter(pk=place_id).first()
    if found is None:
        raise NotFound
    return found


def areas_of(place: CensusArea) -> QuerySet[Area]:
    """The area of a round and what lies in it."""
    here = Area.objects.filter(path__startswith=_path(place), valid_to__isnull=True, level__in=("street", "village"))
    return here.order_by("path")


def standing_files(census: Census) -> QuerySet[Enterprise]:
    """Enterprises that the register knows and the census looks for; no scope of anybody's: for counting and rounds."""
    rows = Enterprise.objects.filter(merged_into__isnull=True).exclude(life=Life.CLOSED)
    if census.kinds:
        rows = rows.filter(Q(kind__in=census.kinds) | Q(more_kinds__overlap=census.kinds))
    return rows


def unseen_files(census: Census) -> QuerySet[Enterprise]:
    """Those of them whom nobody met so far."""
    met = CensusVisit.objects.filter(census=census, file=OuterRef("pk"))
    return standing_files(census).exclude(Exists(met))


def unseen_of(place: CensusArea) -> QuerySet[Enterprise]:
    """Whom the round of an area has still to meet.

    Who got the area goes there: name, class and address of an enterprise are shown to him, whatever else he may see.
    """
    return (
        unseen_files(place.census)
        .filter(area__path__startswith=_path(place))
        .select_related("enterprise", "area")
        .order_by("area__path", "kind", "enterprise__pinyin", "pk")
    )


def get_unseen(*, place: CensusArea, file_id: uuid.UUID) -> Enterprise:
    """An enterprise of the round, met already or not. :raises NotFound: it does not lie in the area."""
    known = Q(pk__in=standing_files(place.census).values("pk")) | Q(census_visits__place=place)
    found = (
        Enterprise.objects.filter(known, pk=file_id, area__path__startswith=_path(place))
        .select_related("enterprise", "area")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def visits_of(place: CensusArea) -> QuerySet[CensusVisit]:
    """Who was met in an area, the last first."""
    return place.visits.select_related("file", "file__enterprise").order_by("-at", "-pk")


def get_visit(actor: Actor, pk: uuid.UUID) -> CensusVisit | None:
    """The visit, where the actor may see its area: for the files that it holds."""
    seen = CensusArea.objects.visible_to(actor)
    return CensusVisit.objects.filter(pk=pk, place__in=seen).select_related("place").first()


# Coverage --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """One line of coverage: how many were met with which result, and how many are a hole."""

    results: Counter[str] = field(default_factory=Counter)
    unseen: int = 0

    @property
    def seen(self) -> int:
        return sum(self.results.values())

    @property
    def known(self) -> int:
        return self.seen + self.unseen

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: one not seen is never a hundred."""
        return 100 if not self.known else self.seen * 100 // self.known

    def plain(self) -> dict[str, int]:
        return {
            **{code: self.results[code] for code in VisitResult.values}, "seen": self.seen, "unseen": self.unseen,
            "known": self.known, "percent": self.percent,
        }  # fmt: skip


@dataclass(slots=True)
class Coverage:
    """Coverage of a census as an actor sees its areas; ``outside`` is who lies in no area, told to its office."""

    whole: Line = field(default_factory=Line)
    areas: list[tuple[CensusArea, Line]] = field(default_factory=list)
    kinds: dict[str, Line] = field(default_factory=dict)
    outside: int = 0

    def plain(self) -> dict[str, Any]:
        """As it is frozen with the closing report."""
        return {
            **self.whole.plain(), "outside": self.outside,
            "areas": [{"area": place.area.name, "org": place.org.label, "status": place.status, **line.plain()}
                      for place, line in self.areas if place.area],
            "kinds": {kind: line.plain() for kind, line in sorted(self.kinds.items())},
        }  # fmt: skip


def coverage_of(*, actor: Actor, census: Census) -> Coverage:
    """Seen against known by area and class: three queries, whatever the size of the district."""
    places = list(list_areas(actor=actor).filter(census=census))
    found = Coverage(areas=[(place, Line()) for place in places])
    lines = {place.pk: line for place, line in found.areas}
    met = CensusVisit.objects.filter(place__in=list(lines)).order_by()
    for place, kind, result, count in met.values_list("place", "file__kind", "result").annotate(Count("pk")):
        for line in (lines[place], found.whole, found.kinds.setdefault(kind, Line())):
            line.results[result] += count
    by_path = [(_path(place), lines[place.pk]) for place in places if place.status != "RELEASED"]
    by_path += [(_path(place), lines[place.pk]) for place in places if place.status == "RELEASED"]
    counted = unseen_files(census).order_by().values_list("area__path", "kind").annotate(Count("pk"))
    for path, kind, count in counted:
        mine = next((line for start, line in by_path if (path or "").startswith(start)), None)
        if mine is None:
            found.outside += count if census.owner_org_id == actor.organisation_id else 0
            continue
        for line in (mine, found.whole, found.kinds.setdefault(kind, Line())):
            line.unseen += count
    return found


def _path(place: CensusArea) -> str:
    if place.area is None:  # pragma: no cover - a constraint of the table
        raise ValueError(place.pk)
    return place.area.path


# Clues -----------------------------------------------------------------------------------------------------------


def list_clues(*, actor: Actor) -> QuerySet[Clue]:
    """Clues that the actor found, judges, was handed or supervises; open ones first."""
    return (
        Clue.objects.visible_to(actor)
        .select_related("area", "owner_org", "finder", "file", "file__enterprise", "handed_to")
        .order_by(F("closed_at").desc(nulls_first=True), "found_at", "pk")
    )


def get_clue(*, actor: Actor, clue_id: uuid.UUID) -> Clue:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_clues(actor=actor).filter(pk=clue_id).first()
    if found is None:
        raise NotFound
    return found


# Doubles ---------------------------------------------------------------------------------------------------------


def doubles_of(*, actor: Actor, file: Enterprise) -> Sequence[Enterprise]:
    """Other files that may be of the same enterprise: the same address, or a point within some 50 m."""
    near = Q()
    if file.address.strip():
        near |= Q(address=file.address)
    if file.lon is not None and file.lat is not None:
        half = type(file.lon)("0.0005")
        near |= Q(lon__range=(file.lon - half, file.lon + half), lat__range=(file.lat - half, file.lat + half))
    if not near:
        return []
    rows = Enterprise.objects.visible_to(actor).filter(near, merged_into__isnull=True).exclude(pk=file.pk)
    return list(rows.select_related("enterprise", "area").order_by("enterprise__pinyin", "pk")[:MOST_DOUBLES])


def get_merge(*, actor: Actor, merge_id: uuid.UUID) -> EnterpriseMerge:
    """Raise NotFound unless the actor sees both files."""
    seen = Enterprise.objects.visible_to(actor)
    found = (
        EnterpriseMerge.objects.filter(pk=merge_id, kept__in=seen, retired__in=seen)
        .select_related("kept__enterprise", "retired__enterprise")
        .first()
    )
    if found is None:
        raise NotFound
    return found
