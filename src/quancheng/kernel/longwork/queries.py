"""Reads of long work: one's own alone."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.longwork.models import LongWork

RESULT = "result"


def list_work(*, actor: Actor) -> QuerySet[LongWork]:
    """The person's long work in this place, the latest first. One query for any page size."""
    return LongWork.objects.visible_to(actor).order_by("-created_at", "-pk")


def get_work(*, actor: Actor, work_id: uuid.UUID) -> LongWork:
    """Raise NotFound for absent and for somebody else's alike."""
    found = find_work(actor, work_id)
    if found is None:
        raise NotFound
    return found


def find_work(actor: Actor, work_id: uuid.UUID) -> LongWork | None:
    """The same, None where there is none: how files ask whether the actor may have a result."""
    return LongWork.objects.visible_to(actor).filter(pk=work_id).first()


def result_of(work: LongWork) -> FileLink | None:
    """The file of work that the caller got through its own query; None before the end and after its deletion."""
    return files_of(work, role=RESULT).first()
