"""The district now (辖区实时监测图): each enterprise by its gravest limit that stands, on a map and as a list."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.monitoring.queries import district as queries
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.map import MapAt, window_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.people.actors import actor_of

#: Events at which the map is drawn anew.
HEARS = "monitoring.limit.* monitoring.alarm.* monitoring.source.*"
LEVELS: dict[int, tuple[str, Any]] = {
    1: ("red", marks.WARNINGS["red"]), 2: ("orange", marks.WARNINGS["orange"]),
    3: ("yellow", marks.WARNINGS["yellow"]), 4: ("blue", marks.WARNINGS["blue"]),
}  # fmt: skip
_TITLE = gettext_lazy("实时监测图")


def mark(level: int | None) -> Any:
    """A level as its triangle with its word; empty for none."""
    return marks.warning(*LEVELS[level]) if level else ""


def _level_word(row: Any) -> str:
    return str(LEVELS[row.level][1]) if row.level else ""


def _level_mark(row: Any) -> Any:
    return mark(row.level) or format_html('<span class="qc-muted">{}</span>', _("没有在报限值"))


def _link(row: Any) -> str:
    return _("离线") if row.is_silent else _("在线") if row.last_at else _("未接入")


def _link_badge(row: Any) -> Any:
    return marks.badge(_link(row), "active" if row.is_silent else "plain" if row.last_at else "quiet")


class DistrictMap(ListPage):
    """Monitored enterprises by how they stand now, the gravest first, on the map and as a list."""

    code = "monitoring.map"
    title = _TITLE
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("level", gettext_lazy("实时等级"), value=_level_word, sort="level", card="meta",
               render=_level_mark),
        Column("link", gettext_lazy("接入状态"), value=_link, render=_link_badge, card="meta"),
        Column("last_at", gettext_lazy("最近报文"), sort="last_at", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("tags", gettext_lazy("点位数"), value=lambda row: row.tag_count, sort="tag_count", numeric=True),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("words",), pinned=True),
        Choice(name="level", label=gettext_lazy("实时等级"), field="level", multiple=True, pinned=True,
               choices=[(str(code), word) for code, (_colour, word) in LEVELS.items()]),
        Flag(name="silent", label=gettext_lazy("只看离线的"), condition=lambda actor: Q(is_silent=True), pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices, pinned=True,
               narrows=lambda path: Q(area__path__startswith=path)),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
    )  # fmt: skip
    is_live = True
    page_size = 20
    template = "monitoring/map.html"
    empty_title = gettext_lazy("没有启用的点位")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_monitored(actor=actor, now=timezone.now())

    def url_of(self, row: Enterprise) -> str:
        return reverse("monitoring:wall", args=[row.pk])

    def more_context(self, actor: Actor) -> dict[str, Any]:
        return {
            "data_url": reverse("monitoring:map_data"), "at_url": reverse("monitoring:map_at"),
            "place_url": reverse("registry:places"), "hears": HEARS,
            "levels": [(level, mark(level)) for level in LEVELS], "silent": queries.SILENT,
        }  # fmt: skip


class _Drawn(DistrictMap):
    """The rows that the map draws, without what a line of the list shows besides."""

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_drawn(actor=actor, now=timezone.now())


class DistrictMapData(View):
    """What the map draws, as JSON: the list's own filters, and ``window`` (west, south, east, north)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        given = request.GET.copy()
        window = window_of(given.pop("window", [""])[-1])
        asked = _Drawn().read(given, actor)
        if asked.errors:
            raise Invalid(fields=asked.errors)
        drawn = queries.draw_map(actor=actor, rows=asked.rows, window=window)
        return JsonResponse(drawn, json_dumps_params={"separators": (",", ":"), "ensure_ascii": False})


class DistrictMapAt(MapAt):
    """Where a point of the map leads: to the wall of the enterprise that stands there."""

    leads_to = "monitoring:wall"
    map_name = "monitoring:map"
    title = _TITLE
