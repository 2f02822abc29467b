"""Major hazards without a key process for programs (重大危险源监控和自动化)."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.monitoring.api.key_processes import OperatorOut, RetrofitIn, RetrofitOut, runs_out
from quancheng.domains.monitoring.models import AutomationRetrofit
from quancheng.domains.monitoring.queries import installations as queries
from quancheng.domains.monitoring.queries.installations import InstallationPlace, place_of
from quancheng.domains.monitoring.services.retrofits import tell_retrofit
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, client_id_of, narrowed, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["monitoring"])


class DutyOut(Schema):
    """Something that is asked for beside the parameters. ``state``: ``met``, ``gap``, or ``open``: people must check;
    ``mark``: how sure the basis is, V, G or D."""

    code: str
    state: str
    basis: str
    basis_en: str
    mark: str
    valid_from: date | None


class InstallationOut(Schema):
    """A facility of a major hazard. ``watched``: parameters that a tag in use tells, with a limit where one is due;
    ``lacking``: those that none tells; ``bare``: codes of tags without any limit; ``reasons``: codes of what does not
    conform."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    unit_id: uuid.UUID
    grade: int
    code: str
    name: str
    conforms: bool
    reasons: list[str]
    operators: list[OperatorOut]
    retrofit: RetrofitOut | None
    watched: list[str]
    lacking: list[str]
    bare: list[str]
    duties: list[DutyOut]


class InstallationsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    grade: int | None = Field(None, ge=1, le=4)
    lacking: bool = Field(False, description="only those that do not conform")


def _out(place: InstallationPlace) -> dict[str, Any]:
    one = place.facility
    (run,) = runs_out(place)
    return {
        "id": one.pk, "enterprise_id": one.unit.file_id, "unit_id": one.unit_id, "grade": one.unit.legal_grade,
        "code": one.code, "name": one.name, "conforms": place.conforms, "reasons": place.reasons,
        "operators": run["operators"], "retrofit": run["retrofit"], "watched": place.watched,
        "lacking": place.lacking, "bare": [tag.code for tag in place.bare],
        "duties": [
            {"code": duty.asked.code, "state": duty.state, "basis": duty.asked.basis.zh,
             "basis_en": duty.asked.basis.en, "mark": duty.asked.mark, "valid_from": duty.asked.valid_from}
            for duty in place.duties
        ],
    }  # fmt: skip


@router.get("/major-hazard-controls", response={200: Page[InstallationOut], **REFUSALS},
            operation_id="list_major_hazard_controls",
            summary="Facilities of major hazards without a key process, and what does not conform")  # fmt: skip
def list_major_hazard_controls(request: HttpRequest, given: Query[InstallationsIn]) -> dict[str, Any]:
    actor, today = actor_of(request), Calendar().local_date(timezone.now())
    rows = queries.list_facilities(actor=actor, on=today)
    rows = narrowed(rows, {"unit__file": given.enterprise_id, "unit__legal_grade": given.grade})
    if given.lacking:
        rows = rows.filter(queries.not_conforming(actor=actor, on=today))
    found = page_of(rows, given)
    return found | {"items": [_out(place_of(one, on=today)) for one in found["items"]]}


@router.get("/major-hazard-controls/{uuid:pk}", response={200: InstallationOut, **REFUSALS},
            operation_id="get_major_hazard_control", summary="One facility of a major hazard")  # fmt: skip
def get_major_hazard_control(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    today = Calendar().local_date(timezone.now())
    return _out(queries.get_place(actor=actor_of(request), facility_id=pk, on=today))


@router.post("/major-hazard-controls/{uuid:pk}/retrofits", response={201: RetrofitOut, **REFUSALS},
             operation_id="tell_hazard_retrofit",
             summary="Tell how far the automation at a major hazard is")  # fmt: skip
def tell(request: HttpRequest, pk: uuid.UUID, payload: RetrofitIn) -> Status[AutomationRetrofit]:
    actor, now = actor_of(request), timezone.now()
    place = queries.get_place(actor=actor, facility_id=pk, on=Calendar().local_date(now))
    row = tell_retrofit(
        actor=actor, facility=place.facility, process=queries.SUBJECT.code, known=payload.dict(), now=now,
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, row)
