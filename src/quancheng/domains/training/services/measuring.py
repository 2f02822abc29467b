"""What people have against what their posts and programmes demand, kept beside each person for lists and counts."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from quancheng.domains.training.models import Person, PersonPost, ProgrammeStanding
from quancheng.domains.training.queries.education import entry_told
from quancheng.domains.training.queries.judging import PostVerdict, verdicts_of
from quancheng.domains.training.queries.programmes import programmes_on
from quancheng.domains.training.queries.standing import entry_standing, learned_of, standings
from quancheng.kernel.calendar import Calendar

BATCH = 500
_FIELDS = (
    "state", "needed", "had", "exam_passed", "due_date", "done_date", "until_date", "year_needed", "year_had",
    "practice_passed",
)  # fmt: skip


def measure(keys: Collection[uuid.UUID], *, now: datetime) -> int:
    """Measure some persons anew, in the caller's transaction; returns of how many something changed."""
    rows = list(Person.objects.filter(pk__in=list(keys)))
    today = Calendar().local_date(now)
    at_work = [one for one in rows if one.left_date is None]
    found = verdicts_of(at_work, on=today)
    entered = _measure_education(rows, at_work, today)
    changed = 0
    for person in rows:
        held = found.get(person.pk, [])
        told = {
            "gap_count": sum(len(one.verdict.reasons) for one in held),
            "barred_count": sum(not one.verdict.may for one in held),
            **entered.get(person.pk, {"entry_owed": person.entry_owed, "inducted_date": person.inducted_date,
                                      "inducted_until": person.inducted_until}),
        }  # fmt: skip
        if any(getattr(person, name) != value for name, value in told.items()):
            changed += Person.objects.filter(pk=person.pk).update(**told)
    _keep_verdicts([each for held in found.values() for each in held])
    return changed


def _keep_verdicts(held: Sequence[PostVerdict]) -> None:
    """Beside each post what bars its holder, for counts of many: who runs a process, who is at work."""
    changed = []
    for one in held:
        bars = sorted({reason.kind for reason in one.verdict.bars})
        if one.post.barred_by != bars:
            one.post.barred_by = bars
            changed.append(one.post)
    PersonPost.objects.bulk_update(changed, ["barred_by"])


def measure_all(*, now: datetime) -> int:
    """Everybody at work, batch by batch: days pass, certificates end, years begin."""
    return measure_each(Person.objects.filter(left_date__isnull=True), now=now)


def measure_unjudged(*, now: datetime) -> int:
    """Whose posts nobody has judged yet: all of them once after an upgrade."""
    open_posts = PersonPost.objects.filter(person=OuterRef("pk"), to_date__isnull=True, barred_by__isnull=True)
    return measure_each(Person.objects.filter(Exists(open_posts), left_date__isnull=True), now=now)


def measure_owing(*, code: str, now: datetime) -> int:
    """Everybody at work who owes a programme: what counts for it changed."""
    rows = Person.objects.filter(standings__programme__code=code, left_date__isnull=True)
    return measure_each(rows, now=now)


def measure_each(rows: QuerySet[Person], *, now: datetime) -> int:
    """Some persons, batch by batch, each batch in a transaction of its own; returns of how many something changed."""
    done, last = 0, uuid.UUID(int=0)
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            # What is measured at an act meanwhile is not written over by what was read before it.
            list(Person.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
            done += measure(keys, now=now)
        last = keys[-1]
    return done


def _measure_education(
    rows: Sequence[Person], at_work: Sequence[Person], today: date
) -> dict[uuid.UUID, dict[str, Any]]:
    """Standings written where they changed; what is kept of the education before work by person."""
    learned, programmes = learned_of(at_work, on=today), programmes_on(today)
    before = {(one.person_id, one.programme_id): one for one in ProgrammeStanding.objects.filter(person__in=rows)}
    entered, made, kept = {}, [], set()
    for person in at_work:
        entry = entry_told(entry_standing(person, learned[person.pk], programmes, on=today))
        entered[person.pk] = {
            "entry_owed": entry.is_owed, "inducted_date": entry.done, "inducted_until": entry.until
        }  # fmt: skip
        for one in standings(person, learned[person.pk], programmes, on=today):
            row = ProgrammeStanding(
                person=person, programme=one.programme, state=one.state, needed=one.needed, had=one.had,
                exam_passed=one.exam_passed, due_date=one.due, done_date=one.done, until_date=one.until,
                year_needed=one.year_needed, year_had=one.year_had, practice_passed=one.practice_passed,
            )  # fmt: skip
            stood = before.get((person.pk, one.programme.pk))
            if stood is not None and all(getattr(stood, name) == getattr(row, name) for name in _FIELDS):
                kept.add(stood.pk)
            else:
                made.append(row)
    gone = [one.pk for one in before.values() if one.pk not in kept]
    if gone:
        ProgrammeStanding.objects.filter(pk__in=gone).delete()
    ProgrammeStanding.objects.bulk_create(made)
    return entered
