"""What phones tell from the place, with or without signal: measures, gas, looks, who is inside, the place, stops.

Each is judged by when it happened and kept whatever becomes of it. Signatures, issue, start and resumption have no
operation here: they are made on the page, with the net.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.permits.forms.field import found_in
from quancheng.domains.permits.models import FieldKind, FieldRecord, Permit
from quancheng.domains.permits.queries import permits as queries
from quancheng.domains.permits.queries.field import people_on
from quancheng.domains.permits.services import field as services
from quancheng.domains.permits.services.preparing import Sample
from quancheng.domains.permits.services.working import SUSPENDED_BY
from quancheng.kernel.exchange.rest import REFUSALS, Strict, among, client_id_of, one_of
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.phone.api import DeviceIn
from quancheng.standards.gb30871.gas import PHASES, POSITIONS, QUANTITIES
from quancheng.standards.gb30871.gases import UNITS

router = Router(tags=["permits"])


class ToldIn(Strict):
    """How it came off a phone: its clock, which device and its running number, where it was, photos."""

    device: DeviceIn
    device_id: uuid.UUID | None = Field(None, description="made by the device when it was first used")
    number: int | None = Field(None, ge=0, le=2**53, description="running number of the act on the device")
    lon: Decimal | None = Field(None, ge=-180, le=180, decimal_places=6)
    lat: Decimal | None = Field(None, ge=-90, le=90, decimal_places=6)
    accuracy_m: Decimal | None = Field(None, ge=0, lt=100_000, decimal_places=1)
    photo_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)

    def told(self, now: datetime) -> services.Told:
        return services.Told(
            time=self.device.time(now), device=self.device_id, number=self.number, lon=self.lon, lat=self.lat,
            accuracy_m=self.accuracy_m, photos=tuple(self.photo_ids),
        )  # fmt: skip


class ToldMeasureIn(Strict):
    """One row of the form: it applies and is in place with its figures, or it does not apply."""

    code: str = Field(max_length=8)
    applies: bool
    filled: dict[str, str] = Field(default_factory=dict, max_length=20)
    made_at: AwareDatetime | None = Field(None, description="by the device's clock; the act's where none is told")


class ToldMeasuresIn(ToldIn):
    rows: list[ToldMeasureIn] = Field(min_length=1, max_length=60)


class ToldGasIn(ToldIn):
    """One value at one point; sampled when the act was made."""

    quantity: str = one_of(QUANTITIES, default=None)
    gas: str = Field("", max_length=40)
    value: Decimal = Field(max_digits=14, decimal_places=6)
    unit: str = one_of(UNITS, default=None)
    position: str = one_of(POSITIONS, default="OUTSIDE")
    point: str = Field(min_length=1, max_length=60)
    phase: str = one_of(PHASES, default="PRE")
    distance_m: Decimal | None = Field(None, ge=0, lt=100_000, decimal_places=2)
    instrument: str = Field(min_length=1, max_length=60)
    calibration_due: date | None = None
    calibrated_with: str = Field("", max_length=40)
    correction: Decimal | None = Field(None, gt=0, le=100, decimal_places=4)
    analyst: str = Field(min_length=1, max_length=60)


class ToldLookIn(ToldIn):
    guardian_id: uuid.UUID
    items: dict[str, bool | None] = Field(max_length=60, description="by key; null where it does not concern the job")
    remark: str = Field("", max_length=500)


class ToldPassageIn(ToldIn):
    person_id: uuid.UUID = Field(description="the person's row on the permit")
    tools: int = Field(ge=0, le=500)


class ToldSiteIn(ToldIn):
    answers: dict[str, str] = Field(max_length=60, description="by name of the question; what is left out says nothing")


class ToldStopIn(ToldIn):
    stop_reason: str = one_of(SUSPENDED_BY, default=None)
    remark: str = Field("", max_length=500)


class FieldRecordOut(Schema):
    """What became of it: COUNTED, PARTLY, or KEPT with the reason and changing nothing. ``status`` is the permit's by
    now; ``doubts`` what somebody should know who judges it."""

    id: uuid.UUID
    permit_id: uuid.UUID
    kind: str
    outcome: str
    reason_code: str
    reason: str
    happened_at: datetime
    received_at: datetime
    doubts: list[str]
    status: str = Field(alias="permit.status")

    @staticmethod
    def resolve_reason_code(row: FieldRecord) -> str:
        return row.reason

    @staticmethod
    def resolve_reason(row: FieldRecord) -> str:
        return str(services.REASONS[row.reason]) if row.reason else ""

    @staticmethod
    def resolve_doubts(row: FieldRecord) -> list[str]:
        tongue = "en" if (get_language() or "").startswith("en") else "zh"
        return [one[tongue] for one in row.doubts]


_TAKEN: dict[Any, Any] = {201: FieldRecordOut, **REFUSALS}


def _permit(request: HttpRequest, pk: uuid.UUID) -> Permit:
    return queries.get_permit(actor=actor_of(request), permit_id=pk)


@router.post("/permits/{uuid:pk}/field/measures", response=_TAKEN, operation_id="tell_permit_measures",
             summary="Measures confirmed at the place")  # fmt: skip
def tell_measures(request: HttpRequest, pk: uuid.UUID, payload: ToldMeasuresIn) -> Status[FieldRecord]:
    now = timezone.now()
    rows = [services.MeasureTold(one.code, one.applies, one.filled, one.made_at) for one in payload.rows]
    return Status(201, services.tell_measures(
        actor=actor_of(request), permit=_permit(request, pk), rows=rows, told=payload.told(now), now=now,
        client_id=client_id_of(request),
    ))  # fmt: skip


@router.post("/permits/{uuid:pk}/field/gas", response=_TAKEN, operation_id="tell_permit_gas",
             summary="A gas value read at the place; one that fails stops work when it comes in")  # fmt: skip
def tell_gas(request: HttpRequest, pk: uuid.UUID, payload: ToldGasIn) -> Status[FieldRecord]:
    now = timezone.now()
    told = payload.told(now)
    known = payload.dict(exclude=set(ToldIn.model_fields))
    return Status(201, services.tell_gas(
        actor=actor_of(request), permit=_permit(request, pk), sample=Sample(sampled_at=told.at(now), **known),
        told=told, now=now, client_id=client_id_of(request),
    ))  # fmt: skip


@router.post("/permits/{uuid:pk}/field/looks", response=_TAKEN, operation_id="tell_guardian_look",
             summary="A guardian's look; a bad one stops work when it comes in")  # fmt: skip
def tell_look(request: HttpRequest, pk: uuid.UUID, payload: ToldLookIn) -> Status[FieldRecord]:
    now, permit = timezone.now(), _permit(request, pk)
    guardian = among(people_on(permit), payload.guardian_id, "guardian_id")
    return Status(201, services.tell_look(
        actor=actor_of(request), permit=permit, guardian=guardian, items=payload.items, remark=payload.remark,
        told=payload.told(now), now=now, client_id=client_id_of(request),
    ))  # fmt: skip


@router.post("/permits/{uuid:pk}/field/entries", response=_TAKEN, operation_id="tell_space_entry",
             summary="Somebody went into the confined space, with tools")  # fmt: skip
def tell_entry(request: HttpRequest, pk: uuid.UUID, payload: ToldPassageIn) -> Status[FieldRecord]:
    return _passage(request, pk, payload, FieldKind.ENTER)


@router.post("/permits/{uuid:pk}/field/exits", response=_TAKEN, operation_id="tell_space_exit",
             summary="Somebody came out of the confined space, with tools")  # fmt: skip
def tell_exit(request: HttpRequest, pk: uuid.UUID, payload: ToldPassageIn) -> Status[FieldRecord]:
    return _passage(request, pk, payload, FieldKind.LEAVE)


def _passage(request: HttpRequest, pk: uuid.UUID, payload: ToldPassageIn, kind: FieldKind) -> Status[FieldRecord]:
    now, permit = timezone.now(), _permit(request, pk)
    person = among(people_on(permit), payload.person_id, "person_id")
    tell = services.tell_entry if kind == FieldKind.ENTER else services.tell_exit
    return Status(201, tell(
        actor=actor_of(request), permit=permit, person=person, tools=payload.tools, told=payload.told(now), now=now,
        client_id=client_id_of(request),
    ))  # fmt: skip


@router.post("/permits/{uuid:pk}/field/site-checks", response=_TAKEN, operation_id="tell_permit_site",
             summary="What was found at the place")  # fmt: skip
def tell_site(request: HttpRequest, pk: uuid.UUID, payload: ToldSiteIn) -> Status[FieldRecord]:
    now, permit = timezone.now(), _permit(request, pk)
    return Status(201, services.tell_site(
        actor=actor_of(request), permit=permit, found=found_in(permit.kind, payload.answers), told=payload.told(now),
        now=now, client_id=client_id_of(request),
    ))  # fmt: skip


@router.post("/permits/{uuid:pk}/field/stops", response=_TAKEN, operation_id="tell_permit_stop",
             summary="Work was stopped on the spot")  # fmt: skip
def tell_stop(request: HttpRequest, pk: uuid.UUID, payload: ToldStopIn) -> Status[FieldRecord]:
    now = timezone.now()
    return Status(201, services.tell_stop(
        actor=actor_of(request), permit=_permit(request, pk), stop_reason=payload.stop_reason, remark=payload.remark,
        told=payload.told(now), now=now, client_id=client_id_of(request),
    ))  # fmt: skip
