"""Points of isolation read over REST: the register, and one with the permits that rely on it. No person is named."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from quancheng.domains.permits.loops.isolation import ISOLATION
from quancheng.domains.permits.queries import isolations as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.isolation import DEVICES, ENERGIES

router = Router(tags=["permits"])


class IsolationsIn(Paging):
    """Which points are wanted."""

    enterprise_id: uuid.UUID | None = None
    device: str = one_of(list(DEVICES))
    energy: str = one_of(list(ENERGIES))
    status: str = one_of(ISOLATION.codes)


class IsolationOut(Schema):
    """One point of isolation. Degrees CGCS2000, mm, MPa, degrees Celsius; times aware. ``needs_blind`` null: nobody
    said, and no valve counts; ``review_at``: by when somebody looks at it again; ``lock_count``: personal locks that
    hang there now."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    tag: str
    device: str
    energy: str
    status: str
    unit_id: uuid.UUID | None
    facility_id: uuid.UUID | None
    place: str
    equipment: str
    lon: Decimal | None
    lat: Decimal | None
    needs_blind: bool | None
    lock_no: str
    drawing: str
    plate_form: str
    diameter_mm: int | None
    rated_mpa: Decimal | None
    material: str
    medium: str
    medium_c: Decimal | None
    medium_mpa: Decimal | None
    stood_since: date | None
    planned_at: datetime
    applied_at: datetime | None
    verified_at: datetime | None
    proof: str
    looked_at: datetime | None
    review_at: datetime | None
    lifted_at: datetime | None
    removed_at: datetime | None
    lock_count: int


class IsolationLinkOut(Schema):
    """A permit that the point serves: RELIES, its work needs the point; FITS, its work puts the plate in or out."""

    permit_id: uuid.UUID
    number: str
    kind: str
    status: str
    role: str


class IsolationWholeOut(IsolationOut):
    """One point with the permits that it serves."""

    permits: list[IsolationLinkOut]


@router.get(
    "/isolations",
    response={200: Page[IsolationOut], **REFUSALS},
    operation_id="list_isolations",
    summary="Points of isolation, the newest first",
)
def list_isolations(request: HttpRequest, given: Query[IsolationsIn]) -> dict[str, Any]:
    rows = queries.counted(queries.list_isolations(actor=actor_of(request)))
    asked = {"file": given.enterprise_id, "device": given.device, "energy": given.energy, "status": given.status}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/isolations/{uuid:pk}",
    response={200: IsolationWholeOut, **REFUSALS},
    operation_id="get_isolation",
    summary="One point of isolation, with the permits that it serves",
)
def get_isolation(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    row = queries.get_isolation(actor=actor_of(request), isolation_id=pk)
    told = {name: getattr(row, name) for name in IsolationOut.model_fields if name != "lock_count"}
    permits = [
        {"permit_id": one.permit_id, "number": one.permit.number, "kind": one.permit.kind, "status": one.permit.status,
         "role": one.role}
        for one in queries.links_of_point(row)
    ]  # fmt: skip
    return told | {"lock_count": queries.hanging(point=row).count(), "permits": permits}
