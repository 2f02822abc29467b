"""The risk list for programs: objects, units, events, measures, assessments."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.kinds import Category, Layer, Method, Mode, ObjectKind, Stage, Subcategory
from quancheng.domains.risk.models import Measure, RiskAssessment, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.queries import posts as post_queries
from quancheng.domains.risk.queries import risks as queries
from quancheng.domains.risk.services import assessing
from quancheng.domains.risk.services import risks as services
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    narrowed,
    one_of,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["risk"])
_LEVEL = "1 major (red), 2 larger (orange), 3 general (yellow), 4 low (blue); null where nobody assessed it"


class RiskObjectOut(Schema):
    """A risk analysis object. ``present_level`` is the static one, raised while measures have failed."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    code: str
    name: str
    kind: str
    registered_unit_id: uuid.UUID | None = Field(alias="place_id")
    department: str
    head: str
    static_level: int | None = Field(description=_LEVEL)
    present_level: int | None = Field(description=_LEVEL)
    version: int
    ended_date: date | None


class RiskUnitOut(Schema):
    """A risk analysis unit of an object."""

    id: uuid.UUID
    object_id: uuid.UUID
    code: str
    name: str
    facility_id: uuid.UUID | None
    post_id: uuid.UUID | None
    static_level: int | None = Field(description=_LEVEL)
    present_level: int | None = Field(description=_LEVEL)
    version: int
    ended_date: date | None


class RiskEventOut(Schema):
    """A risk event: inherent without measures, residual with them."""

    id: uuid.UUID
    unit_id: uuid.UUID
    name: str
    accident: str
    consequence: str
    layer: str
    inherent_level: int | None = Field(description=_LEVEL)
    residual_level: int | None = Field(description=_LEVEL)
    static_level: int | None = Field(description=_LEVEL)
    present_level: int | None = Field(description=_LEVEL)
    version: int
    ended_date: date | None


class MeasureOut(Schema):
    """A control measure; ``failed_at`` is set while it is known not to work."""

    id: uuid.UUID
    event_id: uuid.UUID
    mode: str
    text: str
    category: str
    subcategory: str
    own_class: str
    check_text: str
    failed_at: datetime | None
    version: int
    ended_date: date | None


class RiskAssessmentOut(Schema):
    """An assessment as it was made; ``steps`` say in both languages what each factor and rule brought."""

    id: uuid.UUID
    event_id: uuid.UUID
    stage: str
    method: str
    convention: str
    inputs: dict[str, Any]
    score: Decimal
    level: int
    steps: list[Any]
    text: str
    day: date
    assessed_by: str
    at: datetime


class RiskColourOut(Schema):
    """One change of colour; ``reasons`` in both languages."""

    subject: str
    subject_id: uuid.UUID
    static_level: int | None
    present_level: int | None
    because: str
    reasons: list[Any]
    at: datetime


class RiskObjectsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(ObjectKind.values)
    present_level: int | None = Field(None, ge=1, le=4)


class RiskEventsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    present_level: int | None = Field(None, ge=1, le=4)


class MeasuresIn(Paging):
    enterprise_id: uuid.UUID | None = None
    event_id: uuid.UUID | None = None
    failed: bool = Field(False, description="only those that are known not to work")


class ColoursIn(Paging):
    at: AwareDatetime | None = Field(None, description="what stood at this time instead of every change")


class RiskObjectIn(Strict):
    code: str = Field(min_length=1, max_length=36)
    name: str = Field(min_length=1, max_length=200)
    kind: str = one_of(ObjectKind.values, default=None)
    registered_unit_id: uuid.UUID | None = Field(None, description="of a major hazard: the unit in the registry")
    department: str = Field(min_length=1, max_length=200)
    head: str = Field(min_length=1, max_length=60)


class RiskUnitIn(Strict):
    code: str = Field(min_length=1, max_length=36)
    name: str = Field(min_length=1, max_length=200)
    facility_id: uuid.UUID | None = None
    post_id: uuid.UUID | None = None
    lon: Decimal | None = Field(None, ge=-180, le=180, decimal_places=6)
    lat: Decimal | None = Field(None, ge=-90, le=90, decimal_places=6)


