"""The live wall of an enterprise (企业实时监测墙): drawn with the last values, then kept live by the browser."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.monitoring.live import MOST
from quancheng.domains.monitoring.models import LimitEvent
from quancheng.domains.monitoring.queries import wall as queries
from quancheng.domains.monitoring.queries.events import list_events
from quancheng.domains.monitoring.queries.levels import level_of
from quancheng.domains.monitoring.queries.wall import Group, Shown
from quancheng.domains.monitoring.views import words
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.pages.times import span_text
from quancheng.kernel.people.actors import actor_of

#: Events beside the wall.
_EVENTS = 12
#: States of a value in words; ``live`` needs none.
SAID = {
    "live": "", "stale": gettext_lazy("%(age)s前的数据"), "bad": gettext_lazy("数据无效"),
    "service": gettext_lazy("检维修"), "none": gettext_lazy("从未上报"), "away": gettext_lazy("暂时读不到"),
}  # fmt: skip
COLOURS = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
#: Height of a tank's inside in its drawing, and where it begins.
_INSIDE, _TOP = 100.0, 10.0


@dataclass(frozen=True, slots=True)
class Value:
    """A tag as templates draw it; times in milliseconds, lengths of time in seconds."""

    key: int
    name: str
    url: str
    text: str
    unit: str
    state: str
    limit: str
    colour: str
    said: str
    at_ms: int
    stale_s: int
    kind: str


@dataclass(frozen=True, slots=True)
class Tank:
    """A facility as templates draw it; lengths in units of its drawing. ``ticks``: place and name of each limit."""

    key: str
    name: str
    code: str
    shape: str
    level: int | None
    low: float
    span: float
    top: float
    height: float
    fill_said: str
    ticks: Sequence[tuple[float, str]]
    values: Sequence[Value]


class OwnWall(View):
    """The way to the wall of one's own enterprise; who has none is led to the map."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        file = own_file(actor=actor_of(request))
        if file is None:
            return redirect("monitoring:map")
        return redirect("monitoring:wall", file.pk)


class WallPage(View):
    """Tanks with level, temperature, pressure and alarms; other facilities; detectors of gas; what happened last."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        for name in request.GET:
            raise unknown_parameter(name)
        file = get_enterprise(actor=actor, file_id=pk)
        rows = list_events(actor=actor).filter(tag__file=file)[:_EVENTS]
        events = [(row, what_of(row), words.quantity(row.value, row.tag.unit), words.tag_name(row.tag)) for row in rows]
        context: dict[str, Any] = {"file": file, "events": events, "now": now}
        if "HX-Live" in request.headers:
            return respond(
                request, page="monitoring/_wall_events.html", part="monitoring/_wall_events.html", context=context
            )
        found = queries.wall_of(actor=actor, file=file, now=now, most=MOST)
        shown = found.shown
        standing = [one.standing for one in shown if one.standing is not None]
        level = level_of(standing, now=now)
        counts = Counter(one.limit for one in shown if one.limit)
        context |= {
            "sections": [(one.name, [tank(group, now) for group in one.groups]) for one in found.sections],
            "air": [value(one, now) for one in found.air], "is_away": found.is_away, "shown": len(shown),
            "most": MOST, "watch": ",".join(str(one.tag.number) for one in shown),
            "mark": marks.warning(COLOURS[level]) if level else "",
            "second": counts["HH"] + counts["LL"], "first": counts["H"] + counts["L"],
            "silent": sum(one.state in ("stale", "bad", "none", "away") for one in shown),
            "now_ms": int(now.timestamp() * 1000), "words": words_of(),
            "events_url": f"{reverse('monitoring:timeline')}?file={file.pk}",
        }  # fmt: skip
        return respond(request, page="monitoring/wall.html", part="monitoring/wall.html", context=context)


def words_of() -> dict[str, str]:
    """What the browser says of values, by the states and limits that it is told."""
    return {
        **{state: str(said) % {"age": "{age}"} if said else "" for state, said in SAID.items()},
        **{code: words.limit(code) for code in ("HH", "LL", "H", "L")},
        "minutes": str(_("{n} 分钟")), "hours": str(_("{n} 小时")), "days": str(_("{n} 天")), "yes": str(_("是")),
        "no": str(_("否")),
    }  # fmt: skip


def value(one: Shown, now: datetime) -> Value:
    tag, last = one.tag, one.last
    said = [words.limit(one.limit)]
    if one.state != "live":
        age = "" if last is None else span_text(now - last.at)
        said.append(str(SAID[one.state]) % {"age": age})
    return Value(
        key=tag.number, name=words.tag_name(tag), url=reverse("monitoring:trend", args=[tag.pk]),
        text="—" if last is None else words.reading(last.value, tag.unit), unit=words.sign(tag.unit), state=one.state,
        limit=one.limit, colour=words.COLOURS.get(one.limit, ""), said=" · ".join(filter(None, said)),
        at_ms=0 if last is None else int(last.at.timestamp() * 1000), stale_s=tag.stale_after_s, kind=tag.unit,
    )  # fmt: skip


def tank(group: Group, now: datetime) -> Tank:
    level = group.level
    low = span = height = 0.0
    ticks: list[tuple[float, str]] = []
    if level is not None:
        low, high = level.tag.range_lo or 0.0, level.tag.range_hi or 0.0
        span, height = high - low, round((level.fill or 0.0) * _INSIDE, 1)
        named = zip(("LL", "L", "H", "HH"), level.tag.limits, strict=True)
        ticks = [
            (round(_TOP + _INSIDE * (1 - share), 1), name)
            for name, limit in named
            if (share := queries.share(level.tag, limit)) is not None
        ]
    return Tank(
        key=group.key, name=group.name, code=group.code, shape=group.shape,
        level=None if level is None else level.tag.number, low=low, span=span, top=round(_TOP + _INSIDE - height, 1),
        height=height, fill_said="" if level is None or level.fill is None else f"{level.fill:.0%}", ticks=ticks,
        values=[value(one, now) for one in group.tags],
    )  # fmt: skip


def what_of(row: LimitEvent) -> str:
    """What a limit did, in words."""
    name = row.get_limit_display()
    return name if row.is_raised else _("%(limit)s恢复") % {"limit": name}
