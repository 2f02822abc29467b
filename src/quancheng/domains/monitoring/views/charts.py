"""The chart of trends (趋势图): a line a tag, an axis a unit, limits, gaps, and the band between lowest and highest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.queries.readings import Trend
from quancheng.domains.monitoring.views import words

#: Between steps of a roll-up a line is broken from so many missing ones on.
_MISSING = 1.5
#: A limit is near where it lies no farther beyond the values than so many times as far as these lie apart.
_NEAR = 3.0
#: Room that each further axis takes.
_AXIS = 52
#: Of each tag in its order: none of the hues of risks and warnings, legible on light and on dark; and a stroke besides.
_HUES = ("#2a8c9c", "#8f63c7", "#7b8a92", "#3f9e62", "#c7638f", "#5f82c9", "#9a8a3a", "#a0705a")
_STROKES = ("solid", "dashed", "dotted")
Points = list[list[float | None]]


def option(tags: Sequence[Tag], told: dict[int, Trend], step_s: int, begin: datetime, end: datetime) -> dict[str, Any]:
    """What ECharts draws. ``mon`` says to ``trend.js`` which tag and which of its lines a series is."""
    units = list(dict.fromkeys(tag.unit for tag in tags))
    series: list[dict[str, Any]] = []
    for place, tag in enumerate(tags):
        series += _series(
            tag, told[tag.number], step_s, axis=units.index(tag.unit), place=place, is_alone=len(tags) == 1
        )
    for axis, unit in enumerate(units):
        mine = [(tag, told[tag.number]) for tag in tags if tag.unit == unit]
        series += _near(mine, round(end.timestamp() * 1000), axis)
    return {
        "xAxis": {
            "type": "time", "axisLabel": {"hideOverlap": True}, "min": round(begin.timestamp() * 1000),
            "max": round(end.timestamp() * 1000),
        },
        "yAxis": [_axis(unit, place) for place, unit in enumerate(units)],
        "series": series,
        "legend": {"data": [one["name"] for one in series if one["mon"]["line"] == "mean"], "type": "scroll"},
        "grid": {
            "left": 8 + _AXIS * ((len(units) - 1) // 2), "right": 64 + _AXIS * (max(0, len(units) - 2) // 2), "top": 60,
            "bottom": 8, "containLabel": True,
        },
        "toolbox": {"show": True, "right": -200, "feature": {"dataZoom": {"yAxisIndex": "none"}}},
    }  # fmt: skip


def _axis(unit: str, place: int) -> dict[str, Any]:
    return {
        "type": "value", "scale": True, "name": words.sign(unit), "position": "right" if place % 2 else "left",
        "offset": _AXIS * (place // 2), "splitLine": {"show": place == 0},
    }  # fmt: skip


def _near(told: Sequence[tuple[Tag, Trend]], at: int, axis: int) -> list[dict[str, Any]]:
    """A line that is not drawn, through limits that are near: with it the axis reaches to them, and one sees them."""
    values = [value for _tag, trend in told for column in (trend.low, trend.high) for value in column]
    if not values:
        return []
    room = _NEAR * (max(values) - min(values))
    limits = [one for tag, _trend in told for one in tag.limits if one is not None]
    near = [[at, one] for one in limits if min(values) - room <= one <= max(values) + room]
    hidden = {"showSymbol": False, "silent": True, "lineStyle": {"opacity": 0}, "yAxisIndex": axis}
    of = {"tag": 0, "gap": 0, "line": "limits"}
    return [{"name": "", "type": "line", "data": near, "mon": of, **hidden}] if near else []


def _series(
    tag: Tag, told: Trend, step_s: int, *, axis: int, place: int, is_alone: bool
) -> list[dict[str, Any]]:  # fmt: skip
    gap_ms = 1000 * (step_s * _MISSING if step_s else max(tag.stale_after_s, 3 * tag.scan_s))
    name = f"{words.tag_name(tag)} {words.sign(tag.unit)}".strip()
    of = {"tag": tag.number, "gap": round(gap_ms)}
    hue = _HUES[place % len(_HUES)]
    common = {
        "type": "line", "showSymbol": False, "yAxisIndex": axis, "connectNulls": False,
        "itemStyle": {"color": hue},
    }  # fmt: skip
    main: dict[str, Any] = {
        **common, "name": name, "data": broken(zip(told.at, told.mean, strict=True), gap_ms),
        "mon": {**of, "line": "mean"}, "lineStyle": {"width": 2, "type": _STROKES[place % 3]},
        "showSymbol": len(told.at) == 1,
        "step": "end" if tag.kind == "discrete" else False,
    }  # fmt: skip
    limits = [
        (code, value) for code, value in zip(("LL", "L", "H", "HH"), tag.limits, strict=True) if value is not None
    ]
    if limits:
        whose = "" if is_alone else f"{words.tag_name(tag)} "
        main["markLine"] = {
            "symbol": "none", "silent": True, "lineStyle": {"type": "dashed", "color": hue},
            "data": [
                {"yAxis": value, "name": code, "label": {"formatter": f"{whose}{code} {value:g}"}}
                for code, value in limits
            ],
        }  # fmt: skip
    if not step_s:
        return [main]
    # Two lines stacked: the lowest, not drawn, and above it as much as there is to the highest.
    heights = [high - low for low, high in zip(told.low, told.high, strict=True)]
    hidden = {
        **common, "stack": f"band-{tag.number}", "silent": True, "lineStyle": {"opacity": 0}, "stackStrategy": "all",
    }  # fmt: skip
    low = {**hidden, "name": _("最低"), "data": broken(zip(told.at, told.low, strict=True), gap_ms),
           "mon": {**of, "line": "low"}}  # fmt: skip
    band = {**hidden, "name": _("最高"), "data": broken(zip(told.at, heights, strict=True), gap_ms),
            "mon": {**of, "line": "band"}, "areaStyle": {"opacity": 0.25, "color": hue}}  # fmt: skip
    return [main, low, band]


def broken(points: Iterable[tuple[int, float]], gap_ms: float) -> Points:
    """Points with an empty one wherever more than ``gap_ms`` lies between two: there the line is broken."""
    found: Points = []
    before: int | None = None
    for at, value in points:
        if before is not None and at - before > gap_ms:
            found.append([before + 1, None])
        found.append([at, value])
        before = at
    return found
