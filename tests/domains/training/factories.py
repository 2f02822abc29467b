"""The smallest valid rows of people at work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.domains.hazards.factories import own_file
from tests.factories import NOW, District
from tests.support.replay import replayed

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    CertificateKind,
    Person,
    PersonPost,
    PersonQualification,
    TrainingRecord,
    WorkRole,
)
from quancheng.domains.training.queries.programmes import programmes_on
from quancheng.domains.training.queries.standing import ENTRY_KINDS, LEVELS
from quancheng.domains.training.services.measuring import measure
from quancheng.domains.training.services.persons import enter_person
from quancheng.domains.training.services.posting import assign_post
from quancheng.domains.training.services.qualifications import enter_qualification, verify_qualification
from quancheng.standards import gb11643

__all__ = ["educate", "identity", "kind", "make_certificate", "make_person", "make_post", "own_file", "printed", "role"]


def identity(order: int = 1, *, born: str = "19880512") -> str:
    """A number of a district that does not exist."""
    first = f"990102{born}{order:03d}"
    return first + gb11643.check_character(first)


def educate(person: Person, *, day: date | None = None) -> None:
    """The education before work that the person's programme demands, on one day, with its exam passed."""
    kind = person.file.kind
    found = next(
        one for one in programmes_on(NOW.date())
        if one.kind in ENTRY_KINDS and one.concerns(roles=set(), employment=person.employment, kind=kind)
    )  # fmt: skip
    day = day or NOW.date() - timedelta(days=60)
    hours = zip(LEVELS, (found.plant_hours, found.workshop_hours, found.team_hours), strict=True)
    TrainingRecord.objects.bulk_create(
        TrainingRecord(
            **person.file.row_scope(), person=person, programme=found, level=level, held_date=day, hours=number,
            teacher="讲师", place="培训室", content="三级安全教育", source="paper", created_at=NOW, score=90,
        )
        for level, number in hours
        if number
    )  # fmt: skip
    measure([person.pk], now=NOW)


@replayed
def make_person(
    district: District, *, order: int = 1, file: Enterprise | None = None, educated: bool = True, **known: Any
) -> Person:
    """Somebody at work, with the education that he needs before; :param educated: false for a newcomer."""
    given: dict[str, Any] = {
        "employment": "own", "name": f"某工{order}", "joined_date": None, **known,
        # Not made where it is given: more people than an order of three digits tells bring their own.
        "resident_id": known.get("resident_id") or identity(order),
    }  # fmt: skip
    person = enter_person(actor=district.enterprise, file=file or own_file(district), known=given, now=NOW)
    if educated:
        educate(person)
        person.refresh_from_db()
    return person


def role(code: str) -> WorkRole:
    return WorkRole.objects.get(code=code)


@replayed
def make_post(district: District, person: Person, code: str = "process_operator", **known: Any) -> PersonPost:
    given: dict[str, Any] = {"title": "", "from_date": NOW.date(), **known}
    return assign_post(actor=district.enterprise, person=person, role=role(code), now=NOW, **given)


def printed(**known: Any) -> dict[str, Any]:
    """What stands on a certificate of six years, in its second year, to be rechecked in its third."""
    today = NOW.date()
    return {
        "number": "示证0001", "issued_date": today - timedelta(days=400), "valid_from": today - timedelta(days=400),
        "valid_to": today + timedelta(days=1700), **known,
    }  # fmt: skip


def kind(code: str) -> CertificateKind:
    return CertificateKind.objects.get(code=code)


@replayed
def make_certificate(
    district: District, person: Person, code: str = "SO-2-01", *, verified: bool = True, **known: Any
) -> PersonQualification:
    """Entered by the enterprise; verified by the department that supervises it."""
    row = enter_qualification(
        actor=district.enterprise, person=person, kind=kind(code), known=printed(**known), now=NOW
    )
    if verified:
        verify_qualification(
            actor=district.department, row=row, version=row.version, source="card", snapshot="", now=NOW
        )
    return PersonQualification.objects.get(pk=row.pk)
