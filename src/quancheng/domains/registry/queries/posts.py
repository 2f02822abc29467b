"""Reads of the posts that law asks for: who holds them, which are empty, in one enterprise and across the district."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise, PostHolder
from quancheng.domains.registry.queries.derived import TwoKeyOneMajor, two_key_one_major_of
from quancheng.kernel.access.actor import Actor
from quancheng.standards import posts as standard
from quancheng.standards.enterprise_classes import FACTS
from quancheng.standards.posts import Post, Requirement

#: Safety managers are themselves holders of a post; by their number the engineers are counted.
MANAGERS = "SAFETY_MANAGER"


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


def vacancies_of(rows: Iterable[PostRow]) -> dict[str, int]:
    """Posts that too few hold, as they are kept beside the score: code to how many are missing."""
    return {row.post.code: row.lacking for row in rows if row.is_gap}


# The district ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A post of which an enterprise lacks some holders."""

    post: Post
    lacking: int


@dataclass(frozen=True, slots=True)
class FileGaps:
    """An enterprise with posts that nobody holds, in the order of the posts."""

    file: Enterprise
    marks: TwoKeyOneMajor
    gaps: tuple[Vacancy, ...]


@dataclass(frozen=True, slots=True)
class DistrictGaps:
    """Where posts by law are empty, as it was last measured: at each act on a file, and each night for the day.

    :ivar files: keys of the enterprises with gaps, most gaps first; :func:`gaps_of` gives what a page shows of them.
    :ivar count: how many those are.
    :ivar by_post: how many enterprises lack each post, the most frequent first.
    :ivar unmeasured: enterprises of which it is not known yet.
    """

    files: QuerySet[Enterprise, uuid.UUID]
    count: int
    by_post: tuple[tuple[Post, int], ...]
    unmeasured: int


def district_gaps(*, actor: Actor, post: str = "", kind: str = "", area: str = "") -> DistrictGaps:
    """Where posts by law are empty, as far as the actor may see. One query, and one for each page of the files.

    :param post: only enterprises that lack this one. :param area: a path of areas.
    """
    rows = Enterprise.objects.visible_to(actor).exclude(life=Life.CLOSED)
    if kind:
        rows = rows.filter(Q(kind=kind) | Q(more_kinds__contains=[kind]))
    if area:
        rows = rows.filter(area__path__startswith=area)
    by_post: Counter[str] = Counter()
    count = unmeasured = 0
    # Thousands of enterprises lack the same few posts: counted by what they lack together, then by each post.
    lacks: Any = rows.order_by().values_list("completeness__vacancies").annotate(number=Count("pk"))
    for lacking, number in lacks:
        if lacking is None:
            unmeasured += number
            continue
        by_post.update(dict.fromkeys(lacking, number))
        if lacking and (not post or post in lacking):
            count += number
    files = rows.filter(completeness__vacant_posts__gt=0)
    if post:
        files = files.filter(completeness__vacancies__has_key=post)
    known = posts()
    told = ((known[code], number) for code, number in by_post.most_common() if code in known)
    ordered = files.order_by("-completeness__vacant_posts", "pinyin", "pk").values_list("pk", flat=True)
    return DistrictGaps(ordered, count, tuple(told), unmeasured)


def gaps_of(keys: Iterable[uuid.UUID]) -> list[FileGaps]:
    """What the district's list shows of some of its files, in their order; four queries.

    The caller got the keys by a query that asked who may see them.
    """
    asked = list(keys)
    rows = Enterprise.objects.filter(pk__in=asked).select_related("enterprise", "area")
    files = {one.pk: one for one in rows.annotate(vacancies=F("completeness__vacancies"))}
    marks, known = two_key_one_major_of(files), posts()
    found = []
    for file in (files[pk] for pk in asked if pk in files):
        lacking: Mapping[str, int] = file.vacancies or {}
        gaps = tuple(Vacancy(one, lacking[code]) for code, one in known.items() if code in lacking)
        found.append(FileGaps(file, marks[file.pk], gaps))
    return found
