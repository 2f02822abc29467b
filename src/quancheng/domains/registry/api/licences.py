"""Licences: what is licensed to whom until when, and the matrix of one enterprise."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import chemical_of
from quancheng.domains.registry.models import Licence
from quancheng.domains.registry.models.licences import LicenceState
from quancheng.domains.registry.quantities import LARGEST_T
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import licences as queries
from quancheng.domains.registry.queries.rights import Rights
from quancheng.domains.registry.services import licences as services
from quancheng.domains.registry.services.licences import LicenceSpec, ScopeItem
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.licences import WAYS_OF_TRADE

router = Router(tags=["registry"])


class LicencesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(queries.kinds())
    state: str = one_of(LicenceState.values)
    ends_by: date | None = Field(None, description="valid to this day at most")


class ScopeOut(Schema):
    chemical_id: uuid.UUID
    chemical: str = Field(alias="chemical.name")
    cas: str = Field(alias="chemical.cas")
    permitted_t: Decimal | None


class LicenceOut(Schema):
    """A licence as printed; ``state`` follows from its dates and decisions, ``valid_to`` is null without end."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    kind: str
    number: str
    state: str
    holder_name: str
    holder_code: str
    scope: str
    way_of_trade: str
    registered_address: str
    trading_address: str
    storage_address: str
    legal_representative: str
    issuer: str
    issued_date: date | None
    valid_from: date | None
    valid_to: date | None
    renew_date: date | None
    decision: str
    decided_date: date | None
    replaced_by_id: uuid.UUID | None
    verified_at: datetime | None
    version: int


class LicenceWholeOut(LicenceOut):
    """A licence with the chemicals of its scope."""

    items: list[ScopeOut]

    @staticmethod
    def resolve_items(row: Licence) -> list[Any]:
        return queries.items_of(row)


class ScopeIn(Strict):
    """``chemical`` is a CAS number, a name or another name in the register."""

    chemical: str = Field(min_length=1, max_length=200)
    permitted_t: Decimal | None = Field(None, ge=0, le=LARGEST_T)


class LicenceIn(Strict):
    kind: str = one_of(queries.kinds(), default=None)
    number: str = Field(min_length=1, max_length=80)
    holder_name: str = Field("", max_length=120)
    holder_code: str = Field("", max_length=18)
    scope: str = Field("", max_length=5000)
    way_of_trade: str = one_of(WAYS_OF_TRADE)
    registered_address: str = Field("", max_length=200)
    trading_address: str = Field("", max_length=200)
    storage_address: str = Field("", max_length=200)
    legal_representative: str = Field("", max_length=60)
    issuer: str = Field("", max_length=120)
    issued_date: date | None = None
    valid_from: date | None = None
    valid_to: date | None = Field(None, description="must be said for kinds that end")
    items: list[ScopeIn] = Field(default_factory=list, max_length=500)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50, description="files uploaded before")

    def spec(self) -> LicenceSpec:
        """:raises Invalid: a chemical that is not in the register."""
        items = [
            ScopeItem(chemical_of(one.chemical, field=f"items.{number}.chemical"), one.permitted_t)
            for number, one in enumerate(self.items)
        ]
        known = self.dict(exclude={"kind", "items", "evidence"})
        return LicenceSpec(kind=self.kind, known=known, items=items, evidence=self.evidence)


class MatrixOut(Schema):
    """One kind of licence in an enterprise's matrix; ``state`` is ``missing`` where there is none."""

    kind: str
    basis: str
    is_due: bool
    is_gap: bool
    state: str
    doubts: list[str]
    licence_id: uuid.UUID | None


@router.get(
    "/licences",
    response={200: Page[LicenceOut], **REFUSALS},
    operation_id="list_licences",
    summary="Licences with their state today, the soonest expiry first",
)
def list_licences(request: HttpRequest, given: Query[LicencesIn]) -> dict[str, Any]:
    rows = queries.list_licences(actor=actor_of(request), on=timezone.localdate())
    asked = {"file": given.enterprise_id, "kind": given.kind, "state": given.state, "valid_to__lte": given.ends_by}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/licences/{uuid:pk}",
    response={200: LicenceWholeOut, **REFUSALS},
    operation_id="get_licence",
    summary="One licence with the chemicals of its scope",
)
def get_licence(request: HttpRequest, pk: uuid.UUID) -> Licence:
    return queries.get_licence(actor=actor_of(request), licence_id=pk, on=timezone.localdate())


@router.post(
    "/enterprises/{uuid:pk}/licences",
    response={201: LicenceWholeOut, **REFUSALS},
    operation_id="enter_licence",
    summary="Enter a licence of an enterprise; an older one that it prolongs is marked as replaced",
)
def enter_licence(request: HttpRequest, pk: uuid.UUID, payload: LicenceIn) -> Status[Licence]:
    actor = actor_of(request)
    file = files.get_enterprise(actor=actor, file_id=pk)
    made = services.enter_licence(
        actor=actor, file=file, spec=payload.spec(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, queries.get_licence(actor=actor, licence_id=made.pk, on=timezone.localdate()))


@router.get(
    "/enterprises/{uuid:pk}/licence-matrix",
    response={200: list[MatrixOut], **REFUSALS},
    operation_id="get_licence_matrix",
    summary="Which licences an enterprise's classes need, and which of them it has",
)
def get_licence_matrix(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    rights = Rights(files.get_enterprise(actor=actor_of(request), file_id=pk), timezone.localdate())
    return [
        {
            "kind": row.kind.code, "basis": row.kind.basis, "is_due": row.is_due, "is_gap": row.is_gap,
            "state": row.state, "doubts": [doubt.zh for doubt in row.doubts],
            "licence_id": row.licence.pk if row.licence else None,
        }
        for row in rights.matrix
    ]  # fmt: skip
