"""Environmental management: risk assessments, disposal of what is thrown away, attributes of chemicals."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import files_named
from quancheng.domains.registry.kinds import NewSubstance, RiskGrade, WasteWay
from quancheng.domains.registry.models import ChemicalEnvironment, EnvironmentRecord, WasteArrangement
from quancheng.domains.registry.quantities import LARGEST_T
from quancheng.domains.registry.queries import environment as queries
from quancheng.domains.registry.queries.chemicals import get_chemical
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.services import environment as services
from quancheng.kernel.errors import NotFound
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

router = Router(tags=["registry"])


class EnvironmentOut(Schema):
    """The environmental risk of an enterprise, or of one unit (``unit_id``)."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    unit_id: uuid.UUID | None
    identified_date: date | None
    assessed_date: date | None
    institute: str
    grade: str
    plan_no: str
    plan_date: date | None
    review_date: date | None
    registration_no: str
    registration_until: date | None
    remark: str
    verified_at: datetime | None
    verified_by_id: uuid.UUID | None
    version: int


class WasteOut(Schema):
    """What becomes of a waste hazardous chemical; ``year_t`` in tonnes."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    name: str
    waste_code: str
    way: str
    how: str
    year_t: Decimal | None
    handler_name: str
    handler_licence_no: str
    until_date: date | None
    ended_date: date | None


class ChemicalEnvironmentOut(Schema):
    """How a chemical is managed. ``mark``: V verified, G general knowledge, D our default."""

    chemical_id: uuid.UUID
    is_key: bool
    is_new_pollutant: bool
    new_substance: str
    new_substance_no: str
    source: str
    mark: str
    version: int


class EnvironmentsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    grade: str = one_of(RiskGrade.values)
    late: bool = Field(False, description="only those never assessed, or whose review is overdue")


class WastesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    way: str = one_of(WasteWay.values)


class EnvironmentSaidIn(Strict):
    """What is said of an assessment; of a change only what is sent changes. ``review_date`` empty: three years on."""

    identified_date: date | None = None
    assessed_date: date | None = None
    institute: str = Field("", max_length=120)
    grade: str = one_of(RiskGrade.values, description="one of those listed, or empty")
    plan_no: str = Field("", max_length=60, description="under which the emergency plan is on file")
    plan_date: date | None = None
    review_date: date | None = None
    registration_no: str = Field("", max_length=60)
    registration_until: date | None = None
    remark: str = Field("", max_length=500)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class EnvironmentIn(EnvironmentSaidIn):
    unit_id: uuid.UUID | None = Field(None, description="empty for the whole enterprise")


class EnvironmentChangeIn(EnvironmentSaidIn):
    version: int = Field(ge=1)


class EnvironmentVerifyIn(Strict):
    version: int = Field(ge=1)
    remark: str = Field("", max_length=500)


class WasteIn(Strict):
    """``handler_name`` and ``handler_licence_no`` are needed where it is entrusted."""

    name: str = Field(min_length=1, max_length=120)
    waste_code: str = Field("", max_length=20)
    way: str = one_of(WasteWay.values, default=None)
    how: str = Field(min_length=1, max_length=300)
    year_t: Decimal | None = Field(None, ge=0, le=LARGEST_T, decimal_places=6)
    handler_name: str = Field("", max_length=120)
    handler_licence_no: str = Field("", max_length=80)
    until_date: date | None = None


class ChemicalEnvironmentIn(Strict):
    """``version`` of what was read; 0 where nothing stood."""

    version: int = Field(ge=0)
    is_key: bool = False
    is_new_pollutant: bool = False
    new_substance: str = one_of(NewSubstance.values, description="one of those listed, or empty")
    new_substance_no: str = Field("", max_length=60)
    source: str = Field(min_length=1, max_length=200)
    mark: str = one_of(("V", "G", "D"), default=None)


@router.get(
    "/environments",
    response={200: Page[EnvironmentOut], **REFUSALS},
    operation_id="list_environments",
    summary="Environmental risk assessments; what is reviewed first comes first",
)
def list_environments(request: HttpRequest, given: Query[EnvironmentsIn]) -> dict[str, Any]:
    rows = queries.list_records(actor=actor_of(request))
    if given.late:
        rows = rows.filter(queries.is_overdue(on=timezone.localdate()))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "grade": given.grade}), given)


@router.get(
    "/environments/{uuid:pk}", response={200: EnvironmentOut, **REFUSALS}, operation_id="get_environment",
    summary="One assessment",
)  # fmt: skip
def get_environment(request: HttpRequest, pk: uuid.UUID) -> EnvironmentRecord:
    return queries.get_record(actor=actor_of(request), record_id=pk)


@router.post(
    "/enterprises/{uuid:pk}/environments",
    response={201: EnvironmentOut, **REFUSALS},
    operation_id="enter_environment",
    summary="Enter the environmental risk assessment of an enterprise, or of one unit",
)
def enter_environment(request: HttpRequest, pk: uuid.UUID, payload: EnvironmentIn) -> Status[EnvironmentRecord]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    unit = among(file.units.filter(ended_date__isnull=True), payload.unit_id, "unit_id")
    known = payload.dict(exclude={"unit_id", "evidence"})
    with files_named():
        made = services.enter_environment(
            actor=actor, file=file, unit=unit, known=known, evidence=payload.evidence, now=timezone.now(),
            client_id=client_id_of(request),
        )  # fmt: skip
    return Status(201, made)


@router.patch(
    "/environments/{uuid:pk}",
    response={200: EnvironmentOut, **REFUSALS},
    operation_id="change_environment",
    summary="Change an assessment; it is to be verified anew",
)
def change_environment(request: HttpRequest, pk: uuid.UUID, payload: EnvironmentChangeIn) -> EnvironmentRecord:
    said = payload.dict(exclude_unset=True, exclude={"version", "evidence"})
    record = get_environment(request, pk)
    with files_named():
        return services.change_environment(
            actor=actor_of(request), record=record, version=payload.version, changes=said, evidence=payload.evidence,
            now=timezone.now(),
        )  # fmt: skip


@router.post(
    "/environments/{uuid:pk}/verify",
    response={200: EnvironmentOut, **REFUSALS},
    operation_id="verify_environment",
    summary="The ecology office confirms an assessment",
)
def verify_environment(request: HttpRequest, pk: uuid.UUID, payload: EnvironmentVerifyIn) -> EnvironmentRecord:
    return services.verify_environment(
        actor=actor_of(request), record=get_environment(request, pk), now=timezone.now(), **payload.dict()
    )


@router.get(
    "/wastes",
    response={200: Page[WasteOut], **REFUSALS},
    operation_id="list_wastes",
    summary="Where waste hazardous chemicals go",
)
def list_wastes(request: HttpRequest, given: Query[WastesIn]) -> dict[str, Any]:
    rows = queries.list_arrangements(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "way": given.way}), given)


@router.get(
    "/wastes/{uuid:pk}", response={200: WasteOut, **REFUSALS}, operation_id="get_waste", summary="One arrangement"
)
def get_waste(request: HttpRequest, pk: uuid.UUID) -> WasteArrangement:
    return queries.get_arrangement(actor=actor_of(request), arrangement_id=pk)


@router.post(
    "/enterprises/{uuid:pk}/wastes",
    response={201: WasteOut, **REFUSALS},
    operation_id="arrange_waste",
    summary="Enter what becomes of a hazardous chemical that is thrown away",
)
def arrange_waste(request: HttpRequest, pk: uuid.UUID, payload: WasteIn) -> Status[WasteArrangement]:
    actor = actor_of(request)
    made = services.arrange_waste(
        actor=actor, file=get_enterprise(actor=actor, file_id=pk), known=payload.dict(), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.post(
    "/wastes/{uuid:pk}/end", response={200: WasteOut, **REFUSALS}, operation_id="end_waste",
    summary="It is disposed of that way no more",
)  # fmt: skip
def end_waste(request: HttpRequest, pk: uuid.UUID) -> WasteArrangement:
    services.end_waste(actor=actor_of(request), row=get_waste(request, pk), now=timezone.now())
    return get_waste(request, pk)


@router.get(
    "/chemicals/{uuid:pk}/environment",
    response={200: ChemicalEnvironmentOut, **REFUSALS},
    operation_id="get_chemical_environment",
    summary="How a chemical is managed for the environment; 404 where nobody said",
)
def get_chemical_environment(request: HttpRequest, pk: uuid.UUID) -> ChemicalEnvironment:
    found = queries.environment_of(get_chemical(actor=actor_of(request), chemical_id=pk))
    if found is None:
        raise NotFound
    return found


@router.put(
    "/chemicals/{uuid:pk}/environment",
    response={200: ChemicalEnvironmentOut, **REFUSALS},
    operation_id="set_chemical_environment",
    summary="Say how a chemical is managed for the environment",
)
def set_chemical_environment(request: HttpRequest, pk: uuid.UUID, payload: ChemicalEnvironmentIn) -> Any:
    actor = actor_of(request)
    known = payload.dict(exclude={"version"})
    return services.set_chemical_environment(
        actor=actor, chemical=get_chemical(actor=actor, chemical_id=pk), version=payload.version, known=known,
        now=timezone.now(),
    )  # fmt: skip
