"""What each person must learn, and how far he is: entry at three levels, first hours, each year, repeats (S2-16a).

A function of what is written: programmes of the day, posts held, hours, exams, certificates. Nothing is written here.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db.models import Case, DateField, F, When

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    CertificateGroup,
    EducationLevel,
    ExamPass,
    Person,
    PersonPost,
    PersonQualification,
    Programme,
    ProgrammeKind,
    StandingState,
    TrainingRecord,
)
from quancheng.domains.training.models.certificates import COUNTS
from quancheng.domains.training.queries.programmes import programmes_on

#: Programmes without which nobody begins to work.
ENTRY_KINDS = (ProgrammeKind.ENTRY, ProgrammeKind.VISITOR)
_HOURS = ("programme", "level", "held_date", "hours", "score", "is_unified", "practised")
#: In the order in which they are taught.
LEVELS = (EducationLevel.PLANT, EducationLevel.WORKSHOP, EducationLevel.TEAM)


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of one day that count."""

    programme_id: uuid.UUID
    level: str
    day: date
    hours: Decimal
    score: int | None
    is_unified: bool = False
    practised: date | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """An exam passed on a day. :ivar is_unified: by the one paper, after the one syllabus."""

    programme_id: uuid.UUID
    day: date
    is_unified: bool = False


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of a person's education, loaded for many at once.

    :ivar posts: roles held now, and since when. :ivar proven: since when a certificate of heads or safety managers
        that counts says that he was trained and examined; None without one.
    """

    kind: str
    posts: Mapping[str, date] = field(default_factory=dict)
    hours: Sequence[Hours] = ()
    passes: Sequence[Passed] = ()
    proven: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One person against one programme; see :class:`ProgrammeStanding`.

    :ivar levels: hours demanded and had at each of the three levels, where the programme splits them.
    """

    programme: Programme
    needed: int
    had: Decimal
    exam_passed: bool
    due: date | None
    done: date | None
    until: date | None
    year_needed: int
    year_had: Decimal
    levels: tuple[tuple[str, int, Decimal], ...]
    state: str
    practice_passed: bool = True


def _practised(on: date) -> Case:
    """The day of a practical part that was passed by a day."""
    passed = When(is_practised=True, practice_date__lte=on, then=F("practice_date"))
    return Case(passed, output_field=DateField())


def learned_of(
    persons: Sequence[Person], *, on: date, certificates: Iterable[PersonQualification] | None = None
) -> dict[uuid.UUID, Learned]:
    """What persons learned by a day. Five queries, or four where their certificates are told."""
    keys = [one.pk for one in persons]
    kinds = dict(Enterprise.objects.filter(pk__in={one.file_id for one in persons}).values_list("pk", "kind"))
    posts = PersonPost.objects.filter(person__in=keys, to_date__isnull=True).select_related("role")
    if certificates is None:
        cards = PersonQualification.objects.filter(person__in=keys, kind__group=CertificateGroup.MANAGER)
        certificates = cards.select_related("kind")
    return learned_from(persons, on=on, kinds=kinds, posts=posts, certificates=certificates)


def learned_from(
    persons: Sequence[Person], *, on: date, kinds: Mapping[uuid.UUID, str], posts: Iterable[PersonPost],
    certificates: Iterable[PersonQualification],
) -> dict[uuid.UUID, Learned]:  # fmt: skip
    """The same where classes of enterprises, posts held and certificates are loaded. Two queries."""
    keys = [one.pk for one in persons]
    held: dict[uuid.UUID, dict[str, date]] = defaultdict(dict)
    for post in posts:
        if not post.role.is_task_only:
            held[post.person_id][post.role.code] = post.from_date
    hours: dict[uuid.UUID, list[Hours]] = defaultdict(list)
    rows = TrainingRecord.objects.filter(person__in=keys, struck_at__isnull=True, held_date__lte=on)
    dated = rows.order_by("held_date", "pk").annotate(practised=_practised(on))
    for person, *told in dated.values_list("person", *_HOURS):
        hours[person].append(Hours(*told))
    passes: dict[uuid.UUID, list[Passed]] = defaultdict(list)
    taken = ExamPass.objects.filter(person__in=keys, passed_date__lte=on).order_by("passed_date")
    for person, *told in taken.values_list("person", "programme", "passed_date", "is_unified"):
        passes[person].append(Passed(*told))
    proven: dict[uuid.UUID, date] = {}
    for card in certificates:
        if card.kind.group == CertificateGroup.MANAGER and card.state_on(on) in COUNTS:
            proven[card.person_id] = min(card.issued_date, proven.get(card.person_id, card.issued_date))
    return {
        one.pk: Learned(kinds[one.file_id], held[one.pk], hours[one.pk], passes[one.pk], proven.get(one.pk))
        for one in persons
    }


