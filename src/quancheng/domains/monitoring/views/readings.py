"""What tags told (监测数据): the trend of one or several over any range; the same figures as a table and a file."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import View

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.queries import readings
from quancheng.domains.monitoring.queries.readings import Trend
from quancheng.domains.monitoring.queries.tags import beside, get_tag, list_tags, tags_by_numbers
from quancheng.domains.monitoring.views import charts, words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import export
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.lists import Column
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.people.actors import actor_of

#: Ranges that are offered, by their code in the address; they end now, and go on.
RANGES = {
    "1h": (gettext_lazy("1小时"), timedelta(hours=1)), "8h": (gettext_lazy("8小时"), timedelta(hours=8)),
    "1d": (gettext_lazy("1天"), timedelta(days=1)), "7d": (gettext_lazy("7天"), timedelta(days=7)),
    "30d": (gettext_lazy("30天"), timedelta(days=30)), "365d": (gettext_lazy("1年"), timedelta(days=365)),
}  # fmt: skip
#: Tags of one chart, rows of the table beside it, tags offered to be added.
MOST_TAGS, MOST_ROWS, MOST_OFFERED = 8, 200, 200
_SHORTEST, _LONGEST = timedelta(seconds=10), timedelta(days=10 * 366)
_PARAMETERS = ("range", "from", "to", "with", "without", "add", "export")
STEPS = {
    0: gettext_lazy("每个点是一次采样。"), 60: gettext_lazy("每个点是1分钟的汇总。"),
    900: gettext_lazy("每个点是15分钟的汇总。"), 3_600: gettext_lazy("每个点是1小时的汇总。"),
    86_400: gettext_lazy("每个点是1天的汇总。"),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The address, read: tags, and a range that is fixed or ends now."""

    tags: Sequence[Tag]
    begin: datetime
    end: datetime
    #: Code of the range that ends now; empty for a fixed one.
    chosen: str
    #: Why what was to be added was not.
    refused: str = ""

    @cached_property
    def is_live(self) -> bool:
        return bool(self.chosen)

    @property
    def span(self) -> timedelta:
        return self.end - self.begin

    def address(self, **more: Any) -> str:
        """The query of a page like this one; ``begin`` and ``end`` given fix its range."""
        given: list[tuple[str, str]] = [("with", str(tag.number)) for tag in self.tags[1:]]
        if "begin" in more:
            given += [("from", _told(more["begin"])), ("to", _told(more["end"]))]
        elif "chosen" in more or self.chosen:
            given.append(("range", more.get("chosen", self.chosen)))
        else:
            given += [("from", _told(self.begin)), ("to", _told(self.end))]
        given += [(name, str(value)) for name, value in more.items() if name not in ("begin", "end", "chosen")]
        return "?" + urlencode(given)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table and of the file."""

    at: datetime
    tag: Tag
    low: float
    high: float
    mean: float
    last: float


class TrendPage(View):
    """Tags over a range: a chart that can be zoomed down to single readings, and its figures as a table."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        asked = read(request, actor, get_tag(actor=actor, tag_id=pk), now)
        context: dict[str, Any] = {
            "tag": asked.tags[0], "name": words.tag_name(asked.tags[0]), "asked": asked,
            "tags": [(tag, words.tag_name(tag), words.sign(tag.unit), place) for place, tag in enumerate(asked.tags)],
            "ranges": [(code, name, code == asked.chosen) for code, (name, _span) in RANGES.items()],
            "links": _links(asked, now), "begin": _told(asked.begin), "end": _told(asked.end),
            "offered": [
                (code, english if get_language() == "en" and english else name)
                for code, name, english in beside(actor=actor, tag=asked.tags[0], most=MOST_OFFERED)
            ],
            "watch": ",".join(str(tag.number) for tag in asked.tags) if asked.is_live else "",
            "export_url": asked.address(export="xlsx"),
        }  # fmt: skip
        status = 422 if asked.refused else 200
        try:
            step_s, told = readings.trends_of(asked.tags, begin=asked.begin, end=asked.end)
        except readings.StoreAway:
            # Everything else of the house works without the store, and the page says what it lacks.
            return self._show(request, {**context, "is_away": True}, status)
        rows = rows_of(asked.tags, told)
        if request.GET.get("export"):
            return _file(actor, asked, rows, now)
        context |= {
            "option": charts.option(asked.tags, told, step_s, asked.begin, asked.end), "rows": rows[:MOST_ROWS],
            "count": len(rows), "step": STEPS[step_s], "is_raw": not step_s, "most_rows": MOST_ROWS,
            "limits": [(words.tag_name(tag), words.limits(tag)) for tag in asked.tags],
        }  # fmt: skip
        return self._show(request, context, status)

    def _show(self, request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
        return respond(
            request, page="monitoring/trend.html", part="monitoring/_trend.html", context=context, status=status
        )


def read(request: HttpRequest, actor: Actor, first: Tag, now: datetime) -> Asked:
    """The address of a trend. :raises Invalid: what it asks for is nothing. :raises NotFound: a tag out of scope."""
    for name in request.GET:
        if name not in _PARAMETERS:
            raise unknown_parameter(name)
    if request.GET.get("export", "xlsx") != "xlsx":
        raise unknown_parameter("export")
    numbers = [_number(text, "with") for text in request.GET.getlist("with")]
    gone = {_number(text, "without") for text in request.GET.getlist("without")}
    others = tags_by_numbers(actor=actor, numbers=[one for one in numbers if one != first.number and one not in gone])
    tags, refused = [first, *others], ""
    code = request.GET.get("add", "").strip()
    if code:
        found = list_tags(actor=actor).filter(code=code).first()
        if found is None:
            refused = _("没有编码为“%(code)s”的点位，或您不能查看它。") % {"code": code[:64]}
        elif found not in tags:
            tags.append(found)
    if len(tags) > MOST_TAGS:
        tags, refused = tags[:MOST_TAGS], _("一张图最多显示%(most)s个点位。") % {"most": MOST_TAGS}
    begin, end = _moment(request, "from"), _moment(request, "to")
    if begin is None and end is None:
        chosen = request.GET.get("range", "8h") or "8h"
        if chosen not in RANGES:
            raise unknown_parameter("range")
        return Asked(tags, now - RANGES[chosen][1], now, chosen, refused)
    end = end or now
    begin = begin or end - RANGES["8h"][1]
    if not _SHORTEST <= end - begin <= _LONGEST:
        raise Invalid(fields={"from": _("开始须早于结束，时段为10秒至10年。")})
    return Asked(tags, begin, end, "", refused)


def rows_of(tags: Sequence[Tag], told: dict[int, Trend]) -> list[Row]:
    """Every point of the chart, the newest first."""
    zone = timezone.get_current_timezone()
    rows = [
        Row(datetime.fromtimestamp(at / 1000, zone), tag, *values)
        for tag in tags
        for at, *values in zip(*_columns(told[tag.number]), strict=True)
    ]
    return sorted(rows, key=lambda row: (-row.at.timestamp(), row.tag.number))


def _columns(told: Trend) -> tuple[Sequence[Any], ...]:
    return told.at, told.low, told.high, told.mean, told.last


def _file(actor: Actor, asked: Asked, rows: Sequence[Row], now: datetime) -> HttpResponse:
    columns = [
        Column("at", gettext_lazy("时间"), value=lambda row: row.at),
        Column("code", gettext_lazy("点位编码"), value=lambda row: row.tag.code),
        Column("tag", gettext_lazy("点位名称"), value=lambda row: words.tag_name(row.tag)),
        Column("unit", gettext_lazy("计量单位"), value=lambda row: row.tag.unit),
        *(
            Column(name, label, value=attrgetter(name))
            for name, label in (
                ("low", gettext_lazy("最低")), ("high", gettext_lazy("最高")), ("mean", gettext_lazy("平均值")),
                ("last", gettext_lazy("最后")),
            )
        ),
    ]  # fmt: skip
    said = _("%(codes)s，%(begin)s 至 %(end)s") % {
        "codes": "、".join(tag.code for tag in asked.tags), "begin": _told(asked.begin), "end": _told(asked.end),
    }  # fmt: skip
    return export.spreadsheet(
        actor=actor, code="monitoring.trend", title=_("监测数据"), columns=columns, rows=rows, filters_text=said,
        demo=is_demo(), now=now,
    )  # fmt: skip


def _links(asked: Asked, now: datetime) -> list[tuple[str, str]]:
    """Buttons for what can be done by dragging: earlier, later, closer, wider."""
    span, middle = asked.span, asked.begin + asked.span / 2
    found = [(_("前移"), asked.address(begin=asked.begin - span / 2, end=asked.end - span / 2))]
    if not asked.is_live:
        later = min(asked.end + span / 2, now)
        found.append((_("后移"), asked.address(begin=later - span, end=later)))
    if span > 2 * _SHORTEST:
        found.append((_("放大"), asked.address(begin=middle - span / 4, end=middle + span / 4)))
    if span * 2 < _LONGEST:
        end = min(middle + span, now)
        found.append((_("缩小"), asked.address(begin=end - 2 * span, end=end)))
    if not asked.is_live:
        found.append((_("回到现在"), asked.address(chosen="8h")))
    return found


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise unknown_parameter(name)
    return int(text)


def _moment(request: HttpRequest, name: str) -> datetime | None:
    """A moment in the address, by the district's clock: ``2026-11-23T14:05`` or with seconds."""
    text = request.GET.get(name, "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year <= 2200:
        raise Invalid(fields={name: _("请按“年-月-日 时:分”填写。")})
    return timezone.make_aware(found) if timezone.is_naive(found) else found.astimezone(UTC)


def _told(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M:%S")
