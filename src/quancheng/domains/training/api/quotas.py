"""How many people of a post units must employ, and whether they do, for programs."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.queries import quotas as queries
from quancheng.domains.training.queries.coverage import list_units
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.services.requirements import ROLE_CODE
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class QuotasIn(Paging):
    role: str = Field(queries.FIRST, max_length=40, pattern=f"^{ROLE_CODE}$")
    state: str = one_of(queries.QuotaState.values)


class UnitQuotaOut(Schema):
    """A unit that must employ holders of the role: how many, how many hold it with a certificate that counts, how many
    without one, and how many are lacking.
    """

    enterprise_id: uuid.UUID = Field(alias="pk")
    state: str = Field(alias="quota_state")
    required: int
    held: int
    lacking: int
    unfit: int
    managers: int


class StaffQuotaOut(Schema):
    """A quota: ``least`` persons, and ``share_percent`` of the safety managers where more than ``staff_over`` work."""

    id: uuid.UUID
    code: str
    role: str = Field(alias="role.code")
    kinds: list[str]
    least: int
    share_percent: int
    staff_over: int
    basis: str
    mark: str
    valid_from: date | None
    valid_to: date | None


@router.get("/quotas", response={200: Page[UnitQuotaOut], **REFUSALS}, operation_id="list_unit_quotas",
            summary="Units that must employ holders of a post, those that lack most first")  # fmt: skip
def list_unit_quotas(request: HttpRequest, given: Query[QuotasIn]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = queries.with_quota(list_units(actor=actor), given.role, actor=actor, on=timezone.localdate())
    return page_of(narrowed(rows, {"quota_state": given.state}), given)


@router.get("/quota-rules", response={200: Page[StaffQuotaOut], **REFUSALS}, operation_id="list_staff_quotas",
            summary="How many holders of a post units must employ")  # fmt: skip
def list_staff_quotas(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    actor_of(request).require(VIEW)
    return page_of(queries.list_quotas(), given)