def standings(
    person: Person, learned: Learned, programmes: Collection[Programme], *, on: date
) -> list[Standing]:
    """All that a person owes by the posts that he holds; no query."""
    roles = set(learned.posts)
    owed = [one for one in programmes if one.is_owed]
    return [
        standing(person, one, learned, programmes, on=on)
        for one in owed
        if one.concerns(roles=roles, employment=person.employment, kind=learned.kind)
    ]


def entry_standing(
    person: Person, learned: Learned, programmes: Collection[Programme], *, role: str = "", on: date
) -> Standing | None:
    """Where a person stands in the education before work, for a role, or for the posts that he holds where none is
    told; None where no programme asks it of him: heads and safety managers learn by another.
    """
    # Each role by itself: who is a head besides and works as an operator learns as an operator.
    asked = [{role}] if role else [{one} for one in learned.posts] or [set()]
    for one in programmes:
        is_entry = one.kind in ENTRY_KINDS and one.is_owed
        if is_entry and any(
            one.concerns(roles=roles, employment=person.employment, kind=learned.kind) for roles in asked
        ):
            return standing(person, one, learned, programmes, on=on)
    return None


def is_excepted(role: str, programmes: Collection[Programme]) -> bool:
    """Whether the holders of a role learn by another programme than that before work."""
    return any(role in one.except_roles for one in programmes if one.kind in ENTRY_KINDS and one.is_owed)


def standing(
    person: Person, one: Programme, learned: Learned, programmes: Collection[Programme], *, on: date
) -> Standing:
    """One person against one programme that concerns him; no query."""
    alike = _alike(one, programmes)
    rows = [row for row in learned.hours if row.programme_id in alike and _by_the_one(one, row)]
    had = sum((row.hours for row in rows), Decimal(0))
    levels = _levels(one, rows)
    exam = _exam(one, rows, learned, alike)
    full = _full(one, rows)
    done = None
    if full is not None and (one.pass_mark is None or exam is not None):
        done = max(full, exam or full)
    practised = min((row.practised for row in rows if row.practised is not None), default=None)
    asked = one.asks_practice_on(done or on)
    if asked and done is not None:
        # What needs the hands is not learned by hours and an exam alone; who was complete before it was asked stays so.
        done = max(done, practised) if practised is not None else None
    # A certificate that was given before the one way began stands until it ends; after it that way alone leads to one.
    if one.kind == ProgrammeKind.OFFICE and learned.proven is not None and not one.is_unified_on(learned.proven):
        done = min(done or learned.proven, learned.proven)
        exam = exam or learned.proven
    until = None
    if done is not None and one.interval_months:
        last = max([done, *(_repeats(one, rows, done))])
        until = last + relativedelta(months=one.interval_months) - timedelta(days=1)
    since = _since(person, one, learned)
    due = since + timedelta(days=one.within_days) if since is not None else None
    year_needed = one.yearly_hours if done is not None and done.year < on.year else 0
    if not one.first_hours and one.yearly_hours:
        year_needed = one.yearly_hours
    year_had = sum((row.hours for row in rows if row.day.year == on.year), Decimal(0))
    state: str = StandingState.DONE
    if done is None:
        state = StandingState.OVERDUE if due is not None and due < on else StandingState.PENDING
    elif until is not None and until < on:
        state = StandingState.EXPIRED
    elif year_had < year_needed:
        state = StandingState.YEAR_SHORT
    return Standing(
        one, one.first_hours, had, exam is not None or one.pass_mark is None, due, done, until, year_needed, year_had,
        levels, state, practised is not None or not asked,
    )  # fmt: skip


