"""Statistics of hidden dangers (隐患统计): each indicator with its formula and the period before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from quancheng.domains.hazards.queries.statistics import counts
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk import danger_statistics as standard


class Statistics(View):
    """One period of what the reader sees, by town if he asks."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("period", "day", "town"):
                raise unknown_parameter(name)
        kind = request.GET.get("period", "month")
        if kind not in standard.PERIODS:
            raise unknown_parameter("period")
        today = Calendar().local_date(timezone.now())
        day = _day(request.GET.get("day", ""), today)
        town = request.GET.get("town", "")
        towns = town_choices(actor)
        if town and town not in {path for path, _name in towns}:
            raise unknown_parameter("town")
        first, last = standard.period(kind, day)
        earlier = standard.period_before(kind, day)
        now = counts(actor=actor, first=first, last=last, town=town, today=today)
        before = counts(actor=actor, first=earlier[0], last=earlier[1], town=town, today=today)
        links = _links(first, last, town)
        old = {one.indicator.code: one for one in standard.measure(before)}
        rows = [
            (
                one, told(one.indicator.name), _shown(one), _shown(old[one.indicator.code]),
                _formula(one.indicator, now), told(standard.BETTER[one.indicator.better]),
                links.get(one.indicator.numerator, ""),
            )
            for one in standard.measure(now)
        ]  # fmt: skip
        context = {
            "rows": rows, "first": first, "last": last, "earlier": earlier, "period": kind, "day": day,
            "periods": [(code, told(name), code == kind) for code, name in standard.PERIODS.items()],
            "towns": [(path, name, path == town) for path, name in towns],
        }  # fmt: skip
        return render(request, "hazards/statistics.html", context)


def _day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise unknown_parameter("day") from None


def _shown(value: standard.Value) -> str:
    """The value as people read it; a dash where there is none."""
    if value.value is None:
        return "—"
    if value.indicator.kind == "ratio":
        return f"{float(value.value * 100):.1f}%"
    return _number(value.value)


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return f"{value.numerator:,}".replace(",", " ")
    return f"{float(value):.2f}" if value.denominator % 10 else f"{float(value):.1f}"


def _formula(indicator: standard.Indicator, now: Mapping[str, int | Decimal | None]) -> str:
    """Numerator over denominator with their numbers, so that everybody can check."""

    def named(code: str) -> str:
        value = now.get(code)
        return f"{told(standard.COUNTS[code])} {'—' if value is None else value}"

    if not indicator.denominator:
        return ""
    return f"{named(indicator.numerator)} ÷ {named(indicator.denominator)}"


def _links(first: date, last: date, town: str) -> dict[str, str]:
    """The list that shows what was counted, where the list can."""
    found: dict[str, Any] = {"found_from": first.isoformat(), "found_to": last.isoformat()}
    due: dict[str, Any] = {"due_from": first.isoformat(), "due_to": last.isoformat()}
    asked = {
        "found_general": {**found, "level": "general"}, "found_major": {**found, "level": "major"},
        "closed": {**found, "status": "CLOSED"}, "closed_major": {**found, "status": "CLOSED", "level": "major"},
        "found_by_enterprise": {**found, "channel": "enterprise"}, "repeated": {**found, "repeat": "1"},
        "found_major_by_enterprise": {**found, "channel": "enterprise", "level": "major"},
        "overdue": {"overdue": "1"}, "overdue_days": {"overdue": "1"}, "closed_on_time": {**due, "status": "CLOSED"},
        "extended": due, "major_with_five": {**found, "level": "major"}, "cost_wan_yuan": found,
        "closing_days": {**found, "status": "CLOSED"},
    }  # fmt: skip
    base = reverse("hazards:findings")
    return {code: f"{base}?{urlencode({**given, **({'town': town} if town else {})})}" for code, given in asked.items()}
