"""Coverage of training, who stands where, and the education before work, for programs."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.training.models import StandingState
from quancheng.domains.training.queries import coverage as queries
from quancheng.domains.training.queries.education import EntryEducation, entry_education_of
from quancheng.domains.training.queries.persons import get_person, holders_of
from quancheng.domains.training.queries.programmes import programme_of_people
from quancheng.domains.training.services.programmes import PROGRAMME_CODE
from quancheng.domains.training.services.requirements import ROLE_CODE
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class TrainingCoverageIn(Strict):
    enterprise_id: uuid.UUID | None = Field(None, description="of one enterprise alone")


class RoleCoverageIn(Strict):
    programme: str = Field(max_length=40, pattern=f"^{PROGRAMME_CODE}$")


class CoverOut(Schema):
    """Whom it concerns, who has learned it, whose hours of the year are short, who is late. The rate is per cent."""

    people: int
    trained: int
    short: int
    overdue: int
    rate: float | None


class ProgrammeCoverageOut(CoverOut):
    programme: str


class RoleCoverageOut(CoverOut):
    """``vacant``: units that the programme concerns where nobody is entered in the role."""

    role: str
    vacant: int


class UnitCoverageIn(Paging):
    programme: str = Field(max_length=40, pattern=f"^{PROGRAMME_CODE}$")
    state: str = one_of(queries.UnitState.values)


class UnitCoverageOut(Schema):
    """A unit that the programme concerns; ``vacant``: posts that every unit must fill, which nobody holds."""

    enterprise_id: uuid.UUID = Field(alias="pk")
    state: str = Field(alias="cover_state")
    people: int
    trained: int
    short: int
    overdue: int
    vacant: int


class StandingsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    programme: str = Field("", max_length=40, pattern=f"^({PROGRAMME_CODE})?$")
    role: str = Field("", max_length=40, pattern=f"^({ROLE_CODE})?$", description="of who holds this role now")
    state: str = one_of(StandingState.values)


class StandingOut(Schema):
    """One person against one programme; hours are lessons."""

    person_id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="person.file_id")
    programme: str = Field(alias="programme.code")
    state: str
    needed: int
    had: Decimal
    exam_passed: bool
    practice_passed: bool
    due_date: date | None
    done_date: date | None
    until_date: date | None
    year_needed: int
    year_had: Decimal


class EntryLevelOut(Schema):
    level: str
    needed: int
    had: Decimal


class EntryEducationOut(Schema):
    """The education before work: ``induction_done`` says whether he may begin as far as it goes."""

    is_owed: bool
    induction_done: bool
    programme: str
    done: date | None
    until: date | None
    exam_passed: bool
    practice_passed: bool
    levels: list[EntryLevelOut]


@router.get("/coverage", response={200: list[ProgrammeCoverageOut], **REFUSALS}, operation_id="get_training_coverage",
            summary="Coverage of each programme")  # fmt: skip
def get_training_coverage(request: HttpRequest, given: Query[TrainingCoverageIn]) -> list[dict[str, Any]]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=given.enterprise_id) if given.enterprise_id else None
    return [{"programme": one.code, **_told(cover)} for one, cover in queries.coverage(actor=actor, file=file)]


@router.get("/coverage-by-role", response={200: list[RoleCoverageOut], **REFUSALS},
            operation_id="get_role_coverage", summary="Coverage of one programme by role")  # fmt: skip
def get_role_coverage(request: HttpRequest, given: Query[RoleCoverageIn]) -> list[dict[str, Any]]:
    actor = actor_of(request)
    found = queries.coverage_by_role(actor=actor, programme=programme_of_people(given.programme))
    return [{"role": one.role.code, "vacant": one.vacant, **_told(one.cover)} for one in found]


@router.get("/coverage-by-enterprise", response={200: Page[UnitCoverageOut], **REFUSALS},
            operation_id="list_unit_coverage", summary="Units that a programme concerns, the least covered first",
            )  # fmt: skip
def list_unit_coverage(request: HttpRequest, given: Query[UnitCoverageIn]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = queries.list_units(actor=actor)
    rows = queries.with_cover(rows, programme_of_people(given.programme), actor=actor)
    return page_of(narrowed(rows, {"cover_state": given.state}), given)


@router.get("/standings", response={200: Page[StandingOut], **REFUSALS}, operation_id="list_training_standings",
            summary="Each person against each programme that he owes")  # fmt: skip
def list_training_standings(request: HttpRequest, given: Query[StandingsIn]) -> dict[str, Any]:
    asked = {"person__file": given.enterprise_id, "person": given.person_id, "programme__code": given.programme,
             "state": given.state}  # fmt: skip
    rows = narrowed(queries.list_standings(actor=actor_of(request)), asked)
    return page_of(rows.filter(person__in=holders_of(given.role)) if given.role else rows, given)


@router.get("/persons/{uuid:pk}/entry-education", response={200: EntryEducationOut, **REFUSALS},
            operation_id="get_entry_education", summary="A person's education before work")  # fmt: skip
def get_entry_education(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    person, today = get_person(actor=actor_of(request), person_id=pk), timezone.localdate()
    found: EntryEducation = entry_education_of([person], today)[person.pk]
    levels = [{"level": level, "needed": needed, "had": had} for level, needed, had in found.levels]
    return {
        "is_owed": found.is_owed, "induction_done": found.holds_on(today), "programme": found.programme,
        "done": found.done, "until": found.until, "exam_passed": found.exam_passed,
        "practice_passed": found.practice_passed, "levels": levels,
    }  # fmt: skip


def _told(cover: queries.Cover) -> dict[str, Any]:
    return {"people": cover.people, "trained": cover.trained, "short": cover.short, "overdue": cover.overdue,
            "rate": cover.rate}  # fmt: skip