def next_level(one: Programme, rows: Sequence[Hours]) -> str:
    """The level that is taught next; empty where all are done, or none are told apart."""
    return next((level for level, needed, had in _levels(one, rows) if had < needed), "")


def hours_of(person: Person, one: Programme, *, until: date) -> list[Hours]:
    """What a person learned of a programme, and of others that count for it, by a day. Two queries."""
    alike = _alike(one, programmes_on(until))
    rows = TrainingRecord.objects.filter(
        person=person, struck_at__isnull=True, programme__in=alike, held_date__lte=until
    )
    return [Hours(*told) for told in rows.annotate(practised=_practised(until)).values_list(*_HOURS)]


def first_hours_done(person: Person, one: Programme, *, until: date) -> bool:
    """Whether a person has the first hours of a programme that count, by a day. Two queries."""
    return _full(one, [row for row in hours_of(person, one, until=until) if _by_the_one(one, row)]) is not None


def _by_the_one(one: Programme, row: Hours | Passed) -> bool:
    """Since a programme has one material and one paper, what was taught or held by another counts for nothing."""
    return row.is_unified or not one.is_unified_on(row.day)


def _alike(one: Programme, programmes: Collection[Programme]) -> set[uuid.UUID]:
    """Entry education stays what it is when the enterprise changes its class."""
    if one.kind != ProgrammeKind.ENTRY:
        return {one.pk}
    return {one.pk, *(each.pk for each in programmes if each.kind == one.kind)}


def levels_of(one: Programme) -> list[tuple[EducationLevel, int]]:
    """The levels that a programme tells apart, in their order, with the hours of each; none where it does not."""
    hours = (one.plant_hours, one.workshop_hours, one.team_hours)
    return [(level, needed) for level, needed in zip(LEVELS, hours, strict=True) if needed]


def _levels(one: Programme, rows: Sequence[Hours]) -> tuple[tuple[str, int, Decimal], ...]:
    return tuple(
        (level, needed, sum((row.hours for row in rows if row.level == level), Decimal(0)))
        for level, needed in levels_of(one)
    )


def _full(one: Programme, rows: Sequence[Hours]) -> date | None:
    """The day on which the first hours were there, at each level; None before."""
    last = None
    asked: list[tuple[str, int]] = [*levels_of(one)] or [("", one.first_hours)]
    for level, needed in asked:
        had, found = Decimal(0), None
        for row in sorted(rows, key=lambda each: each.day):
            if level and row.level != level:
                continue
            had += row.hours
            if had >= needed:
                found = row.day
                break
        if found is None:
            return None
        last = max(last or found, found)
    return last


def _exam(one: Programme, rows: Sequence[Hours], learned: Learned, alike: set[uuid.UUID]) -> date | None:
    if one.pass_mark is None:
        return None
    days = [
        row.day for row in rows
        if row.score is not None and row.score >= one.pass_mark and not one.is_unified_on(row.day)
    ]  # fmt: skip
    days += [row.day for row in learned.passes if row.programme_id in alike and _by_the_one(one, row)]
    return min(days, default=None)


def _repeats(one: Programme, rows: Sequence[Hours], done: date) -> list[date]:
    """Days on which the hours of a repeat were there, each within a year of learning."""
    found, had, first = [], Decimal(0), None
    for row in sorted(rows, key=lambda each: each.day):
        if row.day <= done:
            continue
        if first is None or (row.day - first).days > 365:
            first, had = row.day, Decimal(0)
        had += row.hours
        if had >= max(one.interval_hours, 1):
            found.append(row.day)
            first = None
    return found


def _since(person: Person, one: Programme, learned: Learned) -> date | None:
    """Since when a person owes a programme: the first post that it concerns, else when he came."""
    days = [day for role, day in learned.posts.items() if role in one.roles]
    if days:
        return min(days)
    return min(learned.posts.values(), default=person.joined_date) if not one.roles else person.joined_date
