"""Who did what on a person's file, a certificate, the catalogue or a role, as the journal has it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, OuterRef, Subquery

from quancheng.domains.training.models import Person, PersonQualification
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import User

#: Acts that tell of somebody's health, for whoever may read it alone.
_OF_HEALTH = "training.health."
MOST = 50


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of the journal. Its facts hold no personal data in plain."""

    at: datetime
    act: str
    who: str
    facts: Mapping[str, Any]


def acts_on_person(person: Person, *, with_health: bool) -> list[Act]:
    """The last acts on a person's file, the newest first; one query."""
    return _acts(Person.row_type(), person.pk, hide="" if with_health else _OF_HEALTH)


def acts_on_qualification(row: PersonQualification) -> list[Act]:
    """The same of one certificate of his."""
    return _acts(Person.row_type(), row.person_id, about=row.pk)


def acts_on(row: Model) -> list[Act]:
    """The same of a kind of the catalogue or a role."""
    return _acts(subject_type_of(row), row.pk)


def _acts(subject_type: str, subject_id: uuid.UUID, *, hide: str = "", about: uuid.UUID | None = None) -> list[Act]:
    found = JournalEntry.objects.filter(subject_type=subject_type, subject_id=subject_id)
    if hide:
        found = found.exclude(act__startswith=hide)
    if about is not None:
        found = found.filter(facts__qualification=str(about))
    names = User.objects.filter(pk=OuterRef("user_id")).values("name")
    entries = found.annotate(who=Subquery(names[:1])).order_by("-at", "-pk")[:MOST]
    return [Act(one.at, one.act, one.who or one.system_name, one.facts) for one in entries]
