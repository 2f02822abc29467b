"""Enterprises: listed, entered, changed, verified."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.kinds import Kind, Life, Size
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.points import System, converted, point_fault
from quancheng.domains.registry.queries import enterprises as queries
from quancheng.domains.registry.services import enterprises as services
from quancheng.domains.registry.services.enterprises import EnterpriseSpec
from quancheng.kernel.areas.queries import standing_area
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import LINKS
from quancheng.standards.completeness import rules_by_code

router = Router(tags=["registry"])


class EnterpriseOut(Schema):
    """A file. Points are CGCS2000, degrees; ``legal_grade`` is the gravest of its units, 1 to 4, null for none."""

    id: uuid.UUID
    name: str = Field(alias="enterprise.name")
    credit_code: str | None = Field(alias="enterprise.credit_code")
    kind: str
    more_kinds: list[str]
    links: list[str]
    size: str
    life: str
    area_id: uuid.UUID | None
    registered_address: str
    address: str
    lon: Decimal | None
    lat: Decimal | None
    emergency_phone: str
    industry: str
    registration_code: str = Field(description="code in the national chemical registration system")
    staff_count: int | None
    exposed_population: int | None = Field(description="residents within 500 m of the boundary")
    exposed_date: date | None
    exposed_source: str
    supervisor_id: uuid.UUID
    legal_grade: int | None
    unit_count: int
    score: int | None = Field(description="completeness of the file, whole per cent; null while not measured")
    verified_at: datetime | None
    version: int
    updated_at: datetime


class EnterprisesIn(Paging):
    kind: str = one_of(Kind.values)
    life: str = one_of(Life.values)
    credit_code: str = Field("", pattern="^([0-9A-Z]{18})?$")
    major: bool = Field(False, description="only those with a major hazard")
    lacks: str = one_of(list(rules_by_code()), description="only files that lack this datum")
    most_score: int | None = Field(None, ge=0, le=100, description="only files at most so complete, per cent")


class KnownIn(Strict):
    """What a file says; of a change only what is sent is changed. Points in ``system``, converted to CGCS2000."""

    kind: str | None = one_of(Kind.values)
    more_kinds: list[str] | None = None
    size: str | None = one_of(Size.values)
    life: str | None = one_of(Life.values)
    registered_address: str | None = Field(None, max_length=200)
    address: str | None = Field(None, max_length=200)
    lon: Decimal | None = Field(None, ge=-180, le=180)
    lat: Decimal | None = Field(None, ge=-180, le=180)
    system: str | None = one_of(System.values, description="of lon and lat; asked for where they are sent")
    emergency_phone: str | None = Field(None, max_length=40)
    industry: str | None = Field(None, max_length=80)
    registration_code: str | None = Field(None, pattern="^([0-9A-Za-z]{9})?$")
    staff_count: int | None = Field(None, ge=0, le=1_000_000)
    exposed_population: int | None = Field(None, ge=0, le=10_000_000)
    exposed_date: date | None = None
    exposed_source: str | None = Field(None, max_length=120)

    def known(self) -> dict[str, Any]:
        """What was sent, its point in CGCS2000. :raises Invalid: no system, or a point that cannot be."""
        given = self.dict(exclude_unset=True, exclude={"name", "credit_code", "area_id", "links", "version"})
        system = given.pop("system", "")
        lon, lat = given.get("lon"), given.get("lat")
        if lon is None or lat is None:
            return {name: value for name, value in given.items() if value != "" or name not in ("kind", "life")}
        if not system:
            raise Invalid(fields={"system": _("请写明坐标系（CGCS2000、WGS84、GCJ-02、BD-09）。")})
        if (said := point_fault(lon, lat, system)) is not None:
            raise Invalid(fields={"lon": said})
        given["lon"], given["lat"] = converted(lon, lat, system)
        return {name: value for name, value in given.items() if value != "" or name not in ("kind", "life")}


class EnterpriseIn(KnownIn):
    """A new enterprise. ``credit_code`` may be empty of a place without licence alone."""

    name: str = Field(min_length=1, max_length=120)
    credit_code: str = Field("", max_length=24)
    kind: str = one_of(Kind.values, default=None)
    area_id: uuid.UUID
    links: list[str] = Field(default_factory=list, description="of the chain; empty takes those of the class")


class EnterpriseChangeIn(KnownIn):
    version: int = Field(ge=1, description="as it was read; an older one is refused")


class VerifyIn(Strict):
    version: int = Field(ge=1)
    remark: str = Field("", max_length=500)


@router.get(
    "/enterprises",
    response={200: Page[EnterpriseOut], **REFUSALS},
    operation_id="list_enterprises",
    summary="Enterprises that the actor may see, by name",
)
def list_enterprises(request: HttpRequest, given: Query[EnterprisesIn]) -> dict[str, Any]:
    rows = queries.list_enterprises(actor=actor_of(request))
    asked = {"kind": given.kind, "life": given.life, "enterprise__credit_code": given.credit_code.upper()}
    if given.major:
        rows = rows.filter(legal_grade__isnull=False)
    if given.lacks:
        rows = rows.filter(completeness__gaps__contains=[given.lacks])
    if given.most_score is not None:
        rows = rows.filter(completeness__score__lte=given.most_score)
    return page_of(narrowed(rows, asked), given)


@router.post(
    "/enterprises",
    response={201: EnterpriseOut, **REFUSALS},
    operation_id="enter_enterprise",
    summary="Enter an enterprise of one's own area",
)
def enter_enterprise(request: HttpRequest, payload: EnterpriseIn) -> Status[Enterprise]:
    actor = actor_of(request)
    actor.require(services.ENTER)
    unknown = set(payload.links) - {code for code, _label in LINKS}
    if unknown:
        raise Invalid(fields={"links": _("没有这个链条环节：%(codes)s。") % {"codes": listed(sorted(unknown))}})
    known = payload.known()
    spec = EnterpriseSpec(
        name=payload.name, credit_code=payload.credit_code, kind=known.pop("kind"), area=standing_area(payload.area_id),
        links=payload.links, known=known,
    )  # fmt: skip
    made = services.enter_enterprise(actor=actor, spec=spec, now=timezone.now(), client_id=client_id_of(request))
    return Status(201, queries.get_enterprise(actor=actor, file_id=made.pk))


@router.get(
    "/enterprises/{uuid:pk}",
    response={200: EnterpriseOut, **REFUSALS},
    operation_id="get_enterprise",
    summary="One enterprise",
)
def get_enterprise(request: HttpRequest, pk: uuid.UUID) -> Enterprise:
    return queries.get_enterprise(actor=actor_of(request), file_id=pk)


@router.patch(
    "/enterprises/{uuid:pk}",
    response={200: EnterpriseOut, **REFUSALS},
    operation_id="change_enterprise",
    summary="Change what a file says; what was verified is to be verified anew",
)
def change_enterprise(request: HttpRequest, pk: uuid.UUID, payload: EnterpriseChangeIn) -> Enterprise:
    actor = actor_of(request)
    file = queries.get_enterprise(actor=actor, file_id=pk)
    services.require_keeper(actor, file)
    services.change_enterprise(
        actor=actor, file=file, version=payload.version, changes=payload.known(), now=timezone.now()
    )
    return queries.get_enterprise(actor=actor, file_id=pk)


@router.post(
    "/enterprises/{uuid:pk}/verify",
    response={200: EnterpriseOut, **REFUSALS},
    operation_id="verify_enterprise",
    summary="Confirm that the file is as the office found the enterprise",
)
def verify_enterprise(request: HttpRequest, pk: uuid.UUID, payload: VerifyIn) -> Enterprise:
    actor = actor_of(request)
    file = queries.get_enterprise(actor=actor, file_id=pk)
    services.verify_enterprise(
        actor=actor, file=file, version=payload.version, remark=payload.remark, now=timezone.now()
    )
    return queries.get_enterprise(actor=actor, file_id=pk)
