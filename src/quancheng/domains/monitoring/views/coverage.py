"""What must be monitored and what is (监测接入情况): by enterprise, then place by place with its sensors."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.queries import coverage as queries
from quancheng.domains.monitoring.queries.coverage import Coverage, Place, Share
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.views.words import hazard
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.signals import tags as standard

_PAGE = 50
_SHOWS = {
    "all": gettext_lazy("全部"), "lacking": gettext_lazy("只看缺少的"), "hazards": gettext_lazy("只看重大危险源"),
    "storage": gettext_lazy("只看储存设施"),
}  # fmt: skip


class CoverageList(View):
    """Enterprises with how much of what must be monitored is."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("town", "lacking", "page"):
                raise unknown_parameter(name)
        town, lacking = request.GET.get("town", ""), request.GET.get("lacking", "")
        towns = town_choices(actor)
        if town not in ("", *(value for value, _name in towns)):
            raise unknown_parameter("town")
        if lacking not in ("", "1"):
            raise unknown_parameter("lacking")
        files = queries.list_files(actor=actor)
        if town:
            files = files.filter(area__path__startswith=town)
        found = queries.coverage(actor=actor, files=list(files))
        shown = [one for one in found if one.parameters.lacking] if lacking else found
        context = {
            "lines": Paginator(shown, _PAGE).get_page(request.GET.get("page")), "towns": towns, "town": town,
            "lacking": lacking,
            "whole": {name: _sum(getattr(one, name) for one in found) for name in ("hazards", "storage")},
        }  # fmt: skip
        return render(request, "monitoring/coverage.html", context)


def _sum(shares: Any) -> Share:
    both = list(shares)
    return Share(sum(one.met for one in both), sum(one.all for one in both))


class FileCoverage(View):
    """One enterprise: unit by unit, facility by facility, parameter by parameter, with the tags that tell it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        file = get_enterprise(actor=actor, file_id=pk)
        for name in request.GET:
            if name != "show":
                raise unknown_parameter(name)
        show = request.GET.get("show", "all")
        if show not in _SHOWS:
            raise unknown_parameter("show")
        (found,) = queries.coverage(actor=actor, files=[file])
        sensors = queries.sensors(actor=actor, file=file)
        context = {
            "file": file, "whole": found, "show": show, "shows": list(_SHOWS.items()),
            "shown": _units(found, sensors, show), "may_keep": may_keep(actor, file),
        }  # fmt: skip
        return render(request, "monitoring/file_coverage.html", context)


def _units(found: Coverage, sensors: dict[uuid.UUID, list[Tag]], show: str) -> list[tuple[Any, ...]]:
    """Units in their order with the places that are asked for; units without any are left out."""
    hazards = {one.pk for one in found.hazard_units}
    lines = []
    for unit in dict.fromkeys([*found.hazard_units, *(one.facility.unit for one in found.places)]):
        asked = [one for one in found.places_of(unit) if _is_asked(one, unit.pk in hazards, show)]
        places = [_place(one, sensors, show) for one in asked]
        if any(needs for _facility, _kind, needs in places) or (unit.pk in hazards and show in ("all", "hazards")):
            grade = hazard(unit.legal_grade) if unit.pk in hazards else ""
            lines.append((unit, grade, found.is_hazard_met(unit), places))
    return lines


def _is_asked(place: Place, of_hazard: bool, show: str) -> bool:
    return {"hazards": of_hazard, "storage": place.is_storage}.get(show, True)


def _place(place: Place, sensors: dict[uuid.UUID, list[Tag]], show: str) -> tuple[Any, ...]:
    mine = sensors.get(place.facility.pk, ())
    needs = [
        (told(standard.PARAMETERS[one.due.parameter]), told(one.due.note), one.due.mark, one.is_met,
         [(tag, tag.get_status_display(), _link(tag)) for tag in mine if tag.parameter == one.due.parameter])
        for one in (place.lacking if show == "lacking" else place.needs)
    ]  # fmt: skip
    return place.facility, told(standard.MONITORED[place.kind]), needs


def _link(tag: Tag) -> str:
    """How the source of a tag is connected now."""
    if tag.source is None:
        return _("没有接入源")
    if not tag.source.is_open:
        return _("接入源未启用")
    return _("接入源在线") if tag.source.state.is_online else _("接入源离线")
