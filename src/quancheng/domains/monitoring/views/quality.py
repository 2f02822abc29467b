"""How good alarm systems are (报警系统绩效): a district with its towns and enterprises, one enterprise, by month."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from quancheng.domains.monitoring.filters.months import asked_month
from quancheng.domains.monitoring.filters.months import months as months_offered
from quancheng.domains.monitoring.models import AlarmMonth, LimitName
from quancheng.domains.monitoring.queries import alarm_boards, alarm_quality
from quancheng.domains.monitoring.queries.alarm_sums import FIGURES, GROUPS, Sums
from quancheng.domains.monitoring.queries.annunciations import Month
from quancheng.domains.monitoring.views import quality_words as words
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of

#: What the trend draws, and the columns of towns.
_DRAWN = ("per_day", "per_10k")
_TOWN_FIGURES = ("per_10k", "per_day", "peak", "in_flood", "ack_on_time", "answer_on_time", "false_rate")


class QualityBoard(View):
    """The whole that the reader sees, by town, best and worst enterprises, twelve months; from sums kept by month."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        _refuse_others(request, ("month", "town", "by"))
        month = asked_month(request.GET.get("month", ""), now=timezone.now())
        towns = town_choices(actor)
        town, by = request.GET.get("town", ""), request.GET.get("by", "per_10k")
        if town not in ("", *(path for path, _name in towns)):
            raise unknown_parameter("town")
        if by not in alarm_boards.RANKED:
            raise unknown_parameter("by")
        found = alarm_boards.board(actor=actor, month=month, town=town)
        best, worst = alarm_boards.best_and_worst(actor=actor, month=month, by=by, town=town)
        asked = {"month": f"{month.first:%Y-%m}", **({"town": town} if town else {})}
        context = {
            "board": found, "month": month, "by": by, "by_name": words.name(by),
            "months": months_offered(month.first), "towns": [(path, name, path == town) for path, name in towns],
            "ranks": [(code, words.name(code), code == by) for code in alarm_boards.RANKED],
            "groups": _groups(found.whole, _links(asked)),
            "lines": [_town(one, asked["month"]) for one in found.towns],
            "town_heads": [words.name(code) for code in _TOWN_FIGURES],
            "ends": [(_("表现最好"), [_ranked(one, by) for one in best]),
                     (_("最需改进"), [_ranked(one, by) for one in worst])],
            "ranking_url": f"{reverse('monitoring:quality_ranking')}?{urlencode({**asked, 'sort': _worst_first(by)})}",
            **_trend(found.trend),
        }  # fmt: skip
        return render(request, "monitoring/quality.html", context)


class FileQuality(View):
    """One enterprise in a month, worked out as it stands now, with what to do about it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        _refuse_others(request, ("month",))
        month = asked_month(request.GET.get("month", ""), now=timezone.now())
        file = get_enterprise(actor=actor, file_id=pk)
        report = alarm_quality.report_of(actor=actor, file=file, month=month)
        months = alarm_boards.earlier_months(file, month=month)
        asked = {"month": f"{month.first:%Y-%m}", "file": str(file.pk)}
        context = {
            "file": file, "month": month, "report": report, "months": months_offered(month.first),
            "groups": _groups(report.sums, _links(asked), report.rows),
            "frequent": [(one.tag, LimitName(one.type).label, one.count, _share(one.count, report.sums.count))
                         for one in report.frequent],
            "pairs": report.pairs,
            "floods": [_flood(one, month) for one in report.floods],
            **_trend([*months, (month.first, report.sums)]),
        }  # fmt: skip
        return render(request, "monitoring/file_quality.html", context)


def _refuse_others(request: HttpRequest, known: Sequence[str]) -> None:
    for name in request.GET:
        if name not in known:
            raise unknown_parameter(name)


def _links(asked: Mapping[str, str]) -> dict[str, str]:
    """The list behind each figure."""
    rows = reverse("monitoring:quality_rows")
    found = {code: f"{rows}?{urlencode({'code': code, **asked})}" for code in alarm_quality.ROW_CODES}
    narrowed = {name: text for name, text in asked.items() if name != "month"}
    found["overstayed"] = f"{reverse('monitoring:quality_holds')}?{urlencode(asked)}"
    found["loosened"] = f"{reverse('monitoring:quality_tags')}?{urlencode({**narrowed, 'month': asked['month']})}"
    return found


def _groups(sums: Sums, links: Mapping[str, str], rows: Mapping[str, int] | None = None) -> list[Any]:
    def line(code: str) -> dict[str, Any]:
        figure = FIGURES[code]
        return {
            "name": words.name(code), "value": words.value(code, figure.of(sums)), "target": words.target(figure),
            "mark": figure.target.mark, "grade": words.grade(figure.grade(sums)), "url": links[code],
            "rows": None if rows is None else rows[code],
        }  # fmt: skip

    return [(told(name), [line(code) for code in codes]) for name, codes in GROUPS]


def _town(one: alarm_boards.TownSums, month: str) -> dict[str, Any]:
    narrowed = {"town": one.area.path} if one.area is not None and one.area.level != "district" else {}
    return {
        "name": one.area.name if one.area else "", "sites": one.sites, "count": one.sums.count,
        "url": f"{reverse('monitoring:quality')}?{urlencode({'month': month, **narrowed})}",
        "ranking": f"{reverse('monitoring:quality_ranking')}?{urlencode({'month': month, **narrowed})}",
        "cells": [words.value(code, FIGURES[code].of(one.sums)) for code in _TOWN_FIGURES],
    }  # fmt: skip


def _ranked(row: AlarmMonth, by: str) -> tuple[str, str, str]:
    name = row.file.enterprise.name if row.file.enterprise else ""
    url = f"{reverse('monitoring:file_quality', args=[row.file_id])}?month={row.month:%Y-%m}"
    return name, url, words.value(by, getattr(row, f"by_{by}"))


def _worst_first(by: str) -> str:
    return by if by in alarm_boards.BETTER_WHEN_MORE else f"-{by}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole * 100:.1f}%" if whole else "—"


def _flood(one: Any, month: Month) -> dict[str, Any]:
    end = None if one.end_s is None else month.start + timedelta(seconds=one.end_s)
    lasted = (month.length_s if one.end_s is None else one.end_s) - one.start_s
    return {
        "begin": month.start + timedelta(seconds=one.start_s), "end": end, "lasted": words.seconds(lasted),
        "count": one.count, "most": one.most,
    }  # fmt: skip


def _trend(months: Sequence[tuple[date, Sums]]) -> dict[str, Any]:
    """The chart of the months that are known, and its table."""
    series = [
        {"name": words.name(code), "type": "line", "data": [_rounded(FIGURES[code].of(one)) for _month, one in months]}
        for code in _DRAWN
    ]  # fmt: skip
    option = {
        "xAxis": {"type": "category", "data": [f"{month:%Y-%m}" for month, _one in months]},
        "yAxis": {"type": "value"}, "series": series, "legend": {"top": 0},
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True},
    }  # fmt: skip
    codes = (*_DRAWN, "in_flood", "ack_on_time", "answer_on_time", "false_rate")
    lines = [
        (f"{month:%Y-%m}", one.count, [words.value(code, FIGURES[code].of(one)) for code in codes])
        for month, one in reversed(months)
    ]
    return {"option": option, "trend_heads": [words.name(code) for code in codes], "trend_lines": lines}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
