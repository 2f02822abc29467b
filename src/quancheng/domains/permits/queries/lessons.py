"""Lessons learnt (作业小结): those of a job, and those of like jobs that the next one is shown."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Replace

from quancheng.domains.permits.models import LessonReading, Permit, WorkLesson
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: Rows that belong to a permit.
Row = TypeVar("Row", bound=Model)
#: Spaces that people type, that of Chinese text too.
_SPACES = (" ", "\u3000", "\u00a0", "\t")
#: So many notes of like jobs are shown.
SHOWN = 3
#: When a job is over, so that something can be said of it; what was void only where work had begun.
OVER = ("FINISHED", "ACCEPTED", "CLOSED", "VOID")


def list_lessons(*, actor: Actor) -> QuerySet[WorkLesson]:
    """Notes that the actor may see, the newest first."""
    actor.require(VIEW)
    rows: QuerySet[WorkLesson] = WorkLesson.objects.visible_to(actor)
    return rows.select_related("permit__unit", "permit__facility", "enterprise").order_by("-entered_at", "-pk")


def get_lesson(*, actor: Actor, lesson_id: uuid.UUID) -> WorkLesson:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_lessons(actor=actor).filter(pk=lesson_id).first()
    if found is None:
        raise NotFound
    return found


def lessons_of(permit: Permit) -> Sequence[WorkLesson]:
    """What was noted of one job. One query."""
    return list(WorkLesson.objects.filter(permit=permit).order_by("entered_at", "pk"))


def is_over(permit: Permit) -> bool:
    """Whether something can be said of how the job went."""
    return permit.status in OVER and permit.started_at is not None


def of_like_jobs(rows: QuerySet[Row], permit: Permit) -> QuerySet[Row]:
    """Of rows that belong to permits those of like jobs of the same enterprise: at the same facility, at the same unit,
    or of the same kind at the same place. Spaces in the place do not count."""
    plain: Any = F("permit__place")
    for space in _SPACES:
        plain = Replace(plain, Value(space), Value(""))
    near = Q(permit__kind=permit.kind, plain_place="".join(permit.place.split()))
    if permit.facility_id is not None:
        near |= Q(permit__facility=permit.facility_id)
    if permit.unit_id is not None:
        near |= Q(permit__unit=permit.unit_id)
    mine = Q(permit__file=permit.file_id) & ~Q(permit=permit.pk)
    found: QuerySet[Row] = rows.annotate(plain_place=plain).filter(mine & near)  # type: ignore[assignment]
    return found


def _like(permit: Permit) -> QuerySet[WorkLesson]:
    rows = of_like_jobs(WorkLesson.objects.all(), permit)
    read = LessonReading.objects.filter(permit=permit.pk, lesson=OuterRef("pk"))
    return rows.annotate(is_read=Exists(read)).select_related("permit").order_by("-entered_at", "-pk")


def lessons_for(permit: Permit, *, until: datetime | None = None) -> Sequence[WorkLesson]:
    """The last notes of like jobs and, where others came since, the last in which something went wrong; each with
    ``is_read``: whether it was confirmed for this one. Two queries.

    :param until: what was noted later is left out.
    """
    rows = _like(permit) if until is None else _like(permit).filter(entered_at__lte=until)
    last, wrong = list(rows[:SHOWN]), list(rows.exclude(went_wrong="")[:SHOWN])
    seen = {one.pk for one in last}
    return [*last, *(one for one in wrong if one.pk not in seen)]


def unread_notes(permit: Permit) -> int:
    """Of the last in which something went wrong how many were not confirmed. Two queries."""
    return len([one for one in lessons_for(permit) if one.went_wrong and not is_read(one)])


def is_read(one: WorkLesson) -> bool:
    """Whether a note, as :func:`lessons_for` gave it, was confirmed."""
    return bool(getattr(one, "is_read", False))
