"""What tags told (监测数据): the trend of one over any range."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import View

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.queries import readings
from quancheng.domains.monitoring.queries.tags import get_tag
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.given import asked_day
from quancheng.kernel.people.actors import actor_of

#: Ranges that are offered, by their code in the address.
RANGES = {
    "1h": (gettext_lazy("1小时"), timedelta(hours=1)), "8h": (gettext_lazy("8小时"), timedelta(hours=8)),
    "1d": (gettext_lazy("1天"), timedelta(days=1)), "7d": (gettext_lazy("7天"), timedelta(days=7)),
    "30d": (gettext_lazy("30天"), timedelta(days=30)), "365d": (gettext_lazy("1年"), timedelta(days=365)),
}  # fmt: skip
#: Rows of the table beside the chart.
MOST_ROWS = 200


class TrendPage(View):
    """One tag over a range that ends now, or with a day."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        tag = get_tag(actor=actor_of(request), tag_id=pk)
        for name in request.GET:
            if name not in ("range", "day"):
                raise unknown_parameter(name)
        chosen = request.GET.get("range", "8h")
        if chosen not in RANGES:
            raise unknown_parameter("range")
        day = asked_day(request.GET.get("day", ""), "day")
        end = timezone.now()
        if day is not None:
            end = min(end, timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(days=1))
        begin = end - RANGES[chosen][1]
        name = tag.name_en if get_language() == "en" and tag.name_en else tag.name
        context: dict[str, Any] = {
            "tag": tag, "name": name, "begin": begin, "end": end, "day": day, "chosen": chosen,
            "ranges": [(code, name, code == chosen) for code, (name, _span) in RANGES.items()],
        }  # fmt: skip
        try:
            told = readings.trend_of(tag, begin=begin, end=end)
        except readings.StoreAway:
            # Everything else of the house works without the store, and the page says what it lacks.
            return render(request, "monitoring/trend.html", {**context, "is_away": True})
        rows = list(zip(told.at, told.low, told.high, told.mean, told.last, strict=True))
        zone = timezone.get_current_timezone()
        shown = [(datetime.fromtimestamp(at / 1000, zone), *values) for at, *values in rows[-MOST_ROWS:]]
        told_of = {"option": option_of(tag, told), "rows": shown[::-1], "count": len(rows), "step": told.step_s}
        return render(request, "monitoring/trend.html", {**context, **told_of, "is_raw": not told.step_s})


def option_of(tag: Tag, told: readings.Trend) -> dict[str, Any]:
    """The chart: the line of means or readings, the band between lowest and highest, the limits."""
    band = [] if not told.step_s else [
        _line(_("最低"), told.at, told.low, faint=True), _line(_("最高"), told.at, told.high, faint=True),
    ]  # fmt: skip
    named = zip(("LL", "L", "H", "HH"), tag.limits, strict=True)
    limits = [(name, value) for name, value in named if value is not None]
    name = _("实测值") if not told.step_s else _("平均值")
    main = _line(f"{name} ({tag.unit})" if tag.unit else name, told.at, told.mean)
    main["markLine"] = {
        "symbol": "none", "silent": True,
        "data": [{"yAxis": value, "name": name, "label": {"formatter": f"{name} {value:g}"}} for name, value in limits],
    }  # fmt: skip
    return {
        "xAxis": {"type": "time"}, "yAxis": {"type": "value", "scale": True},
        "dataZoom": [{"type": "inside"}, {"type": "slider", "height": 18, "bottom": 4}], "series": [main, *band],
        "grid": {"left": 8, "right": 56, "top": 36, "bottom": 32, "containLabel": True},
    }  # fmt: skip


def _line(name: str, at: Any, values: Any, *, faint: bool = False) -> dict[str, Any]:
    points = [list(pair) for pair in zip(at, values, strict=True)]
    style = {"width": 1 if faint else 2, "opacity": 0.5 if faint else 1}
    return {"name": name, "type": "line", "showSymbol": False, "data": points, "lineStyle": style}
