"""The risk map of the district (安全风险分布图): a schematic map above the list of the same enterprises, at any day."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.registry.views.map import MapAt, window_of
from quancheng.domains.risk.filters.colours import OF_FILES, asked_colour
from quancheng.domains.risk.kinds import ColourOf, Level
from quancheng.domains.risk.queries import maps as queries
from quancheng.domains.risk.queries.layers import layers_of_map
from quancheng.domains.risk.services.enterprise_colours import CHANGED as ENTERPRISE_CHANGED
from quancheng.domains.risk.services.recolouring import CHANGED, UNIT_CHANGED
from quancheng.domains.risk.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.pages.lists import Asked, Column, ListPage
from quancheng.kernel.people.actors import actor_of

#: Events at which a map is drawn anew.
HEARS = " ".join((CHANGED, UNIT_CHANGED, ENTERPRISE_CHANGED))
_TITLE = gettext_lazy("安全风险分布图")


def level_word(level: int | None) -> str:
    """The word of a level; empty where there is none."""
    return str(Level(level).label) if level else ""


def _level(row: Any) -> Any:
    if row.level is None:
        return format_html('<span class="qc-muted">{}</span>', _("没有等级"))
    return words.colour(row.level)


class RiskMap(ListPage):
    """Enterprises in their colour, now or at the end of a day, on the map and as a list."""

    code = "risk.map"
    title = _TITLE
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="pinyin", card="title", width="wide"),
        Column("level", gettext_lazy("风险等级"), value=lambda row: level_word(row.level), render=_level, sort="level",
               card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("hazard", gettext_lazy("重大危险源级别"), value=lambda row: row.legal_grade, sort="legal_grade",
               numeric=True),
        Column("plans", gettext_lazy("厂区平面图数"), value=lambda row: row.plan_count, sort="plan_count",
               numeric=True),
    )  # fmt: skip
    filters = OF_FILES
    is_live = True
    page_size = 20
    template = "risk/map.html"
    summary = "risk/_map_summary.html"
    empty_title = gettext_lazy("没有企业档案")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_mapped(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("risk:site", args=[row.pk])

    def more_context(self, actor: Actor) -> dict[str, Any]:
        return {
            "data_url": reverse("risk:map_data"),
            "at_url": reverse("risk:map_at"),
            "place_url": reverse("registry:places"),
            "map_url": reverse("risk:map"),
            "hears": HEARS,
            "levels": [(level, words.colour(level)) for level in Level.values],
            "sources": sorted({one.source for one in queries.list_outlines()}),
            "layers": layers_of_map(actor),
        }

    def summary_context(self, actor: Actor, asked: Asked) -> dict[str, Any]:
        of, day = asked_colour(asked.given)
        towns = queries.by_town(asked.rows.select_related(None))
        kept = {name: asked.given[name] for name in ("of", "day", "kind", "hazard") if asked.given.get(name)}
        here = reverse("risk:map")

        def url(**more: Any) -> str:
            return f"{here}?{urlencode({**kept, **more})}"

        town = {"town": asked.given["town"]} if asked.given.get("town") else {}
        total = queries.total_of(towns)
        return {
            "of": ColourOf(of).label,
            "day": day,
            "sums": [(words.colour(level), total.by_level[level], url(level=level, **town)) for level in Level.values],
            "without": (total.without, url(without=1, **town)),
            "towns": [
                (one, [(one.by_level[level], url(level=level, **_path(one))) for level in Level.values],
                 url(**_path(one)))
                for one in towns
            ],
            "district_url": url() if town else "",
        }  # fmt: skip


def _path(one: queries.TownLevels) -> dict[str, str]:
    return {"town": one.area.path} if one.area is not None and one.area.level != "district" else {}


class _MapRows(RiskMap):
    """The rows that the map draws, without what a line of the list shows besides."""

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return seen(actor=actor)


class RiskMapData(View):
    """What the risk map draws, as JSON: the list's own filters, and ``window`` (west, south, east, north)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        given = request.GET.copy()
        window = window_of(given.pop("window", [""])[-1])
        asked = _MapRows().read(given, actor)
        if asked.errors:
            raise Invalid(fields=asked.errors)
        drawn = queries.draw_map(actor=actor, rows=asked.rows, window=window)
        return JsonResponse(drawn, json_dumps_params={"separators": (",", ":"), "ensure_ascii": False})


class RiskMapAt(MapAt):
    """Where a point of the risk map leads: to the colours of the enterprise that stands there."""

    leads_to = "risk:site"
    map_name = "risk:map"
    title = _TITLE
