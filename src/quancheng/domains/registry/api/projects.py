"""Construction projects from their entry to their completion."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import StepIn, chemical_of, files_named
from quancheng.domains.registry.loops.project import PROJECT
from quancheng.domains.registry.models import Project, TrialVisit
from quancheng.domains.registry.models.projects import CHECKLIST, ProjectKind, ProjectLink
from quancheng.domains.registry.quantities import LARGEST_T
from quancheng.domains.registry.queries import projects as queries
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.services import projects as services
from quancheng.domains.registry.services.projects import APPLY, ProjectSpec
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    client_id_of,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class ProjectOut(Schema):
    """A project under safety review; ``answers`` are those of the admission checklist, by item."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="owner_org_id")
    title: str
    kind: str
    purpose: str
    place: str
    text: str
    supervisor_id: uuid.UUID
    status: str
    has_explosives: bool
    special_approval: str
    consulted_date: date | None
    consulted_by: str
    consulted_text: str
    answers: dict[str, Any]
    trial_from: date | None
    trial_to: date | None
    trial_plan: str
    created_at: datetime
    closed_at: datetime | None


class IncreaseOut(Schema):
    """A chemical of a project: its design maximum, and what the district's facilities are designed for already."""

    chemical_id: uuid.UUID = Field(alias="chemical.pk")
    chemical: str = Field(alias="chemical.name")
    cas: str = Field(alias="chemical.cas")
    design_t: Decimal
    standing_t: Decimal


class ProjectWholeOut(ProjectOut):
    """A project with its chemicals."""

    chemicals: list[IncreaseOut]

    @staticmethod
    def resolve_chemicals(row: Project) -> list[Any]:
        return list(queries.increases_of(row))


class TrialVisitOut(Schema):
    id: uuid.UUID
    day: date
    inspectors: str
    text: str
    recorded_at: datetime


class ProjectsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(PROJECT.codes)
    purpose: str = one_of(ProjectLink.values)


class AmountIn(Strict):
    """``chemical`` is a CAS number, a name or another name in the register; its design maximum in tonnes."""

    chemical: str = Field(min_length=1, max_length=200)
    design_t: Decimal = Field(ge=Decimal("0.000001"), le=LARGEST_T, decimal_places=6)


class ProjectIn(Strict):
    title: str = Field(min_length=1, max_length=200)
    kind: str = one_of(ProjectKind.values, default=None)
    purpose: str = one_of(ProjectLink.values, default=None)
    place: str = Field(min_length=1, max_length=200)
    text: str = Field("", max_length=5000)
    chemicals: list[AmountIn] = Field(min_length=1, max_length=100)

    def spec(self) -> ProjectSpec:
        """:raises Invalid: a chemical that is not in the register."""
        amounts = [
            (chemical_of(one.chemical, field=f"chemicals.{number}.chemical"), one.design_t)
            for number, one in enumerate(self.chemicals)
        ]
        return ProjectSpec(chemicals=amounts, **self.dict(exclude={"chemicals"}))


class ConsultIn(Strict):
    """``evidence`` names files uploaded before."""

    on: date
    by: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=5000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class ApprovalIn(Strict):
    document: str = Field(min_length=1, max_length=120)


class ChecklistAnswerIn(Strict):
    """``note`` is asked for where the answer is no."""

    item: str = one_of([code for code, _label in CHECKLIST], default=None)
    ok: bool
    note: str = Field("", max_length=500)


class ChecklistIn(Strict):
    answers: list[ChecklistAnswerIn] = Field(min_length=1, max_length=len(CHECKLIST))


class TrialIn(Strict):
    """``evidence`` names files uploaded before."""

    first: date
    last: date
    plan: str = Field(min_length=1, max_length=5000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class TrialVisitIn(Strict):
    day: date
    inspectors: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=5000)


def _project(request: HttpRequest, pk: uuid.UUID) -> Project:
    return queries.get_project(actor=actor_of(request), project_id=pk)


@router.get(
    "/projects",
    response={200: Page[ProjectOut], **REFUSALS},
    operation_id="list_projects",
    summary="Construction projects that the actor may see, open ones first",
)
def list_projects(request: HttpRequest, given: Query[ProjectsIn]) -> dict[str, Any]:
    asked = {"owner_org": given.enterprise_id, "status": given.status, "purpose": given.purpose}
    return page_of(narrowed(queries.list_projects(actor=actor_of(request)), asked), given)


