"""Checks by checklist, stoppages, design re-verifications, laboratories and supplies of fuel."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import TextIn, files_named
from quancheng.domains.registry.kinds import CheckAnswer, CheckKind, LabKind
from quancheng.domains.registry.loops.checks import REVERIFICATION, STOPPAGE
from quancheng.domains.registry.models import CheckRecord, FuelSupply, Laboratory, Reverification, Stoppage
from quancheng.domains.registry.queries import checks as queries
from quancheng.domains.registry.queries import fuel as fuel_queries
from quancheng.domains.registry.queries.enterprises import get_enterprise, get_facility
from quancheng.domains.registry.services import checks as services
from quancheng.domains.registry.services import fuel
from quancheng.domains.registry.services.checks import CheckSpec
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

router = Router(tags=["registry"])


class CheckOut(Schema):
    """A checklist as it was answered; ``answers`` with the words and the basis that each item had then."""

    id: uuid.UUID
    kind: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    stoppage_id: uuid.UUID | None
    reverification_id: uuid.UUID | None
    laboratory_id: uuid.UUID | None
    census_id: uuid.UUID | None
    checklist: str
    answers: list[dict[str, str]]
    wrong_count: int
    text: str
    day: date
    org_id: uuid.UUID | None
    by_name: str
    recorded_at: datetime


class StoppageOut(Schema):
    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID
    unit_id: uuid.UUID | None
    since_date: date
    reason: str
    resume_date: date | None
    every_days: int
    next_check_date: date
    status: str


class ReverificationOut(Schema):
    """The latest answers are those of its newest check."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID
    owner_org_id: uuid.UUID
    due_date: date
    mend_date: date | None
    mended: str
    case: str
    status: str


class LaboratoryOut(Schema):
    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    facility_id: uuid.UUID
    kind: str
    room: str
    section: str
    head: str
    safety_officer: str
    people_count: int | None
    trained_count: int | None
    last_check: date | None
    version: int


