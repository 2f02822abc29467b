"""What was done on an assignment: reports of progress with their evidence, periods and milestones, key periods."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.duty.loops.task import INSTALMENT
from quancheng.domains.duty.models import Instalment, Progress
from quancheng.domains.duty.queries import tasks as queries
from quancheng.domains.duty.services import tasks as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.files.api import HeldOut
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.longwork.api import WorkOut
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])


class ProgressOut(Schema):
    """A report of progress, in per cent; ``figures`` by target. ``files`` are its evidence: ``GET /files/{id}``."""

    id: uuid.UUID
    percent: int
    text: str
    problems: str
    next_steps: str
    figures: dict[str, Any]
    org_id: uuid.UUID
    at: datetime
    files: list[HeldOut]


class InstalmentOut(Schema):
    """A period of recurring work, a milestone, or a day or week of a key period."""

    id: uuid.UUID
    assignment_id: uuid.UUID
    org_id: uuid.UUID
    key: str
    label: str
    due_date: date
    strive: bool = Field(description="striven for, not demanded")
    status: str
    text: str
    closed_at: datetime | None


class InstalmentsIn(Paging):
    status: str = one_of(INSTALMENT.codes)


class KeyPeriodIn(Strict):
    """A key period, both days included; what of it has passed is not demanded."""

    label: str = Field(min_length=1, max_length=60)
    first: date
    last: date


@router.get(
    "/assignments/{uuid:pk}/reports",
    response={200: Page[ProgressOut], **REFUSALS},
    operation_id="list_progress",
    summary="Reports of progress on an assignment with their evidence, the latest first",
)
def list_progress(request: HttpRequest, pk: uuid.UUID, given: Query[Paging]) -> dict[str, Any]:
    actor = actor_of(request)
    assignment = queries.get_assignment(actor=actor, assignment_id=pk, now=timezone.now())
    found = page_of(queries.list_reports(actor=actor, assignment=assignment), given)
    files = files_of_many(Progress, [one.pk for one in found["items"]])
    for one in found["items"]:
        one.files = files.get(one.pk, [])
    return found


@router.get(
    "/assignments/{uuid:pk}/instalments",
    response={200: Page[InstalmentOut], **REFUSALS},
    operation_id="list_instalments",
    summary="Periods and milestones of an assignment, those of key periods too, in order of time",
)
def list_instalments(request: HttpRequest, pk: uuid.UUID, given: Query[InstalmentsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    assignment = queries.get_assignment(actor=actor, assignment_id=pk, now=timezone.now())
    rows = queries.list_instalments(actor=actor, assignment=assignment)
    return page_of(narrowed(rows, {"status": given.status}), given)


@router.get(
    "/instalments/{uuid:pk}",
    response={200: InstalmentOut, **REFUSALS},
    operation_id="get_instalment",
    summary="One period or milestone",
)
def get_instalment(request: HttpRequest, pk: uuid.UUID) -> Instalment:
    return queries.get_instalment(actor=actor_of(request), instalment_id=pk)


@router.post(
    "/tasks/{uuid:pk}/key-periods",
    response={200: list[InstalmentOut], 202: WorkOut, **REFUSALS},
    operation_id="open_key_period",
    summary="Open a key period of a task done in such periods alone: every day or week that is owed in it; "
    "one of very many in the background (202), then /long-work says when",
)
def open_key_period(
    request: HttpRequest, pk: uuid.UUID, payload: KeyPeriodIn
) -> Status[list[Instalment]] | Status[LongWork]:
    actor, now = actor_of(request), timezone.now()
    task, window = queries.get_task(actor=actor, task_id=pk), services.Window(**payload.dict())
    # The same period again adds nothing, so the key matters to long work alone.
    work = services.open_or_ask(actor=actor, task=task, window=window, now=now, client_id=client_id_of(request))
    if work is not None:
        return Status(202, work)
    return Status(200, list(queries.list_window(actor=actor, task=task, first=window.first, last=window.last)))
