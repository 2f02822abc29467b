"""Portable detectors that go with a permit, over REST."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from quancheng.domains.permits.models import DetectorPairing
from quancheng.domains.permits.queries import pairings as queries
from quancheng.domains.permits.queries import permits as permit_queries
from quancheng.domains.permits.services.instruments import Drawn
from quancheng.domains.permits.services.pairings import pair_detector, part_detector
from quancheng.kernel.exchange.rest import REFUSALS, Problem, Strict, client_id_of, one_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.gas import POSITIONS

router = Router(tags=["permits"])


class PairingIn(Strict):
    """Which portable detector, by the code of its tag, where it is held and by whom."""

    instrument: str = Field(min_length=1, max_length=64)
    point: str = Field(min_length=1, max_length=60)
    position: str = one_of(POSITIONS, default="INSIDE")
    distance_m: Decimal | None = Field(None, ge=0, lt=100_000, decimal_places=2)
    analyst: str = Field(min_length=1, max_length=60)
    gas: str = Field("", max_length=40, description="combustible gas that may be there: code, CAS number or name")


class PairingOut(Schema):
    """A pairing. ``heard_at`` is the newest message that counted; ``trouble`` why what came since counts as no test;
    empty: it counts. ``ended_at`` null: it stands."""

    id: uuid.UUID
    permit_id: uuid.UUID
    instrument: str
    name: str
    quantity: str
    gas: str
    position: str
    point: str
    heard_at: datetime | None
    trouble: str
    paired_at: datetime
    ended_at: datetime | None


class PartDetectorIn(Strict):
    pass


@router.get("/permits/{uuid:pk}/detectors", response={200: list[PairingOut], **REFUSALS},
            operation_id="list_paired_detectors",
            summary="Portable detectors that go or went with a permit")  # fmt: skip
def list_pairings(request: HttpRequest, pk: uuid.UUID) -> list[DetectorPairing]:
    return list(queries.pairings_of(permit_queries.get_permit(actor=actor_of(request), permit_id=pk)))


@router.post("/permits/{uuid:pk}/detectors", response={201: PairingOut, 503: Problem, **REFUSALS},
             operation_id="pair_detector", summary="Pair a portable detector with a permit")  # fmt: skip
def pair(request: HttpRequest, pk: uuid.UUID, payload: PairingIn) -> Status[DetectorPairing]:
    actor, known = actor_of(request), payload.dict(exclude={"instrument"})
    return Status(201, pair_detector(
        actor=actor, permit=permit_queries.get_permit(actor=actor, permit_id=pk), instrument=payload.instrument,
        drawn=Drawn(**known, phase="PERIODIC"), now=timezone.now(), client_id=client_id_of(request),
    ))  # fmt: skip


@router.post("/permits/{uuid:pk}/detectors/{uuid:pairing}/part", response={200: PairingOut, **REFUSALS},
             operation_id="part_detector", summary="A detector goes with the permit no longer")  # fmt: skip
def part(request: HttpRequest, pk: uuid.UUID, pairing: uuid.UUID, payload: PartDetectorIn) -> DetectorPairing:
    actor = actor_of(request)
    permit = permit_queries.get_permit(actor=actor, permit_id=pk)
    return part_detector(
        actor=actor, pairing=queries.get_pairing(permit=permit, pairing_id=pairing), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
