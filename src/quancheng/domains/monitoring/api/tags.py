"""Tags (监测点位) for programs: entered, changed, given limits, taken out of service, ended."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.monitoring.models import PartnerRole, Tag, TagStatus
from quancheng.domains.monitoring.queries import sources as source_queries
from quancheng.domains.monitoring.queries import tags as queries
from quancheng.domains.monitoring.services import tags as services
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import get_enterprise
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
from quancheng.standards.signals import tags as standard

router = Router(tags=["monitoring"])
_KINDS, _PARAMETERS = tuple(standard.kinds()), tuple(standard.PARAMETERS)


class TagOut(Schema):
    """A tag; numbers are in ``unit``, the base unit of its dimension, rates a minute, delays in seconds."""

    id: uuid.UUID
    number: int
    code: str
    name: str
    name_en: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    unit_id: uuid.UUID | None = Field(None, alias="unit_place_id")
    facility_id: uuid.UUID | None
    source_id: uuid.UUID | None
    key: str
    place: str
    quota_code: str
    status: str
    kind: str
    parameter: str
    unit: str
    medium: str
    range_lo: float | None
    range_hi: float | None
    scale: float
    shift: float
    ll: float | None
    l: float | None  # noqa: E741 - the field's own name of this limit
    h: float | None
    hh: float | None
    deadband: float
    on_delay_s: float
    off_delay_s: float
    roc_limit: float | None
    roc_window_s: int
    partner_id: uuid.UUID | None
    partner_as: str
    apart_limit: float | None
    apart_delay_s: float
    travel_s: float | None
    #: Since when it cannot be compared with its partner, because their clocks are too far apart.
    not_comparable_since: datetime | None
    scan_s: float
    is_by_exception: bool
    stale_after_s: int
    flat_after_s: int | None
    flat_within: float | None
    priority: int
    is_critical: bool
    is_latched: bool
    acks_itself: bool
    first_out_group: str
    is_uploaded: bool
    calibrated_until: date | None
    is_portable: bool
    #: CAS number of the gas of the calibration; factors for other gases by theirs.
    calibration_gas: str
    corrections: dict[str, float]
    lon: float | None
    lat: float | None
    is_loosened: bool
    exempted_until: date | None
    service_until: datetime | None
    service_reason: str
    ended_date: date | None
    ended_reason: str
    version: int

    @staticmethod
    def resolve_not_comparable_since(row: Tag) -> datetime | None:
        return row.split.since_at if row.split is not None else None


class UnknownKeyOut(Schema):
    """A name that a source tells and no tag has."""

    key: str
    count: int
    first_at: datetime
    last_at: datetime


class TagsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    source_id: uuid.UUID | None = None
    facility_id: uuid.UUID | None = None
    kind: str = one_of(_KINDS)
    status: str = one_of(TagStatus.values)


class UnknownKeysIn(Paging):
    pass


class LimitsIn(Strict):
    """When a tag is an alarm, in ``unit``; null clears a limit, of the rest it takes the kind's usual."""

    ll: float | None = None
    l: float | None = None  # noqa: E741 - the field's own name of this limit
    h: float | None = None
    hh: float | None = None
    deadband: float | None = None
    on_delay_s: float | None = None
    off_delay_s: float | None = None
    roc_limit: float | None = None
    roc_window_s: int | None = None
    partner_id: uuid.UUID | None = Field(None, description="the tag with which it is compared; null: with none")
    partner_as: str = one_of(PartnerRole.values, description="what the partner is; empty without one")
    apart_limit: float | None = Field(None, description="farther apart is an alarm; of a sensor or set point")
    apart_delay_s: float | None = None
    travel_s: float | None = Field(None, description="seconds in which a command is followed; alarm after 1.5 times")
    priority: int | None = None
    unit: str = Field("", max_length=20, description="empty: the tag's own")


class SetLimitsIn(LimitsIn):
    version: int


class TagIn(LimitsIn):
    """What a tag is. Numbers are in ``unit`` and kept in the base unit of its dimension."""

    name: str = Field(min_length=1, max_length=100)
    name_en: str = Field("", max_length=100)
    unit_id: uuid.UUID | None = None
    facility_id: uuid.UUID | None = None
    source_id: uuid.UUID | None = None
    key: str = Field("", max_length=200)
    place: str = Field("", max_length=200)
    quota_code: str = Field("", max_length=40)
    kind: str = one_of(_KINDS, default=None)
    parameter: str = one_of(_PARAMETERS, description="empty: by the kind")
    medium: str = Field("", max_length=20, description="CAS number; toxic gas must tell it")
    range_lo: float | None = None
    range_hi: float | None = None
    scale: float | None = None
    shift: float | None = None
    scan_s: float | None = None
    is_by_exception: bool | None = None
    stale_after_s: int | None = None
    flat_after_s: int | None = None
    flat_within: float | None = None
    is_critical: bool | None = None
    is_latched: bool | None = None
    acks_itself: bool | None = None
    first_out_group: str = Field("", max_length=40)
    is_uploaded: bool | None = None
    calibrated_until: date | None = None
    is_portable: bool | None = Field(None, description="carried to where somebody works")
    calibration_gas: str = Field("", max_length=20, description="gas of the calibration; combustible gas alone")
    corrections: dict[str, float] = Field({}, description="the maker's factors for other gases, by CAS number or name")
    lon: float | None = Field(None, description="degrees, CGCS2000; with lat")
    lat: float | None = None


