"""Reads of the posts that law asks for: who holds them, which are empty, in one enterprise and across the district."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise, PostHolder
from quancheng.domains.registry.queries.derived import TwoKeyOneMajor, facts_of_many, two_key_one_major_of
from quancheng.kernel.access.actor import Actor
from quancheng.standards import posts as standard
from quancheng.standards.enterprise_classes import FACTS
from quancheng.standards.posts import Post, Requirement

#: Safety managers are themselves holders of a post; by their number the engineers are counted.
MANAGERS = "SAFETY_MANAGER"
#: Enterprises looked at for the district's list; further ones are left out, and the page says so.
MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post of an enterprise: what asks for it, who holds it.

    :ivar lacking: how many holders are missing; 0 where it is filled or nobody must.
    :ivar expired: holders whose certificate has run out; they do not count.
    """

    post: Post
    requirement: Requirement | None
    holders: tuple[PostHolder, ...]
    lacking: int
    expired: int = 0

    @property
    def is_gap(self) -> bool:
        """Asked for without doubt, and too few hold it."""
        return self.lacking > 0 and self.requirement is not None and not self.requirement.doubts


def posts() -> dict[str, Post]:
    """The posts by code, each once."""
    found: dict[str, Post] = {}
    for one in standard.posts():
        found.setdefault(one.code, one)
    return found


def get_holder(*, file: Enterprise, holder_id: uuid.UUID) -> PostHolder:
    """One holder of a file that the caller got through its own query."""
    return PostHolder.objects.get(pk=holder_id, file=file)


def post_rows(
    file: Enterprise, *, holders: Sequence[PostHolder], on: date, marks: TwoKeyOneMajor,
    facts: Mapping[str, bool | None],
) -> list[PostRow]:  # fmt: skip
    """Which posts an enterprise must fill, with how many, and who holds them (S3-5.2a, S3-5.2b).

    A holder whose certificate has run out does not count.
    """
    by_post: dict[str, list[PostHolder]] = {}
    for one in holders:
        by_post.setdefault(one.post, []).append(one)
    rows = []
    for requirement in _requirements(file, len(by_post.get(MANAGERS, ())), marks, facts).values():
        here = by_post.pop(requirement.post.code, [])
        expired = sum(1 for one in here if one.valid_to is not None and one.valid_to < on)
        lacking = max(0, requirement.count - (len(here) - expired))
        rows.append(PostRow(requirement.post, requirement, tuple(here), lacking, expired))
    known = posts()
    rows += [PostRow(known[code], None, tuple(here), 0) for code, here in by_post.items() if code in known]
    return rows


def _requirements(
    file: Enterprise, managers: int, marks: TwoKeyOneMajor, facts: Mapping[str, bool | None]
) -> dict[str, Requirement]:
    """Of several classes the strictest demand counts; one without doubt before one with."""
    told = {fact: value for fact, value in facts.items() if fact in FACTS and fact != "major_hazard"}
    found: dict[str, Requirement] = {}
    for kind in dict.fromkeys([file.kind, *file.more_kinds]):
        for one in standard.requirements(
            kind, told, staff=file.staff_count, safety_managers=managers or None, major_hazards=marks.hazards
        ):
            before = found.get(one.post.code)
            if one.count and (before is None or _strict(one) > _strict(before)):
                found[one.post.code] = one
    return found


def _strict(one: Requirement) -> tuple[bool, int]:
    return (not one.doubts, one.count)


# The district ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileGaps:
    """An enterprise with posts that nobody holds."""

    file: Enterprise
    marks: TwoKeyOneMajor
    gaps: tuple[PostRow, ...]


@dataclass(frozen=True, slots=True)
class DistrictGaps:
    """Enterprises with gaps, and how many lack each post. ``is_cut``: not every enterprise was looked at."""

    files: tuple[FileGaps, ...]
    by_post: tuple[tuple[Post, int], ...]
    is_cut: bool


def district_gaps(*, actor: Actor, on: date, post: str = "", kind: str = "", area: str = "") -> DistrictGaps:
    """Where posts by law are empty, as far as the actor may see; most gaps first. Eight queries.

    :param post: only enterprises that lack this one. :param area: a path of areas.
    """
    rows = Enterprise.objects.visible_to(actor).exclude(life=Life.CLOSED).select_related("enterprise", "area")
    if kind:
        rows = rows.filter(Q(kind=kind) | Q(more_kinds__contains=[kind]))
    if area:
        rows = rows.filter(area__path__startswith=area)
    files = list(rows.order_by("pk")[: MOST_FILES + 1])
    is_cut, files = len(files) > MOST_FILES, files[:MOST_FILES]
    pks = [one.pk for one in files]
    marks = two_key_one_major_of(pks)
    facts = facts_of_many(files, marks)
    holders: dict[uuid.UUID, list[PostHolder]] = {}
    for one in PostHolder.objects.filter(file__in=pks, left_date__isnull=True):
        holders.setdefault(one.file_id, []).append(one)
    counted: Counter[str] = Counter()
    found = []
    for file in files:
        gaps = [
            row
            for row in post_rows(
                file, holders=holders.get(file.pk, ()), on=on, marks=marks[file.pk], facts=facts[file.pk]
            )
            if row.is_gap
        ]
        counted.update(row.post.code for row in gaps)
        if gaps and (not post or any(row.post.code == post for row in gaps)):
            found.append(FileGaps(file, marks[file.pk], tuple(gaps)))
    found.sort(key=lambda one: (-len(one.gaps), one.file.enterprise.pinyin if one.file.enterprise else ""))
    known = posts()
    return DistrictGaps(tuple(found), tuple((known[code], number) for code, number in counted.most_common()), is_cut)
