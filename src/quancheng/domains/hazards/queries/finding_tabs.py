"""How much there is behind each tab of one danger's page: counted at once, and only the tab that is open is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.domains.hazards.models import (
    ExpiryReview,
    Finding,
    HandOver,
    Listing,
    Lookback,
    MajorReport,
    PatrolRecheck,
    Recheck,
    Resumption,
    ReviewReport,
)
from quancheng.domains.hazards.queries.findings import MOST_DOUBLES, like_it
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of


def tab_counts(row: Finding, *, actor: Actor) -> Mapping[str, int]:
    """By name of the tab how many the actor sees, of a danger that the caller got through its own query. One query."""
    scoped: dict[str, Any] = {
        "listings": Listing, "lookbacks": Lookback, "rechecks": Recheck, "resumptions": Resumption,
        "expiry_reviews": ExpiryReview, "hand_overs": HandOver, "patrol_rechecks": PatrolRecheck,
    }  # fmt: skip
    rows: dict[str, QuerySet[Any]] = {
        name: model.objects.visible_to(actor).filter(finding=row) for name, model in scoped.items()
    }
    rows["photos"] = files_of(row).select_related(None)
    rows["doubles"] = like_it(row)
    rows["reports"] = MajorReport.objects.filter(finding=row)
    rows["review_reports"] = ReviewReport.objects.filter(finding=row)
    told = Finding.objects.filter(pk=row.pk).values_list(*(_number(each) for each in rows.values())).get()
    found = dict(zip(rows, told, strict=True))
    return {**found, "doubles": min(found["doubles"], MOST_DOUBLES)}


def _number(rows: QuerySet[Any]) -> Coalesce:
    # What can have no row is asked of nobody, and answers nothing.
    counted = rows.order_by().annotate(number=Func(F("pk"), function="COUNT", output_field=IntegerField()))
    return Coalesce(Subquery(counted.values("number")), 0)
