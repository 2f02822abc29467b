"""The gate for machines: may somebody enter, he went in or out, who is in."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.training.models import Direction, Employment, GatePass, Person
from quancheng.domains.training.queries import entries as queries
from quancheng.domains.training.queries.persons import get_person
from quancheng.domains.training.services.entries import pass_gate
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])
#: Days for which the gate is asked.
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)


class GroundOut(Schema):
    """Why not: a code for machines, a sentence in the language of the request."""

    code: str
    text: str


class EntryOut(Schema):
    """The answer of the gate. ``valid_to`` is the last day on which the four steps count."""

    person_id: uuid.UUID
    day: date
    allowed: bool
    grounds: list[GroundOut]
    work_area: str
    zones: str
    valid_to: date | None


class GateCheckIn(Strict):
    person_id: uuid.UUID | None = None
    card: str = Field("", max_length=60, description="in the code of the card, or a badge; at the own enterprise")
    day: date | None = Field(None, description="today if empty")


class GatePassIn(Strict):
    person_id: uuid.UUID | None = None
    card: str = Field("", max_length=60)
    direction: str = one_of(Direction.values, default=None)
    gate: str = Field("", max_length=60)


class GatePassOut(Schema):
    """A record of the gate; one that is not allowed names the codes of its reasons."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    person_id: uuid.UUID
    direction: str
    gate: str
    at: datetime
    is_allowed: bool
    grounds: list[str]


class OutsidersIn(Paging):
    enterprise_id: uuid.UUID | None = None
    employment: str = one_of(one for one in Employment.values if one != Employment.OWN)
    on_site: bool = Field(False, description="only who is in now")


class OutsiderOut(Schema):
    """Somebody from outside; ``done_count`` of the four unified steps."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    name: str
    employment: str
    employer_name: str
    employer_code: str
    done_count: int
    is_in: bool

    @staticmethod
    def resolve_is_in(row: Any) -> bool:
        return bool(row.last_direction == Direction.IN)


class GatePassesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    is_allowed: bool | None = None


def _person(request: HttpRequest, person_id: uuid.UUID | None, card: str) -> Person:
    actor = actor_of(request)
    if person_id is not None:
        return get_person(actor=actor, person_id=person_id)
    actor.require(queries.GATE)
    if not card:
        raise Invalid(fields={"card": "person_id, card"})
    return queries.person_of_card(actor=actor, text=card)


@router.get("/gate/check", response={200: EntryOut, **REFUSALS}, operation_id="check_gate",
            summary="May somebody enter")  # fmt: skip
def check_gate(request: HttpRequest, given: Query[GateCheckIn]) -> dict[str, Any]:
    if given.day is not None and not _FIRST <= given.day <= _LAST:
        raise Invalid(fields={"day": f"{_FIRST} – {_LAST}"})
    person = _person(request, given.person_id, given.card)
    day = given.day or Calendar().local_date(timezone.now())
    entry = queries.as_heard(queries.may_enter(person, day), actor=actor_of(request))
    return {
        "person_id": person.pk, "day": day, "allowed": entry.may_enter,
        "grounds": [{"code": one.code, "text": one.text} for one in entry.grounds],
        "work_area": entry.site.work_area if entry.site else "", "zones": entry.site.zones if entry.site else "",
        "valid_to": entry.valid_to,
    }  # fmt: skip


@router.post("/gate/passes", response={201: GatePassOut, **REFUSALS}, operation_id="pass_gate",
             summary="Somebody goes in or out")  # fmt: skip
def pass_the_gate(request: HttpRequest, payload: GatePassIn) -> Status[GatePass]:
    """A refusal is recorded and answered, not raised: see ``is_allowed``."""
    made = pass_gate(
        actor=actor_of(request), person=_person(request, payload.person_id, payload.card),
        direction=payload.direction, gate=payload.gate, now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.get("/gate/passes", response={200: Page[GatePassOut], **REFUSALS}, operation_id="list_gate_passes",
            summary="Records of the gate, the newest first")  # fmt: skip
def list_gate_passes(request: HttpRequest, given: Query[GatePassesIn]) -> dict[str, Any]:
    rows = queries.list_passes(actor=actor_of(request))
    asked = {"file": given.enterprise_id, "person": given.person_id, "is_allowed": given.is_allowed}
    return page_of(narrowed(rows, asked), given)


@router.get("/outsiders", response={200: Page[OutsiderOut], **REFUSALS}, operation_id="list_outsiders",
            summary="People from outside, with the four steps")  # fmt: skip
def list_outsiders(request: HttpRequest, given: Query[OutsidersIn]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = queries.list_on_site(actor=actor) if given.on_site else queries.list_outsiders(actor=actor)
    return page_of(narrowed(rows, {"file": given.enterprise_id, "employment": given.employment}), given)
