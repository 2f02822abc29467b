"""Tasks, assignments, and a unit's work on them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.lights import GREEN, GREY, RED, YELLOW
from quancheng.domains.duty.loops.task import ASSIGNMENT, TASK
from quancheng.domains.duty.models import Assignment, Task
from quancheng.domains.duty.queries import tasks as queries
from quancheng.domains.duty.queries.rollup import list_links
from quancheng.domains.duty.services import work
from quancheng.domains.duty.services.work import ProgressSpec
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])


class TaskOut(Schema):
    """A task as it was issued. Days are the district's own. ``in_chart``: it stands in the wall chart of its plan."""

    id: uuid.UUID
    code: str
    title: str
    text: str
    kind: str
    status: str
    start_date: date
    due_date: date | None
    review_date: date | None
    deadline_phrase: str
    in_chart: bool
    persons: str
    leading_official: str
    plan_id: uuid.UUID | None
    owner_org_id: uuid.UUID


class TargetOut(Schema):
    """A number that a task must reach; its ``id`` is the key of ``figures`` in a report of progress."""

    id: uuid.UUID
    indicator: str
    phrase: str
    op: str = Field(description=">=, <= or =")
    value: Decimal
    unit: str
    strive: bool = Field(description="striven for, not demanded")


class TaskWholeOut(TaskOut):
    """A task with the numbers it must reach."""

    targets: list[TargetOut]


class ChartLinkOut(Schema):
    """A task of a wall chart serves a task of the plan's text; ``passage`` is the sentence that it serves."""

    task_id: uuid.UUID
    serves_id: uuid.UUID
    passage: str
    reason: str


class ChartLinksOut(Schema):
    serves: list[ChartLinkOut]
    served_by: list[ChartLinkOut]


class AssignmentOut(Schema):
    """A task in the hands of one unit. ``progress`` in per cent; ``light`` green, yellow, red or grey."""

    id: uuid.UUID
    task_id: uuid.UUID
    code: str = Field(alias="task.code")
    title: str = Field(alias="task.title")
    org_id: uuid.UUID
    status: str
    light: str
    progress: int
    due_date: date | None
    review_date: date | None
    last_report: str
    last_report_at: datetime | None
    submitted_at: datetime | None
    closed_at: datetime | None


class TasksIn(Paging):
    status: str = one_of(TASK.codes)
    plan_id: uuid.UUID | None = None


class AssignmentsIn(Paging):
    status: str = one_of(ASSIGNMENT.codes)
    light: str = one_of((GREEN, YELLOW, RED, GREY))
    org_id: uuid.UUID | None = None
    plan_id: uuid.UUID | None = Field(None, description="only tasks of this plan")
    task_id: uuid.UUID | None = None
    own: bool = Field(False, description="only one's own organisation's")


class ProgressIn(Strict):
    """``evidence`` names files that the same person uploaded before; submitting needs at least one."""

    percent: int = Field(ge=0, le=100)
    text: str = Field(min_length=1, max_length=5000)
    problems: str = Field("", max_length=5000)
    next_steps: str = Field("", max_length=5000)
    figures: dict[str, str] = Field(default_factory=dict, description="target id to decimal")
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)

    def spec(self) -> ProgressSpec:
        return ProgressSpec(**self.dict())


class OpinionIn(Strict):
    opinion: str = Field("", max_length=2000)


@router.get(
    "/tasks",
    response={200: Page[TaskOut], **REFUSALS},
    operation_id="list_tasks",
    summary="Tasks that the actor may see, by deadline",
)
def list_tasks(request: HttpRequest, given: Query[TasksIn]) -> dict[str, Any]:
    rows = queries.list_tasks(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "plan": given.plan_id}), given)


@router.get(
    "/tasks/{uuid:pk}",
    response={200: TaskWholeOut, **REFUSALS},
    operation_id="get_task",
    summary="One task with its targets",
)
def get_task(request: HttpRequest, pk: uuid.UUID) -> Task:
    return queries.get_task(actor=actor_of(request), task_id=pk)


@router.get(
    "/tasks/{uuid:pk}/links",
    response={200: ChartLinksOut, **REFUSALS},
    operation_id="get_task_links",
    summary="What a task serves and what serves it",
)
def get_task_links(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    actor = actor_of(request)
    task = queries.get_task(actor=actor, task_id=pk)
    serves, served_by = list_links(actor=actor, task=task.pk)
    return {"serves": serves, "served_by": served_by}


@router.get(
    "/assignments",
    response={200: Page[AssignmentOut], **REFUSALS},
    operation_id="list_assignments",
    summary="Who works on what, with lights, by deadline",
)
def list_assignments(request: HttpRequest, given: Query[AssignmentsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = queries.list_assignments(actor=actor, now=timezone.now())
    asked = {
        "status": given.status,
        "light": given.light,
        "org": given.org_id,
        "task": given.task_id,
        "task__plan": given.plan_id,
    }
    if given.own:
        rows = rows.filter(org=actor.organisation_id)
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/assignments/{uuid:pk}",
    response={200: AssignmentOut, **REFUSALS},
    operation_id="get_assignment",
    summary="One unit's work on a task",
)
def get_assignment(request: HttpRequest, pk: uuid.UUID) -> Assignment:
    return _assignment(request, pk)


def _assignment(request: HttpRequest, pk: uuid.UUID) -> Assignment:
    return queries.get_assignment(actor=actor_of(request), assignment_id=pk, now=timezone.now())


@router.post(
    "/assignments/{uuid:pk}/accept",
    response={200: AssignmentOut, **REFUSALS},
    operation_id="accept_assignment",
    summary="Accept a task for one's unit",
)
def accept(request: HttpRequest, pk: uuid.UUID) -> Assignment:
    assignment = _assignment(request, pk)
    work.accept(actor=actor_of(request), assignment=assignment, now=timezone.now(), client_id=client_id_of(request))
    return _assignment(request, pk)


@router.post(
    "/assignments/{uuid:pk}/progress",
    response={200: AssignmentOut, **REFUSALS},
    operation_id="report_progress",
    summary="Report progress on an assignment",
)
def progress(request: HttpRequest, pk: uuid.UUID, payload: ProgressIn) -> Assignment:
    return _report(request, pk, payload, submit=False)


@router.post(
    "/assignments/{uuid:pk}/submit",
    response={200: AssignmentOut, **REFUSALS},
    operation_id="submit_assignment",
    summary="Submit an assignment as finished, with evidence",
)
def submit(request: HttpRequest, pk: uuid.UUID, payload: ProgressIn) -> Assignment:
    return _report(request, pk, payload, submit=True)


def _report(request: HttpRequest, pk: uuid.UUID, payload: ProgressIn, *, submit: bool) -> Assignment:
    work.report_progress(
        actor=actor_of(request),
        assignment=_assignment(request, pk),
        spec=payload.spec(),
        submit=submit,
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return _assignment(request, pk)


@router.post(
    "/assignments/{uuid:pk}/verify",
    response={200: AssignmentOut, **REFUSALS},
    operation_id="verify_assignment",
    summary="Accept what was submitted, by another person than who submitted it",
)
def verify(request: HttpRequest, pk: uuid.UUID, payload: OpinionIn) -> Assignment:
    work.verify(
        actor=actor_of(request),
        assignment=_assignment(request, pk),
        opinion=payload.opinion,
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return _assignment(request, pk)