class EnterTagIn(TagIn):
    code: str = Field(min_length=2, max_length=64)


class ChangeTagIn(TagIn):
    """The tag as it is to be, whole; a found one is confirmed by it."""

    version: int


class ServiceIn(Strict):
    reason: str = Field(min_length=1, max_length=300)
    until: datetime


class EndTagIn(Strict):
    reason: str = Field(min_length=1, max_length=300)


def _known(payload: TagIn, file: Enterprise, row: Tag | None) -> dict[str, Any]:
    known = payload.dict(exclude={"code", "version"})
    facilities = queries.facilities_of(file, also=row.facility_id if row else None)
    known["facility"] = among(facilities, known.pop("facility_id"), "facility_id")
    units = queries.units_of(file, also=row.unit_place_id if row else None)
    known["unit_place"] = among(units, known.pop("unit_id"), "unit_id")
    known["source"] = among(source_queries.sources_of(file), known.pop("source_id"), "source_id")
    return _with_partner(known, file)


def _with_partner(known: dict[str, Any], file: Enterprise) -> dict[str, Any]:
    if "partner_id" in known:
        known["partner"] = among(queries.partners_of(file), known.pop("partner_id"), "partner_id")
    return known


@router.get("/tags", response={200: Page[TagOut], **REFUSALS}, operation_id="list_tags", summary="Tags")
def list_tags(request: HttpRequest, given: Query[TagsIn]) -> dict[str, Any]:
    rows = queries.list_tags(actor=actor_of(request))
    asked = {
        "file": given.enterprise_id, "source": given.source_id, "facility": given.facility_id, "kind": given.kind,
        "status": given.status,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.post("/enterprises/{uuid:pk}/tags", response={201: TagOut, **REFUSALS}, operation_id="enter_tag",
             summary="Enter a tag")  # fmt: skip
def enter_tag(request: HttpRequest, pk: uuid.UUID, payload: EnterTagIn) -> Status[Tag]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    made = services.enter_tag(
        actor=actor, file=file, code=payload.code, known=_known(payload, file, None), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.get("/tags/{uuid:pk}", response={200: TagOut, **REFUSALS}, operation_id="get_tag", summary="One tag")
def get_tag(request: HttpRequest, pk: uuid.UUID) -> Tag:
    return queries.get_tag(actor=actor_of(request), tag_id=pk)


@router.put("/tags/{uuid:pk}", response={200: TagOut, **REFUSALS}, operation_id="change_tag",
            summary="Change a tag, or confirm a found one")  # fmt: skip
def change_tag(request: HttpRequest, pk: uuid.UUID, payload: ChangeTagIn) -> Tag:
    actor = actor_of(request)
    row = queries.get_tag(actor=actor, tag_id=pk)
    write = services.confirm_tag if row.status == TagStatus.FOUND else services.change_tag
    return write(
        actor=actor, row=row, version=payload.version, known=_known(payload, row.file, row), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/tags/{uuid:pk}/limits", response={200: TagOut, **REFUSALS}, operation_id="set_tag_limits",
             summary="Set when a tag is an alarm")  # fmt: skip
def set_tag_limits(request: HttpRequest, pk: uuid.UUID, payload: SetLimitsIn) -> Tag:
    actor = actor_of(request)
    row = queries.get_tag(actor=actor, tag_id=pk)
    known = _with_partner(payload.dict(exclude={"version"}, exclude_unset=True), row.file)
    return services.set_limits(
        actor=actor, row=row, version=payload.version, known=known, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/tags/{uuid:pk}/service", response={200: TagOut, **REFUSALS}, operation_id="put_tag_into_service",
             summary="Repair or calibration begins")  # fmt: skip
def put_tag_into_service(request: HttpRequest, pk: uuid.UUID, payload: ServiceIn) -> Tag:
    actor = actor_of(request)
    row = queries.get_tag(actor=actor, tag_id=pk)
    services.put_into_service(actor=actor, row=row, reason=payload.reason, until=payload.until, now=timezone.now())
    return row


@router.post("/tags/{uuid:pk}/return", response={200: TagOut, **REFUSALS}, operation_id="return_tag_to_service",
             summary="Repair or calibration is over")  # fmt: skip
def return_tag_to_service(request: HttpRequest, pk: uuid.UUID) -> Tag:
    actor = actor_of(request)
    row = queries.get_tag(actor=actor, tag_id=pk)
    services.return_to_service(actor=actor, row=row, now=timezone.now())
    return row


@router.post("/tags/{uuid:pk}/end", response={200: TagOut, **REFUSALS}, operation_id="end_tag",
             summary="End a tag for good")  # fmt: skip
def end_tag(request: HttpRequest, pk: uuid.UUID, payload: EndTagIn) -> Tag:
    actor = actor_of(request)
    row = queries.get_tag(actor=actor, tag_id=pk)
    services.end_tag(actor=actor, row=row, reason=payload.reason, now=timezone.now())
    return row


@router.get("/sources/{uuid:pk}/unknown", response={200: Page[UnknownKeyOut], **REFUSALS},
            operation_id="list_unknown_keys", summary="Names that a source tells and no tag has")  # fmt: skip
def list_unknown_keys(request: HttpRequest, pk: uuid.UUID, given: Query[UnknownKeysIn]) -> dict[str, Any]:
    source = source_queries.get_source(actor=actor_of(request), source_id=pk)
    return page_of(source_queries.unknown_keys(source), given)
