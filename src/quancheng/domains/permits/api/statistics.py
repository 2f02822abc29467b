"""Statistics of permits over REST: one month as the page counts it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from quancheng.domains.permits.queries import statistics as queries
from quancheng.domains.permits.queries.permits import list_permits
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class PermitStatisticsIn(Schema):
    """Any day of the month that is wanted, today where none is told, two years back at most; of one enterprise."""

    day: date | None = Field(None, ge=date(1900, 1, 1), le=date(2200, 12, 31))
    enterprise_id: uuid.UUID | None = None


class PermitCountOut(Schema):
    """Permits of one enterprise: all, issued, special hot work."""

    enterprise_id: uuid.UUID
    enterprise: str
    number: int
    issued: int
    special: int


class PermitStatisticsOut(Schema):
    """A month of permits by the begin of their window, from the request on. ``counts`` by code: totals, ``kind:``,
    ``level:``, ``status:``, ``suspended:`` by reason, and of the management figures ``audited``, ``conform``,
    ``no_data``, ``overrun``, ``late_acceptance`` and ``stop_work``. ``refused``: permits by the check that refused
    them; that of health is told to the enterprise alone. ``outside`` are permits of other systems, counted apart and in
    no other number."""

    month: str
    counts: dict[str, int]
    approval_minutes: int | None
    refused: dict[str, int]
    contractors: dict[str, int]
    enterprises: list[PermitCountOut]
    outside: dict[str, int]


@router.get(
    "/permit-statistics",
    response={200: PermitStatisticsOut, **REFUSALS},
    operation_id="get_permit_statistics",
    summary="A month of permits, counted",
)
def get_permit_statistics(request: HttpRequest, given: Query[PermitStatisticsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    list_permits(actor=actor)
    today = Calendar().local_date(timezone.now())
    month, offered = f"{given.day or today:%Y-%m}", queries.months(today)
    if month not in offered:
        span = {"first": offered[-1], "last": offered[0]}
        raise Invalid(fields={"day": _("月份应在%(first)s到%(last)s之间。") % span})
    own = own_file(actor=actor)
    asked: dict[str, Any] = {"actor": actor, "file_id": given.enterprise_id}
    rows = queries.rows_of(month=month, **asked)
    mean: timedelta | None = queries.approval_times(rows, month)[month]
    return {
        "month": month,
        "counts": queries.count(rows, month)[month],
        "approval_minutes": round(mean.total_seconds() / 60) if mean is not None else None,
        "refused": dict(queries.refusals(rows, month, is_own=own is not None)[month]),
        "contractors": dict(queries.by_contractor(rows)),
        "enterprises": [
            {**one, "enterprise_id": one["file"], "enterprise": one["enterprise__name"]}
            for one in queries.by_enterprise(rows)
        ],
        "outside": queries.count_outside(months=(month,), **asked)[month],
    }