@router.post(
    "/projects",
    response={201: ProjectWholeOut, **REFUSALS},
    operation_id="enter_project",
    summary="Enter a project of one's own enterprise",
)
def enter_project(request: HttpRequest, payload: ProjectIn) -> Status[Project]:
    actor = actor_of(request)
    actor.require(APPLY)
    file = own_file(actor=actor)
    if file is None:
        raise Conflict(_("请先建立本单位档案，再登记建设项目。"))
    made = services.enter_project(
        actor=actor, file=file, spec=payload.spec(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, _project(request, made.pk))


@router.get(
    "/projects/{uuid:pk}",
    response={200: ProjectWholeOut, **REFUSALS},
    operation_id="get_project",
    summary="One project with its chemicals",
)
def get_project(request: HttpRequest, pk: uuid.UUID) -> Project:
    return _project(request, pk)


@router.patch(
    "/projects/{uuid:pk}",
    response={200: ProjectWholeOut, **REFUSALS},
    operation_id="change_project",
    summary="Change a project before its first review is asked for; everything is sent anew",
)
def change_project(request: HttpRequest, pk: uuid.UUID, payload: ProjectIn) -> Project:
    project = _project(request, pk)
    actor = actor_of(request)
    services.require_side(actor, project, APPLY)
    services.change_project(actor=actor, project=project, spec=payload.spec(), now=timezone.now())
    return _project(request, pk)


@router.post(
    "/projects/{uuid:pk}/consultation",
    response={200: ProjectWholeOut, **REFUSALS},
    operation_id="consult_on_project",
    summary="Keep the consultation that comes before the first review",
)
def consult(request: HttpRequest, pk: uuid.UUID, payload: ConsultIn) -> Project:
    project = _project(request, pk)
    with files_named():
        services.consult(actor=actor_of(request), project=project, now=timezone.now(), **payload.dict())
    return _project(request, pk)


@router.post(
    "/projects/{uuid:pk}/special-approval",
    response={200: ProjectWholeOut, **REFUSALS},
    operation_id="approve_project_specially",
    summary="Enter the document by which a project with explosives was specially approved",
)
def approve(request: HttpRequest, pk: uuid.UUID, payload: ApprovalIn) -> Project:
    services.approve_specially(
        actor=actor_of(request), project=_project(request, pk), document=payload.document, now=timezone.now()
    )
    return _project(request, pk)


@router.post(
    "/projects/{uuid:pk}/checklist",
    response={200: ProjectWholeOut, **REFUSALS},
    operation_id="answer_project_checklist",
    summary="Answer the admission checklist",
)
def answer_checklist(request: HttpRequest, pk: uuid.UUID, payload: ChecklistIn) -> Project:
    project = _project(request, pk)
    answers = {one.item: (one.ok, one.note) for one in payload.answers}
    if len(answers) < len(payload.answers):
        raise Invalid(fields={"answers": _("同一项只答一次。")})
    services.answer_checklist(actor=actor_of(request), project=project, answers=answers, now=timezone.now())
    return _project(request, pk)


@router.post(
    "/projects/{uuid:pk}/trial",
    response={200: ProjectWholeOut, **REFUSALS},
    operation_id="plan_project_trial",
    summary="Keep the plan and the days of the trial production",
)
def plan_trial(request: HttpRequest, pk: uuid.UUID, payload: TrialIn) -> Project:
    project = _project(request, pk)
    with files_named():
        services.plan_trial(actor=actor_of(request), project=project, now=timezone.now(), **payload.dict())
    return _project(request, pk)


@router.get(
    "/projects/{uuid:pk}/visits",
    response={200: list[TrialVisitOut], **REFUSALS},
    operation_id="list_trial_visits",
    summary="Looks at a trial production, the newest first",
)
def list_visits(request: HttpRequest, pk: uuid.UUID) -> list[TrialVisit]:
    return queries.visits_of(_project(request, pk))


@router.post(
    "/projects/{uuid:pk}/visits",
    response={201: TrialVisitOut, **REFUSALS},
    operation_id="record_trial_visit",
    summary="Record a look at a trial production",
)
def visit_trial(request: HttpRequest, pk: uuid.UUID, payload: TrialVisitIn) -> Status[TrialVisit]:
    actor, project = actor_of(request), _project(request, pk)

    def make() -> uuid.UUID:
        return services.visit_trial(actor=actor, project=project, now=timezone.now(), **payload.dict()).pk

    body = {"project": str(pk), **payload.model_dump(mode="json")}
    made = only_once(request, actor=actor, act="registry.project.visit", body=body, make=make)
    return Status(201, next(one for one in queries.visits_of(project) if one.pk == made))


@router.post(
    "/projects/{uuid:pk}/{act}",
    response={200: ProjectWholeOut, **REFUSALS},
    operation_id="move_project",
    summary="Move a project on: apply, pass, return, finish, complete, withdraw and the other moves of its loop",
)
def move_project(
    request: HttpRequest,
    pk: uuid.UUID,
    act: Literal[
        "apply", "pass", "return", "refuse", "apply_design", "pass_design", "return_design", "start_trial",
        "stop_trial", "finish", "complete", "return_completion", "withdraw",
    ],
    payload: StepIn,
) -> Project:  # fmt: skip
    project = _project(request, pk)
    told = {name: text for name, text in (("text", payload.text), ("reason", payload.reason)) if text}
    with files_named():
        services.step_project(
            actor=actor_of(request), project=project, name=act, given=told, evidence=payload.evidence,
            now=timezone.now(), client_id=client_id_of(request),
        )  # fmt: skip
    return _project(request, pk)