class RiskEventIn(Strict):
    name: str = Field(min_length=1, max_length=500)
    accident: str = Field("", max_length=4, description="type of accident after GB 6441, 01 to 20")
    consequence: str = Field("", max_length=500)
    layer: str = one_of(Layer.values, description="who controls it")


class MeasureIn(Strict):
    mode: str = one_of(Mode.values, default=None, description="1 automatic monitoring, 2 inspection")
    text: str = Field(min_length=1, max_length=4000)
    category: str = one_of(Category.values, default=None)
    subcategory: str = one_of(Subcategory.values, default=None)
    own_class: str = Field("", max_length=100)
    check_text: str = Field(min_length=1, max_length=1000)


class AssessIn(Strict):
    stage: str = one_of(Stage.values, default=None)
    method: str = one_of(Method.values, default=None)
    values: dict[str, Annotated[Decimal, Field(ge=0, le=1000)]] = Field(
        description="factors: likelihood, severity (or law, people, property, stop, image), exposure, consequence"
    )
    breaks_law: bool | None = None
    accident_conditions_remain: bool | None = None
    dangerous_place: bool | None = None
    workers: int | None = Field(None, ge=0, le=100_000)
    assessed_by: str = Field(min_length=1, max_length=200)
    day: date
    text: str = Field("", max_length=500)


@router.get("/objects", response={200: Page[RiskObjectOut], **REFUSALS}, operation_id="list_risk_objects",
            summary="Risk analysis objects that the actor may see")  # fmt: skip
def list_risk_objects(request: HttpRequest, given: Query[RiskObjectsIn]) -> dict[str, Any]:
    rows = queries.list_objects(actor=actor_of(request))
    asked = {"file": given.enterprise_id, "kind": given.kind, "present_level": given.present_level}
    return page_of(narrowed(rows, asked), given)


@router.post("/enterprises/{uuid:pk}/objects", response={201: RiskObjectOut, **REFUSALS},
             operation_id="enter_risk_object", summary="Enter a risk analysis object")  # fmt: skip
