"""REST operations of the domain ``duty``: tasks, assignments and reports."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.models import Assignment, OwnPlan, Plan, Receipt, Report, Task, Visit
from quancheng.domains.duty.queries import own_plans as own_plan_queries
from quancheng.domains.duty.queries import parents as parent_queries
from quancheng.domains.duty.queries import plans as plan_queries
from quancheng.domains.duty.queries import reports as report_queries
from quancheng.domains.duty.queries import tasks as queries
from quancheng.domains.duty.queries import visits as visit_queries
from quancheng.domains.duty.queries.rollup import list_links
from quancheng.domains.duty.services import own_plans, receipts, reports, work
from quancheng.domains.duty.services.own_plans import ItemSpec
from quancheng.domains.duty.services.reports import ReportText
from quancheng.domains.duty.services.work import ProgressSpec
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, page_of
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


class ReportOut(Schema):
    """One unit's report for one period; ``figures`` are empty until it was submitted, and then stand."""

    id: uuid.UUID
    duty_id: uuid.UUID
    title: str = Field(alias="duty.title")
    org_id: uuid.UUID
    period: str
    label: str
    due_date: date
    status: str
    is_late: bool
    submitted_at: datetime | None
    progress: str
    results: str
    problems: str
    next_steps: str
    good_practice: str
    figures: dict[str, Any]


class TasksIn(Paging):
    status: str = Field("", max_length=30, description="one state; empty for all")
    plan_id: uuid.UUID | None = None


class AssignmentsIn(Paging):
    status: str = Field("", max_length=30, description="one state; empty for all")
    light: str = Field("", max_length=10, description="green, yellow, red or grey; empty for all")
    org_id: uuid.UUID | None = None
    own: bool = Field(False, description="only one's own organisation's")


class ReportsIn(Paging):
    status: str = Field("", max_length=30, description="one state; empty for all")
    org_id: uuid.UUID | None = None
    period: str = Field("", max_length=12)


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


class ReportIn(Strict):
    progress: str = Field(min_length=1, max_length=10_000)
    results: str = Field("", max_length=10_000)
    problems: str = Field("", max_length=10_000)
    next_steps: str = Field("", max_length=10_000)
    good_practice: str = Field("", max_length=10_000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50, description="files uploaded before")


@router.get(
    "/tasks",
    response={200: Page[TaskOut], **REFUSALS},
    operation_id="list_tasks",
    summary="Tasks that the actor may see, by deadline",
)
def list_tasks(request: HttpRequest, given: Query[TasksIn]) -> dict[str, Any]:
    rows = queries.list_tasks(actor=actor_of(request))
    if given.status:
        rows = rows.filter(status=given.status)
    if given.plan_id:
        rows = rows.filter(plan=given.plan_id)
    return page_of(rows, given)


