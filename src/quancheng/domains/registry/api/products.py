"""Products of the enterprises, what they are made of, and their safety data sheets."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import chemical_of, files_named
from quancheng.domains.registry.models import DataSheet, Product
from quancheng.domains.registry.models.products import SECTIONS
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import products as queries
from quancheng.domains.registry.services import products as services
from quancheng.domains.registry.services.enterprises import require_keeper
from quancheng.domains.registry.services.products import SECTION_LIMIT, Part
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, narrowed, one_of, only_once, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])

_METRES = Field(None, ge=0, le=100_000)


class ProductOut(Schema):
    """A product; ``code`` is its safety information code, which never changes."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    code: str = Field(alias="code.code")
    name: str
    english: str
    registration_no: str
    certificate_no: str
    certificate_until: date | None
    national_url: str
    uses: str
    hazard_classes: list[str]
    phone: str
    packages: list[str]
    prevention: str
    response: str
    storage: str
    disposal: str
    un_no: str
    transport_class: str
    packing_group: str
    extinguishing: str
    isolation_m: int | None
    protection_m: int | None
    distance_source: str
    ended_date: date | None
    version: int
    updated_at: datetime


class PartOut(Schema):
    """A chemical and its content, percent by mass; null where nobody said."""

    chemical_id: uuid.UUID
    chemical: str = Field(alias="chemical.name")
    cas: str = Field(alias="chemical.cas")
    low: Decimal | None
    high: Decimal | None


class ProductWholeOut(ProductOut):
    """A product with what it is made of, the most first."""

    parts: list[PartOut]

    @staticmethod
    def resolve_parts(row: Product) -> list[Any]:
        return queries.parts_of(row)


class ProductsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    un_no: str = Field("", pattern=r"^(\d{4})?$")
    unregistered: bool = Field(False, description="only those without a registration number")


class PartIn(Strict):
    """``chemical`` is a CAS number, a name or another name in the register; percent by mass, both ends or none."""

    chemical: str = Field(min_length=1, max_length=200)
    low: Decimal | None = Field(None, ge=0, le=100, decimal_places=4)
    high: Decimal | None = Field(None, ge=0, le=100, decimal_places=4)


class ProductSaidIn(Strict):
    """What a product says; of a change only what is sent is changed."""

    name: str | None = Field(None, min_length=1, max_length=120)
    english: str = Field("", max_length=200)
    registration_no: str = Field("", max_length=40)
    certificate_no: str = Field("", max_length=40)
    certificate_until: date | None = None
    national_url: str = Field("", max_length=300)
    uses: str = Field("", max_length=300)
    hazard_classes: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(
        default_factory=list, max_length=40
    )
    phone: str | None = Field(None, min_length=1, max_length=40, description="answered at all hours")
    packages: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(
        default_factory=list, max_length=40, description="each with its volume, such as 塑料桶 25 L"
    )
    prevention: str = Field("", max_length=600)
    response: str = Field("", max_length=600)
    storage: str = Field("", max_length=600)
    disposal: str = Field("", max_length=600)
    un_no: str = Field("", pattern=r"^(\d{4})?$")
    transport_class: str = Field("", max_length=10)
    packing_group: str = one_of(("I", "II", "III"))
    extinguishing: str = Field("", max_length=200)
    isolation_m: int | None = _METRES
    protection_m: int | None = _METRES
    distance_source: str = Field("", max_length=120, description="where the distances come from")
    parts: list[PartIn] | None = Field(None, min_length=1, max_length=100)

    def known(self) -> dict[str, Any]:
        """What was sent of the product itself; null for a text is nothing sent."""
        given = self.dict(exclude_unset=True, exclude={"parts", "version"})
        return {name: value for name, value in given.items() if value is not None or name not in ("name", "phone")}

    def made_of(self) -> list[Part]:
        """:raises Invalid: a chemical that is not in the register."""
        return [
            Part(chemical_of(one.chemical, field=f"parts.{number}.chemical"), *_ends(one))
            for number, one in enumerate(self.parts or ())
        ]


class ProductIn(ProductSaidIn):
    name: str = Field(min_length=1, max_length=120)
    phone: str = Field(min_length=1, max_length=40, description="answered at all hours")
    parts: list[PartIn] = Field(min_length=1, max_length=100)


class ProductChangeIn(ProductSaidIn):
    version: int = Field(ge=1, description="as it was read; an older one is refused")


class SheetOut(Schema):
    """A version of a data sheet; a draft has no ``issued_at``."""

    id: uuid.UUID
    product_id: uuid.UUID
    number: int
    revision_date: date | None
    issued_at: datetime | None
    by_name: str
    version: int
    updated_at: datetime


class SheetWholeOut(SheetOut):
    """With its sixteen sections, the first one first (GB/T 16483-2008)."""

    sections: list[str]


class SheetIn(Strict):
    """All sixteen sections; ``evidence`` names files uploaded before: the original."""

    version: int = Field(ge=1)
    sections: list[Annotated[str, Field(max_length=SECTION_LIMIT)]] = Field(min_length=SECTIONS, max_length=SECTIONS)
    revision_date: date | None = None
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class IssueIn(Strict):
    version: int = Field(ge=1)


def _ends(one: PartIn) -> tuple[Decimal | None, Decimal | None]:
    """A single number is both ends."""
    return (one.low if one.low is not None else one.high, one.high if one.high is not None else one.low)


