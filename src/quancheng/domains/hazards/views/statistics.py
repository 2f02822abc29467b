"""Statistics of hidden dangers (隐患统计): each indicator with its formula and the period before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.models import ViolationKind
from quancheng.domains.hazards.queries.statistics import closing_median, counts_of
from quancheng.domains.hazards.queries.violations import count_by_kind
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import export
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.given import asked_day
from quancheng.kernel.pages.lists import Column
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk import danger_statistics as standard


class Statistics(View):
    """One period of what the reader sees, by town if he asks."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("period", "day", "town", "export"):
                raise unknown_parameter(name)
        kind = request.GET.get("period", "month")
        if kind not in standard.PERIODS:
            raise unknown_parameter("period")
        today = Calendar().local_date(timezone.now())
        day = asked_day(request.GET.get("day", ""), "day") or today
        town = request.GET.get("town", "")
        towns = town_choices(actor)
        if town and town not in {path for path, _name in towns}:
            raise unknown_parameter("town")
        first, last = standard.period(kind, day)
        earlier = standard.period_before(kind, day)
        year_ago = standard.period_last_year(kind, day)
        spans = [(first, last), earlier, year_ago]
        now, before, then = counts_of(actor=actor, spans=spans, town=town, today=today)
        links = _links(first, last, town)
        old = {one.indicator.code: one for one in standard.measure(before)}
        older = {one.indicator.code: one for one in standard.measure(then)}
        rows = [
            Row(
                one, told(one.indicator.name), _shown(one), _shown(old[one.indicator.code]),
                _change(one, old[one.indicator.code]), _shown(older[one.indicator.code]),
                _change(one, older[one.indicator.code]), _formula(one.indicator, now),
                told(standard.BETTER[one.indicator.better]), links.get(one.indicator.numerator, ""),
            )
            for one in standard.measure(now)
        ]  # fmt: skip
        wanted = request.GET.get("export", "")
        if wanted not in ("", "xlsx"):
            raise unknown_parameter("export")
        if wanted:
            return export.spreadsheet(
                actor=actor, code="hazards.statistics", title=_("隐患统计"), columns=_COLUMNS, rows=rows,
                filters_text=f"{first.isoformat()} – {last.isoformat()}", demo=is_demo(), now=timezone.now(),
            )  # fmt: skip
        calendar = Calendar()
        kinds = count_by_kind(actor=actor, begin=calendar.start_of(first),
                              end=calendar.start_of(last + timedelta(days=1)), town=town)  # fmt: skip
        median = closing_median(actor=actor, first=first, last=last, town=town)
        context = {
            "rows": rows, "first": first, "last": last, "earlier": earlier, "period": kind, "day": day,
            "year_ago": year_ago, "median": "—" if median is None else _number(median),
            "violations": [(label, kinds.get(code, 0)) for code, label in ViolationKind.choices],
            "export_url": f"?{urlencode({'period': kind, 'day': day.isoformat(), 'town': town, 'export': 'xlsx'})}",
            "periods": [(code, told(name), code == kind) for code, name in standard.PERIODS.items()],
            "towns": [(path, name, path == town) for path, name in towns],
        }  # fmt: skip
        return render(request, "hazards/statistics.html", context)


@dataclass(frozen=True, slots=True)
class Row:
    """An indicator as the page and the spreadsheet show it."""

    value: standard.Value
    name: str
    now: str
    before: str
    to_before: str
    year_ago: str
    to_year_ago: str
    formula: str
    better: str
    url: str


_COLUMNS = (
    Column("name", gettext_lazy("统计指标")), Column("now", gettext_lazy("本期")),
    Column("before", gettext_lazy("上期")),
    Column("to_before", gettext_lazy("环比")), Column("year_ago", gettext_lazy("去年同期")),
    Column("to_year_ago", gettext_lazy("同比")), Column("formula", gettext_lazy("算法")),
)  # fmt: skip


def _change(now: standard.Value, then: standard.Value) -> str:
    """The difference to an earlier period: points for shares, else with its growth."""
    found = standard.compare(now.value, then.value)
    if found.difference is None:
        return "—"
    if now.indicator.kind == "ratio":
        return _("%(points)s个百分点") % {"points": f"{float(found.difference * 100):+.1f}"}
    sign = "+" if found.difference > 0 else ""
    grown = "" if found.growth is None else f"（{float(found.growth * 100):+.1f}%）"
    return f"{sign}{_number(found.difference)}{grown}"


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
        "overdue": {"overdue": "1"}, "overdue_days": {"overdue": "1"}, "closed_on_time": {**due, "on_time": "1"},
        "extended": {**due, "extended": "1"}, "major_with_five": {**found, "level": "major", "five": "1"},
        "cost_wan_yuan": found, "closing_days": {**found, "status": "CLOSED"}, "scored": found,
        "accepted_first": {"accepted_from": first.isoformat(), "accepted_to": last.isoformat(), "first": "1"},
    }  # fmt: skip
    base = reverse("hazards:findings")
    narrowed = {"town": town} if town else {}
    links = {code: f"{base}?{urlencode({**given, **narrowed})}" for code, given in asked.items()}
    listed = {"listed_from": first.isoformat(), "listed_to": last.isoformat(), **narrowed}
    links["listed"] = f"{reverse('hazards:listings')}?{urlencode(listed)}"
    links["delisted"] = f"{reverse('hazards:listings')}?{urlencode({**listed, 'gone': '1'})}"
    if not town:
        seen = {"seen_from": first.isoformat(), "seen_to": last.isoformat(), "failed": "1"}
        links["recheck_failed"] = f"{reverse('hazards:rechecks')}?{urlencode(seen)}"
    return links
