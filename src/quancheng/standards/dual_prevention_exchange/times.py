"""How times are written: ``yyyyMMddHHmmss`` or ``yyyy-MM-dd HH:mm:ss``, always China's time."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone

#: China's time has had no daylight saving since 1991.
CHINA = timezone(timedelta(hours=8))
TIME_STYLES = {"compact": "%Y%m%d%H%M%S", "dashed": "%Y-%m-%d %H:%M:%S"}
_SHAPES = {"compact": re.compile(r"\d{14}"), "dashed": re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})")


def write_time(at: datetime, style: str = "compact") -> str:
    """An aware time as text. ValueError for a naive one or an unknown style."""
    if at.tzinfo is None:
        raise ValueError("an aware time is asked for")
    if style not in TIME_STYLES:
        raise ValueError(f"no style of times {style!r}")
    local = at.astimezone(CHINA)
    # strftime writes years before 1000 with fewer digits on some systems.
    return f"{local.year:04d}{local.strftime(TIME_STYLES[style][2:])}"


def read_time(text: str) -> datetime:
    """An aware time from either style. ValueError for anything else."""
    for style, shape in _SHAPES.items():
        if shape.fullmatch(text) and text.isascii():
            return datetime.strptime(text, TIME_STYLES[style]).replace(tzinfo=CHINA)
    raise ValueError(f"not a time: {text!r}")


def write_clock(at: time) -> str:
    """``H:mm:ss``, the hour without a leading nought."""
    return f"{at.hour}:{at.minute:02d}:{at.second:02d}"


def read_clock(text: str) -> time:
    """A time of day. ValueError for anything but ``H:mm:ss``."""
    found = _CLOCK.fullmatch(text)
    if found is None or not text.isascii():
        raise ValueError(f"not a time of day: {text!r}")
    hour, minute, second = (int(part) for part in found.groups())
    return time(hour, minute, second)
