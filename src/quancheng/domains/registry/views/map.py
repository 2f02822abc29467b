"""The map of the registry (企业分布图): a schematic map above the list of the same enterprises."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.kinds import PlaceKind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries import map as queries
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.registry.queries.map import Window
from quancheng.domains.registry.views import words
from quancheng.domains.registry.views.enterprises import EnterpriseList
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.people.actors import actor_of


class EnterpriseMap(EnterpriseList):
    """The register as a map with its list below: the same filters, the same scope."""

    code = "registry.map"
    title = gettext_lazy("企业分布图")
    page_size = 20
    template = "registry/map.html"

    def more_context(self, actor: Actor) -> dict[str, Any]:
        return {
            "data_url": reverse("registry:map_data"),
            "at_url": reverse("registry:map_at"),
            "place_url": reverse("registry:places"),
            "grades": [(grade, words.hazard(grade)) for grade in (1, 2, 3, 4)],
            "place_kinds": [str(label) for label in PlaceKind.labels],
        }


class MapRows(EnterpriseMap):
    """The rows that the map draws: narrowed as the list's are, without what a line of the list shows besides."""

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return seen(actor=actor)


class MapData(View):
    """What the map draws, as JSON: the list's own filters, and ``window`` (west, south, east, north in degrees)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        given = request.GET.copy()
        window = window_of(given.pop("window", [""])[-1])
        page = MapRows()
        asked = page.read(given, actor)
        if asked.errors:
            raise Invalid(fields=asked.errors)
        drawn = queries.drawing(actor=actor, rows=asked.rows, window=window)
        return JsonResponse(drawn, json_dumps_params={"separators": (",", ":"), "ensure_ascii": False})


class MapAt(View):
    """Where a point of the map leads: to the file that stands there, or to a choice where several or none do."""

    http_method_names = ["get", "head"]
    #: Address of the page to which a point leads, and of the map from which one came.
    leads_to: ClassVar[str] = "registry:enterprise"
    map_name: ClassVar[str] = "registry:map"
    title: ClassVar[Any] = gettext_lazy("企业分布图")

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("lon", "lat"):
                raise unknown_parameter(name)
        lon, lat = (_degrees(request.GET.get(name, ""), name) for name in ("lon", "lat"))
        found = queries.files_at(actor=actor, lon=lon, lat=lat)
        if len(found) == 1:
            return redirect(self.leads_to, found[0].pk)
        context = {
            "found": [(one, reverse(self.leads_to, args=[one.pk])) for one in found],
            "point": words.point(lon, lat), "back_url": reverse(self.map_name), "map_title": self.title,
        }  # fmt: skip
        return render(request, "registry/map_at.html", context)


def window_of(text: str) -> Window | None:
    """A part of the map as the address tells it; None for all. :raises Invalid: anything else."""
    if not text:
        return None
    parts = text.split(",")
    if len(parts) != 4:
        raise unknown_parameter("window")
    west, south, east, north = (_degrees(part, "window") for part in parts)
    return Window(west, south, east, north)


def _degrees(text: str, name: str) -> Decimal:
    """A number of degrees as the address tells it, six decimals. :raises Invalid: anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 360:
        raise Invalid(_("地图范围有误，请刷新页面后重试。"), fields={name: _("应为以度为单位的数字。")})
    return value.quantize(Decimal("0.000001"))