def _standing_parts(product: Product) -> Sequence[Part]:
    return [Part(one.chemical, one.low, one.high) for one in queries.parts_of(product)]


@router.get(
    "/products",
    response={200: Page[ProductOut], **REFUSALS},
    operation_id="list_products",
    summary="Products of the enterprises that the actor may see",
)
def list_products(request: HttpRequest, given: Query[ProductsIn]) -> dict[str, Any]:
    rows = queries.list_products(actor=actor_of(request))
    if given.unregistered:
        rows = rows.filter(registration_no="")
    return page_of(narrowed(rows, {"file": given.enterprise_id, "un_no": given.un_no}), given)


@router.post(
    "/enterprises/{uuid:pk}/products",
    response={201: ProductWholeOut, **REFUSALS},
    operation_id="enter_product",
    summary="Enter a product of an enterprise; it gets its safety information code",
)
def enter_product(request: HttpRequest, pk: uuid.UUID, payload: ProductIn) -> Status[Product]:
    actor = actor_of(request)
    file = files.get_enterprise(actor=actor, file_id=pk)
    require_keeper(actor, file)
    parts = payload.made_of()

    def make() -> uuid.UUID:
        return services.enter_product(
            actor=actor, file=file, known=payload.known(), parts=parts, now=timezone.now()
        ).pk

    body = {"file": str(file.pk), **payload.model_dump(mode="json")}
    made = only_once(request, actor=actor, act="registry.product.enter", body=body, make=make)
    return Status(201, queries.get_product(actor=actor, product_id=made))


@router.get(
    "/products/{uuid:pk}",
    response={200: ProductWholeOut, **REFUSALS},
    operation_id="get_product",
    summary="One product with what it is made of",
)
def get_product(request: HttpRequest, pk: uuid.UUID) -> Product:
    return queries.get_product(actor=actor_of(request), product_id=pk)


@router.patch(
    "/products/{uuid:pk}",
    response={200: ProductWholeOut, **REFUSALS},
    operation_id="change_product",
    summary="Change what stands of a product; its code stays",
)
def change_product(request: HttpRequest, pk: uuid.UUID, payload: ProductChangeIn) -> Product:
    actor = actor_of(request)
    product = queries.get_product(actor=actor, product_id=pk)
    require_keeper(actor, product.file)
    parts = payload.made_of() if payload.parts is not None else _standing_parts(product)
    services.change_product(
        actor=actor, product=product, version=payload.version, changes=payload.known(), parts=parts,
        now=timezone.now(),
    )  # fmt: skip
    return queries.get_product(actor=actor, product_id=pk)


@router.post(
    "/products/{uuid:pk}/end",
    response={200: ProductWholeOut, **REFUSALS},
    operation_id="end_product",
    summary="The product is no longer made or sold; its code goes on answering",
)
def end_product(request: HttpRequest, pk: uuid.UUID) -> Product:
    actor = actor_of(request)
    services.end_product(actor=actor, product=queries.get_product(actor=actor, product_id=pk), now=timezone.now())
    return queries.get_product(actor=actor, product_id=pk)


@router.get(
    "/products/{uuid:pk}/data-sheets",
    response={200: list[SheetOut], **REFUSALS},
    operation_id="list_data_sheets",
    summary="Versions of a product's safety data sheet, the newest first",
)
def list_sheets(request: HttpRequest, pk: uuid.UUID) -> list[DataSheet]:
    return queries.sheets_of(queries.get_product(actor=actor_of(request), product_id=pk))


@router.post(
    "/products/{uuid:pk}/data-sheets",
    response={201: SheetWholeOut, **REFUSALS},
    operation_id="begin_data_sheet",
    summary="The product's draft: the one that stands, or a new one that begins as the newest version",
)
def begin_sheet(request: HttpRequest, pk: uuid.UUID) -> Status[DataSheet]:
    actor = actor_of(request)
    product = queries.get_product(actor=actor, product_id=pk)
    return Status(201, services.begin_sheet(actor=actor, product=product, now=timezone.now()))


@router.get(
    "/data-sheets/{uuid:pk}",
    response={200: SheetWholeOut, **REFUSALS},
    operation_id="get_data_sheet",
    summary="One version of a data sheet with its sixteen sections",
)
def get_sheet(request: HttpRequest, pk: uuid.UUID) -> DataSheet:
    return queries.get_sheet(actor=actor_of(request), sheet_id=pk)


@router.patch(
    "/data-sheets/{uuid:pk}",
    response={200: SheetWholeOut, **REFUSALS},
    operation_id="write_data_sheet",
    summary="Write on a draft: all sixteen sections",
)
def write_sheet(request: HttpRequest, pk: uuid.UUID, payload: SheetIn) -> DataSheet:
    actor = actor_of(request)
    sheet = queries.get_sheet(actor=actor, sheet_id=pk)
    with files_named():
        return services.write_sheet(actor=actor, sheet=sheet, now=timezone.now(), **payload.dict())


@router.post(
    "/data-sheets/{uuid:pk}/issue",
    response={200: SheetWholeOut, **REFUSALS},
    operation_id="issue_data_sheet",
    summary="Issue a draft: it stands from now on",
)
def issue_sheet(request: HttpRequest, pk: uuid.UUID, payload: IssueIn) -> DataSheet:
    actor = actor_of(request)
    sheet = queries.get_sheet(actor=actor, sheet_id=pk)
    return services.issue_sheet(actor=actor, sheet=sheet, version=payload.version, now=timezone.now())
