"""The map of users and planning zones (用户与规划分区图), S3-4.2a: the registry's map with zones beneath its points."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.registry.queries.map import drawing
from quancheng.domains.registry.views import words as registry_words
from quancheng.domains.registry.views.map import MapAt, window_of
from quancheng.domains.risk.queries import layout as queries
from quancheng.domains.risk.queries.zones import drawn_zones
from quancheng.domains.risk.services.zones import CHANGED
from quancheng.domains.risk.views.zones import map_lines, swatch, today
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import LINKS
from quancheng.standards.risk.layout import zone_kinds

_TITLE = gettext_lazy("用户与规划分区图")
_LINK_NAMES = dict(LINKS)


def _links(row: Any) -> str:
    return listed(_LINK_NAMES[one] for one in row.links if one in _LINK_NAMES)


class LayoutMap(ListPage):
    """Users, producers, stores and stations by link of the chain, on the map with zones and as a list."""

    code = "risk.layout_map"
    title = _TITLE
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("links", gettext_lazy("链条环节"), value=_links, card="meta"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("hazard", gettext_lazy("重大危险源级别"), value=lambda row: row.legal_grade, sort="legal_grade",
               numeric=True),
        Column("short", gettext_lazy("间距不足或低于筛查值"), value=lambda row: row.short_count, sort="short_count",
               numeric=True, card="meta"),
        Column("conflicts", gettext_lazy("用途冲突"), value=lambda row: row.conflict_count, sort="conflict_count",
               numeric=True),
        Column("checks", gettext_lazy("核查项数"), value=lambda row: row.check_count, sort="check_count",
               numeric=True),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True,
               pinyin=("pinyin",)),
        Choice(name="link", label=gettext_lazy("链条环节"), choices=LINKS, pinned=True, multiple=True,
               narrows=lambda value: Q(links__contains=[value])),
        Flag(name="wanting", label=gettext_lazy("只看有不足或冲突的"), pinned=True,
             condition=lambda actor: queries.has_wanting()),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    page_size = 20
    template = "risk/layout_map.html"
    empty_title = gettext_lazy("没有企业档案")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_mapped(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("risk:file", args=[row.pk]) + "?tab=layout"

    def more_context(self, actor: Actor) -> dict[str, Any]:
        return {
            "data_url": reverse("risk:layout_map_data"),
            "at_url": reverse("risk:layout_map_at"),
            "place_url": reverse("registry:places"),
            "zone_url": reverse("risk:zones"),
            "hears": CHANGED,
            "grades": [(grade, registry_words.hazard(grade)) for grade in (1, 2, 3, 4)],
            "zone_kinds": [(code, swatch(code)) for code in zone_kinds()],
        }


class _MapRows(LayoutMap):
    """The rows that the map draws, without what a line of the list shows besides."""

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return seen(actor=actor)


class LayoutMapData(View):
    """What the map draws, as JSON: that of the registry's map, and ``zones``: kind, colour, id, name, what is said of
    it, x and y by turns. Zones are few and are always told whole.
    """

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        given = request.GET.copy()
        window = window_of(given.pop("window", [""])[-1])
        asked = _MapRows().read(given, actor)
        if asked.errors:
            raise Invalid(fields=asked.errors)
        drawn = drawing(actor=actor, rows=asked.rows, window=window)
        kinds = zone_kinds()
        drawn["zones"] = [
            [zone.kind, kinds[zone.kind].hue, str(zone.pk), zone.name, map_lines(zone), flat]
            for zone, flat in drawn_zones(actor=actor, on=today())
        ]
        return JsonResponse(drawn, json_dumps_params={"separators": (",", ":"), "ensure_ascii": False})


class LayoutMapAt(MapAt):
    """Where a point of the map leads: to the enterprise that stands there."""

    leads_to = "risk:file"
    map_name = "risk:layout_map"
    title = _TITLE
