"""Supervision visits: planned, made, their findings settled."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.api.bodies import Evidence, ReasonIn, evidence
from quancheng.domains.duty.api.units import named_or_none, organisation_of
from quancheng.domains.duty.loops.visit import VISIT
from quancheng.domains.duty.models import Visit
from quancheng.domains.duty.models.visits import Outcome, VisitKind
from quancheng.domains.duty.queries import visits as queries
from quancheng.domains.duty.services import visits as services
from quancheng.domains.duty.services.visits import VISITS, VisitSpec
from quancheng.kernel.errors import NotFound
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

router = Router(tags=["duty"])


class VisitsIn(Paging):
    status: str = one_of(VISIT.codes)
    kind: str = one_of(VisitKind.values)
    org_id: uuid.UUID | None = Field(None, description="who is visited")
    group_id: uuid.UUID | None = None


class VisitIn(Strict):
    org_id: uuid.UUID = Field(description="who is visited; it sees the visit once it was made")
    subject: str = Field(min_length=1, max_length=300)
    planned_date: date
    kind: str = one_of(VisitKind.values, default=VisitKind.OPEN.value)
    reason: str = Field("", max_length=300)
    group_id: uuid.UUID | None = None


class VisitRecordIn(Strict):
    """What a visit saw; ``findings`` in order, each to be settled."""

    visited_date: date
    inspectors: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=5000)
    findings: list[str] = Field(default_factory=list, max_length=100)
    evidence: Evidence = evidence()


class SettleIn(Strict):
    outcome: str = one_of(Outcome.values, default=None)
    due_date: date | None = Field(None, description="by when; must be said for a task")
    place: str = Field("", max_length=200, description="time and place in words; must be said for a talk")


class FindingOut(Schema):
    """What a visit found; ``outcome`` is empty until somebody decides: task, warning, talk or settled."""

    id: uuid.UUID
    order: int
    text: str
    outcome: str
    task_id: uuid.UUID | None


class VisitOut(Schema):
    """A supervision visit; ``kind`` is open or secret."""

    id: uuid.UUID
    code: str
    kind: str
    group_id: uuid.UUID | None
    reason: str
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
def list_visits(request: HttpRequest, given: Query[VisitsIn]) -> dict[str, Any]:
    rows = queries.list_visits(actor=actor_of(request)).prefetch_related("findings")
    asked = {"status": given.status, "kind": given.kind, "org": given.org_id, "group": given.group_id}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/visits/{uuid:pk}",
    response={200: VisitOut, **REFUSALS},
    operation_id="get_visit",
    summary="One supervision visit with its findings",
)
def get_visit(request: HttpRequest, pk: uuid.UUID) -> Visit:
    return queries.get_visit(actor=actor_of(request), visit_id=pk)


@router.post(
    "/visits",
    response={200: VisitOut, **REFUSALS},
    operation_id="plan_visit",
    summary="Plan a visit; the unit does not see it before it is made",
)
def plan(request: HttpRequest, payload: VisitIn) -> Visit:
    actor = actor_of(request)
    actor.require(VISITS)
    spec = VisitSpec(
        org=organisation_of(actor=actor, wanted=payload.org_id, field="org_id"),
        group=named_or_none("group_id", payload.group_id, lambda pk: queries.get_group(actor=actor, group_id=pk)),
        **payload.dict(exclude={"org_id", "group_id"}),
    )
    return services.plan_visit(actor=actor, spec=spec, now=timezone.now(), client_id=client_id_of(request))


@router.post(
    "/visits/{uuid:pk}/record",
    response={200: VisitOut, **REFUSALS},
    operation_id="record_visit",
    summary="Enter what a visit saw and found; from then on the unit sees it",
)
def record(request: HttpRequest, pk: uuid.UUID, payload: VisitRecordIn) -> Visit:
    actor = actor_of(request)
    services.record_visit(
        actor=actor,
        visit=queries.get_visit(actor=actor, visit_id=pk),
        **payload.dict(),
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return get_visit(request, pk)


@router.post(
    "/visits/{uuid:pk}/findings/{uuid:finding_id}/settle",
    response={200: VisitOut, **REFUSALS},
    operation_id="settle_finding",
    summary="Decide on a finding: a task, a warning or a talk as a paper to be signed, or nothing more",
)
def settle(request: HttpRequest, pk: uuid.UUID, finding_id: uuid.UUID, payload: SettleIn) -> Visit:
    actor, now = actor_of(request), timezone.now()
    visit = queries.get_visit(actor=actor, visit_id=pk)
    finding = next((one for one in queries.list_findings(visit=visit) if one.pk == finding_id), None)
    if finding is None:
        raise NotFound

    def make() -> uuid.UUID:
        return services.settle_finding(actor=actor, visit=visit, finding=finding, **payload.dict(), now=now).pk

    only_once(request, actor=actor, act="duty.visit.settle", body={"finding": finding_id, **payload.dict()}, make=make)
    return get_visit(request, pk)


@router.post(
    "/visits/{uuid:pk}/{act}",
    response={200: VisitOut, **REFUSALS},
    operation_id="move_visit",
    summary="Close a visit whose findings are dealt with, or cancel one that was not made",
)
def move(request: HttpRequest, pk: uuid.UUID, act: Literal["close", "cancel"], payload: ReasonIn) -> Visit:
    actor = actor_of(request)
    services.end_visit(
        actor=actor,
        visit=queries.get_visit(actor=actor, visit_id=pk),
        name=act,
        reason=payload.reason,
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return get_visit(request, pk)
