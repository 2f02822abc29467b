"""Procedures and rules for programs: read, with how many acknowledged them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from quancheng.domains.training.models import DocumentKind
from quancheng.domains.training.queries import procedures as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class RuleDocumentsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(DocumentKind.values)
    in_force: bool | None = None


class RuleDocumentOut(Schema):
    """An edition; of whom it concerns how many acknowledged it."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    kind: str
    role: str | None
    title: str
    edition: str
    in_force_date: date
    ended_date: date | None
    concerned: int
    acknowledged: int

    @staticmethod
    def resolve_role(row: Any) -> str | None:
        return row.role.code if row.role else None

    @staticmethod
    def resolve_concerned(row: Any) -> int:
        return int(row.holders if row.role_id else row.everybody)

    @staticmethod
    def resolve_acknowledged(row: Any) -> int:
        return int(row.holders_read if row.role_id else row.all_read)


@router.get("/documents", response={200: Page[RuleDocumentOut], **REFUSALS}, operation_id="list_rule_documents",
            summary="Operating procedures and rules of enterprises")  # fmt: skip
def list_rule_documents(request: HttpRequest, given: Query[RuleDocumentsIn]) -> dict[str, Any]:
    rows = narrowed(queries.list_documents(actor=actor_of(request)), {"file": given.enterprise_id, "kind": given.kind})
    if given.in_force is not None:
        present = queries.in_force_on(timezone.localdate())
        rows = rows.filter(present if given.in_force else ~present)
    return page_of(rows, given)
