"""Chemicals, and where in the district each is held."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from quancheng.domains.registry.api.stock import HoldingOut
from quancheng.domains.registry.models import Chemical
from quancheng.domains.registry.queries import chemicals as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.lists import regulated_lists

router = Router(tags=["registry"])


class ChemicalOut(Schema):
    """A chemical. ``mark``: V verified, G general knowledge, D our default. ``sources`` says where a value comes from.

    Temperatures in °C, density in t/m³, limits of explosion in volume per cent, of exposure in mg/m³.
    """

    id: uuid.UUID
    name: str
    aliases: list[str]
    english: str
    cas: str
    un_no: str
    catalogue_no: str
    state: str
    hazard_classes: list[str]
    lists: list[str]
    molar_mass: Decimal | None
    boiling_point_c: Decimal | None
    flash_point_c: Decimal | None
    autoignition_c: Decimal | None
    density: Decimal | None
    lower_limit: Decimal | None
    upper_limit: Decimal | None
    twa_mg_m3: Decimal | None
    stel_mg_m3: Decimal | None
    ceiling_mg_m3: Decimal | None
    ld50_oral: Decimal | None = Field(description="mg/kg")
    ld50_dermal: Decimal | None = Field(description="mg/kg")
    lc50_inhaled: Decimal | None = Field(description="mg/L, four hours")
    sources: dict[str, str]
    mark: str


class WhereOut(Schema):
    """Sums over what the actor may see, in tonnes, and the places."""

    present_t: Decimal
    design_t: Decimal
    licensed_t: Decimal
    enterprises: int


class ChemicalsIn(Paging):
    text: str = Field("", max_length=80, description="in a name, another name, or a CAS number")
    cas: str = Field("", pattern=r"^(\d{2,7}-\d{2}-\d)?$", description="a CAS number with its hyphens")
    list: str = one_of(regulated_lists())


@router.get(
    "/chemicals",
    response={200: Page[ChemicalOut], **REFUSALS},
    operation_id="list_chemicals",
    summary="The register of chemicals, by pinyin",
)
def list_chemicals(request: HttpRequest, given: Query[ChemicalsIn]) -> dict[str, Any]:
    rows = queries.list_chemicals(actor=actor_of(request))
    if given.text:
        rows = rows.filter(Q(name__icontains=given.text) | Q(aliases__contains=[given.text]) | Q(cas=given.text))
    if given.list:
        rows = rows.filter(lists__contains=[given.list])
    return page_of(narrowed(rows, {"cas": given.cas}), given)


@router.get(
    "/chemicals/{uuid:pk}",
    response={200: ChemicalOut, **REFUSALS},
    operation_id="get_chemical",
    summary="One chemical",
)
def get_chemical(request: HttpRequest, pk: uuid.UUID) -> Chemical:
    return queries.get_chemical(actor=actor_of(request), chemical_id=pk)


@router.get(
    "/chemicals/{uuid:pk}/held",
    response={200: WhereOut, **REFUSALS},
    operation_id="get_chemical_held",
    summary="How much of a chemical is held in the district, as far as the actor may see",
)
def get_held(request: HttpRequest, pk: uuid.UUID) -> Any:
    actor = actor_of(request)
    return queries.total_held(actor=actor, chemical=queries.get_chemical(actor=actor, chemical_id=pk))


@router.get(
    "/chemicals/{uuid:pk}/where",
    response={200: Page[HoldingOut], **REFUSALS},
    operation_id="list_chemical_places",
    summary="Where a chemical is held, most first",
)
def list_where(request: HttpRequest, pk: uuid.UUID, given: Query[Paging]) -> dict[str, Any]:
    actor = actor_of(request)
    chemical = queries.get_chemical(actor=actor, chemical_id=pk)
    return page_of(queries.where_held(actor=actor, chemical=chemical).select_related("chemical"), given)