class FuelSupplyOut(Schema):
    """Tonnes a month, and the most that is kept at once."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    supplier_id: uuid.UUID | None
    supplier_name: str
    monthly_t: Decimal
    stored_t: Decimal
    storage: str
    since_date: date | None


class ChecksIn(Paging):
    kind: str = one_of(CheckKind.values)
    enterprise_id: uuid.UUID | None = None


class StoppagesIn(Paging):
    status: str = one_of(STOPPAGE.codes)
    enterprise_id: uuid.UUID | None = None


class ReverificationsIn(Paging):
    status: str = one_of(REVERIFICATION.codes)
    enterprise_id: uuid.UUID | None = None


class LaboratoriesIn(Paging):
    kind: str = one_of(LabKind.values)
    enterprise_id: uuid.UUID | None = None


class FuelSuppliesIn(Paging):
    enterprise_id: uuid.UUID | None = Field(None, description="the user")
    supplier_id: uuid.UUID | None = None


class CheckAnswerIn(Strict):
    place: str = Field(min_length=1, max_length=40)
    answer: str = one_of(CheckAnswer.values, default=None)
    note: str = Field("", max_length=500)


class CheckIn(Strict):
    """``evidence`` names files that the same person uploaded before."""

    answers: list[CheckAnswerIn] = Field(min_length=1, max_length=200)
    day: date
    text: str = Field("", max_length=2000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)

    def spec(self) -> CheckSpec:
        found = {one.place: (one.answer, one.note) for one in self.answers}
        return CheckSpec(answers=found, day=self.day, text=self.text, evidence=self.evidence)


class StoppageIn(Strict):
    """``unit_id`` empty where the whole enterprise stands still."""

    unit_id: uuid.UUID | None = None
    since_date: date
    reason: str = Field(min_length=1, max_length=300)
    resume_date: date | None = None
    every_days: int = Field(30, ge=1, le=366, description="days between two checks")


class ReverificationIn(Strict):
    due_date: date


class ReverificationCaseIn(Strict):
    case: str = Field(min_length=1, max_length=200, description="number or address of the case")


class ReverificationJudgeIn(CheckIn):
    """By the checklist of design; ``mend_date`` with demand, and then at least one item that is answered no."""

    mend_date: date | None = None


class LaboratorySaidIn(Strict):
    """What is said of a laboratory; of a change only what is sent is changed."""

    kind: str = one_of(LabKind.values)
    room: str = Field("", max_length=120)
    section: str = Field("", max_length=120)
    head: str = Field("", max_length=60)
    safety_officer: str = Field("", max_length=60)
    people_count: int | None = Field(None, ge=0, le=1_000_000)
    trained_count: int | None = Field(None, ge=0, le=1_000_000)


class LaboratoryIn(LaboratorySaidIn):
    kind: str = one_of(LabKind.values, default=None)
    room: str = Field(min_length=1, max_length=120)
    head: str = Field(min_length=1, max_length=60)


class LaboratoryChangeIn(LaboratorySaidIn):
    version: int = Field(ge=1)


class FuelSupplyIn(Strict):
    supplier_name: str = Field(min_length=1, max_length=120)
    monthly_t: Decimal = Field(gt=0, le=1_000_000)
    stored_t: Decimal = Field(ge=0, le=1_000_000)
    storage: str = Field(min_length=1, max_length=120)
    since_date: date | None = None


@router.get(
    "/checks",
    response={200: Page[CheckOut], **REFUSALS},
    operation_id="list_checks",
    summary="Checks by checklist of the enterprises that the actor may see",
)
def list_checks(request: HttpRequest, given: Query[ChecksIn]) -> dict[str, Any]:
    rows = queries.list_checks(actor=actor_of(request))
    return page_of(narrowed(rows, {"kind": given.kind, "file": given.enterprise_id}), given)


@router.get("/checks/{uuid:pk}", response={200: CheckOut, **REFUSALS}, operation_id="get_check", summary="One check")
def get_check(request: HttpRequest, pk: uuid.UUID) -> CheckRecord:
    return queries.get_check(actor=actor_of(request), check_id=pk)


@router.get(
    "/stoppages",
    response={200: Page[StoppageOut], **REFUSALS},
    operation_id="list_stoppages",
    summary="Enterprises and units that stand still for long",
)
def list_stoppages(request: HttpRequest, given: Query[StoppagesIn]) -> dict[str, Any]:
    rows = queries.list_stoppages(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "file": given.enterprise_id}), given)


@router.get(
    "/stoppages/{uuid:pk}", response={200: StoppageOut, **REFUSALS}, operation_id="get_stoppage",
    summary="One stoppage",
)  # fmt: skip
def get_stoppage(request: HttpRequest, pk: uuid.UUID) -> Stoppage:
    return queries.get_stoppage(actor=actor_of(request), stoppage_id=pk)


@router.post(
    "/stoppages/{uuid:pk}/checks",
    response={201: CheckOut, **REFUSALS},
    operation_id="check_stoppage",
    summary="Go through the checklist of a stoppage",
)
def check_stoppage(request: HttpRequest, pk: uuid.UUID, payload: CheckIn) -> Status[CheckRecord]:
    actor = actor_of(request)
    row = queries.get_stoppage(actor=actor, stoppage_id=pk)
    made = services.check_stoppage(
        actor=actor, stoppage=row, spec=payload.spec(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.post(
    "/enterprises/{uuid:pk}/stoppages",
    response={201: StoppageOut, **REFUSALS},
    operation_id="open_stoppage",
    summary="Enter that an enterprise, or one unit of it, stands still",
)
def open_stoppage(request: HttpRequest, pk: uuid.UUID, payload: StoppageIn) -> Status[Stoppage]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    unit = among(file.units.filter(ended_date__isnull=True), payload.unit_id, "unit_id")
    made = services.stop(
        actor=actor, file=file, unit=unit, since=payload.since_date, reason=payload.reason,
        resume=payload.resume_date, every_days=payload.every_days, now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.post(
    "/stoppages/{uuid:pk}/{act}",
    response={200: StoppageOut, **REFUSALS},
    operation_id="end_stoppage",
    summary="Resume work, or end for good what stood still",
)
def end_stoppage(request: HttpRequest, pk: uuid.UUID, act: Literal["resume", "end"], payload: TextIn) -> Stoppage:
    actor = actor_of(request)
    row = queries.get_stoppage(actor=actor, stoppage_id=pk)
    return services.end_stoppage(
        actor=actor, stoppage=row, name=act, text=payload.text, now=timezone.now(), client_id=client_id_of(request)
    )


@router.get(
    "/reverifications",
    response={200: Page[ReverificationOut], **REFUSALS},
    operation_id="list_reverifications",
    summary="Design re-verifications of chemical users",
)
def list_reverifications(request: HttpRequest, given: Query[ReverificationsIn]) -> dict[str, Any]:
    rows = queries.list_reverifications(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "file": given.enterprise_id}), given)


@router.get(
    "/reverifications/{uuid:pk}", response={200: ReverificationOut, **REFUSALS}, operation_id="get_reverification",
    summary="One design re-verification",
)  # fmt: skip
def get_reverification(request: HttpRequest, pk: uuid.UUID) -> Reverification:
    return queries.get_reverification(actor=actor_of(request), reverification_id=pk)


@router.post(
    "/enterprises/{uuid:pk}/reverifications",
    response={201: ReverificationOut, **REFUSALS},
    operation_id="open_reverification",
    summary="Open the design re-verification of an enterprise that one's office supervises",
)
def open_reverification(request: HttpRequest, pk: uuid.UUID, payload: ReverificationIn) -> Status[Reverification]:
    actor = actor_of(request)
    made = services.open_reverification(
        actor=actor, file=get_enterprise(actor=actor, file_id=pk), due_date=payload.due_date, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.post(
    "/reverifications/{uuid:pk}/mended",
    response={200: ReverificationOut, **REFUSALS},
    operation_id="mend_reverification",
    summary="The enterprise says what it mended",
)
def mend_reverification(request: HttpRequest, pk: uuid.UUID, payload: TextIn) -> Reverification:
    return _step(request, pk, "mended", payload.text)


@router.post(
    "/reverifications/{uuid:pk}/punish",
    response={200: ReverificationOut, **REFUSALS},
    operation_id="punish_reverification",
    summary="Name the case that was opened",
)
def punish_reverification(request: HttpRequest, pk: uuid.UUID, payload: ReverificationCaseIn) -> Reverification:
    return _step(request, pk, "punish", payload.case)


def _step(request: HttpRequest, pk: uuid.UUID, name: str, text: str) -> Reverification:
    actor = actor_of(request)
    row = queries.get_reverification(actor=actor, reverification_id=pk)
    return services.step_reverification(
        actor=actor, row=row, name=name, text=text, now=timezone.now(), client_id=client_id_of(request)
    )


@router.post(
    "/reverifications/{uuid:pk}/{act}",
    response={200: ReverificationOut, **REFUSALS},
    operation_id="judge_reverification",
    summary="Pass a re-verification, or demand mending until a day, by the checklist",
)
def judge_reverification(
    request: HttpRequest, pk: uuid.UUID, act: Literal["pass", "demand"], payload: ReverificationJudgeIn
) -> Reverification:
    actor = actor_of(request)
    row = queries.get_reverification(actor=actor, reverification_id=pk)
    with files_named():
        return services.judge_reverification(
            actor=actor, row=row, name=act, spec=payload.spec(), mend_date=payload.mend_date, now=timezone.now(),
            client_id=client_id_of(request),
        )  # fmt: skip


@router.get(
    "/laboratories",
    response={200: Page[LaboratoryOut], **REFUSALS},
    operation_id="list_laboratories",
    summary="Laboratories with the day of their last check",
)
def list_laboratories(request: HttpRequest, given: Query[LaboratoriesIn]) -> dict[str, Any]:
    rows = queries.list_laboratories(actor=actor_of(request))
    return page_of(narrowed(rows, {"kind": given.kind, "file": given.enterprise_id}), given)


@router.get(
    "/laboratories/{uuid:pk}", response={200: LaboratoryOut, **REFUSALS}, operation_id="get_laboratory",
    summary="One laboratory",
)  # fmt: skip
def get_laboratory(request: HttpRequest, pk: uuid.UUID) -> Laboratory:
    return queries.get_laboratory(actor=actor_of(request), laboratory_id=pk)


@router.post(
    "/facilities/{uuid:pk}/laboratory",
    response={201: LaboratoryOut, **REFUSALS},
    operation_id="enter_laboratory",
    summary="Register a laboratory over its facility",
)
def enter_laboratory(request: HttpRequest, pk: uuid.UUID, payload: LaboratoryIn) -> Status[Laboratory]:
    actor = actor_of(request)
    made = services.enter_laboratory(
        actor=actor, facility=get_facility(actor=actor, facility_id=pk), known=payload.dict(), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, queries.get_laboratory(actor=actor, laboratory_id=made.pk))


@router.patch(
    "/laboratories/{uuid:pk}",
    response={200: LaboratoryOut, **REFUSALS},
    operation_id="change_laboratory",
    summary="Change what stands of a laboratory",
)
def change_laboratory(request: HttpRequest, pk: uuid.UUID, payload: LaboratoryChangeIn) -> Laboratory:
    actor = actor_of(request)
    lab = queries.get_laboratory(actor=actor, laboratory_id=pk)
    said = payload.dict(exclude_unset=True)
    services.change_laboratory(
        actor=actor, laboratory=lab, version=said.pop("version"), changes=said, now=timezone.now()
    )
    return queries.get_laboratory(actor=actor, laboratory_id=pk)


@router.post(
    "/laboratories/{uuid:pk}/checks",
    response={201: CheckOut, **REFUSALS},
    operation_id="check_laboratory",
    summary="Go through the checklist of laboratories",
)
def check_laboratory(request: HttpRequest, pk: uuid.UUID, payload: CheckIn) -> Status[CheckRecord]:
    actor = actor_of(request)
    lab = queries.get_laboratory(actor=actor, laboratory_id=pk)
    with files_named():
        made = services.record_check(
            actor=actor, file=lab.file, kind=CheckKind.LABORATORY, spec=payload.spec(), now=timezone.now(),
            laboratory=lab, client_id=client_id_of(request),
        )  # fmt: skip
    return Status(201, made)


@router.get(
    "/fuel-supplies",
    response={200: Page[FuelSupplyOut], **REFUSALS},
    operation_id="list_fuel_supplies",
    summary="Who supplies whom with alcohol-based fuel",
)
def list_fuel_supplies(request: HttpRequest, given: Query[FuelSuppliesIn]) -> dict[str, Any]:
    rows = fuel_queries.list_supplies(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "supplier": given.supplier_id}), given)


@router.post(
    "/enterprises/{uuid:pk}/fuel-supplies",
    response={201: FuelSupplyOut, **REFUSALS},
    operation_id="enter_fuel_supply",
    summary="Enter who supplies an enterprise with alcohol-based fuel",
)
def enter_fuel_supply(request: HttpRequest, pk: uuid.UUID, payload: FuelSupplyIn) -> Status[FuelSupply]:
    actor = actor_of(request)
    made = fuel.enter_supply(
        actor=actor, file=get_enterprise(actor=actor, file_id=pk), known=payload.dict(), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)