@router.get(
    "/tasks/{uuid:pk}",
    response={200: TaskOut, **REFUSALS},
    operation_id="get_task",
    summary="One task",
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
    if given.status:
        rows = rows.filter(status=given.status)
    if given.light:
        rows = rows.filter(light=given.light)  # type: ignore[misc]
    if given.org_id:
        rows = rows.filter(org=given.org_id)
    if given.own:
        rows = rows.filter(org=actor.organisation_id)
    return page_of(rows, given)


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


@router.get(
    "/reports",
    response={200: Page[ReportOut], **REFUSALS},
    operation_id="list_reports",
    summary="Reports that the actor may see, the latest due first",
)
def list_reports(request: HttpRequest, given: Query[ReportsIn]) -> dict[str, Any]:
    rows = report_queries.list_reports(actor=actor_of(request))
    if given.status:
        rows = rows.filter(status=given.status)
    if given.org_id:
        rows = rows.filter(org=given.org_id)
    if given.period:
        rows = rows.filter(period=given.period)
    return page_of(rows, given)


@router.get(
    "/reports/{uuid:pk}",
    response={200: ReportOut, **REFUSALS},
    operation_id="get_report",
    summary="One report",
)
def get_report(request: HttpRequest, pk: uuid.UUID) -> Report:
    return report_queries.get_report(actor=actor_of(request), report_id=pk)


@router.post(
    "/reports/{uuid:pk}/submit",
    response={200: ReportOut, **REFUSALS},
    operation_id="submit_report",
    summary="Submit one's unit's report; the house's figures stand from then on",
)
def submit_report(request: HttpRequest, pk: uuid.UUID, payload: ReportIn) -> Report:
    actor = actor_of(request)
    report = report_queries.get_report(actor=actor, report_id=pk)
    reports.submit_report(
        actor=actor,
        report=report,
        text=ReportText(**payload.dict(exclude={"evidence"})),
        evidence=payload.evidence,
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return report_queries.get_report(actor=actor, report_id=pk)


# Plans -----------------------------------------------------------------------------------------------------------


class PlanOut(Schema):
    """A plan as its head was read and confirmed."""

    id: uuid.UUID
    code: str
    title: str
    kind: str
    issuer: str
    number: str
    document_date: date | None
    period_from: date | None
    period_to: date | None
    addressees: list[str]
    copies: list[str]
    openness: str
    status: str
    owner_org_id: uuid.UUID


class InheritedOut(Schema):
    """A task of a parent plan and the tasks that carry it out; ``is_carried`` counts those beyond the actor's sight."""

    task: TaskOut
    carriers: list[TaskOut]
    is_carried: bool


class ParentOut(Schema):
    """A parent of a plan; ``plan_id`` is null for a document outside the house."""

    id: uuid.UUID = Field(alias="link.pk")
    plan_id: uuid.UUID | None = Field(alias="link.parent_id")
    title: str = Field(alias="link.title")
    number: str = Field(alias="link.number")
    issuer: str = Field(alias="link.issuer")
    missing: int
    tasks: list[InheritedOut]


class ReceiptOut(Schema):
    """One organisation's receipt of a plan; ``capacity`` is main or copy."""

    id: uuid.UUID
    plan_id: uuid.UUID
    org_id: uuid.UUID
    capacity: str
    status: str
    received_at: datetime | None


class PlansIn(Paging):
    status: str = Field("", max_length=30, description="one state; empty for all")


class ReceiptsIn(Paging):
    plan_id: uuid.UUID | None = None
    status: str = Field("", max_length=30, description="one state; empty for all")


@router.get(
    "/plans",
    response={200: Page[PlanOut], **REFUSALS},
    operation_id="list_plans",
    summary="Plans that the actor may see, the newest first",
)
def list_plans(request: HttpRequest, given: Query[PlansIn]) -> dict[str, Any]:
    rows = plan_queries.list_plans(actor=actor_of(request))
    return page_of(rows.filter(status=given.status) if given.status else rows, given)


@router.get(
    "/plans/{uuid:pk}",
    response={200: PlanOut, **REFUSALS},
    operation_id="get_plan",
    summary="One plan",
)
def get_plan(request: HttpRequest, pk: uuid.UUID) -> Plan:
    return plan_queries.get_plan(actor=actor_of(request), plan_id=pk)


@router.get(
    "/plans/{uuid:pk}/parents",
    response={200: list[ParentOut], **REFUSALS},
    operation_id="list_plan_parents",
    summary="The parents of a plan, their tasks and which of the plan's tasks carry them out",
)
def list_plan_parents(request: HttpRequest, pk: uuid.UUID) -> list[parent_queries.ParentLine]:
    actor = actor_of(request)
    return parent_queries.list_parents(actor=actor, plan=plan_queries.get_plan(actor=actor, plan_id=pk))


@router.get(
    "/receipts",
    response={200: Page[ReceiptOut], **REFUSALS},
    operation_id="list_receipts",
    summary="Receipts of plans that the actor may see",
)
def list_receipts(request: HttpRequest, given: Query[ReceiptsIn]) -> dict[str, Any]:
    rows = plan_queries.list_receipts(actor=actor_of(request))
    if given.plan_id:
        rows = rows.filter(plan=given.plan_id)
    if given.status:
        rows = rows.filter(status=given.status)
    return page_of(rows, given)


@router.post(
    "/receipts/{uuid:pk}/receive",
    response={200: ReceiptOut, **REFUSALS},
    operation_id="receive_plan",
    summary="Acknowledge a plan for one's organisation",
)
def receive_plan(request: HttpRequest, pk: uuid.UUID) -> Receipt:
    actor = actor_of(request)
    receipt = plan_queries.get_receipt(actor=actor, receipt_id=pk)
    return receipts.receive(actor=actor, receipt=receipt, now=timezone.now(), client_id=client_id_of(request))


# Plans that units make themselves ---------------------------------------------------------------------------------


class OwnItem(Strict):
    """One task of a unit's own plan; what is still missing may be left out until the plan is handed in."""

    task: str = Field(min_length=1, max_length=300)
    topic: str = Field("", max_length=200)
    measure: str = Field("", max_length=2000)
    person: str = Field("", max_length=60)
    due_date: date | None = None


class OwnPlanOut(Schema):
    """A unit's own plan; ``gaps`` says in sentences what it lacks."""

    id: uuid.UUID
    title: str = Field(alias="call.title")
    topics: list[str] = Field(alias="call.topics")
    org_id: uuid.UUID
    owner_org_id: uuid.UUID
    due_date: date
    status: str
    is_late: bool
    version: int
    submitted_at: datetime | None
    items: list[OwnItem]
    gaps: list[str]

    @staticmethod
    def resolve_gaps(row: OwnPlan) -> list[str]:
        return own_plan_queries.gaps_of(row)

    @staticmethod
    def resolve_items(row: OwnPlan) -> list[dict[str, Any]]:
        names = ("task", "topic", "measure", "person", "due_date")
        return [{name: getattr(item, name) for name in names} for item in row.items.all()]


class OwnPlanIn(Strict):
    """All tasks of the plan: they replace those that stand. ``version`` is the one that was read."""

    items: list[OwnItem] = Field(max_length=200)
    version: int


@router.get(
    "/own-plans",
    response={200: Page[OwnPlanOut], **REFUSALS},
    operation_id="list_own_plans",
    summary="Plans that units make themselves, the next due first",
)
def list_own_plans(request: HttpRequest, given: Query[PlansIn]) -> dict[str, Any]:
    rows = own_plan_queries.list_own_plans(actor=actor_of(request))
    return page_of(rows.filter(status=given.status) if given.status else rows, given)


@router.get(
    "/own-plans/{uuid:pk}",
    response={200: OwnPlanOut, **REFUSALS},
    operation_id="get_own_plan",
    summary="One unit's own plan with what it lacks",
)
def get_own_plan(request: HttpRequest, pk: uuid.UUID) -> OwnPlan:
    return own_plan_queries.get_own_plan(actor=actor_of(request), plan_id=pk)


@router.post(
    "/own-plans/{uuid:pk}/items",
    response={200: OwnPlanOut, **REFUSALS},
    operation_id="save_own_plan",
    summary="Keep the tasks of one's own plan as written so far",
)
def save_own_plan(request: HttpRequest, pk: uuid.UUID, payload: OwnPlanIn) -> OwnPlan:
    actor = actor_of(request)
    plan = own_plan_queries.get_own_plan(actor=actor, plan_id=pk)
    items = [ItemSpec(**one.dict()) for one in payload.items]
    own_plans.save_items(actor=actor, plan=plan, items=items, version=payload.version, now=timezone.now())
    return own_plan_queries.get_own_plan(actor=actor, plan_id=pk)


# Supervision visits -----------------------------------------------------------------------------------------------


class FindingOut(Schema):
    """What a visit found; ``outcome`` is empty until somebody decides: task, warning, talk or settled."""

    order: int
    text: str
    outcome: str
    task_id: uuid.UUID | None


class VisitOut(Schema):
    """A supervision visit; ``kind`` is open or secret."""

    id: uuid.UUID
    code: str
    kind: str
    org_id: uuid.UUID
    subject: str
    planned_date: date
    visited_date: date | None
    inspectors: str
    text: str
    status: str
    findings: list[FindingOut]

    @staticmethod
    def resolve_findings(row: Visit) -> list[Any]:
        return sorted(row.findings.all(), key=lambda finding: finding.order)


@router.get(
    "/visits",
    response={200: Page[VisitOut], **REFUSALS},
    operation_id="list_visits",
    summary="Supervision visits that the actor may see, the latest first",
)
def list_visits(request: HttpRequest, given: Query[PlansIn]) -> dict[str, Any]:
    rows = visit_queries.list_visits(actor=actor_of(request)).prefetch_related("findings")
    return page_of(rows.filter(status=given.status) if given.status else rows, given)


@router.get(
    "/visits/{uuid:pk}",
    response={200: VisitOut, **REFUSALS},
    operation_id="get_visit",
    summary="One supervision visit with its findings",
)
def get_visit(request: HttpRequest, pk: uuid.UUID) -> Visit:
    return visit_queries.get_visit(actor=actor_of(request), visit_id=pk)