def enter_risk_object(request: HttpRequest, pk: uuid.UUID, payload: RiskObjectIn) -> Status[RiskObject]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict()
    wanted = known.pop("registered_unit_id")
    known["place"] = among(queries.places_of(file), wanted, "registered_unit_id")
    made = services.enter_object(
        actor=actor, file=file, known=known, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get("/objects/{uuid:pk}", response={200: RiskObjectOut, **REFUSALS}, operation_id="get_risk_object",
            summary="One risk analysis object")  # fmt: skip
def get_risk_object(request: HttpRequest, pk: uuid.UUID) -> RiskObject:
    return queries.get_object(actor=actor_of(request), object_id=pk)


@router.get("/objects/{uuid:pk}/units", response={200: list[RiskUnitOut], **REFUSALS}, operation_id="list_risk_units",
            summary="Units of an object")  # fmt: skip
def list_risk_units(request: HttpRequest, pk: uuid.UUID) -> list[RiskUnit]:
    return list(queries.units_of(queries.get_object(actor=actor_of(request), object_id=pk)))


@router.get("/objects/{uuid:pk}/colours", response={200: Page[RiskColourOut], **REFUSALS},
            operation_id="list_risk_colours",
            summary="How an object, its units and events changed colour, or what stood at a time")  # fmt: skip
def list_risk_colours(request: HttpRequest, pk: uuid.UUID, given: Query[ColoursIn]) -> dict[str, Any]:
    row = queries.get_object(actor=actor_of(request), object_id=pk)
    return page_of(queries.colours_in(row, at=given.at), given)


@router.post("/objects/{uuid:pk}/units", response={201: RiskUnitOut, **REFUSALS}, operation_id="enter_risk_unit",
             summary="Enter a unit of an object")  # fmt: skip
def enter_risk_unit(request: HttpRequest, pk: uuid.UUID, payload: RiskUnitIn) -> Status[RiskUnit]:
    actor = actor_of(request)
    parent = queries.get_object(actor=actor, object_id=pk)
    known = payload.dict()
    known["facility"] = among(queries.facilities_of(parent.file), known.pop("facility_id"), "facility_id")
    known["post"] = among(post_queries.posts_of(parent.file), known.pop("post_id"), "post_id")
    made = services.enter_unit(
        actor=actor, parent=parent, known=known, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get("/events", response={200: Page[RiskEventOut], **REFUSALS}, operation_id="list_risk_events",
            summary="The risk list: events, the gravest first")  # fmt: skip
def list_risk_events(request: HttpRequest, given: Query[RiskEventsIn]) -> dict[str, Any]:
    rows = queries.list_events(actor=actor_of(request))
    asked = {"unit__object__file": given.enterprise_id, "unit": given.unit_id, "present_level": given.present_level}
    return page_of(narrowed(rows, asked), given)


@router.post("/units/{uuid:pk}/events", response={201: RiskEventOut, **REFUSALS}, operation_id="enter_risk_event",
             summary="Enter a risk event of a unit")  # fmt: skip
def enter_risk_event(request: HttpRequest, pk: uuid.UUID, payload: RiskEventIn) -> Status[RiskEvent]:
    actor = actor_of(request)
    unit = queries.get_unit(actor=actor, unit_id=pk)
    made = services.enter_event(
        actor=actor, unit=unit, known=payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get("/events/{uuid:pk}", response={200: RiskEventOut, **REFUSALS}, operation_id="get_risk_event",
            summary="One risk event")  # fmt: skip
def get_risk_event(request: HttpRequest, pk: uuid.UUID) -> RiskEvent:
    return queries.get_event(actor=actor_of(request), event_id=pk)


@router.get("/events/{uuid:pk}/assessments", response={200: list[RiskAssessmentOut], **REFUSALS},
            operation_id="list_risk_assessments", summary="How an event was assessed, the newest first")  # fmt: skip
def list_risk_assessments(request: HttpRequest, pk: uuid.UUID) -> list[RiskAssessment]:
    return list(queries.assessments_of(queries.get_event(actor=actor_of(request), event_id=pk)))


@router.post("/events/{uuid:pk}/assessments", response={201: RiskAssessmentOut, **REFUSALS},
             operation_id="assess_risk_event", summary="Assess an event; colours follow")  # fmt: skip
def assess_risk_event(request: HttpRequest, pk: uuid.UUID, payload: AssessIn) -> Status[RiskAssessment]:
    actor = actor_of(request)
    event = queries.get_event(actor=actor, event_id=pk)
    whole = payload.method in (Method.LS, Method.LS4)
    values = {name: int(value) if whole and value == int(value) else value for name, value in payload.values.items()}
    facts = {name: getattr(payload, name) for name in (*assessing.RED_FACTS, "workers")}
    made = assessing.assess(
        actor=actor, event=event, stage=payload.stage, method=payload.method, values=values, facts=facts,
        assessed_by=payload.assessed_by, day=payload.day, text=payload.text, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.get("/measures", response={200: Page[MeasureOut], **REFUSALS}, operation_id="list_measures",
            summary="Control measures that the actor may see")  # fmt: skip
def list_measures(request: HttpRequest, given: Query[MeasuresIn]) -> dict[str, Any]:
    rows = queries.list_measures(actor=actor_of(request))
    if given.failed:
        rows = rows.filter(failed_at__isnull=False)
    return page_of(narrowed(rows, {"event__unit__object__file": given.enterprise_id, "event": given.event_id}), given)


@router.post("/events/{uuid:pk}/measures", response={201: MeasureOut, **REFUSALS}, operation_id="enter_measure",
             summary="Enter a control measure against an event")  # fmt: skip
def enter_measure(request: HttpRequest, pk: uuid.UUID, payload: MeasureIn) -> Status[Measure]:
    actor = actor_of(request)
    event = queries.get_event(actor=actor, event_id=pk)
    made = services.enter_measure(
        actor=actor, event=event, known=payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)
