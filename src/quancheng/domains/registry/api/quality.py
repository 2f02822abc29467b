"""Inspected products: reports recorded, answered by the enterprise, inspected anew."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import files_named
from quancheng.domains.registry.kinds import InspectionKind, InspectionResult
from quancheng.domains.registry.loops.quality import QUALITY
from quancheng.domains.registry.models import Inspection, Product
from quancheng.domains.registry.queries import offices
from quancheng.domains.registry.queries import quality as queries
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.queries.products import get_product
from quancheng.domains.registry.services import quality as services
from quancheng.domains.registry.services.offices import require_office
from quancheng.domains.registry.services.quality import RetestSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class InspectionOut(Schema):
    """One sample of a product as an institute found it; one that failed is mended, then inspected anew.

    ``voided_at`` is set where the record was a mistake.
    """

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    product_id: uuid.UUID | None
    product_name: str
    kind: str
    batch: str
    sampled_date: date
    institute: str
    standard: str
    report_no: str
    reported_date: date | None
    issuer: str
    owner_org_id: uuid.UUID
    result: str
    failed_items: str
    disposal: str
    status: str
    due_date: date | None
    measures: str
    retest_due_date: date | None
    retest_date: date | None
    retest_institute: str
    retest_no: str
    case: str
    voided_at: datetime | None
    void_reason: str


class InspectionsIn(Paging):
    kind: str = one_of(InspectionKind.values)
    result: str = one_of(InspectionResult.values)
    status: str = one_of(QUALITY.codes)
    enterprise_id: uuid.UUID | None = None
    product_id: uuid.UUID | None = None
    late: bool = Field(False, description="only those mended or inspected anew too late")


class InspectionIn(Strict):
    """A report. ``due_date`` of one that failed: empty for sixty days. ``evidence`` names files uploaded before."""

    product_id: uuid.UUID | None = Field(None, description="of the enterprise; empty where it is none on file")
    product_name: str = Field("", max_length=120, description="empty for the name of the product")
    kind: str = one_of(InspectionKind.values, default=None)
    batch: str = Field("", max_length=60)
    sampled_date: date
    institute: str = Field(min_length=1, max_length=120)
    standard: str = Field(min_length=1, max_length=200)
    report_no: str = Field(min_length=1, max_length=60)
    reported_date: date | None = None
    issuer: str = Field("", max_length=120, description="whose result it is; empty for one's own office")
    result: str = one_of(InspectionResult.values, default=None)
    failed_items: str = Field("", max_length=500)
    disposal: str = Field("", max_length=500)
    due_date: date | None = None
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class InspectionAnswerIn(Strict):
    text: str = Field(min_length=1, max_length=2000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class RetestIn(Strict):
    """A re-test; one that failed says what failed and until when that is mended."""

    result: str = one_of(InspectionResult.values, default=None)
    day: date
    institute: str = Field(min_length=1, max_length=120)
    report_no: str = Field(min_length=1, max_length=60)
    failed_items: str = Field("", max_length=500)
    due_date: date | None = None
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class InspectionStepIn(Strict):
    """``return`` and ``void`` take a reason, ``punish`` the number or address of the case."""

    text: str = Field(min_length=1, max_length=500)


@router.get(
    "/inspections",
    response={200: Page[InspectionOut], **REFUSALS},
    operation_id="list_inspections",
    summary="Inspections of products and packages; those that failed and are not over first",
)
def list_inspections(request: HttpRequest, given: Query[InspectionsIn]) -> dict[str, Any]:
    rows = queries.list_inspections(actor=actor_of(request))
    if given.late:
        rows = rows.filter(queries.is_late(on=timezone.localdate()))
    asked = {"kind": given.kind, "result": given.result, "status": given.status, "file": given.enterprise_id,
             "product": given.product_id}  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/inspections/{uuid:pk}", response={200: InspectionOut, **REFUSALS}, operation_id="get_inspection",
    summary="One inspection",
)  # fmt: skip
def get_inspection(request: HttpRequest, pk: uuid.UUID) -> Inspection:
    return queries.get_inspection(actor=actor_of(request), inspection_id=pk)


@router.post(
    "/enterprises/{uuid:pk}/inspections",
    response={201: InspectionOut, **REFUSALS},
    operation_id="record_inspection",
    summary="Record what an institute found of a product; the enterprise owes an answer where it failed",
)
def record_inspection(request: HttpRequest, pk: uuid.UUID, payload: InspectionIn) -> Status[Inspection]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    require_office(actor, offices.QUALITY, services.RECORD)
    known = payload.dict(exclude={"product_id", "evidence"})
    product = _product(actor, payload.product_id)
    with files_named():
        made = services.record_inspection(
            actor=actor, file=file, product=product, known=known, evidence=payload.evidence, now=timezone.now(),
            client_id=client_id_of(request),
        )  # fmt: skip
    return Status(201, made)


@router.post(
    "/inspections/{uuid:pk}/answer",
    response={200: InspectionOut, **REFUSALS},
    operation_id="answer_inspection",
    summary="Say what was done about a product that failed",
)
def answer_inspection(request: HttpRequest, pk: uuid.UUID, payload: InspectionAnswerIn) -> Inspection:
    row = get_inspection(request, pk)
    with files_named():
        return services.answer_inspection(
            actor=actor_of(request), row=row, text=payload.text, evidence=payload.evidence, now=timezone.now(),
            client_id=client_id_of(request),
        )  # fmt: skip


@router.post(
    "/inspections/{uuid:pk}/retest",
    response={200: InspectionOut, **REFUSALS},
    operation_id="retest_inspection",
    summary="A re-test: passed closes it, failed is to be mended anew",
)
def retest_inspection(request: HttpRequest, pk: uuid.UUID, payload: RetestIn) -> Inspection:
    row = get_inspection(request, pk)
    name = "close" if payload.result == InspectionResult.PASSED else "fail"
    spec = RetestSpec(
        day=payload.day, institute=payload.institute, report_no=payload.report_no, reason=payload.failed_items,
        due_date=payload.due_date,
    )  # fmt: skip
    try:
        with files_named():
            return services.retest_inspection(
                actor=actor_of(request), row=row, name=name, spec=spec, evidence=payload.evidence, now=timezone.now(),
                client_id=client_id_of(request),
            )  # fmt: skip
    except Invalid as refused:
        if "reason" not in refused.fields:
            raise
        fields = {"failed_items" if key == "reason" else key: said for key, said in refused.fields.items()}
        raise Invalid(fields=fields) from refused


@router.post(
    "/inspections/{uuid:pk}/{act}",
    response={200: InspectionOut, **REFUSALS},
    operation_id="step_inspection",
    summary="return an answer, punish with a case, or void a record that was a mistake",
)
def step_inspection(
    request: HttpRequest, pk: uuid.UUID, act: Literal["return", "punish", "void"], payload: InspectionStepIn
) -> Inspection:
    common: dict[str, Any] = {
        "actor": actor_of(request), "row": get_inspection(request, pk), "now": timezone.now(),
        "client_id": client_id_of(request),
    }  # fmt: skip
    if act == "void":
        return services.void_inspection(**common, reason=payload.text)
    return services.step_inspection(**common, name=act, text=payload.text)


def _product(actor: Actor, pk: uuid.UUID | None) -> Product | None:
    if pk is None:
        return None
    try:
        return get_product(actor=actor, product_id=pk)
    except NotFound as absent:
        raise Invalid(fields={"product_id": absent.message}) from absent
