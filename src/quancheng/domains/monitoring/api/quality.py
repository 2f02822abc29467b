"""How good alarm systems are (报警系统绩效) for programs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.monitoring.filters.months import asked_month
from quancheng.domains.monitoring.queries import alarm_boards, alarm_quality
from quancheng.domains.monitoring.queries.alarm_sums import FIGURES, Sums
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.exchange.rest import REFUSALS, Strict
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["monitoring"])


class FigureOut(Schema):
    """A figure; ``value`` a number, a share of 1 or seconds, none where there was nothing to measure. ``grade``:
    met, manageable, missed, or empty. ``rows``: how many rows it opens, of one enterprise alone.
    """

    code: str
    name: str
    name_en: str
    shown: str
    value: float | None
    target: float | None
    manageable: float | None
    grade: str
    rows: int | None


class AlarmQualityOut(Schema):
    """``until``: up to when alarms count. ``as_of``: when the sums of several enterprises were made."""

    month: str
    until: datetime
    as_of: datetime | None
    enterprises: int
    alarms: int
    points: int
    figures: list[FigureOut]


class AlarmQualityIn(Strict):
    month: str = Field("", pattern=r"^(20\d{2}-(0[1-9]|1[0-2]))?$", description="2026-11; empty: this one")
    enterprise_id: uuid.UUID | None = Field(None, description="one enterprise, as it is now; none: all, from kept sums")


@router.get("/alarm-quality", response={200: AlarmQualityOut, **REFUSALS}, operation_id="get_alarm_quality",
            summary="How good the alarm system was in a month")  # fmt: skip
def get_alarm_quality(request: HttpRequest, given: Query[AlarmQualityIn]) -> dict[str, Any]:
    actor = actor_of(request)
    month = asked_month(given.month, now=timezone.now())
    if given.enterprise_id is None:
        board = alarm_boards.board(actor=actor, month=month)
        told = {"as_of": board.as_of, "enterprises": board.sites}
        return {**_told(board.whole, None), **told, "month": f"{month.first:%Y-%m}", "until": month.until}
    file = get_enterprise(actor=actor, file_id=given.enterprise_id)
    report = alarm_quality.report_of(actor=actor, file=file, month=month)
    told = {"as_of": month.now, "enterprises": 1}
    return {**_told(report.sums, report.rows), **told, "month": f"{month.first:%Y-%m}", "until": month.until}


def _told(sums: Sums, rows: dict[str, int] | None) -> dict[str, Any]:
    figures = [
        {
            "code": code, "name": one.target.name.zh, "name_en": one.target.name.en, "shown": one.shown,
            "value": one.of(sums), "target": one.target.target, "manageable": one.target.manageable,
            "grade": one.grade(sums), "rows": None if rows is None else rows[code],
        }
        for code, one in FIGURES.items()
    ]  # fmt: skip
    return {"alarms": sums.count, "points": sums.points, "figures": figures}
