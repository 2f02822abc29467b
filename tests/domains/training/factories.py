"""The smallest valid rows of people at work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.domains.hazards.factories import own_file
from tests.factories import NOW, District

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import CertificateKind, Person, PersonPost, PersonQualification, WorkRole
from quancheng.domains.training.services.persons import enter_person
from quancheng.domains.training.services.posting import assign_post
from quancheng.domains.training.services.qualifications import enter_qualification, verify_qualification
from quancheng.standards import gb11643

__all__ = ["identity", "kind", "make_certificate", "make_person", "make_post", "own_file", "printed", "role"]


def identity(order: int = 1, *, born: str = "19880512") -> str:
    """A number of a district that does not exist."""
    first = f"990102{born}{order:03d}"
    return first + gb11643.check_character(first)


def make_person(district: District, *, order: int = 1, file: Enterprise | None = None, **known: Any) -> Person:
    given: dict[str, Any] = {
        "employment": "own", "name": f"某工{order}", "resident_id": identity(order), "joined_date": None, **known
    }  # fmt: skip
    return enter_person(actor=district.enterprise, file=file or own_file(district), known=given, now=NOW)


def role(code: str) -> WorkRole:
    return WorkRole.objects.get(code=code)


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
