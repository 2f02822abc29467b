"""Problem lists: problems entered, explained, given to a unit, rectified, verified, learned from, closed."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.api.bodies import Evidence, ReasonIn, evidence
from quancheng.domains.duty.api.units import organisation_of, organisations_of
from quancheng.domains.duty.loops.problem import PROBLEM
from quancheng.domains.duty.models import Problem
from quancheng.domains.duty.models.problems import Industry, ProblemList
from quancheng.domains.duty.queries import problems as queries
from quancheng.domains.duty.services import problems as services
from quancheng.domains.duty.services.problems import MANAGE, ProblemSpec
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])


class ProblemOut(Schema):
    """A problem: ``unit_id`` is where it was found, ``org_id`` who must rectify it, null until that is settled.

    Sections (``cause`` to ``analysis``) are empty until they are written; one opened by analogy has a ``parent_id``.
    """

    id: uuid.UUID
    code: str
    list: str
    industry: str
    title: str
    text: str
    source: str
    found_date: date
    unit_id: uuid.UUID
    owner_org_id: uuid.UUID
    parent_id: uuid.UUID | None
    status: str
    cause: str
    measure: str
    org_id: uuid.UUID | None
    person: str
    due_date: date | None
    result: str
    analogy: str
    root_measure: str
    analysis: str
    created_at: datetime
    closed_at: datetime | None


class ProblemsIn(Paging):
    status: str = one_of(PROBLEM.codes)
    list: str = one_of(ProblemList.values)
    industry: str = one_of(Industry.values)
    unit_id: uuid.UUID | None = Field(None, description="where it was found")
    org_id: uuid.UUID | None = Field(None, description="who must rectify it")
    parent_id: uuid.UUID | None = Field(None, description="only those that this one's analogous check opened")
    due_before: date | None = Field(None, description="due on an earlier day")
    open: bool = Field(False, description="only those not closed")


class ProblemIn(Strict):
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=5000)
    unit_id: uuid.UUID
    source: str = Field(min_length=1, max_length=120, description="how it was found, in words")
    found_date: date
    list: str = one_of(ProblemList.values, default=ProblemList.SAFETY.value)
    industry: str = one_of(Industry.values, default=Industry.CHEMICALS.value)


class SectionIn(Strict):
    text: str = Field(min_length=1, max_length=5000)


class ProblemAssignIn(Strict):
    org_id: uuid.UUID
    due_date: date
    person: str = Field("", max_length=60)


class RectifyIn(Strict):
    result: str = Field(min_length=1, max_length=5000)
    evidence: Evidence = evidence(least=1)


class CompareIn(Strict):
    """``org_ids``: units at which the same is wrong; a problem is opened for each."""

    text: str = Field(min_length=1, max_length=5000)
    org_ids: list[uuid.UUID] = Field(default_factory=list, max_length=500)


@router.get(
    "/problems",
    response={200: Page[ProblemOut], **REFUSALS},
    operation_id="list_problems",
    summary="Problems that the actor may see, those due first",
)
def list_problems(request: HttpRequest, given: Query[ProblemsIn]) -> dict[str, Any]:
    rows = queries.list_problems(actor=actor_of(request))
    if given.open:
        rows = rows.exclude(status__in=PROBLEM.finals)
    asked = {
        "status": given.status,
        "list": given.list,
        "industry": given.industry,
        "unit": given.unit_id,
        "org": given.org_id,
        "parent": given.parent_id,
        "due_date__lt": given.due_before,
    }
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/problems/{uuid:pk}",
    response={200: ProblemOut, **REFUSALS},
    operation_id="get_problem",
    summary="One problem with its sections",
)
def get_problem(request: HttpRequest, pk: uuid.UUID) -> Problem:
    return queries.get_problem(actor=actor_of(request), problem_id=pk)


@router.post(
    "/problems",
    response={200: ProblemOut, **REFUSALS},
    operation_id="report_problem",
    summary="Enter a problem that was found",
)
def report_problem(request: HttpRequest, payload: ProblemIn) -> Problem:
    actor = actor_of(request)
    actor.require(MANAGE)
    unit = organisation_of(actor=actor, wanted=payload.unit_id, field="unit_id")
    spec = ProblemSpec(unit=unit, **payload.dict(exclude={"unit_id"}))
    return services.report_problem(actor=actor, spec=spec, now=timezone.now(), client_id=client_id_of(request))


@router.post(
    "/problems/{uuid:pk}/sections/{section}",
    response={200: ProblemOut, **REFUSALS},
    operation_id="write_problem_section",
    summary="Write the section that the next step demands: its cause, measure, root measure or analysis",
)
def write_section(
    request: HttpRequest,
    pk: uuid.UUID,
    section: Literal["state_cause", "plan_measure", "root", "analyse"],
    payload: SectionIn,
) -> Problem:
    given = _given(request, pk)
    services.write_section(**given, name=section, text=payload.text)
    return get_problem(request, pk)


@router.post(
    "/problems/{uuid:pk}/assign",
    response={200: ProblemOut, **REFUSALS},
    operation_id="assign_problem",
    summary="Settle who must rectify a problem by when",
)
def assign(request: HttpRequest, pk: uuid.UUID, payload: ProblemAssignIn) -> Problem:
    given = _given(request, pk)
    given["actor"].require(MANAGE)
    org = organisation_of(actor=given["actor"], wanted=payload.org_id, field="org_id")
    services.assign_problem(**given, org=org, due_date=payload.due_date, person=payload.person)
    return get_problem(request, pk)


@router.post(
    "/problems/{uuid:pk}/rectify",
    response={200: ProblemOut, **REFUSALS},
    operation_id="rectify_problem",
    summary="Submit what was done about a problem, with evidence",
)
def rectify(request: HttpRequest, pk: uuid.UUID, payload: RectifyIn) -> Problem:
    services.rectify(**_given(request, pk), result=payload.result, evidence=payload.evidence)
    return get_problem(request, pk)


@router.post(
    "/problems/{uuid:pk}/compare",
    response={200: ProblemOut, **REFUSALS},
    operation_id="compare_problem",
    summary="Learn by analogy, and open the same problem at other units",
)
def compare(request: HttpRequest, pk: uuid.UUID, payload: CompareIn) -> Problem:
    given = _given(request, pk)
    given["actor"].require(MANAGE)
    units = organisations_of(actor=given["actor"], wanted=payload.org_ids, field="org_ids")
    services.compare(**given, text=payload.text, units=units)
    return get_problem(request, pk)


@router.post(
    "/problems/{uuid:pk}/{act}",
    response={200: ProblemOut, **REFUSALS},
    operation_id="move_problem",
    summary="Move a problem on: enlist, discard, verify, return, close",
)
def move(
    request: HttpRequest,
    pk: uuid.UUID,
    act: Literal["enlist", "discard", "verify", "return", "close"],
    payload: ReasonIn,
) -> Problem:
    given = _given(request, pk)
    match act:
        case "enlist":
            services.enlist(**given)
        case "verify" | "return":
            services.verify_problem(**given, accept=act == "verify", reason=payload.reason)
        case _:
            services.end_problem(**given, name=act, reason=payload.reason)
    return get_problem(request, pk)


def _given(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    """What every act on a problem takes."""
    actor = actor_of(request)
    return {
        "actor": actor,
        "problem": queries.get_problem(actor=actor, problem_id=pk),
        "now": timezone.now(),
        "client_id": client_id_of(request),
    }
