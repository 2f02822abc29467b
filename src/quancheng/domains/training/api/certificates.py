"""Certificates that people hold, and the catalogue of their kinds, read."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.models import CertificateGroup, PersonQualification, QualificationState
from quancheng.domains.training.queries import certificates as queries
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.services.catalogue import KIND_CODE
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class QualificationsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    kind: str = Field("", max_length=40, pattern=f"^({KIND_CODE})?$", description="code of the catalogue")
    state: str = one_of(QualificationState.values)
    ends_by: date | None = Field(None, description="ends, or must be rechecked, by this day at most")


class QualificationOut(Schema):
    """A certificate with its state today. What is made of an identity number is masked."""

    id: uuid.UUID
    person_id: uuid.UUID
    enterprise_id: uuid.UUID
    kind: str = Field(alias="kind.code")
    number: str
    limited_to: str
    issuer: str
    issued_date: date
    valid_from: date
    valid_to: date | None
    recheck_due: date | None
    state: str
    verified_at: datetime | None
    verified_source: str
    revoked_date: date | None
    replaced_by_id: uuid.UUID | None
    version: int

    @staticmethod
    def resolve_number(row: PersonQualification) -> str:
        return queries.masked_number(row)


class CertificateKindsIn(Paging):
    group: str = one_of(CertificateGroup.values)


class CertificateKindOut(Schema):
    """A kind of the catalogue; marks tell how sure it is."""

    code: str
    group: str
    card_code: str
    category: str
    name: str
    name_en: str
    valid_years: int | None
    recheck_years: int | None
    min_age: int | None
    min_education: str
    warn_days: list[int]
    basis: str
    mark: str
    years_mark: str
    valid_from: date | None
    valid_to: date | None
    version: int


@router.get(
    "/certificates",
    response={200: Page[QualificationOut], **REFUSALS},
    operation_id="list_qualifications",
    summary="Certificates of people with their state today, the soonest end first",
)
def list_qualifications(request: HttpRequest, given: Query[QualificationsIn]) -> dict[str, Any]:
    rows = queries.list_qualifications(actor=actor_of(request), on=timezone.localdate())
    asked = {
        "enterprise": given.enterprise_id, "person": given.person_id, "kind__code": given.kind, "state": given.state,
        "ends_date__lte": given.ends_by,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/certificates/{uuid:pk}",
    response={200: QualificationOut, **REFUSALS},
    operation_id="get_qualification",
    summary="One certificate",
)
def get_qualification(request: HttpRequest, pk: uuid.UUID) -> PersonQualification:
    actor = actor_of(request)
    return queries.get_qualification(actor=actor, qualification_id=pk, on=timezone.localdate())


@router.get(
    "/certificate-kinds",
    response={200: Page[CertificateKindOut], **REFUSALS},
    operation_id="list_certificate_kinds",
    summary="The catalogue of certificates",
)
def list_certificate_kinds(request: HttpRequest, given: Query[CertificateKindsIn]) -> dict[str, Any]:
    actor_of(request).require(VIEW)
    return page_of(narrowed(queries.list_kinds(), {"group": given.group}), given)
