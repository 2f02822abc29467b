"""Gas analysis of a permit from an instrument's own message. The value comes in by the door and the credentials of the
instrument's source; here its newest one is taken for a permit, and no value can be told."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from quancheng.domains.permits.models import GasTest
from quancheng.domains.permits.queries import permits as queries
from quancheng.domains.permits.services.instruments import Drawn, take_reading
from quancheng.kernel.exchange.rest import REFUSALS, Problem, Strict, client_id_of, one_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.gas import PHASES, POSITIONS

router = Router(tags=["permits"])


class GasReadingIn(Strict):
    """Which instrument, by the code of its tag, and where and when in the work the sample was drawn."""

    instrument: str = Field(min_length=1, max_length=64)
    point: str = Field(min_length=1, max_length=60)
    position: str = one_of(POSITIONS, default="OUTSIDE")
    phase: str = one_of(PHASES, default="PRE")
    distance_m: Decimal | None = Field(None, ge=0, lt=100_000, decimal_places=2)
    analyst: str = Field(min_length=1, max_length=60)
    gas: str = Field("", max_length=40, description="of a portable detector of combustible gas: code, CAS number, name")


class GasTestOut(Schema):
    """One value at one point. ``reading`` is the number of the message that told it; empty where somebody typed it.
    ``verdict``: PASS, CONDITIONAL or FAIL; ``status`` is the permit's by now."""

    id: uuid.UUID
    permit_id: uuid.UUID
    quantity: str
    gas: str
    value: Decimal
    unit: str
    position: str
    point: str
    phase: str
    instrument: str
    calibration_due: date | None
    analyst: str
    verdict: str
    sampled_at: datetime
    is_manual: bool
    reading: str
    status: str = Field(alias="permit.status")


@router.post("/permits/{uuid:pk}/gas-readings", response={201: GasTestOut, 503: Problem, **REFUSALS},
             operation_id="take_gas_reading",
             summary="The newest reading of an instrument as an analysis; one that fails stops work")  # fmt: skip
def take(request: HttpRequest, pk: uuid.UUID, payload: GasReadingIn) -> Status[GasTest]:
    actor, known = actor_of(request), payload.dict(exclude={"instrument"})
    return Status(201, take_reading(
        actor=actor, permit=queries.get_permit(actor=actor, permit_id=pk), instrument=payload.instrument,
        drawn=Drawn(**known), now=timezone.now(), client_id=client_id_of(request),
    ))  # fmt: skip
