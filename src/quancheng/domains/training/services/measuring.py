"""Gaps between what posts require and what people have, kept beside each person for lists and counts."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from quancheng.domains.training.models import Person
from quancheng.domains.training.queries.judging import verdicts_of
from quancheng.kernel.calendar import Calendar

BATCH = 500


def measure(keys: Collection[uuid.UUID], *, now: datetime) -> int:
    """Measure some persons anew, in the caller's transaction; returns of how many something changed."""
    rows = list(Person.objects.filter(pk__in=list(keys)))
    today = Calendar().local_date(now)
    found = verdicts_of([one for one in rows if one.left_date is None], on=today)
    changed = 0
    for person in rows:
        held = found.get(person.pk, [])
        counts = (sum(len(one.verdict.reasons) for one in held), sum(not one.verdict.may for one in held))
        if counts != (person.gap_count, person.barred_count):
            changed += Person.objects.filter(pk=person.pk).update(gap_count=counts[0], barred_count=counts[1])
    return changed


def measure_all(*, now: datetime) -> int:
    """Everybody who holds a post, batch by batch: days pass, and certificates end."""
    done, last = 0, uuid.UUID(int=0)
    rows = Person.objects.filter(left_date__isnull=True, posts__to_date__isnull=True, posts__isnull=False)
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True).distinct()[:BATCH]):
        with transaction.atomic():
            done += measure(keys, now=now)
        last = keys[-1]
    return done
