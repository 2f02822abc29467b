"""What facilities hold, and its movements; every quantity in tonnes."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import chemical_of
from quancheng.domains.registry.api.storage import FaultOut, fault_out
from quancheng.domains.registry.models import Holding, StockMovement
from quancheng.domains.registry.models.stock import MovementKind
from quancheng.domains.registry.quantities import LARGEST_T
from quancheng.domains.registry.queries import enterprises as queries
from quancheng.domains.registry.queries import storage
from quancheng.domains.registry.services import stock as services
from quancheng.domains.registry.services.chemicals import class_fault
from quancheng.domains.registry.services.stock import HoldingSpec
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class HoldingOut(Schema):
    """One chemical in one facility; ``concentration`` is a mass fraction, null as the chemical is named."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    unit_id: uuid.UUID = Field(alias="facility.unit_id")
    facility_id: uuid.UUID
    chemical_id: uuid.UUID
    chemical: str = Field(alias="chemical.name")
    cas: str = Field(alias="chemical.cas")
    product: str
    concentration: Decimal | None
    hazard_classes: list[str]
    density: Decimal | None = Field(description="t/m³")
    licensed_t: Decimal | None
    design_t: Decimal | None
    present_t: Decimal | None
    present_at: datetime | None
    ended_date: date | None
    version: int


class HoldingEnteredOut(HoldingOut):
    """With what is stored wrongly now that it is there: entered all the same."""

    warnings: list[FaultOut]


class MovementOut(Schema):
    """A change of a stock; of a count ``quantity_t`` is the difference that it showed."""

    id: uuid.UUID
    holding_id: uuid.UUID
    kind: str
    quantity_t: Decimal
    balance_t: Decimal
    at: datetime
    by_name: str
    note: str


class HoldingsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    facility_id: uuid.UUID | None = None
    chemical_id: uuid.UUID | None = None
    cas: str = Field("", pattern=r"^(\d{2,7}-\d{2}-\d)?$", description="a CAS number with its hyphens")


class HoldingIn(Strict):
    """``chemical`` is a CAS number, a name or another name in the register; quantities are in tonnes, as they say."""

    chemical: str = Field(min_length=1, max_length=200)
    product: str = Field("", max_length=120)
    concentration: Decimal | None = Field(None, gt=0, le=1)
    hazard_classes: list[str] = Field(default_factory=list, max_length=40)
    density: Decimal | None = Field(None, gt=0, le=30)
    licensed_t: Decimal | None = Field(None, ge=0, le=LARGEST_T)
    design_t: Decimal | None = Field(None, ge=0, le=LARGEST_T)
    present_t: Decimal | None = Field(None, ge=0, le=LARGEST_T)

    def spec(self) -> HoldingSpec:
        """:raises Invalid: no such chemical, or hazard classes that contradict each other."""
        if self.hazard_classes and (said := class_fault(self.hazard_classes)) is not None:
            raise Invalid(fields={"hazard_classes": said})
        given = self.dict(exclude={"chemical"})
        return HoldingSpec(chemical=chemical_of(self.chemical, field="chemical"), **given)


class MovementIn(Strict):
    """``quantity_t`` in tonnes; of a count what was found."""

    kind: str = one_of(MovementKind.values, default=None)
    quantity_t: Decimal = Field(ge=0, le=LARGEST_T)
    at: datetime
    note: str = Field("", max_length=200)


@router.get(
    "/holdings",
    response={200: Page[HoldingOut], **REFUSALS},
    operation_id="list_holdings",
    summary="What is held wherever the actor may see",
)
def list_holdings(request: HttpRequest, given: Query[HoldingsIn]) -> dict[str, Any]:
    asked = {"file": given.enterprise_id, "facility": given.facility_id, "chemical": given.chemical_id,
             "chemical__cas": given.cas}  # fmt: skip
    return page_of(narrowed(queries.list_holdings(actor=actor_of(request)), asked), given)


@router.post(
    "/facilities/{uuid:pk}/holdings",
    response={201: HoldingEnteredOut, **REFUSALS},
    operation_id="enter_holding",
    summary="Enter that a facility holds a chemical",
)
def enter_holding(request: HttpRequest, pk: uuid.UUID, payload: HoldingIn) -> Status[Holding]:
    actor = actor_of(request)
    facility = queries.get_facility(actor=actor, facility_id=pk)
    made = services.hold(
        actor=actor, facility=facility, spec=payload.spec(), now=timezone.now(), client_id=client_id_of(request)
    )
    told = storage.faults_with(facility, made)
    made.warnings = [fault_out(one) for one in told]  # type: ignore[attr-defined]
    return Status(201, made)


@router.get(
    "/holdings/{uuid:pk}",
    response={200: HoldingOut, **REFUSALS},
    operation_id="get_holding",
    summary="One chemical in one facility",
)
def get_holding(request: HttpRequest, pk: uuid.UUID) -> Holding:
    return queries.get_holding(actor=actor_of(request), holding_id=pk)


@router.get(
    "/holdings/{uuid:pk}/movements",
    response={200: Page[MovementOut], **REFUSALS},
    operation_id="list_stock_movements",
    summary="Changes of a stock, the newest first",
)
def list_movements(request: HttpRequest, pk: uuid.UUID, given: Query[Paging]) -> dict[str, Any]:
    holding = queries.get_holding(actor=actor_of(request), holding_id=pk)
    return page_of(queries.movements_of(holding), given)


@router.post(
    "/holdings/{uuid:pk}/movements",
    response={201: MovementOut, **REFUSALS},
    operation_id="move_stock",
    summary="Goods in, goods out, or a count; the grade of the unit follows",
)
def move_stock(request: HttpRequest, pk: uuid.UUID, payload: MovementIn) -> Status[StockMovement]:
    actor = actor_of(request)
    holding = queries.get_holding(actor=actor, holding_id=pk)
    if timezone.is_naive(payload.at):
        raise Invalid(fields={"at": _("请写明时区。")})
    made = services.move_stock(
        actor=actor, holding=holding, kind=payload.kind, quantity_t=payload.quantity_t, at=payload.at,
        remark=payload.note, now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)
