"""Warnings of weather over REST: the register, and the intake of a weather service, which signs in with a token of the
office."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.permits.models import WarningColour, WarningKind, WeatherWarning
from quancheng.domains.permits.queries import weather as queries
from quancheng.domains.permits.services import weather as services
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class WeatherWarningsIn(Paging):
    """Which warnings are wanted."""

    kind: str = one_of(WarningKind.values)
    colour: str = one_of(WarningColour.values)
    standing: bool = Field(False, description="only those that are in force now")


class WeatherWarningOut(Schema):
    """One warning over an area and all below it, in force from ``valid_from`` to before ``valid_to`` or its end."""

    id: uuid.UUID
    kind: str
    colour: str
    area_code: str = Field(alias="over.code")
    area: str = Field(alias="over.name")
    #: Where a detector of an enterprise told it: over this one alone.
    enterprise_id: uuid.UUID | None = Field(alias="file_id")
    issuer: str
    text: str
    reference: str
    valid_from: datetime
    valid_to: datetime
    ended_at: datetime | None
    stopped_count: int


class WeatherWarningIn(Strict):
    """A warning as its issuer tells it. The same ``reference`` again changes colour, area or time of that warning."""

    kind: str = one_of(WarningKind.values, default=None)
    colour: str = one_of(WarningColour.values, default=None)
    area_code: str = Field("", max_length=12, description="code of the division; empty: the office's own area")
    issuer: str = Field(min_length=1, max_length=80)
    text: str = Field("", max_length=500)
    reference: str = Field(min_length=1, max_length=80)
    valid_from: AwareDatetime
    valid_to: AwareDatetime
    issued_at: AwareDatetime = Field(description="when this word was issued; one older than what is known is refused")


class WeatherEndIn(Strict):
    note: str = Field(min_length=1, max_length=300)


@router.get("/weather-warnings", response={200: Page[WeatherWarningOut], **REFUSALS},
            operation_id="list_weather_warnings", summary="Warnings of weather, the newest first")  # fmt: skip
def list_weather_warnings(request: HttpRequest, given: Query[WeatherWarningsIn]) -> dict[str, Any]:
    rows = queries.list_warnings(actor=actor_of(request))
    if given.standing:
        rows = rows.filter(queries.in_force(timezone.now()))
    return page_of(narrowed(rows, {"kind": given.kind, "colour": given.colour}), given)


@router.get("/weather-warnings/{uuid:pk}", response={200: WeatherWarningOut, **REFUSALS},
            operation_id="get_weather_warning", summary="One warning of weather")  # fmt: skip
def get_weather_warning(request: HttpRequest, pk: uuid.UUID) -> WeatherWarning:
    return queries.get_warning(actor=actor_of(request), warning_id=pk)


@router.post("/weather-warnings", response={201: WeatherWarningOut, **REFUSALS}, operation_id="tell_weather_warning",
             summary="Take in a warning, or change the one of its reference; it stops work at once")  # fmt: skip
def tell_weather_warning(request: HttpRequest, payload: WeatherWarningIn) -> Status[WeatherWarning]:
    actor = actor_of(request)
    actor.require(queries.WEATHER)
    over = queries.area_of(actor, payload.area_code)
    if over is None:
        raise Invalid(fields={"area_code": NotFound().message})
    known = payload.dict(exclude={"area_code"})
    return Status(201, services.tell_warning(
        actor=actor, told=services.Told(over=over, **known), now=timezone.now(), client_id=client_id_of(request)
    ))  # fmt: skip


@router.post("/weather-warnings/{uuid:pk}/end", response={200: WeatherWarningOut, **REFUSALS},
             operation_id="end_weather_warning", summary="End a warning before its time")  # fmt: skip
def end_weather_warning(request: HttpRequest, pk: uuid.UUID, payload: WeatherEndIn) -> WeatherWarning:
    actor = actor_of(request)
    return services.end_warning(
        actor=actor, warning=queries.get_warning(actor=actor, warning_id=pk), note=payload.note, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
