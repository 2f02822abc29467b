"""What stands, as imports of the risk list look for it; the caller got the files through its own query."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from quancheng.domains.risk.kinds import Stage
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit

_LIVE = Q(ended_date__isnull=True)


def objects_among(*, files: Iterable[uuid.UUID]) -> QuerySet[RiskObject]:
    """Objects that stand in these files."""
    return RiskObject.objects.filter(_LIVE, file__in=list(files)).select_related("file__enterprise", "place")


def units_among(*, files: Iterable[uuid.UUID]) -> QuerySet[RiskUnit]:
    """Units that stand in these files."""
    found = RiskUnit.objects.filter(_LIVE, object__file__in=list(files), object__ended_date__isnull=True)
    return found.select_related("object__file__enterprise", "post")


def events_among(*, files: Iterable[uuid.UUID]) -> QuerySet[RiskEvent]:
    """Events that stand in these files."""
    found = RiskEvent.objects.filter(
        _LIVE, unit__object__file__in=list(files), unit__ended_date__isnull=True, unit__object__ended_date__isnull=True
    )
    return found.select_related("unit__object__file__enterprise", "unit__object__place")


def measures_among(*, files: Iterable[uuid.UUID], texts: Sequence[str]) -> QuerySet[Measure]:
    """Measures with these words that stand in these files."""
    found = Measure.objects.filter(
        _LIVE, event__unit__object__file__in=list(files), text__in=texts, event__ended_date__isnull=True,
        event__unit__ended_date__isnull=True, event__unit__object__ended_date__isnull=True,
    )  # fmt: skip
    return found.select_related(
        "event__unit__object__file__enterprise", "event__unit__object__place", "event__unit__post"
    ).prefetch_related("event__assessments")


def factors_of(event: RiskEvent) -> dict[str, Any]:
    """L and S of the newest matrix assessment of each stage, where it is by the matrix; nothing else."""
    newest: dict[str, Any] = {}
    for one in sorted(event.assessments.all(), key=lambda row: (row.at, row.pk)):
        newest[one.stage] = one
    found: dict[str, Any] = {}
    for stage in (Stage.INHERENT.value, Stage.RESIDUAL.value):
        made = newest.get(stage)
        inputs = made.inputs if made is not None and made.method == "LS" else {}
        found[f"{stage}_l"], found[f"{stage}_s"] = _whole(inputs.get("likelihood")), _whole(inputs.get("severity"))
    return found


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
